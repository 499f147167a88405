"""How far are the edges of a state from those of the painting?"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .colour import oklab
from .measures import Frame

Map = NDArray[np.float32]

_BLUR = 1.5
_INKED = 70
"""Levels below white from which a pixel is a line and not a faint sketch."""


def edge_strength(frame: Frame) -> Map:
    """Length of the OKLab gradient after a light blur: float32 [h, w]."""
    soft = cv2.GaussianBlur(oklab(frame), (0, 0), _BLUR)
    across, down = cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    return np.asarray(np.sqrt((across**2 + down**2).sum(axis=-1)), np.float32)


def edge_distance(state: Frame, wanted: Map) -> float:
    """Mean difference of the edge strengths over the painting's mean: 1 for blank paper, 0 for the painting.

    `wanted` is `edge_strength` of the painting.
    """
    return float(np.abs(edge_strength(state) - wanted).mean() / max(float(wanted.mean()), 1e-6))


def tiles_of(values: Map, side: int) -> Map:
    """Means over square tiles; what is left over at the right and below is dropped."""
    rows, columns = values.shape[0] // side, values.shape[1] // side
    return np.asarray(values[: rows * side, : columns * side].reshape(rows, side, columns, side).mean(axis=(1, 3)))


def patchwork(state: Frame, painting: Frame, subject: NDArray[np.bool_], side: int = 16) -> float:
    """Finished beside raw, 0 (all alike) .. 1 (half of the subject done to the last hair, the other half raw).

    `subject` (bool [h, w]) is the area that one artist would bring on as a whole. Among its tiles with drawing in them,
    one is done when four fifths of its edge distance is gone and raw when not three tenths are; the result is four
    times the product of both shares. Early in a process a line beside bare paper is no fault: ask late states only.
    """
    now, wanted = edge_strength(state), edge_strength(painting)
    wanted_tiles = tiles_of(wanted, side)
    gone = 1 - tiles_of(np.abs(now - wanted), side) / np.maximum(wanted_tiles, 1e-6)
    drawn = (wanted_tiles > 0.5 * float(wanted_tiles.mean())) & (tiles_of(subject.astype(np.float32), side) > 0.5)
    if not drawn.any():
        return 0.0
    return 4 * float((gone[drawn] > 0.8).mean()) * float((gone[drawn] < 0.3).mean())


def crumbs(drawing: Frame, smallest: float = 0.05) -> float:
    """Share of a line drawing on white, 0..1, that lies in bits apart from everything, under 5 % of the diagonal."""
    drawn = ((255 - drawing.min(axis=2)) > _INKED).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(drawn, connectivity=8)
    lengths = np.hypot(stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT])
    areas = stats[1:, cv2.CC_STAT_AREA]
    small = lengths < smallest * np.hypot(*drawn.shape)
    return float(areas[small].sum() / max(areas.sum(), 1))
