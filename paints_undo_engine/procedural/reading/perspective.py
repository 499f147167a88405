"""Straight lines and vanishing points."""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.procedural.reading.model import Perspective, Pixels


def find_perspective(pixels: Pixels) -> Perspective:
    """The straight lines of uint8 [h, w, 3]."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    found = cv2.createLineSegmentDetector().detect(grey)[0]
    segments = np.zeros((0, 4), np.float32) if found is None else found.reshape(-1, 4).astype(np.float32)
    length = np.hypot(segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1])
    segments = segments[length > 0.03 * np.hypot(*grey.shape)]
    return Perspective(segments, (), None, np.zeros((0, 4), np.float32))
