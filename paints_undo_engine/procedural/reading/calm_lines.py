"""Calm lines: the cover of a line art as even strokes leave it, where the picture's own is ragged."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.along import usual
from paints_undo_engine.procedural.reading.hand_lines import as_drawn
from paints_undo_engine.procedural.reading.model import Cover, InkPath
from paints_undo_engine.procedural.reading.ribbons import ribbon

_ROUNDED, _EVEN, _BULGE = 2.5, 31, 1.25
"""Pixels by which a hand rounds a line between its corners; points over which its width is evened; what it is there at
most, in its median.
"""
_CORE, _BESIDE, _NICK = 0.6, 2.2, 5
"""Pixels: what a core's soft rim adds to it, and how much broader than the core a line may be; the side of the square
in which a nick is filled.
"""
_ENDS = 4.5
"""Pixels from a line's end within which all of the cover stays: there it goes on into another one."""
_STICK, _BROAD = 0.06, 1.3
"""Of the diagonal: what is shorter is no broader than so many pens."""
_STEP = 2
"""Points from one place of a line to the next at which it is drawn."""


def calmed(cover: Cover, paths: Sequence[InkPath], scale: float, kept: NDArray[np.bool_]) -> Cover:
    """The `cover` of a line art, uint8 [H, W], along its `paths` on a grid of 1 / `scale` of its size, as even strokes
    leave it: nicks are filled, and what is ragged beside them is gone. What is `kept`, bool [H, W], stays.
    """
    core, whole = np.zeros_like(cover), np.zeros_like(cover)
    stick = _STICK * float(np.hypot(*cover.shape)) / scale
    lengths = np.array([path.length for path in paths])
    pen = usual(np.array([float(np.median(path.width)) for path in paths]), lengths) if len(paths) else 0.0
    for path in paths:
        line, width = _placed(path, scale)
        most = max(_BROAD * pen, pen + 1) * scale if path.length < stick else np.inf
        patch = float(np.median(width)) > most
        width = np.minimum(width, most)
        press = np.ones(len(line))
        ribbon(core, line, width + _CORE * scale, press)
        ribbon(whole, line, width + (_CORE + _BESIDE) * scale, press)
        for at in () if patch else (0, -1):
            radius = round(float(width[at]) / 2 + _ENDS * scale)
            cv2.circle(whole, np.rint(line[at]).astype(int).tolist(), radius, 255, -1)
    side = 2 * round(_NICK * scale / 2) + 1
    square = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    filled = cv2.min(core, cv2.morphologyEx(cover, cv2.MORPH_CLOSE, square))
    return np.where(kept, cover, cv2.max(cv2.min(cover, whole), filled)).astype(np.uint8)


def _placed(path: InkPath, scale: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Where a line goes on the canvas, float32 [n, 2], and how broad it is there, float32 [n]."""
    points, width = path.points, path.width
    if len(points) > 2 * _STEP:
        points = as_drawn(points, _ROUNDED, np.inf)
        level = np.minimum(width, _BULGE * np.median(width)).astype(np.float32)
        width = np.asarray(cv2.blur(level, (1, min(_EVEN, len(level))), borderType=cv2.BORDER_REPLICATE).ravel())
        at = np.unique(np.append(np.arange(0, len(points), _STEP), len(points) - 1))
        points, width = points[at], width[at]
    return np.asarray((points + 0.5) * scale - 0.5, np.float32), np.asarray(width * scale, np.float32)
