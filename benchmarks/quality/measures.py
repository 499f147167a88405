"""What a process looks like in numbers. Pure functions: frames in, numbers out.

Frames are sRGB uint8 (h, w, 3), all of one size, in the order of painting; the canvas before the first one is white
and the last one is the painting. 100 frames at most 640 pixels a side are what the bands were set for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .colour import mean_chroma, oklab

Frame = NDArray[np.uint8]

CHANGE_LEVELS = 2
"""A pixel has changed when a channel differs by more than this many of the 255 levels."""

WHOLE_CANVAS = (
    "adjust",
    "curve",
    "flip",
    "mirror",
    "hide",
    "show",
    "visib",
    "opacity",
    "blur",
    "filter",
    "layers",
    "view",
)
"""Words of operations that may change the whole canvas."""
FILLS = ("fill", "bucket", "lasso", "gradient")
"""Words of operations that pour out an area at once."""

_EDGE_WEAK, _EDGE_STRONG = 60, 150
_EDGE_TOLERANCE = 0.004


@dataclass(frozen=True)
class Change:
    """What differs between two neighbouring frames. `extent` and `centroid` are None where nothing does."""

    share: float
    """Changed pixels over all pixels, 0..1."""
    extent: float | None
    """Diagonal of the box between the 5th and 95th percentile of the changed pixels, over the picture's diagonal."""
    centroid: tuple[float, float] | None
    """Mean (x, y) of the changed pixels, in pictures' diagonals."""


@dataclass(frozen=True)
class Measures:
    """The measures of one process (see each field); shares and lengths are relative, so that size does not matter."""

    changed_median: float
    """Median over the frames of the share of pixels that a frame changes."""
    changed_p95: float
    """Its 95th percentile."""
    extent: float
    """Median extent of a frame's change, in diagonals; 1 when no frame changes anything."""
    centroid_jump: float
    """Median way from one frame's centre of change to the next one's, in diagonals."""
    error_rise: float
    """Sum of all increases of the mean squared error against the painting, over the error of the white canvas."""
    ink_chroma: float
    """Mean chroma at the end of ink, as a share of sRGB's chroma range."""
    ink_edge_f: float
    """F measure of the edges at the end of ink against the painting's edges."""


def change_between(before: Frame, after: Frame) -> Change:
    """Where and how much `after` differs from `before`."""
    h, w = before.shape[:2]
    changed = _changed(before, after)
    rows, columns = changed.sum(axis=1, dtype=np.int64), changed.sum(axis=0, dtype=np.int64)
    count = int(rows.sum())
    if not count:
        return Change(0.0, None, None)
    diagonal = float(np.hypot(w, h))
    box = [_percentile(counts, 0.95) - _percentile(counts, 0.05) for counts in (columns, rows)]
    centre_x, centre_y = (float(counts @ np.arange(len(counts))) / count for counts in (columns, rows))
    return Change(
        count / (w * h), float(np.hypot(box[0], box[1])) / diagonal, (centre_x / diagonal, centre_y / diagonal)
    )


def _changed(before: Frame, after: Frame) -> NDArray[np.uint8]:
    """1 where a pixel has changed, else 0."""
    red, green, blue = cv2.split(cv2.absdiff(before, after))
    largest = cv2.max(cv2.max(red, green), blue)
    return np.asarray(cv2.threshold(largest, CHANGE_LEVELS, 1, cv2.THRESH_BINARY)[1], np.uint8)


def _percentile(counts: NDArray[np.int64], share: float) -> float:
    """The percentile of places 0, 1, 2 … of which `counts` says how often each occurs, between two linearly."""
    up_to = np.cumsum(counts)
    rank = share * (up_to[-1] - 1)
    low, high = (int(np.searchsorted(up_to, place, side="right")) for place in (np.floor(rank), np.ceil(rank)))
    return float(low + (high - low) * (rank - np.floor(rank)))


def measure(frames: Iterable[Frame], painting: Frame, ink_end: float) -> Measures:
    """Measure a process; `ink_end` is the share of the process (0..1) at which the line drawing is done.

    Every measure is a share or a length relative to the picture, so that its size does not matter.
    """
    changes, errors, at_ink_end = _walk(frames, painting, ink_end)
    shares = np.array([change.share for change in changes])
    extents = [change.extent for change in changes if change.extent is not None]
    centroids = np.array([change.centroid for change in changes if change.centroid is not None])
    jumps = np.linalg.norm(np.diff(centroids, axis=0), axis=1) if len(centroids) > 1 else np.zeros(1)
    rises = np.maximum(np.diff(errors), 0).sum()
    return Measures(
        changed_median=float(np.median(shares)),
        changed_p95=float(np.percentile(shares, 95)),
        extent=float(np.median(extents)) if extents else 1.0,
        centroid_jump=float(np.median(jumps)),
        error_rise=float(rises / errors[0]) if errors[0] else 0.0,
        ink_chroma=mean_chroma(at_ink_end),
        ink_edge_f=edge_f(at_ink_end, painting),
    )


def _walk(frames: Iterable[Frame], painting: Frame, ink_end: float) -> tuple[list[Change], list[float], Frame]:
    before = np.full_like(painting, 255)
    history = [before]
    changes, errors = [], [_error(before, painting)]
    for frame in frames:
        changes.append(change_between(before, frame))
        errors.append(_error(frame, painting))
        history.append(frame)
        before = frame
    return changes, errors, history[round(ink_end * (len(history) - 1))]


def _error(frame: Frame, painting: Frame) -> float:
    return float(cv2.norm(frame, painting, cv2.NORM_L2SQR)) / frame.size


def edge_f(state: Frame, painting: Frame) -> float:
    """F measure (harmonic mean of precision and recall) of the state's edges, 0..1; near counts as met."""
    drawn, wanted = _edges(state), _edges(painting)
    if not drawn.any() or not wanted.any():
        return 0.0
    reach = max(2, round(_EDGE_TOLERANCE * max(painting.shape[:2])))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    precision = float((cv2.dilate(wanted, disc)[drawn > 0] > 0).mean())
    recall = float((cv2.dilate(drawn, disc)[wanted > 0] > 0).mean())
    return 2 * precision * recall / max(precision + recall, 1e-9)


def _edges(frame: Frame) -> NDArray[np.uint8]:
    grey = cv2.GaussianBlur(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), (0, 0), 1.0)
    return np.asarray(cv2.Canny(grey, _EDGE_WEAK, _EDGE_STRONG), np.uint8)


@dataclass(frozen=True)
class OperationShares:
    """How much of the canvas single operations change."""

    count: int
    empty: dict[str, int]
    """How many operations of each phase change no pixel visibly; phases without any are left out."""
    largest: float
    """Largest share of the canvas that one operation changes, fills and work on the whole canvas excepted."""
    largest_index: int
    """Its index."""
    largest_fill: float = 0.0
    """Largest share that one fill changes."""


def operation_shares(states: Iterable[Frame], phases: Sequence[str], labels: Sequence[str]) -> OperationShares:
    """Compare the canvas after every operation with that before.

    `states` starts with the blank canvas, n+1 in all; `phases` and `labels` say what each of the n operations is.
    """
    before: Frame | None = None
    empty: Counter[str] = Counter()
    largest, largest_index, largest_fill = 0.0, -1, 0.0
    for index, state in enumerate(states, -1):
        if before is not None:
            share = float(_changed(before, state).mean())
            words = f"{phases[index]} {labels[index]}".lower()
            if share == 0:
                empty[phases[index]] += 1
            if any(word in words for word in FILLS):
                largest_fill = max(largest_fill, share)
            elif share > largest and not any(word in words for word in WHOLE_CANVAS):
                largest, largest_index = share, index
        before = state
    return OperationShares(len(phases), dict(empty), largest, largest_index, largest_fill)


def diversity(processes: Sequence[Sequence[Frame]]) -> list[float]:
    """Mean OKLab distance between the processes at each of their states, averaged over all pairs.

    `processes` holds one list of states for every seed, taken at the same shares of the process.
    """
    distances = []
    for states in zip(*processes, strict=True):
        labs = [oklab(state) for state in states]
        pairs = [(a, b) for i, a in enumerate(labs) for b in labs[i + 1 :]]
        distances.append(float(np.mean([np.linalg.norm(a - b, axis=-1).mean() for a, b in pairs])))
    return distances
