"""OKLab, a perceptual space: lightness 0 to 1, and two axes of colour (Ottosson 2020)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_TO_LMS = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
     [0.0883024619, 0.2817188376, 0.6299787005]], np.float32,
)  # fmt: skip
_TO_LAB = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
     [0.0259040371, 0.7827717662, -0.8086757660]], np.float32,
)  # fmt: skip
_FROM_LAB, _FROM_LMS = np.linalg.inv(_TO_LAB).astype(np.float32), np.linalg.inv(_TO_LMS).astype(np.float32)
_LEVELS = np.arange(256, dtype=np.float32) / 255
_LINEAR = np.where(_LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4).astype(np.float32)


def to_oklab(pixels: NDArray[np.uint8]) -> Floats:
    """sRGB uint8 [h, w, 3] as float32 [h, w, 3]: lightness, a, b."""
    return np.asarray(np.cbrt(_LINEAR[pixels] @ _TO_LMS.T) @ _TO_LAB.T, np.float32)


def to_srgb(lab: Floats) -> NDArray[np.uint8]:
    """The inverse; what is outside of sRGB is cut off in each channel."""
    linear = np.clip(((lab @ _FROM_LAB.T) ** 3) @ _FROM_LMS.T, 0, 1)
    values = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(values * 255), np.uint8)
