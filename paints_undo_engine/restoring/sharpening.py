"""Undoing an engine's blur, and that of shrinking and enlarging, in a frame's finest details, and taking noise out."""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.restoring.calibration import FINE, NOISE_IN_FINE, Calibration, Values, each_channel, inner

_BLURS = (0.0, 0.3, 0.45, 0.6, 0.75, 0.9, 1.1, 1.4)
_FACTORS = (0.4, 0.45, 1.1, 2.2, 3.4, 4.8, 6.9, 10.9)
"""By how much details are raised for each of those blurs. Fitted by least squares on drawn and painted pictures that
were shrunk, blurred and enlarged to 1.15 to 4 times: a fifth apart between pictures, and hardly between scales."""
_SAFETY = 1.25
_WINDOW = (5, 5)


def sharpened(frame: Values, small: Values, calibration: Calibration) -> tuple[Values, Values]:
    """Two maps [h, w, channels] with their details raised so that, enlarged, they come near to what was shrunk.

    Details are weighed as by a local Wiener filter (Lee 1980): by the share of their variance, within 5 x 5 pixels of
    `frame`, that is more than `calibration.noise` explains. Where there is none they are noise, and vanish. What a
    decoder has made up is no noise, and would be raised as well: so all are lowered by the square of
    `calibration.truth`, the power that did best with frames that had gone through a small autoencoder. `small`,
    which the frame is compared with, is treated alike, so that where both agree nothing is raised twice.
    """
    details = frame - _smooth(frame)
    energy = cv2.blur(inner(details, details), _WINDOW, borderType=cv2.BORDER_REFLECT)
    noise = np.float32(_SAFETY * NOISE_IN_FINE * calibration.noise**2 * details.shape[2])
    true_share = np.clip(1 - noise / np.maximum(energy, 1e-9), 0, 1)
    factor = np.float32(1 + np.interp(calibration.blur, _BLURS, _FACTORS))
    raised = each_channel(np.asarray(true_share * calibration.truth**2 * factor - 1, np.float32), frame.shape[2])
    return frame + raised * details, small + raised * (small - _smooth(small))


def _smooth(values: Values) -> Values:
    blurred = cv2.GaussianBlur(values, (0, 0), FINE, borderType=cv2.BORDER_REFLECT)
    return np.asarray(blurred, np.float32).reshape(values.shape)
