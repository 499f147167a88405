"""Small pictures of what has been read so far: something to look at while a process is still being planned."""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.procedural.reading.model import Ink, Pixels, Reading
from paints_undo_engine.procedural.reading.view import resized

SIDE = 240
"""The longest side of a glimpse, in pixels."""


def lines(ink: Ink) -> Pixels:
    """The line art on white paper: uint8 [h, w, 3]."""
    return _inked(np.full_like(ink.colour, 255), ink)


def flats(reading: Reading) -> Pixels:
    """Flats, hard tones and line art, as the reading has them: uint8 [h, w, 3]."""
    palette = np.full((len(reading.cels) + 1, 3), 255, np.uint8)
    for cel in reading.cels:
        palette[cel.label] = cel.colour
    return _inked(np.take(palette, reading.cel_labels, axis=0, mode="wrap"), reading.ink)


def _inked(below: Pixels, ink: Ink) -> Pixels:
    """A picture [h, w, 3] with lines over it, made small."""
    scale = min(1.0, SIDE / max(below.shape[:2]))
    shape = (max(1, round(below.shape[0] * scale)), max(1, round(below.shape[1] * scale)))
    paint, cover, colour = (resized(part, shape).astype(np.float32) for part in (below, ink.cover, ink.colour))
    return np.asarray(np.rint(cv2.addWeighted(paint, 1, (colour - paint) * (cover[..., None] / 255), 1, 0)), np.uint8)
