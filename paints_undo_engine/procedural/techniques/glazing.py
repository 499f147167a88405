"""Thin paint: what is laid in lets the ground shine through its lights, and has its darks at full depth."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import Pixels

_DARKER = 1
"""Levels by which the full goal is darker where a brush goes by it."""


def thinned(goal: Pixels, ground: NDArray[np.floating], share: float) -> Pixels:
    """A goal uint8 [h, w, 3] as thin paint shows it: a share of the ground, levels [3], shines through."""
    return np.asarray(np.rint(goal * np.float32(1 - share) + (np.asarray(ground) * share).astype(np.float32)), np.uint8)


def with_darks(thin: Pixels, full: Pixels) -> Pixels:
    """A thin goal uint8 [h, w, 3], with the full one where that is darker."""
    way = cv2.subtract(cv2.cvtColor(thin, cv2.COLOR_RGB2GRAY), cv2.cvtColor(full, cv2.COLOR_RGB2GRAY))
    return np.where((way > _DARKER)[..., None], full, thin).astype(np.uint8)
