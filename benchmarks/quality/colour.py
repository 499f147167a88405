"""OKLab (Ottosson 2020, "A perceptual color space for image processing")."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    np.float32,
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    np.float32,
)
_LINEAR = np.where(
    np.arange(256) / 255 <= 0.04045, np.arange(256) / 255 / 12.92, ((np.arange(256) / 255 + 0.055) / 1.055) ** 2.4
).astype(np.float32)

CHROMA_RANGE = 0.3225
"""The largest OKLab chroma that sRGB holds (magenta)."""


def oklab(frame: NDArray[np.uint8]) -> NDArray[np.float32]:
    """sRGB (h, w, 3) uint8 as OKLab (h, w, 3): L in 0..1, a and b within about ±0.33."""
    return np.asarray(np.cbrt(_LINEAR[frame] @ _TO_LMS.T) @ _TO_LAB.T, np.float32)


def mean_chroma(frame: NDArray[np.uint8]) -> float:
    """Mean OKLab chroma of the frame as a share of the range, 0..1."""
    lab = oklab(frame)
    return float(np.hypot(lab[..., 1], lab[..., 2]).mean() / CHROMA_RANGE)
