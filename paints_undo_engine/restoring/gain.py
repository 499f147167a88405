"""How much of the painting's detail a frame has already: a local regression of the frame on the shrunk painting."""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.restoring.calibration import Calibration, Values

_WINDOW = (5, 5)
_MOST = 1.6
_LEAST_LIKENESS = 0.2
_FLAT = 1e-4


def gain(frame: Values, small: Values, calibration: Calibration) -> Values:
    """The factor for the painting's detail at each of the frame's pixels: float32 [h, w, channels], 0 to 1.6.

    Within a window of 5 x 5 pixels it is the slope of the frame's values over those of `small` (the painting at the
    frame's size, as blurred as the frame), times the square of their correlation: where the frame does not look like
    the painting, and on an empty canvas, nothing is added. Guided filtering (He et al. 2010) without its offset.
    """
    mean_frame, mean_small = _mean(frame), _mean(small)
    together = _mean(frame * small) - mean_frame * mean_small
    of_small = np.maximum(_mean(small * small) - mean_small * mean_small, 0)
    of_frame = np.maximum(_mean(frame * frame) - mean_frame * mean_frame, 0)
    floor = np.float32(_FLAT + 2 * calibration.noise**2)
    slope = np.clip(together / (of_small + floor), 0, _MOST)
    likeness = np.square(np.maximum(together, 0)) / ((of_small + floor) * (of_frame + floor))
    share = np.clip((likeness - _LEAST_LIKENESS) / (1 - _LEAST_LIKENESS), 0, 1)
    return np.asarray(slope * share, np.float32)


def _mean(values: Values) -> Values:
    return np.asarray(cv2.blur(values, _WINDOW, borderType=cv2.BORDER_REFLECT), np.float32)
