"""Where faces are likely: skin with dark marks to both sides, and something other than skin above it.

Not sure enough to build a head on, but a painter would look there first.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.colours import like_skin
from paints_undo_engine.procedural.reading.heads import both_sides, marks, within
from paints_undo_engine.procedural.reading.lighting import lighting, lit
from paints_undo_engine.procedural.reading.model import Box, Cover, Face, Labels, Pixels
from paints_undo_engine.procedural.reading.view import resized

_SIDE = 480
"""Pixels of the longer side when skin is looked for."""
_LEAST, _MOST = 0.0006, 0.12
"""Of the picture: the skin of a face."""
_SLIM, _BROAD, _CHIN = 0.45, 1.7, 1.35
"""Width by height of a face's skin; its height by its width, where what is lower is the neck."""
_FULL, _NECK = 0.3, 0.45
"""Of its box; of its greatest width: what is less broad below is the chin's point and the neck."""
_MARKED = 0.02
"""Of the upper part of a face: eyes and brows at either side, with skin all round."""
_UNLIKE, _COVERED = 25, 0.4
"""Levels, and the share of what lies right above a face that is so much lighter or darker: hair or a hat."""
_BELOW, _BESIDE, _AS_LARGE = 3.0, 1.5, 0.4
"""In heights and widths of a face, and of its box: what is marked so near below what is about as large is a hand or a
dress.
"""
_MANY = 4
_SMALLER, _LARGER, _LOWEST, _OTHERS = 0.45, 1.8, 0.62, 2
"""Of the faces' usual width, and of the picture's height: what is smaller, larger or lower is no face beside them."""


def likely_faces(pixels: Pixels) -> tuple[Box, ...]:
    """The boxes of what may be faces in uint8 [h, w, 3], the likeliest first; often there are none."""
    table = lighting(pixels)
    bright = pixels if table is None else lit(pixels, table)
    scale = min(1.0, _SIDE / max(pixels.shape[:2]))
    small = resized(bright, (max(1, round(pixels.shape[0] * scale)), max(1, round(pixels.shape[1] * scale))))
    grey = np.asarray(cv2.medianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), 3), np.uint8)
    skin = like_skin(np.asarray(cv2.medianBlur(small, 5), np.uint8))
    skin = np.asarray(cv2.morphologyEx(skin, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(skin)
    pieces = np.asarray(labels, np.int32)
    area = stats[:, cv2.CC_STAT_AREA] / skin.size
    large = [at for at in range(1, len(stats)) if _LEAST < area[at] < _MOST]
    found = [(area[at], box) for at in large if (box := _face(pieces, at, stats[at], grey)) is not None]
    kept: list[Box] = []
    for _, box in sorted(found, key=lambda one: -one[0]):
        if not any(_is_below(box, other) for _, other in found):
            kept.append(box.scaled(1 / scale))
    return tuple(kept[:_MANY])


def others(pixels: Pixels, faces: tuple[Face, ...]) -> list[Box]:
    """The likely faces of others beside those that were found in uint8 [h, w, 3], about as large, and not low down."""
    height, width = pixels.shape[:2]
    usual = float(np.median([face.box.width for face in faces]))
    found = []
    for skin in likely_faces(pixels):
        box = skin.grown(0.12, 0.25, 0.12, 0.05)
        beside = not any(box.shared(face.box) > 0 for face in faces)
        inside = skin.x > 1 and skin.y > 1 and skin.x + skin.width < width - 1
        if beside and inside and _SMALLER < box.width / usual < _LARGER and box.centre[1] < _LOWEST * height:
            found.append(box)
    return found[:_OTHERS]


def _face(pieces: Labels, label: int, place: NDArray[np.int32], grey: Cover) -> Box | None:
    """The box of one of the pieces of skin, int32 [h, w], without the neck, if it has a face's form and marks."""
    x, y, width, height = (int(value) for value in place[:4])
    skin = pieces[y : y + height, x : x + width] == label
    across = skin.sum(axis=1)
    height = min(int(np.flatnonzero(across > _NECK * across.max())[-1]) + 1, round(_CHIN * width))
    face = slice(y, y + height), slice(x, x + width)
    own = skin[:height]
    if not _SLIM < width / height < _BROAD or float(own.mean()) < _FULL:
        return None
    above = grey[max(0, y - max(2, height // 4)) : y + max(1, height // 10), x + width // 4 : x + width - width // 4]
    apart = np.abs(above.astype(np.int16) - int(np.median(grey[face][own]))) > _UNLIKE
    if not apart.size or float(apart.mean()) < _COVERED:
        return None
    return Box(x, y, width, height) if both_sides(marks(grey[face], own) & within(own), _MARKED) else None


def _is_below(box: Box, other: Box) -> bool:
    """Whether a box lies under another one, as a hand does under its face."""
    down, aside = box.centre[1] - other.centre[1], abs(box.centre[0] - other.centre[0])
    near = 0 < down < _BELOW * other.height and aside < _BESIDE * other.width
    return near and other.area > _AS_LARGE * box.area
