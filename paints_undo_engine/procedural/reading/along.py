"""What maps hold along a line."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Labels, Path


def pixels_along(points: Path, shape: tuple[int, ...]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows and columns of a map [h, w, …] that are nearest to points [n, 2], x before y: int64 [n] each. What lies
    beside the map has its border's.
    """
    nearest = np.rint(points).astype(np.int64)
    x = np.minimum(np.maximum(nearest[:, 0], 0), shape[1] - 1)
    y = np.minimum(np.maximum(nearest[:, 1], 0), shape[0] - 1)
    return y, x


def values_along(values: NDArray[Any], points: Path) -> NDArray[Any]:
    """The values of a map [h, w, …] at points [n, 2]: [n, …]."""
    return values[pixels_along(points, values.shape)]


def usual(values: NDArray[np.floating[Any]], lengths: NDArray[np.float64], share: float = 0.5) -> float:
    """What a `share` of all length lies below or at, of lines with values [n] and lengths [n]: the median by length; 0
    of none.
    """
    if not len(values):
        return 0.0
    order = np.argsort(values, kind="stable")
    return float(values[order][np.searchsorted(np.cumsum(lengths[order]), share * lengths.sum())])


def label_along(labels: Labels, points: Path) -> int:
    """The label of int32 [h, w] under most of points [n, 2]; -1 where none is."""
    passed = values_along(labels, points)
    passed = passed[passed >= 0]
    return int(np.bincount(passed).argmax()) if passed.size else -1


def bends(points: Path) -> float:
    """How much a line float32 [n, 2] turns on the mean, in radians for each pixel."""
    way = np.diff(points, axis=0)
    turn = np.angle(np.exp(1j * np.diff(np.arctan2(way[:, 1], way[:, 0]))))
    return float(np.abs(turn).sum() / max(np.hypot(*way.T).sum(), 1.0))
