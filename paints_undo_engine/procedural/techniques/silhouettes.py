"""What is seen of a shape at first, on a small grid: its silhouette, and the lines within it."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Cover
from paints_undo_engine.procedural.techniques.arriving import Points

_SOFT = 0.012
"""Of the longer side: what is smaller of a silhouette nobody sees at first."""
_PIECE = 0.06
"""Of the largest piece: the smallest piece of a silhouette."""
_BESIDE, _AT_BORDER = 0.028, 0.012
"""Of the side: what runs so near to a line is that line; so near to the picture's border nothing is drawn."""
SHORTEST = 0.07
"""Of the side: no line is shorter."""
_SPANS, _SQUARE = 0.75, 0.9
"""Of the picture's sides, and of its box: what fills more is a sheet or a frame."""


def silhouette_lines(cover: Cover, around: NDArray[np.bool_] | None = None) -> list[Points]:
    """The outlines of a small cover's large pieces, but of no sheet or frame, without what runs along the picture's
    border, and only `around` some places, bool [h, w]: float32 [n, 2] each, the longest first.
    """
    soft = cv2.GaussianBlur(cover, (0, 0), _SOFT * max(cover.shape))
    # What leaves the picture goes on beyond it: its outline ends at the border.
    outlines, _ = cv2.findContours((soft > 127).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    areas = [cv2.contourArea(outline) for outline in outlines]
    lines: list[Points] = []
    for outline, area in zip(outlines, areas, strict=True):
        if area > _PIECE * max(areas) and not is_frame(outline, cover.shape):
            places = outline[:, 0]
            kept = off_border(places, cover.shape)
            if around is not None:
                kept &= around[places[:, 1], places[:, 0]]
            lines += ring_runs(places, kept, max(cover.shape))
    return sorted(lines, key=lambda line: -len(line))


def inner_lines(lines: Iterable[Points], inside: Cover) -> list[Points]:
    """Those runs of some lines that lie within a small cover, and neither along its own outline nor along the picture's
    border, in their order: float32 [n, 2] each.
    """
    within = inside > 127
    side = max(inside.shape)
    free = _free(within, max(1, round(_BESIDE * side)))
    found: list[Points] = []
    for line in lines:
        x, y = np.clip(np.rint(line).astype(int), 0, (inside.shape[1] - 1, inside.shape[0] - 1)).T
        found += _runs(line, free[y, x] & off_border(line, inside.shape), SHORTEST * side)
    return found


def is_frame(outline: NDArray[np.integer | np.floating], shape: tuple[int, ...]) -> bool:
    """Whether an outline is the edge of a sheet or a frame, and no mass of the picture [h, w]."""
    _, _, width, height = cv2.boundingRect(outline)
    spans = min(width / shape[1], height / shape[0]) > _SPANS
    return spans and cv2.contourArea(outline) > _SQUARE * width * height


def _free(within: NDArray[np.bool_], beside: int) -> NDArray[np.bool_]:
    """What lies within a shape and not along its outline; the picture's border is none."""
    frame = cv2.copyMakeBorder(within.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    brush = np.ones((2 * beside + 1, 2 * beside + 1), np.uint8)
    return np.asarray(cv2.erode(frame, brush)[1:-1, 1:-1] > 0, bool)


def off_border(places: NDArray[np.number], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """bool [n]: which places do not lie along the border of a picture [h, w]."""
    reach = max(1.0, _AT_BORDER * max(shape))
    x, y = places.T
    return np.asarray((x > reach) & (y > reach) & (x < shape[1] - 1 - reach) & (y < shape[0] - 1 - reach), bool)


def ring_runs(ring: NDArray[np.number], kept: NDArray[np.bool_], side: int) -> list[Points]:
    """The runs of a ring of places [n, 2] that are kept bool [n], and long enough; all of it is closed."""
    least = SHORTEST * side
    if kept.all():
        return [smoothed(np.vstack([ring, ring[:1]]), 2.0, closed=True)] if len(ring) > 2 * least else []
    if not kept.any():
        return []
    first = int(np.flatnonzero(~kept)[0])
    ring, kept = np.roll(ring, -first, axis=0), np.roll(kept, -first)
    return [smoothed(run, 2.0) for run in _runs(ring.astype(np.float32), kept, least)]


def _runs(line: Points, kept: NDArray[np.bool_], least: float) -> list[Points]:
    """The runs of a line's places [n, 2] that are kept bool [n], and longer than so many places."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], kept.astype(np.int8), [0]])))
    return [line[begin:end] for begin, end in zip(edges[::2], edges[1::2], strict=True) if end - begin > least]


def smoothed(points: NDArray[np.number], sigma: float, *, closed: bool = False) -> Points:
    """Points [n, 2] along a line, averaged over their neighbours; a closed line goes round, others keep their ends."""
    reach = max(1, round(3 * sigma))
    line = points.astype(np.float32)
    if closed:
        ring = line[:-1]
        long = np.vstack([ring[np.arange(-reach, 0) % len(ring)], ring, ring[np.arange(reach + 1) % len(ring)]])
    else:
        # Mirrored at its ends, a line does not shrink.
        head = 2 * line[0] - line[np.clip(np.arange(reach, 0, -1), 0, len(line) - 1)]
        tail = 2 * line[-1] - line[np.clip(len(line) - 1 - np.arange(1, reach + 1), 0, len(line) - 1)]
        long = np.vstack([head, line, tail])
    soft = cv2.GaussianBlur(long[:, None], (1, 2 * reach + 1), 1, sigmaY=sigma)[:, 0]
    return np.asarray(soft[reach : reach + len(line)], np.float32)
