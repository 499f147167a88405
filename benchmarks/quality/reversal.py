"""Colour that turns back: what was near the painting already and is painted away from it again."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from .colour import oklab
from .measures import Frame

_FROM = 0.55
"""Share of the process from which colour has to approach the painting: before, a flat may cover pale paper."""
_AWAY = 0.08
"""OKLab distance that a place has to lose, four times what is just seen."""
_LASTING = 3
"""Frames of a hundred that it has to last: a layer that is hidden for a moment is no reversal."""
_SIDE = 160
_PAPER = 0.02


def turned_back(frames: Sequence[Frame], painting: Frame) -> float | None:
    """Share of what is painted whose colour moves away from the painting and stays away, 0..1.

    Looked at in the last 45 % of the process, at 160 pixels; None where the painting is all but white.
    """
    wanted = oklab(_reduced(painting))
    white = oklab(np.full((1, 1, 3), 255, np.uint8))
    painted = np.linalg.norm(wanted - white, axis=-1) > _PAPER
    late = frames[round(_FROM * len(frames)) :]
    if painted.mean() < 0.01 or len(late) <= _LASTING:
        return None
    distances = np.stack([np.linalg.norm(oklab(_reduced(frame)) - wanted, axis=-1) for frame in late])
    nearest = np.minimum.accumulate(distances, axis=0)
    away = distances[1:] - nearest[:-1] > _AWAY
    spans = np.lib.stride_tricks.sliding_window_view(away, _LASTING, axis=0)
    turned = np.asarray(spans.all(axis=-1).any(axis=0), np.bool_)
    return float(turned[painted].mean())


def _reduced(frame: Frame) -> NDArray[np.uint8]:
    """The frame at `_SIDE` pixels, so that a stroke's jitter counts for nothing."""
    h, w = frame.shape[:2]
    scale = min(1.0, _SIDE / max(h, w))
    size = (max(1, round(w * scale)), max(1, round(h * scale)))
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)
