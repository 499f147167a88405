"""The three channels of a picture against each other, pixel by pixel; far faster than NumPy's reductions."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Cover, Pixels


def smallest(picture: Pixels) -> Cover:
    """uint8 [h, w]: the smallest channel."""
    red, green, blue = cv2.split(picture)
    return np.asarray(cv2.min(cv2.min(red, green), blue), np.uint8)


def largest(picture: Pixels) -> Cover:
    """uint8 [h, w]: the largest channel."""
    red, green, blue = cv2.split(picture)
    return np.asarray(cv2.max(cv2.max(red, green), blue), np.uint8)


def difference(one: Pixels, other: Pixels) -> Cover:
    """How far apart two pictures uint8 [h, w, 3] are, in levels of the channel that differs most: uint8 [h, w]."""
    return largest(np.asarray(cv2.absdiff(one, other), np.uint8))


def greatest(values: NDArray[Any]) -> NDArray[Any]:
    """[...]: the greatest of the three channels of any numbers [..., 3]."""
    return np.asarray(np.maximum(np.maximum(values[..., 0], values[..., 1]), values[..., 2]))
