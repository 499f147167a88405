"""Undoing an engine's blur, and that of shrinking, in a frame's finest details, and taking its errors out of them."""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.restoring.calibration import (
    FINE,
    NOISE_IN_FINE,
    Calibration,
    Values,
    each_channel,
    energy_around,
)

_BLURS = (0.0, 0.3, 0.45, 0.6, 0.75, 0.9, 1.1, 1.4)
_FACTORS = (0.4, 0.45, 1.1, 2.2, 3.4, 4.8, 6.9, 10.9)
"""By how much details are raised for each of those blurs. Fitted by least squares on drawn and painted pictures that
were shrunk, blurred and enlarged to 1.15 to 4 times: a fifth apart between pictures, and hardly between scales."""
_SAFETY = 1.25
_MADE_UP = 0.8
"""How much of what a decoder is known to make up is taken away: more costs what is true, less raises what is not."""


def sharpened(frame: Values, small: Values, share: Values, calibration: Calibration) -> tuple[Values, Values]:
    """Two maps [h, w, channels]: `frame` and `small`, the latter without its finest details, ready to be enlarged.

    Of the frame's details the `gain`'s `share` of those of `small` is explained, and comes back with the painting's
    own. The rest is raised so that, enlarged, it comes near to what was shrunk, and is weighed as by a local Wiener
    filter (Lee 1980): by the share of its variance, within 5 x 5 pixels, that is more than grain and what a decoder
    makes up explain. Where there is none it is an error of the engine's, and vanishes.
    """
    channels = frame.shape[2]
    smooth, shared = _smooth(frame), _smooth(small)
    details = frame - smooth
    own = details - each_channel(share, channels) * (small - shared)
    wrong = np.float32(_MADE_UP * calibration.made_up) * energy_around(details)
    wrong += np.float32(_SAFETY * NOISE_IN_FINE * calibration.grain**2 * channels)
    true_share = np.clip(1 - wrong / np.maximum(energy_around(own), 1e-9), 0, 1)
    factor = np.float32(1 + np.interp(calibration.blur, _BLURS, _FACTORS))
    own *= each_channel(np.asarray(true_share * factor, np.float32), channels)
    return smooth + own, shared


def _smooth(values: Values) -> Values:
    blurred = cv2.GaussianBlur(values, (0, 0), FINE, borderType=cv2.BORDER_REFLECT)
    return np.asarray(blurred, np.float32).reshape(values.shape)
