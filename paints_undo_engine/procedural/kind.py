"""What kind of picture this is, judged at one fixed size so that the answer does not depend on the resolution."""

from __future__ import annotations

from math import gcd

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural import lines
from paints_undo_engine.procedural.channels import peak
from paints_undo_engine.request import PaintingMode

_SIDE = 448
_MOST_PIXELS = 320
_MOST_COLOURS = 128
_SLAB = 64
"""Rows that are looked at before it is known that a picture is not made of squares."""
_EVEN = 0.62
"""Of the pixels of flat art: the share that does not differ from those above and to the left."""


def kind_of(picture: NDArray[np.uint8]) -> PaintingMode:
    """The mode for uint8 [H, W, 3]: pixel art, line art with colour, flat vector art, or painterly."""
    if is_pixel_art(picture):
        return PaintingMode.PIXEL
    scale = _SIDE / max(picture.shape[:2])
    size = (max(8, round(picture.shape[1] * scale)), max(8, round(picture.shape[0] * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    scaled = np.asarray(cv2.resize(picture, size, interpolation=way), np.uint8)
    view = np.asarray(cv2.GaussianBlur(scaled, (0, 0), 1.0), np.uint8)
    ink = lines.opacity(view)
    grey = cv2.cvtColor(view, cv2.COLOR_RGB2GRAY)
    edges = cv2.Canny(cv2.GaussianBlur(grey, (0, 0), 1.0), 50, 120) > 0
    near = cv2.dilate(ink, np.ones((5, 5), np.uint8)) > 90
    explained = float(near[edges].mean()) if edges.any() else 0.0
    length = float(lines.thin((ink > 110).astype(np.uint8)).sum()) / float(np.hypot(*view.shape[:2]))
    grain = float(cv2.absdiff(view, cv2.medianBlur(view, 5)).mean())
    lined = (explained >= 0.75 and length >= 4) or (explained >= 0.55 and length >= 2.2 and grain < 1.7)
    if lined:
        return PaintingMode.LINE
    step = cv2.max(peak(scaled[1:, 1:], scaled[:-1, 1:]), peak(scaled[1:, 1:], scaled[1:, :-1]))
    return PaintingMode.FLAT if grain < 0.62 and (step <= 1).mean() > _EVEN else PaintingMode.PAINT


def block_size(picture: NDArray[np.uint8]) -> int:
    """The side of the squares that a picture is made of: 8 for pixel art enlarged eight times, 1 for most pictures."""
    height, width = picture.shape[:2]
    size = gcd(height, width)
    for turned in (picture, picture.transpose(1, 0, 2)):
        plain = True
        for begin in range(0, len(turned) - 1, _SLAB):
            slab = turned[begin : begin + _SLAB + 1]
            changes = np.flatnonzero((slab[1:] != slab[:-1]).any(axis=(1, 2))) + begin + 1
            size = gcd(size, *changes.tolist())
            plain &= not changes.size
            if size == 1:
                return 1
        if plain:
            return 1
    return size if size <= min(height, width) // 8 else 1


def is_pixel_art(picture: NDArray[np.uint8]) -> bool:
    """Small (before any enlargement) and of few colours."""
    size = block_size(picture) if max(picture.shape[:2]) <= 4096 else 1
    small = picture[::size, ::size]
    if max(small.shape[:2]) > _MOST_PIXELS:
        return False
    codes = small.astype(np.int32) @ np.array([65536, 256, 1], np.int32)
    return len(np.unique(codes)) <= _MOST_COLOURS
