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
_FLATTEST, _BUSIEST = 0.25, 0.6
_SEEN = 0.25 / 255
"""How far the painting's details stand out, at least, where a decoder's share is measured: not on flat colour."""
_ROUNDS = 4
_AROUND = (5, 5)
"""Within which a difference counts as fine: the window of the local regression (`gain`)."""
FINE = 0.6
"""What a Gaussian blur of so many pixels takes away counts as the finest detail."""
NOISE_IN_FINE = 0.364
"""The share of white noise's variance that is in it."""
_GAUSSIAN = 1.4826
"""Standard deviation by median of absolute deviations, for noise with a normal distribution."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """`blur` is a standard deviation in the frame's pixels, `noise` and `grain` are such of values 0 to 1.

    `noise` is all that differs away from edges, `grain` what differs where the painting is flattest. `made_up` is the
    share of the finest details' variance, beside the grain, that is not the painting's, 0 to 1: a decoder's own.
    """

    blur: float = 0.0
    noise: float = 0.002
    grain: float = 0.002
    made_up: float = 0.0


EXACT = Calibration()
"""Frames that are nothing but shrunk, in 8 bits."""


def measured(frame: Values, small: Values) -> Calibration:
    """The blur and the noise that turn `small`, the painting at the frame's size, into `frame`.

    Slopes and fine differences are compared, not levels, and medians are taken: a glaze that is missing is no blur,
    a shadow no noise, and up to about a third of the frame may be unpainted.
    """
    edges = np.linalg.norm(_slopes(small.mean(axis=2, keepdims=True)), axis=2)
    strong = edges >= max(float(np.quantile(edges, _EDGES)), 1e-3)
    if not strong.any():
        return EXACT
    slopes = _slopes(frame)
    away = {blur: np.abs(slopes - _slopes(blurred(small, blur))).max(axis=2) for blur in _BLURS}
    blur = min(_BLURS, key=lambda known: float(np.median(away[known][strong])))
    if strong.all():
        return Calibration(blur, EXACT.noise)
    alike = blurred(small, blur)
    left = frame - alike
    fine = left - np.asarray(cv2.blur(left, _AROUND), np.float32).reshape(left.shape)
    noise = max(_GAUSSIAN * float(np.median(np.abs(fine)[~strong])), EXACT.noise)
    return Calibration(blur, noise, *_grain_and_made_up(frame, alike))


def _grain_and_made_up(frame: Values, alike: Values) -> tuple[float, float]:
    """What the finest details' error has of a constant, and what grows with the frame's details (`Calibration`).

    Two medians, over the flattest quarter of the painting and over what is not flat of the busiest 40 %, give two
    equations.
    """
    own, known = (values - blurred(values, FINE) for values in (frame, alike))
    error, energy, busyness = (energy_around(each) for each in (own - known, own, known))
    flattest, busiest = np.quantile(busyness, (_FLATTEST, _BUSIEST))
    flat, busy = busyness <= flattest, busyness >= max(busiest, flattest + 1e-9, frame.shape[2] * _SEEN**2)
    constant, share = float(np.median(error[flat])), 0.0
    if busy.any():
        of_flat, energy_of_flat = constant, float(np.median(energy[flat]))
        for _ in range(_ROUNDS):
            constant = max(of_flat - share * energy_of_flat, 0.0)
            share = float(np.clip(np.median((error[busy] - constant) / np.maximum(energy[busy], 1e-9)), 0, 1))
    return max((constant / (NOISE_IN_FINE * frame.shape[2])) ** 0.5, EXACT.grain), share


def blurred(values: Values, blur: float) -> Values:
    """A Gaussian blur; 0 leaves the values alone, uncopied."""
    return np.asarray(cv2.GaussianBlur(values, (0, 0), blur), np.float32) if blur else values


def energy_around(details: Values) -> NDArray[np.float32]:
    """float32 [h, w]: the mean square within 5 x 5 pixels, summed over the channels."""
    return np.asarray(cv2.blur(inner(details, details), _AROUND, borderType=cv2.BORDER_REFLECT), np.float32)


def inner(first: Values, second: Values) -> NDArray[np.float32]:
    """float32 [h, w]: the inner products of the channels."""
    products = cv2.multiply(first, second)
    if first.ndim == 2 or first.shape[2] == 1:
        return np.asarray(products, np.float32).reshape(first.shape[:2])
    return np.asarray(cv2.transform(products, np.ones((1, first.shape[2]), np.float32)), np.float32)


def each_channel(factor: NDArray[np.float32], channels: int) -> Values:
    """A map [h, w] or [h, w, 1] for so many channels: float32 [h, w, channels]."""
    return np.asarray(cv2.merge([factor] * channels), np.float32).reshape(*factor.shape[:2], channels)


def _slopes(values: Values) -> Values:
    """float32 [h, w, 2 channels]: across, then down."""
    height, width = values.shape[:2]
    both = (cv2.Sobel(values, cv2.CV_32F, 1, 0), cv2.Sobel(values, cv2.CV_32F, 0, 1))
    return np.concatenate([np.asarray(one, np.float32).reshape(height, width, -1) for one in both], axis=2)
