"""Letters with an outline of another colour, so near to each other that their outlines are one shape."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.channels import greatest
from paints_undo_engine.procedural.reading.model import Labels

_RIM = (1.4, 2.6)
"""Pixels from the border of a shape, where its outline is if it has one."""
_EVEN, _ALIKE = 32, 0.7
"""Levels about the outline's colour, which so much of it has at least."""
_OFF = 60
"""Levels: how far what an outline holds is off its colour."""
_FILLS = (0.15, 0.8)
"""Of a shape with its outline, what it holds."""

Places = list[tuple[NDArray[np.intp], NDArray[np.intp]]]
"""The rows and columns of each letter's pixels."""


def within_outlines(pixels: NDArray[np.int16], shape: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    """What a shape, bool [h, w], holds within an outline of one colour; None where it has none.

    `pixels` int16 [h, w, 3]: the picture there.
    """
    depth = cv2.distanceTransform(np.pad(shape, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    rim = (depth > _RIM[0]) & (depth < _RIM[1])
    if not rim.any():
        return None
    away = greatest(np.abs(pixels - np.median(pixels[rim], axis=0).astype(np.int16)))
    held = shape & (away > _OFF) & (depth > _RIM[0])
    even = float((away[rim] < _EVEN).mean()) > _ALIKE
    return held if even and _FILLS[0] < held.sum() / shape.sum() < _FILLS[1] else None


def with_outlines(letters: Places, shape: NDArray[np.bool_]) -> Places:
    """Letters, each with what of the shape about them, bool [h, w], is nearest to it: its outline."""
    numbers: Labels = np.zeros(shape.shape, np.int32)
    for number, (y, x) in enumerate(letters, 1):
        numbers[y, x] = number
    _, nearest = cv2.distanceTransformWithLabels(
        (numbers == 0).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    of = np.zeros(int(nearest.max()) + 1, np.int32)
    of[nearest[numbers > 0]] = numbers[numbers > 0]
    whole = np.where(shape | (numbers > 0), of[nearest], 0)
    return [(rows, columns) for number in range(1, len(letters) + 1) for rows, columns in [np.nonzero(whole == number)]]
