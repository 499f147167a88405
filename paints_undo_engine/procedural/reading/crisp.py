"""Crisp borders, which somebody drew, and soft ones, which a brush, an airbrush or the light has left."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.along import values_along
from paints_undo_engine.procedural.reading.channels import greatest
from paints_undo_engine.procedural.reading.model import Path, Pixels

_NEAR, _FAR = 5, 13
"""Pixels: the sides of the squares in which a crisp border changes about as much."""
_AT_ONCE, _CLEAR = 0.66, 14
"""Of that change; levels of it with which there is a border."""
_ANY = 8
"""Levels: what changes by no more within the smaller square changes hardly at all."""
_SOFT, _MOSTLY = 0.02, 0.4
"""Of the diagonal: where a line is soft for so long it ends; of what is left of it, how much is crisp."""


def crisp_places(clean: Pixels) -> NDArray[np.bool_]:
    """Where uint8 [h, w, 3] changes at once, and not little by little: bool [h, w]."""
    near, far = (greatest(_range(clean, side)) for side in (_NEAR, _FAR))
    return np.asarray((far > _CLEAR) & (near > _AT_ONCE * far), bool)


def changing_places(picture: Pixels) -> NDArray[np.bool_]:
    """Where uint8 [h, w, 3] changes at all: bool [h, w]."""
    return np.asarray(greatest(_range(picture, _NEAR)) > _ANY, bool)


def _range(pixels: Pixels, side: int) -> Pixels:
    square = np.ones((side, side), np.uint8)
    return np.asarray(cv2.subtract(cv2.dilate(pixels, square), cv2.erode(pixels, square)), np.uint8)


def crisp_pieces(points: Path, crisp: NDArray[np.bool_]) -> list[Path]:
    """The pieces of a line, float32 [n, 2] at each pixel, that run along what is mostly `crisp`, bool [h, w]."""
    there = np.flatnonzero(values_along(crisp, points))
    if not len(there):
        return []
    reach = round(_SOFT * float(np.hypot(*crisp.shape)))
    gaps = np.flatnonzero(np.diff(there) > reach)
    begins, ends = there[np.r_[0, gaps + 1]], there[np.r_[gaps, len(there) - 1]] + 1
    # A crisp line goes on to its ends, however they fade out.
    begins[0] = 0 if begins[0] < reach else begins[0]
    ends[-1] = len(points) if len(points) - ends[-1] < reach else ends[-1]
    counts = np.concatenate([[0], np.cumsum(values_along(crisp, points))])
    whole = ends - begins == len(points)
    kept = (counts[ends] - counts[begins] > _MOSTLY * (ends - begins)) & (whole | (ends - begins > reach))
    return [points[begin:end] for begin, end in zip(begins[kept].tolist(), ends[kept].tolist(), strict=True)]
