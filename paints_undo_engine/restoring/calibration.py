"""How an engine's pictures differ from the painting shrunk to their size: measured on a frame that is nearly done."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]
"""float32 [h, w, channels], 0 to 1."""

_BLURS = (0.0, 0.3, 0.45, 0.6, 0.75, 0.9, 1.1, 1.4)
_EDGES = 0.85
_GAUSSIAN = 1.4826
"""Standard deviation by median of absolute deviations, for noise with a normal distribution."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """`blur` is a standard deviation in the frame's pixels, `noise` one of values 0 to 1."""

    blur: float = 0.0
    noise: float = 0.002


EXACT = Calibration()
"""Frames that are nothing but shrunk, in 8 bits."""


def measured(frame: Values, small: Values) -> Calibration:
    """The blur and the noise that turn `small`, the painting at the frame's size, into `frame`.

    Medians are taken, so that up to about a third of the frame may still be unpainted.
    """
    edges = _gradient(small)
    strong = edges >= max(float(np.quantile(edges, _EDGES)), 1e-3)
    if not strong.any():
        return EXACT
    away = {blur: np.abs(frame - blurred(small, blur)).max(axis=2) for blur in _BLURS}
    blur = min(_BLURS, key=lambda known: float(np.median(away[known][strong])))
    noise = _GAUSSIAN * float(np.median(np.abs(frame - blurred(small, blur))[~strong])) if not strong.all() else 0.0
    return Calibration(blur, max(noise, EXACT.noise))


def blurred(values: Values, blur: float) -> Values:
    """A Gaussian blur; 0 leaves the values alone, uncopied."""
    return np.asarray(cv2.GaussianBlur(values, (0, 0), blur), np.float32) if blur else values


def _gradient(values: Values) -> NDArray[np.float32]:
    grey = values.mean(axis=2)
    across, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    return np.asarray(cv2.magnitude(across, down), np.float32)
