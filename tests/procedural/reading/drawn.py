"""Pictures that are drawn here, with what is true of them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

SKIN, HAIR, SHIRT, SHADE, BLACK = (250, 218, 200), (110, 70, 60), (190, 40, 50), (120, 20, 45), (25, 20, 25)


def doll(side: int, ground: tuple[int, int, int] = (255, 255, 255)) -> tuple[Pixels, NDArray[np.bool_]]:
    """An inked doll with hair, a head and a two-toned shirt, and where it is; `side` pixels, drawn at four times."""
    big = 4 * side
    picture = np.full((big, big, 3), ground, np.uint8)

    def point(x: float, y: float) -> tuple[int, int]:
        return round(x * big), round(y * big)

    line = max(1, round(0.006 * big))
    shirt = np.array([point(0.3, 0.95), point(0.34, 0.6), point(0.5, 0.52), point(0.66, 0.6), point(0.7, 0.95)])
    shade = np.array([point(0.52, 0.95), point(0.55, 0.65), point(0.66, 0.6), point(0.7, 0.95)])
    for outline, colour in ((shirt, SHIRT), (shade, SHADE)):
        cv2.fillPoly(picture, [outline], colour)
    cv2.polylines(picture, [shirt], True, BLACK, line)
    for centre, axes, colour in (((0.5, 0.32), (0.2, 0.22), HAIR), ((0.5, 0.37), (0.13, 0.15), SKIN)):
        cv2.ellipse(picture, point(*centre), point(*axes), 0, 0, 360, colour, -1)
        cv2.ellipse(picture, point(*centre), point(*axes), 0, 0, 360, BLACK, line)
    mask = np.zeros((big, big), np.uint8)
    cv2.fillPoly(mask, [shirt], 1)
    cv2.polylines(mask, [shirt], True, 1, line)
    cv2.ellipse(mask, point(0.5, 0.32), point(0.2, 0.22), 0, 0, 360, 1, -1)
    cv2.ellipse(mask, point(0.5, 0.32), point(0.2, 0.22), 0, 0, 360, 1, line)
    small = np.asarray(cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
    share = cv2.resize(mask.astype(np.float32), (side, side), interpolation=cv2.INTER_AREA)
    return small, np.asarray(share > 0.5)


def agreement(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    """Intersection over union of two masks."""
    return float((a & b).sum() / max((a | b).sum(), 1))
