"""Pixel art: small, of few colours, and often enlarged in whole squares."""

from __future__ import annotations

from math import gcd

import numpy as np
from numpy.typing import NDArray

_MOST_SIDE = 4096
_MOST_PIXELS = 320
_MOST_COLOURS = 128
_SLAB = 64
"""Rows that are looked at before it is known that a picture is not made of squares."""


def pixel_grid(picture: NDArray[np.uint8]) -> int:
    """The side of the squares of pixel art uint8 [H, W, 3], in its pixels; 0 for what is not pixel art."""
    if max(picture.shape[:2]) > _MOST_SIDE:
        return 0
    size = block_size(picture)
    small = picture[::size, ::size]
    if max(small.shape[:2]) > _MOST_PIXELS:
        return 0
    codes = small.astype(np.int32) @ np.array([65536, 256, 1], np.int32)
    return size if len(np.unique(codes)) <= _MOST_COLOURS else 0


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
