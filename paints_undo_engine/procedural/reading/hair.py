"""Hair whose colour is near the skin's: found above a known face, so that no flat takes both."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Box, Face, Labels, Pixels
from paints_undo_engine.procedural.reading.segments import lab_of
from paints_undo_engine.procedural.reading.zones import Zone

_LIGHT = 0.35
"""How much light counts beside hue: a head's crown is lit, its brow lies in the hair's shadow."""
_OTHER, _NEAR, _FAR = 6.0, 13.0, 20.0
"""How far a crown's colour is from the cheeks' at least, or it is bald, and at most, or no flat takes both; and how far
hair may be from it.
"""
_DARK = 30.0
"""In L*: what is darker are no cheeks but a mask before them."""
_CROWN = (0.45, 0.75, 0.12)
"""Of a face's box: how far the crown goes to each side of its middle, and from where to where it lies above its top."""
_REACH = (0.75, 1.0, 0.25)
"""Of a face's box: how far hair is looked for beside it, above it and below it."""
_FARTHER, _LONG = (1.9, 1.5, 1.3), 0.25
"""The same where hair is long: where more than so much of the root of its area is cut off."""
_FIGURE, _LEAST = 0.5, 0.1
"""Of the crown: less of it is not looked at; of the face's box: less is no hair."""


def with_hair(zones: Labels, clean: Pixels, faces: tuple[Face, ...]) -> Labels:
    """The zones int32 [h, w] of a picture without its lines, uint8 [h, w, 3], and among them hair like skin."""
    made = zones
    for face in faces:
        place, hair = _found(zones, clean, face, _REACH)
        if _cut(hair, place, zones.shape) > _LONG * hair.sum() ** 0.5:
            place, hair = _found(zones, clean, face, _FARTHER)
        if hair.sum() > _LEAST * face.box.area:
            made = zones.copy() if made is zones else made
            made[place][hair] = Zone.HAIR
    return made


def _found(
    zones: Labels, clean: Pixels, face: Face, reach: tuple[float, float, float]
) -> tuple[tuple[slice, slice], NDArray[np.bool_]]:
    """Where hair was looked for, and what of that it is: bool [h, w]."""
    beside, above, below = reach
    place = face.box.grown(beside, above, beside, below).slices(clean.shape)
    return place, _hair(zones, clean, face, place)


def _cut(hair: NDArray[np.bool_], place: tuple[slice, slice], shape: tuple[int, ...]) -> int:
    """How many pixels of hair lie where it was looked no farther, inside a picture of that shape."""
    rows, columns = place
    sides = (
        hair[:, :1] if columns.start else hair[:0],
        hair[:, -1:] if columns.stop < shape[1] else hair[:0],
        hair[-1:] if rows.stop < shape[0] else hair[:0],
    )
    return sum(int(side.sum()) for side in sides)


def _hair(zones: Labels, clean: Pixels, face: Face, place: tuple[slice, slice]) -> NDArray[np.bool_]:
    """bool [h, w] of the place: what hangs together with the crown and is more like it than like the cheeks."""
    none = np.zeros(zones[place].shape, bool)
    crown = _crown(face.box).slices(clean.shape)
    seen = zones[crown] == Zone.FIGURE
    if not seen.size or seen.mean() < _FIGURE:
        return none
    skin = lab_of(np.array([[face.skin]], np.uint8))[0, 0]
    hair = np.median(lab_of(clean[crown])[seen], axis=0)
    if skin[0] < _DARK or not _OTHER < float(_away(hair, skin)) < _NEAR:
        return none
    lab = lab_of(np.asarray(cv2.medianBlur(np.ascontiguousarray(clean[place]), 5), np.uint8))
    like = (_away(lab, hair) < _away(lab, skin)) & (_away(lab, hair) < _FAR) & (zones[place] == Zone.FIGURE)
    solid = cv2.morphologyEx(like.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, pieces = cv2.connectedComponents(solid, connectivity=4)
    top, left = crown[0].start - place[0].start, crown[1].start - place[1].start
    of_crown = pieces[top : top + seen.shape[0], left : left + seen.shape[1]]
    kept = np.bincount(of_crown.ravel(), minlength=count) > 0.1 * of_crown.size
    kept[0] = False
    return np.asarray(kept[pieces])


def _crown(box: Box) -> Box:
    beside, above, below = _CROWN
    x, y = box.centre[0], box.y
    return Box(x - beside * box.width, y - above * box.height, 2 * beside * box.width, (above - below) * box.height)


def _away(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far colours Lab [..., 3] are from another one."""
    light, red, yellow = np.moveaxis(one - other, -1, 0)
    return np.asarray(np.sqrt((_LIGHT * light) ** 2 + red**2 + yellow**2), np.float32)
