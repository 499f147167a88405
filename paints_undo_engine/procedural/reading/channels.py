"""Over the colour channels of a picture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


def largest(picture: Pixels) -> Pixels:
    """uint8 [H, W]: the largest channel of uint8 [H, W, 3]."""
    red, green, blue = cv2.split(picture)
    return np.asarray(cv2.max(cv2.max(red, green), blue), np.uint8)


def peak(before: Pixels, after: Pixels) -> Pixels:
    """uint8 [H, W]: the largest difference of any channel between two uint8 [H, W, 3]."""
    return largest(np.asarray(cv2.absdiff(before, after), np.uint8))
