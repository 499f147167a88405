"""How alike two pictures are: PSNR and SSIM, as the literature defines them."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

PEAK = 255.0
WINDOW = 11
SPREAD = 1.5
_K1, _K2 = 0.01, 0.03
_LUMA = np.array([0.299, 0.587, 0.114])


def squared_error(a: Pixels, b: Pixels) -> float:
    """The mean squared difference of two pictures, uint8 of one shape; 0 to 65025. Raises `ValueError`."""
    _check(a, b)
    difference = a.astype(np.float64) - b
    return float((difference * difference).mean())


def psnr(squared: float) -> float:
    """The peak signal-to-noise ratio in dB of a mean squared error at a peak of 255; infinite for equal pictures."""
    return math.inf if squared == 0 else 10 * math.log10(PEAK**2 / squared)


def ssim(a: Pixels, b: Pixels) -> float:
    """The mean structural similarity of two pictures, uint8 [H, W, 1, 3 or 4]; 1 for equal ones.

    Wang, Bovik, Sheikh and Simoncelli 2004, "Image Quality Assessment: From Error Visibility to Structural Similarity":
    of the luma, in Gaussian windows of 11 x 11 with sigma 1.5 that lie wholly inside, K1 = 0.01, K2 = 0.03. Raises
    `ValueError` for pictures of two shapes or smaller than the window.
    """
    _check(a, b)
    if min(a.shape[:2]) < WINDOW:
        raise ValueError(
            f"SSIM needs pictures of at least {WINDOW} x {WINDOW} pixels, not {a.shape[1]} x {a.shape[0]}."
        )
    x, y = _luma(a), _luma(b)
    mean_x, mean_y = _blurred(x), _blurred(y)
    variance_x, variance_y = _blurred(x * x) - mean_x**2, _blurred(y * y) - mean_y**2
    covariance = _blurred(x * y) - mean_x * mean_y
    c1, c2 = (_K1 * PEAK) ** 2, (_K2 * PEAK) ** 2
    alike = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
    return float((alike / ((mean_x**2 + mean_y**2 + c1) * (variance_x + variance_y + c2))).mean())


def _luma(pixels: Pixels) -> NDArray[Any]:
    if pixels.shape[2] == 1:
        return pixels[:, :, 0].astype(np.float64)
    return np.asarray(pixels[:, :, :3] @ _LUMA)


def _blurred(values: NDArray[Any]) -> NDArray[Any]:
    """The weighted mean of every window that lies wholly inside."""
    edge = WINDOW // 2
    return np.asarray(cv2.GaussianBlur(values, (WINDOW, WINDOW), SPREAD))[edge:-edge, edge:-edge]


def _check(a: Pixels, b: Pixels) -> None:
    if a.shape != b.shape or a.ndim != 3:
        raise ValueError(f"Only pictures of one shape can be compared, not {a.shape} and {b.shape}.")
