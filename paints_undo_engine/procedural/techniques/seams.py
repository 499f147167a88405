"""Seams and sheens: lines in dark cloth that are too faint for ink, or light, are drawn, the borders of lights on hair
are not.
"""

from __future__ import annotations

from collections.abc import Collection

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.channels import largest, smallest
from paints_undo_engine.procedural.reading.model import Box, Labels, Part
from paints_undo_engine.procedural.source import Source

_DARK, _BROAD, _DEPTH = 105.0, 0.004, 5.0
"""Mean levels: what is lighter shows its lines as ink. Of the picture: how large such a cloth is at least. Levels by
which a seam is darker than what lies at both of its sides.
"""
_WIDE, _SOFT, _TEXTURE = 0.0045, 1.0, 0.08
"""Of the diagonal, and pixels: how wide a seam is at most, and by what the picture is blurred. Of a cloth: where more
is dark between lights it is a texture.
"""
_LIGHTER, _PATTERN = 40, 0.16
"""Levels by which a light line is lighter than the cloth at both of its sides; of a cloth, where more of it is, it is a
pattern.
"""
_SEWN = (Part.CLOTH, Part.PROP, Part.OBJECT)
_LIGHT, _WITHIN = 0.02, 0.6
"""Of the picture: how large a light in hair is at most; of its rim, how much of it hair surrounds."""
_STREAK, _BRIGHTER, _RIM = 0.012, 14, np.ones((5, 5), np.uint8)
"""Of the diagonal: half of how broad a narrow light on hair is at most; levels by which it is lighter; its rim."""


def seams(source: Source, regions: Collection[int]) -> NDArray[np.bool_]:
    """Where lapels, folds and seams run in the dark cloths of figures, and light lines on all that is dark, among some
    regions: bool [h, w].
    """
    found = np.zeros(source.reading.shape, bool)
    side = 2 * max(2, round(_WIDE * source.diagonal)) + 1
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    soft = cv2.GaussianBlur(source.on_white, (0, 0), _SOFT)
    light = np.rint(soft.mean(axis=2, dtype=np.float32)).astype(np.uint8)
    deep = cv2.morphologyEx(light, cv2.MORPH_BLACKHAT, disk) > _DEPTH
    high = cv2.morphologyEx(largest(source.on_white), cv2.MORPH_TOPHAT, disk) > _LIGHTER
    for label in regions:
        region = source.reading.regions[label]
        if float(np.mean(region.colour)) > _DARK or region.area < _BROAD * found.size:
            continue
        at = _with_rim(region.box, side, found.shape)
        mask = (source.reading.labels[at] == label).astype(np.uint8)
        whole = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, disk)
        kinds = [(high[at] & (whole > 0), _PATTERN)]
        if region.figure is not None and region.part in _SEWN:
            # A border is darker than one of its sides only.
            kinds.append((deep[at] & (cv2.erode(whole, disk, iterations=2) > 0), _TEXTURE))
        for own, most in kinds:
            if own.sum() < most * region.area:
                found[at] |= own
    return found


def narrow_lights(source: Source) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where there are narrow lights, with their rims, which are no outlines of locks and folds, and which of them lie
    within hair: bool [h, w] each.
    """
    side = 2 * max(2, round(_STREAK * source.diagonal)) + 1
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    soft = cv2.GaussianBlur(smallest(source.on_white), (0, 0), _SOFT)
    high = np.asarray(cv2.morphologyEx(soft, cv2.MORPH_TOPHAT, disk) > _BRIGHTER, np.uint8)
    labels = [region.label for region in source.reading.regions if region.part is Part.HAIR]
    hair = np.isin(source.reading.labels, labels).astype(np.uint8)
    inside = np.asarray(cv2.erode(cv2.morphologyEx(hair, cv2.MORPH_CLOSE, disk), _RIM), np.uint8)
    lights, sheens = (cv2.dilate(kind, _RIM) > 0 for kind in (high, high & inside))
    return np.asarray(lights, bool), np.asarray(sheens & (inside > 0), bool)


def _with_rim(box: Box, rim: int, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """The rows and columns of a box of the grid and so many pixels around it."""
    top, left = max(0, int(box.y) - rim), max(0, int(box.x) - rim)
    bottom, right = int(np.ceil(box.y + box.height)) + rim, int(np.ceil(box.x + box.width)) + rim
    return slice(top, min(bottom, shape[0])), slice(left, min(right, shape[1]))


def without_sheens(source: Source, labels: Labels) -> Labels:
    """The labels int32 [h, w], in which the lights on hair are hair: pieces of hair that lie in darker hair, and
    what was taken for skin but is nearer to the hair about it than to the face.
    """
    whole, regions = labels.copy(), source.reading.regions
    faces = [
        _middle(source, face.box.grown(-0.25, -0.3, -0.25, -0.1).slices(labels.shape)) for face in source.reading.faces
    ]
    for region in regions:
        if region.part is not Part.HAIR and (region.part is not Part.SKIN or not faces):
            continue
        _, pieces, stats, _ = cv2.connectedComponentsWithStats(
            (labels == region.label).astype(np.uint8), connectivity=4
        )
        for number in np.flatnonzero(stats[1:, cv2.CC_STAT_AREA] < _LIGHT * labels.size).tolist():
            left, top, width, height, _ = (int(value) for value in stats[number + 1])
            at = np.s_[max(0, top - 2) : top + height + 2, max(0, left - 2) : left + width + 2]
            piece = pieces[at] == number + 1
            around = _around(labels[at], piece)
            if around < 0 or regions[around].part is not Part.HAIR:
                continue
            colour, hair = source.on_white[at][piece].mean(axis=0), np.array(regions[around].colour)
            away = float(np.abs(colour - hair).mean())
            lit = region.part is Part.HAIR or away < min(float(np.abs(colour - face).mean()) for face in faces)
            if lit and colour.mean() > hair.mean():
                whole[at][piece] = around
    return whole


def _middle(source: Source, box: tuple[slice, slice]) -> NDArray[np.float64]:
    """The median colour of a box: float64 [3], of an empty one white."""
    pixels = source.on_white[box].reshape(-1, 3)
    return np.median(pixels, axis=0) if len(pixels) else np.full(3, 255.0)


def _around(labels: Labels, piece: NDArray[np.bool_]) -> int:
    """The label that surrounds most of a piece, bool [h, w], or -1."""
    ring = (cv2.dilate(piece.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0) & ~piece
    beside = labels[ring & (labels >= 0)]
    if not beside.size:
        return -1
    count = np.bincount(beside)
    return int(count.argmax()) if count.max() > _WITHIN * np.count_nonzero(ring) else -1
