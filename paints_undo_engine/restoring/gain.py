"""How much of the painting's detail a frame has already: a local regression of the frame on the shrunk painting."""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.restoring.calibration import Calibration, Values, inner

_WINDOW = (5, 5)
_MOST = 1.6
_LEAST_LIKENESS = 0.1
_FLAT = 3e-5
_FINE = 1.0
"""What a Gaussian blur of so many pixels, more than the frame's own, takes away is compared: the detail next to that
which a frame cannot show."""
_OF_NOISE = 0.4
"""Half of the share of white noise's variance that is in it."""


def gain(frame: Values, small: Values, calibration: Calibration) -> Values:
    """The factor for the painting's detail at each of the frame's pixels: float32 [h, w, 1], 0 to 1.6.

    Within a window of 5 x 5 pixels it is the slope of the frame's finest details over those of `small` (the painting at
    the frame's size, as blurred as the frame), all channels together, times the square of their correlation: where the
    frame does not look like the painting, or has its areas but not its details yet, and on an empty canvas, nothing is
    added. Guided filtering (He et al. 2010) without its offset, on a band.
    """
    frame, small = _details(frame, calibration.blur), _details(small, calibration.blur)
    together, of_small, of_frame = _mean(frame, small), _mean(small, small), _mean(frame, frame)
    floor = np.float32(_FLAT + _OF_NOISE * calibration.noise**2)
    slope = np.clip(together / (of_small + floor), 0, _MOST)
    likeness = np.square(np.maximum(together, 0)) / ((of_small + floor) * (of_frame + floor))
    share = np.clip((likeness - _LEAST_LIKENESS) / (1 - _LEAST_LIKENESS), 0, 1)
    return np.asarray(slope * share, np.float32)


def _details(values: Values, blur: float) -> Values:
    blurred = cv2.GaussianBlur(values, (0, 0), _FINE + blur, borderType=cv2.BORDER_REFLECT)
    return values - np.asarray(blurred, np.float32).reshape(values.shape)


def _mean(first: Values, second: Values) -> Values:
    """float32 [h, w, 1]: the product's mean over the window and the channels."""
    means = cv2.blur(inner(first, second), _WINDOW, borderType=cv2.BORDER_REFLECT)
    return np.asarray(means, np.float32)[..., None] / np.float32(first.shape[2])
