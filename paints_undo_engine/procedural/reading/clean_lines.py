"""Clean lines: thin, dark, with even colour at both sides, as a pen leaves them and no brush and no lens does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Ink, InkPath, Path, Pixels

_SIDE = 640
"""Pixels of the longer side, to which the pixels below refer."""
_STEP = 2.0
"""Pixels between two places at which lines are looked at."""
_BESIDE, _FARTHER = 1.7, 4.6
"""Pixels from a line's rim: where the colour beside it is taken, and where it has to be the same."""
_DARKER, _UNEVEN, _NOISE = 18.0, 0.4, 4.0
"""Levels that a line is darker than what is at either side; how much that may change farther away: this share of the
difference, and some noise."""
_HARDLY_DARKER = 8.0
"""The same of lines among dark colours, and of paint that is taken for a line."""
_STRAIGHT = 0.985
"""The way from end to end, of the length: what is straighter may be a cable, a tile's joint or a window's bar."""
_CLEAN, _LEAST = 0.36, 0.8
"""Of the lines' length, and diagonals: in paintings and photographs less is clean."""
_SHORTEST = 4
"""Points of a line that says anything."""


@dataclass(frozen=True, slots=True, eq=False)
class CleanLines:
    """How clean the lines of a picture are, without the straight ones.

    `share` 0 to 1 of their length is clean, `length` in diagonals of the picture is clean; `edges` 0 to 1 of the
    picture's edges lie along clean lines, straight ones among them. `places` float32 [n, 2] are the clean ones, in the
    analysis grid's pixels, each for about `spacing` pixels of line.
    """

    share: float
    length: float
    edges: float
    places: Path
    spacing: float

    @property
    def are_drawn(self) -> bool:
        """Whether they are enough for a drawing in which colours were laid between lines."""
        return self.share > _CLEAN and self.length > _LEAST


def find_clean_lines(pixels: Pixels, ink: Ink, enlarged: float = 1.0) -> CleanLines:
    """The clean ones among the lines of uint8 [h, w, 3], whose line art is `ink`; `enlarged` so many times, 1 or more,
    the picture is softer.
    """
    unit = max(pixels.shape[:2]) / _SIDE
    soft = max(1.0, enlarged) * unit
    taken = max(1, round(_STEP * unit))
    paths = [path for path in ink.paths if len(path.points) >= _SHORTEST]
    if not paths:
        return CleanLines(0.0, 0.0, 0.0, np.zeros((0, 2), np.float32), float(taken))
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    at = np.concatenate([path.points[::taken] for path in paths])
    across = np.concatenate([across_of(path.points)[::taken] for path in paths])
    half = np.concatenate([path.width[::taken] for path in paths]) * np.float32(0.5)
    straight = np.concatenate([np.full(-(-len(path.points) // taken), _is_straight(path)) for path in paths])
    clean = _are_clean(grey, at, across, half, soft)
    bent = clean & ~straight
    return CleanLines(
        share=float(bent.sum()) / max(int((~straight).sum()), 1),
        length=float(bent.sum()) * taken / float(np.hypot(*grey.shape)),
        edges=_along(grey, at[clean], half[clean], unit),
        places=np.asarray(at[bent], np.float32),
        spacing=float(taken),
    )


def clean_shares(pixels: Pixels, paths: Sequence[InkPath]) -> NDArray[np.float64]:
    """How much of each line is clean, 0 to 1, however little darker it is than what is beside it: float64 [n]."""
    lengths = [len(range(0, len(path.points), 2)) if len(path.points) >= _SHORTEST else 0 for path in paths]
    listed = [path for path, length in zip(paths, lengths, strict=True) if length]
    if not listed:
        return np.zeros(len(paths))
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    at = np.concatenate([path.points[::2] for path in listed])
    across = np.concatenate([across_of(path.points)[::2] for path in listed])
    half = np.concatenate([path.width[::2] for path in listed]) * np.float32(0.5)
    clean = _are_clean(grey, at, across, half, max(1.0, max(grey.shape) / _SIDE), _HARDLY_DARKER)
    own = np.repeat(np.arange(len(paths)), lengths)
    return np.bincount(own, clean, len(paths)) / np.maximum(np.bincount(own, minlength=len(paths)), 1)


def _are_clean(
    grey: NDArray[np.uint8], at: Path, across: Path, half: NDArray[np.float32], unit: float, darker: float = _DARKER
) -> NDArray[np.bool_]:
    """bool [n]: whether what lies at both sides of places on lines, `half` as wide, is lighter, and even."""
    soft = cv2.GaussianBlur(grey, (0, 0), 0.6).astype(np.float32)
    middle = np.min([levels_at(soft, at + step * across) for step in (-0.7, 0.0, 0.7)], axis=0)
    clean = np.ones(len(at), bool)
    for side in (-1, 1):
        beside, farther = (
            levels_at(soft, at + side * (half + reach * np.float32(unit))[:, None] * across)
            for reach in (_BESIDE, _FARTHER)
        )
        depth = beside - middle
        clean &= (depth > darker) & (np.abs(farther - beside) < _UNEVEN * depth + _NOISE)
    return clean


def levels_at(grey: NDArray[np.float32], at: Path) -> NDArray[np.float32]:
    """float32 [n]: the picture at places float32 [n, 2], the nearest pixel's level beyond its border."""
    x = np.clip(at[:, 0], 0, grey.shape[1] - 1.001)
    y = np.clip(at[:, 1], 0, grey.shape[0] - 1.001)
    left, top = x.astype(np.int32), y.astype(np.int32)
    right, bottom = np.minimum(left + 1, grey.shape[1] - 1), np.minimum(top + 1, grey.shape[0] - 1)
    along, down = x - left, y - top
    upper = grey[top, left] * (1 - along) + grey[top, right] * along
    lower = grey[bottom, left] * (1 - along) + grey[bottom, right] * along
    return np.asarray(upper * (1 - down) + lower * down, np.float32)


def across_of(points: Path) -> Path:
    """float32 [n, 2]: of length 1, at a right angle to a line."""
    if len(points) < 2:
        return np.zeros_like(points)
    way = np.gradient(points, axis=0)
    across = np.stack([-way[:, 1], way[:, 0]], axis=1)
    return np.asarray(across / np.maximum(np.hypot(*across.T), 1e-6)[:, None], np.float32)


def _is_straight(path: InkPath) -> bool:
    return float(np.hypot(*(path.points[-1] - path.points[0]))) > _STRAIGHT * max(path.length, 1e-6)


def _along(grey: NDArray[np.uint8], at: Path, half: NDArray[np.float32], unit: float) -> float:
    """The share of the edges that lie along lines through some places."""
    edges = cv2.Canny(cv2.GaussianBlur(grey, (0, 0), unit), 40, 110) > 0
    near = np.zeros(grey.shape, np.uint8)
    reach = np.rint(half + 2.5 * unit).astype(int)
    for (x, y), radius in zip(np.rint(at).astype(int).tolist(), reach.tolist(), strict=True):
        cv2.circle(near, (x, y), radius, 1, -1)
    return float(near[edges].mean()) if edges.any() else 0.0
