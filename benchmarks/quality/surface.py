"""Faults that show at full size: borders in stairs, and smooth gradients in steps."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .measures import Frame

_STEP, _EVEN, _LONG = 20, 3, 10
_SMOOTH_RANGE = (3.0, 24.0)
"""Levels across a 25-pixel window of the blurred painting that make a smooth gradient."""


_PAPER = 240
"""Levels of the darkest channel from which paper is bare."""
_STRAIGHTEST = 0.35
"""Largest curvature, in levels per pixel squared, of what still counts as smooth."""


def stairs(state: Frame) -> float:
    """Share of the borders that are hard steps without anti-aliasing, in runs shorter than a straight edge's, 0..1.

    A hard step is a jump of more than 20 levels between two pixels with even colour on both sides.
    """
    hard = strong = 0
    for frame in (state, state.transpose(1, 0, 2)):
        levels = frame.astype(np.int16)
        jump = np.abs(np.diff(levels, axis=1)).max(axis=2)
        step = jump[:, 1:-1] > _STEP
        even = (jump[:, :-2] <= _EVEN) & (jump[:, 2:] <= _EVEN)
        strong += int(step.sum())
        hard += int(_short_runs(step & even).sum())
    return hard / strong if strong else 0.0


def _short_runs(steps: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Steps without those in straight vertical lines of `_LONG` pixels or more."""
    upright = np.ones((_LONG, 1), np.uint8)
    straight = cv2.morphologyEx(steps.astype(np.uint8), cv2.MORPH_OPEN, upright)
    return np.asarray(steps & (straight == 0), np.bool_)


def smooth_gradients(painting: Frame) -> NDArray[np.bool_]:
    """Where the painting changes slowly and steadily: bool [h, w]."""
    soft = cv2.GaussianBlur(painting.astype(np.float32), (0, 0), 3.0)
    window = cv2.getStructuringElement(cv2.MORPH_RECT, (25, 25))
    spread = (cv2.dilate(soft, window) - cv2.erode(soft, window)).max(axis=2)
    bent = cv2.dilate(np.abs(cv2.Laplacian(soft, cv2.CV_32F)).max(axis=2), np.ones((9, 9), np.uint8))
    return np.asarray((spread > _SMOOTH_RANGE[0]) & (spread < _SMOOTH_RANGE[1]) & (bent < _STRAIGHTEST))


def posterised(state: Frame, painting: Frame) -> float | None:
    """Share of the painting's smooth gradients where the state is exactly even; None without enough of them."""
    smooth = smooth_gradients(painting)
    if smooth.mean() < 0.02:
        return None
    window = np.ones((5, 5), np.uint8)
    even = (cv2.dilate(state, window) - cv2.erode(state, window)).max(axis=2) <= 1
    really = (cv2.dilate(painting, window) - cv2.erode(painting, window)).max(axis=2) <= 1
    counted = smooth & ~really
    return float(even[counted].mean()) if counted.sum() >= 0.01 * counted.size else None


def has_ground(painting: Frame) -> bool:
    """Whether something is painted behind the subject: most of the picture's rim is not near white."""
    rim = max(1, round(0.02 * max(painting.shape[:2])))
    inside = np.zeros(painting.shape[:2], bool)
    inside[rim:-rim, rim:-rim] = True
    return float((painting.min(axis=2)[~inside] < _PAPER).mean()) > 0.5
