"""The same picture at two sizes, and the same picture with two seeds: what is alike?"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from .colour import oklab
from .measures import Frame

_SIDE = 320
_GRID = 24
_DRAWN = 12


def drawings_alike(one: Frame, other: Frame, reach: float = 0.012) -> float:
    """F measure, 0..1, of two drawings on white: a line is met where the other has one within `reach` of the side."""
    first, second = _lines(one), _lines(other)
    if not first.any() or not second.any():
        return float(first.any() == second.any())
    width = 2 * max(1, round(reach * _SIDE)) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    precision = float((cv2.dilate(second, disc)[first > 0] > 0).mean())
    recall = float((cv2.dilate(first, disc)[second > 0] > 0).mean())
    return 2 * precision * recall / max(precision + recall, 1e-9)


def _lines(drawing: Frame) -> NDArray[np.uint8]:
    h, w = drawing.shape[:2]
    scale = _SIDE / max(h, w)
    darkest = 255 - drawing.min(axis=2)
    size = (max(1, round(w * scale)), max(1, round(h * scale)))
    small = cv2.resize(darkest, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    return np.asarray(small > _DRAWN, np.uint8)


def arrival(states: Iterable[Frame], painting: Frame) -> NDArray[np.float64]:
    """When each place of a 24 x 24 grid has lost half of its colour distance: float64 [24, 24], in states."""
    wanted = _places(painting)
    blank = np.linalg.norm(_places(np.full_like(painting, 255)) - wanted, axis=-1)
    distances = np.stack([np.linalg.norm(_places(state) - wanted, axis=-1) for state in states])
    near = distances < 0.5 * np.maximum(blank, 0.05)
    return np.where(near.any(axis=0), near.argmax(axis=0), len(distances)).astype(np.float64)


def _places(frame: Frame) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(oklab(frame), (_GRID, _GRID), interpolation=cv2.INTER_AREA), np.float32)


def rank_correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Spearman's, ties averaged; 1 where either has no order at all."""
    first, second = _ranks(one.ravel()), _ranks(other.ravel())
    if first.std() == 0 or second.std() == 0:
        return 1.0
    return float(np.corrcoef(first, second)[0, 1])


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[inverse]
