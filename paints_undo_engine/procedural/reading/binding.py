"""The rings or holes of a spiral binding along a side of a photographed sheet."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Pixels
from paints_undo_engine.procedural.reading.quadrangle import StraightSide
from paints_undo_engine.procedural.reading.view import on_measure

_DEPTHS, _DEEPEST = (0.012, 0.02, 0.03, 0.045), 0.08
"""Of a picture's depth from a side: bands in which rings are looked for; how far they reach at most."""
_DARKER = 40
"""Levels by which rings are darker than the paper below them."""
_RINGS = (9, 60)
"""How many there are at least and at most along a side."""
_REPEATS, _TURNS = 0.42, 3
"""How alike a band is to itself one ring on, and as far as so many rings on."""
_SHARE = (0.08, 0.7)
"""Of a band, dark."""
_BARE, _PALE, _GAP = 0.06, 110, 0.02
"""Of the paper below the rings, so much is dark at most; levels of it at least; of the depth, how much is looked at."""
_BEYOND = 0.006
"""Of the longer side: how far below the rings their shadow ends."""


def find_binding(pixels: Pixels) -> StraightSide | None:
    """Where a binding ends that uint8 [H, W, 3] shows along one of its sides; None where there is none."""
    grey = np.asarray(cv2.cvtColor(on_measure(pixels), cv2.COLOR_RGB2GRAY), np.uint8)
    height, width = grey.shape
    longer = max(height, width)
    for turns, across in enumerate(((0.0, 1.0), (-1.0, 0.0), (0.0, -1.0), (1.0, 0.0))):
        end = _end(np.ascontiguousarray(np.rot90(grey, turns)))
        if end is not None:
            far = (0, width, height, 0)[turns]
            return StraightSide(across, (end + _BEYOND * longer - far) / longer)
    return None


def _end(grey: NDArray[np.uint8]) -> int | None:
    """The row of uint8 [h, w] above which rings lie along the upper side."""
    height = len(grey)
    gap, deepest = max(3, round(_GAP * height)), round(_DEEPEST * height)
    paper = np.median(grey[deepest : deepest + 2 * gap])
    dark = (grey < paper - _DARKER)[: deepest + 2 * gap]
    if paper < _PALE:
        return None
    for depth in _DEPTHS:
        band = dark[: max(4, round(depth * height))]
        if _SHARE[0] < float(band.mean()) < _SHARE[1] and _repeats(band.mean(axis=0)):
            calm = np.flatnonzero([dark[row : row + gap].mean() < _BARE for row in range(deepest)])
            calm = calm[calm >= len(band) // 2]
            return int(calm[0]) if len(calm) else None
    return None


def _repeats(profile: NDArray[np.float64]) -> bool:
    """Whether a profile [n] is the same again and again, as far along the side as rings go."""
    width = len(profile)
    even = profile - cv2.blur(profile[None], (2 * (width // 16) + 1, 1))[0]
    power = float((even * even).mean())
    if power < 1e-3:
        return False
    lags = np.arange(1, width // 2)
    alike = np.array([float((even[lag:] * even[:-lag]).mean()) / power for lag in lags])
    least, most = (width / number for number in reversed(_RINGS))
    for lag in range(max(4, int(least)), min(int(most) + 1, len(lags) // _TURNS)):
        at = [alike[max(0, turn * lag - 1 - turn) : turn * lag + turn].max() for turn in range(1, _TURNS + 1)]
        between = alike[lag // 2 - 1]
        if min(at) > _REPEATS and between < 0.3 * at[0]:
            return True
    return False
