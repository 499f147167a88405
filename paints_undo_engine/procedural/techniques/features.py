"""What makes a face: the dark shapes of eyes, brows, mouth and the nose's shadow, placed right after the masses.

A small brush sets them early, and no larger one goes over them again: they are modelled, not found anew.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Box, Face, Pixels

_BRUSH = 0.036
"""Of the distance between the eyes: the radius of the brush that places them."""
_DARK, _OF_DARKEST, _NARROW = 13.0, 0.35, 0.42
"""Levels, the share of what the darkest feature has, and of the eyes' distance: what is so much darker than all that
lies within such a reach is a feature; less is modelling.
"""
_SPECK = 0.012
"""Of the eyes' distance squared: what is smaller is a freckle or the paper's grain."""
_BROWS, _ASIDE, _CHIN = 0.5, 0.45, 0.3
"""Of the eyes' distance, how far the features go above the eyes, beside them and below the mouth."""
_OF_SKIN = 0.42
"""Of the width of a likely face's skin, the distance between the eyes, which nobody has found."""


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Of one face: `where` they are, bool [h, w], and the `radius` of the brush that places them."""

    where: NDArray[np.bool_]
    radius: float


def features_of(face: Face, picture: Pixels) -> Features:
    """The features of a found face in uint8 [h, w, 3]; the eyes are among them whole."""
    (left, right), mouth = face.eyes, face.mouth
    apart = float(np.hypot(right.centre[0] - left.centre[0], right.centre[1] - left.centre[1]))
    along = np.array([np.cos(face.tilt), np.sin(face.tilt)])
    down = np.array([-along[1], along[0]])
    begin, end = np.array(left.centre) - _ASIDE * apart * along, np.array(right.centre) + _ASIDE * apart * along
    corners = [begin - _BROWS * apart * down, end - _BROWS * apart * down, begin, end]
    middle = np.array(mouth.centre) + _CHIN * apart * down
    corners += [middle + side * 0.5 * apart * along for side in (-1, 1)]
    area = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillConvexPoly(area, cv2.convexHull(np.array(corners, np.float32)).astype(np.int32), 1)
    eyes = np.zeros_like(area)
    for eye in face.eyes:
        at, size = ((round(pair[0]), round(pair[1])) for pair in (eye.centre, eye.radius))
        cv2.ellipse(eyes, at, size, float(np.degrees(face.tilt)), 0, 360, 1, -1)
    return _features(picture, area, eyes, apart)


def likely_features(skin: Box, picture: Pixels) -> Features:
    """The features of a likely face by the box of its skin."""
    area = np.zeros(picture.shape[:2], np.uint8)
    at, half = (round(skin.centre[0]), round(skin.centre[1])), (round(0.4 * skin.width), round(0.42 * skin.height))
    cv2.ellipse(area, at, half, 0, 0, 360, 1, -1)
    return _features(picture, area, np.zeros_like(area), _OF_SKIN * skin.width)


def _features(picture: Pixels, area: NDArray[np.uint8], eyes: NDArray[np.uint8], apart: float) -> Features:
    """What is dark and narrow in an area, uint8 [h, w], and `eyes`. Lips are dark in green light."""
    where = eyes > 0
    rows, columns = np.flatnonzero(area.any(axis=1)), np.flatnonzero(area.any(axis=0))
    radius = _BRUSH * apart
    if len(rows):
        reach = max(3, round(_NARROW * apart) | 1)
        top, left = max(rows[0] - reach, 0), max(columns[0] - reach, 0)
        part = slice(top, rows[-1] + reach + 1), slice(left, columns[-1] + reach + 1)
        green = cv2.GaussianBlur(picture[part][..., 1], (0, 0), max(0.5, 0.4 * radius))
        disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
        dark = np.asarray(cv2.morphologyEx(green, cv2.MORPH_BLACKHAT, disk)) * area[part]
        darkest = float(np.percentile(dark[area[part] > 0], 97))
        marks = (dark > max(_DARK, _OF_DARKEST * darkest)).astype(np.uint8)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(marks, connectivity=8)
        large = stats[:, cv2.CC_STAT_AREA] > max(2.0, _SPECK * apart**2)
        large[0] = False
        where[part] |= large[labels] if count > 1 else False
    return Features(where, radius)
