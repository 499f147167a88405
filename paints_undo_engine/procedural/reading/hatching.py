"""Which strokes of a drawing are hatching: short and straight, with several of the same way close beside them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import InkPath

_LONGEST, _NEAR = 0.2, 0.03
"""Of the diagonal: how long such a stroke is at most, and how far away its neighbours are."""
_STRAIGHT = 0.94
"""The way from end to end, of the length."""
_TURN = 0.3
"""Radians between neighbours."""
_NEIGHBOURS = 3
_SHARE = 0.25
"""Of the length of all strokes: with less hatching than this a drawing has none."""
_MOST = 6000


def find_hatching(paths: Sequence[InkPath], diagonal: float) -> NDArray[np.bool_]:
    """bool [n]: whether each stroke is hatching; none is where hatching is rare."""
    count = len(paths)
    hatching = np.zeros(count, bool)
    if not 8 <= count <= _MOST:
        return hatching
    ends = np.array([path.points[-1] - path.points[0] for path in paths], np.float32)
    lengths = np.array([path.length for path in paths], np.float32)
    middles = np.array([path.points[len(path.points) // 2] for path in paths], np.float32)
    angles = np.arctan2(ends[:, 1], ends[:, 0])
    straight = np.hypot(*ends.T) > _STRAIGHT * np.maximum(lengths, 1)
    short = np.flatnonzero(straight & (lengths < _LONGEST * diagonal))
    for at in short:
        away = middles[short] - middles[at]
        turn = np.abs(np.angle(np.exp(2j * (angles[short] - angles[at])))) / 2
        beside = np.abs(away[:, 1] * np.cos(angles[at]) - away[:, 0] * np.sin(angles[at])) > 1.5
        near = (np.abs(away) < _NEAR * diagonal).all(axis=1)
        hatching[at] = int((near & beside & (turn < _TURN)).sum()) >= _NEIGHBOURS
    if lengths[hatching].sum() < _SHARE * lengths.sum():
        hatching[:] = False
    return hatching
