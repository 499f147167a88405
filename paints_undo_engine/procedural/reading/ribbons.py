"""Ribbons: what a pen leaves, as broad at each place as it is pressed there."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Cover

_SHIFT = 4
_LINE, _RIM, _BROAD = 1.33, 1.5, 2.0
"""Pixels: how broad OpenCV's thinnest smooth line is, what its smooth rim adds to a polygon, and what is a polygon."""


def ribbon(
    cover: Cover, line: NDArray[np.floating], breadth: NDArray[np.floating], press: NDArray[np.floating]
) -> None:
    """Draw a line [n, 2] on uint8 [h, w], so broad and so strongly at each of its places [n].

    OpenCV's own smooth lines of two and three pixels are four and six pixels broad.
    """
    if len(line) < 2:
        return
    way = np.gradient(line, axis=0)
    across = np.stack([-way[:, 1], way[:, 0]], axis=1) / np.maximum(np.hypot(*way.T), 1e-6)[:, None]
    half = np.maximum(breadth - _RIM, 0.02)[:, None] / 2 * across
    left, middle, right = (np.rint(side * (1 << _SHIFT)).astype(np.int32) for side in (line - half, line, line + half))
    # What the thinnest line has too much in breadth it has less in tone.
    level = np.rint(255 * press * (np.minimum(1.0, breadth / _LINE) + 1) / 2).astype(int)
    broad = breadth >= _BROAD
    for at in range(len(line) - 1):
        if broad[at]:
            corners = np.array([left[at], left[at + 1], right[at + 1], right[at]])
            cv2.fillConvexPoly(cover, corners, int(level[at]), cv2.LINE_AA, _SHIFT)
        else:
            cv2.line(cover, middle[at].tolist(), middle[at + 1].tolist(), int(level[at]), 1, cv2.LINE_AA, _SHIFT)
