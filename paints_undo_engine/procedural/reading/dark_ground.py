"""A drawing on a ground as dark as its lines: where both meet no line is seen, though one was drawn."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.along import usual
from paints_undo_engine.procedural.reading.channels import difference, greatest
from paints_undo_engine.procedural.reading.clean_lines import find_clean_lines
from paints_undo_engine.procedural.reading.model import Ink, Pixels

_DARK, _SAME, _OWN = 64, 28, 40
"""Levels of the ground's light at most, by which it strays, and by which the colour of lines on it does."""
_BORDER, _LEAST = 0.9, 0.25
"""Of the picture's border, and of the picture, such a ground's."""
_MOSTLY = 0.8
"""Of the lines' length, of the ground's colour: where less is, what lies on it was not drawn with that."""
_CLEAN, _LENGTH = 0.3, 0.4
"""Of the lines' length, and diagonals: clean."""
_SOFT = 0.8
"""The sigma in pixels with which lines end."""


def find_dark_ground(pixels: Pixels) -> NDArray[np.bool_] | None:
    """bool [h, w]: the even dark ground on which all in uint8 [h, w, 3] lies, and what goes on from it in its colour.
    None where there is no such ground.
    """
    rim = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    colour = np.median(rim, axis=0).astype(np.uint8)
    if float(colour.mean()) > _DARK:
        return None
    near = difference(pixels, np.full_like(pixels, colour)) < _SAME
    labels = np.asarray(cv2.connectedComponents(near.astype(np.uint8), connectivity=4)[1])
    at = np.ones(near.shape, bool)
    at[1:-1, 1:-1] = False
    ground = near & np.isin(labels, np.unique(labels[at]))
    return ground if float(near[at].mean()) > _BORDER and float(ground.mean()) > _LEAST else None


def on_light_ground(pixels: Pixels, ground: NDArray[np.bool_], ink: Ink, enlarged: float = 1.0) -> Pixels | None:
    """uint8 [h, w, 3] as if it were drawn on white: its dark `ground`, bool [h, w], is white but for a pen's breadth
    about what lies on it. None where the lines, `ink`, are not of the ground's colour or not clean; `enlarged` so many
    times, 1 or more, the picture is softer.
    """
    lines = find_clean_lines(pixels, ink, enlarged)
    if lines.share < _CLEAN or lines.length < _LENGTH:
        return None
    lengths = np.array([path.length for path in ink.paths])
    away = np.array([path.colour for path in ink.paths], np.float32) - np.median(pixels[ground], axis=0)
    own = greatest(np.abs(away)[None])[0] < _OWN
    if float(lengths[own].sum()) < _MOSTLY * float(lengths.sum()):
        return None
    widths = np.array([float(np.median(path.width)) for path in ink.paths])
    pen = max(1, round(usual(widths, lengths)))
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * pen + 1, 2 * pen + 1))
    far = cv2.erode(ground.astype(np.float32), disk)
    white = cv2.GaussianBlur(far, (0, 0), _SOFT)[..., None]
    return np.asarray(np.rint(pixels * (1 - white) + 255 * white), np.uint8)
