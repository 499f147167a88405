"""Pixel art: small, of few colours, and often enlarged in whole squares."""

from __future__ import annotations

from math import gcd

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.blurred_cells import find_blurred_cells
from paints_undo_engine.procedural.reading.cell_grid import CellRuler, PixelCells

_MOST_SIDE = 4096
_MOST_PIXELS = 320
_MOST_COLOURS, _SPRITE_COLOURS = 128, 512
_SPRITE, _SMOOTHED = 96, 0.2
"""What is larger than a sprite, and has this share of its edges smoothed, is a small drawing."""
_SIGN_SIDE, _SIGN_COLOURS, _SIGN_SHARE, _SIGN_DETAIL = 128, 3, 0.93, 0.08
"""What is larger, nearly all of so few colours, and has few pixels unlike those around them, is a sign."""
_SLAB = 64
"""Rows that are looked at before it is known that a picture is not made of squares."""


def pixel_cells(picture: NDArray[np.uint8], alpha: NDArray[np.uint8] | None = None) -> PixelCells | None:
    """The squares of pixel art uint8 [H, W, 3], of whose cells all pixels are alike or nearly so; None for what is no
    pixel art, and with straight `alpha` uint8 [H, W] for what was blurred.
    """
    side = _pixel_grid(picture)
    if side:
        return PixelCells(CellRuler(side), CellRuler(side))
    return find_blurred_cells(picture) if alpha is None or int(alpha.min()) == 255 else None


def _pixel_grid(picture: NDArray[np.uint8]) -> int:
    """The side of the squares, in pixels; 0 for what is not pixel art, or none any more."""
    if max(picture.shape[:2]) > _MOST_SIDE:
        return 0
    size = block_size(picture)
    small = picture[::size, ::size]
    if max(small.shape[:2]) > _MOST_PIXELS:
        return 0
    codes = small.astype(np.int32) @ np.array([65536, 256, 1], np.int32)
    count = np.unique(codes)
    smooth = size == 1 and max(small.shape[:2]) > _SPRITE and _smoothed(small) > _SMOOTHED
    most = _MOST_COLOURS if max(small.shape[:2]) > _SPRITE else _SPRITE_COLOURS
    return 0 if smooth or (size == 1 and _is_sign(small)) or len(count) > most else size


def _is_sign(picture: NDArray[np.uint8]) -> bool:
    """Large even shapes of few colours: a logo, which the edges alone make look like pixel art."""
    if max(picture.shape[:2]) <= _SIGN_SIDE:
        return False
    codes = (picture >> 4).astype(np.int32) @ np.array([256, 16, 1], np.int32)
    common = np.sort(np.bincount(codes.ravel(), minlength=4096))[-_SIGN_COLOURS:].sum() / codes.size
    detail = (cv2.medianBlur(np.ascontiguousarray(picture), 3) != picture).any(axis=2).mean()
    return bool(common > _SIGN_SHARE and detail < _SIGN_DETAIL)


def _smoothed(picture: NDArray[np.uint8]) -> float:
    """Of the pixels between a dark and a light neighbour the share that are between them in tone, too."""
    grey = picture.astype(np.int16).sum(axis=2)
    between = all_edges = 0
    for tone in (grey, grey.T):
        before, middle, after = tone[:, :-2], tone[:, 1:-1], tone[:, 2:]
        edge = np.abs(before - after) > 180
        least, most = np.minimum(before, after), np.maximum(before, after)
        between += int((edge & (middle > least + 30) & (middle < most - 30)).sum())
        all_edges += int(edge.sum())
    return between / max(all_edges, 1)


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
