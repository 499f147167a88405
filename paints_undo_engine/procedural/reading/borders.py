"""How hard the borders of a picture's regions are: cut out, or melting into each other."""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.procedural.reading.model import Labels, Pixels
from paints_undo_engine.procedural.reading.segments import lab_of

_NEAR, _FAR = 1, 6
"""Pixels to either side of a border between which the colour changes at once, and in all."""
_CLEAR = 4.0
"""In Lab: where less changes in all there is no border to speak of."""
_AT_ONCE = 0.7
"""Of the change."""
_FAR_AWAY, _EDGE = 160, 14
"""Pixels of the longer side from far away; levels between neighbours that make an edge there."""
_SOFT, _MORE = 0.12, 1.3
"""Of the pixels, in soft shades; how many times as many as lie at edges."""
_SIDE = 512
"""Pixels of the longer side at which borders are looked at: in larger pictures the same ones are softer."""


def hard_borders(pixels: Pixels, labels: Labels) -> float:
    """The share, 0 to 1, of the borders between areas of `labels` int32 [h, w] across which the colour of uint8
    [h, w, 3] changes within three pixels, seen at one size. 0 where there are no borders.
    """
    pixels = _reduced(pixels, _SIDE)
    height, width = pixels.shape[:2]
    labels = np.asarray(cv2.resize(labels, (width, height), interpolation=cv2.INTER_NEAREST), np.int32)
    lab = lab_of(pixels)
    hard = clear = 0
    for axis in (0, 1):
        areas, colours = np.moveaxis(labels, axis, 0), np.moveaxis(lab, axis, 0)
        last = len(areas) - _FAR - 1
        if last <= _FAR:
            continue
        at = np.arange(_FAR, last)
        row, column = np.nonzero(areas[at] != areas[at + 1])
        row = at[row]
        near, far = (
            np.abs(colours[row + reach + 1, column] - colours[row - reach, column]).max(axis=1)
            for reach in (_NEAR, _FAR)
        )
        seen = far > _CLEAR
        clear += int(seen.sum())
        hard += int((near[seen] > _AT_ONCE * far[seen]).sum())
    return hard / clear if clear else 0.0


def _reduced(pixels: Pixels, side: int) -> Pixels:
    """A picture whose longer side is no longer than some pixels."""
    scale = min(1.0, side / max(pixels.shape[:2]))
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def is_modelled(pixels: Pixels) -> bool:
    """Whether forms of uint8 [h, w, 3] are rounded by soft shades, as a brush leaves them, and not filled evenly.

    Seen from so far away that a shade changes from each pixel to the next, soft steps are many, and more than edges.
    """
    scale = _FAR_AWAY / max(pixels.shape[:2])
    size = (max(2, round(pixels.shape[1] * scale)), max(2, round(pixels.shape[0] * scale)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.int16)
    across = np.abs(np.diff(small, axis=1)).max(axis=2)[:-1]
    down = np.abs(np.diff(small, axis=0)).max(axis=2)[:, :-1]
    step = np.maximum(across, down)
    soft, edge = float(((step > 1) & (step <= _EDGE)).mean()), float((step > _EDGE).mean())
    return soft > _SOFT and soft > _MORE * edge
