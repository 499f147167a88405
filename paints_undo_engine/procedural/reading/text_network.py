"""A small network that finds lettering, where its file is installed: PP-OCRv4's mobile detection (Baidu, Apache-2.0).

It was trained on signs, pages and screens, and says of each pixel how likely it lies in the middle of a line of text.
Some of what it finds is leaves, buttons or cracks: what is a letter is told by its marks (`written.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Pixels
from paints_undo_engine.procedural.reading.networks import LETTERING, run_network

_STEP, _MOST = 32, 960
"""Pixels: its sides are multiples of it; the longer side that it looks at."""
_LIKELY, _SURE = 0.3, 0.5
"""How likely a pixel of a line is, and how likely all of it is on the mean."""
_LEAST = 3.0
"""Pixels of the network's map: what is lower is no line."""
_GROWN = 1.6
"""It finds the middle of a line, from which the line reaches out by its area times this, divided by its outline."""

Corners = NDArray[np.float32]
"""float32 [4, 2]: x and y of a rectangle's corners, which may be turned."""


@dataclass(frozen=True, slots=True, eq=False)
class FoundRow:
    """A rectangle about a line of text, and how `likely` it is one, 0 to 1."""

    corners: Corners
    likely: float


def find_text_boxes(pixels: Pixels) -> list[FoundRow] | None:
    """The rectangles about lines of text in uint8 [h, w, 3], which are too many rather than too few.

    None where the file is not in the folder of models, is another than the one that is known, or cannot be used.

    Example: `find_text_boxes(view.pixels)`
    """
    height, width = pixels.shape[:2]
    scale = min(1.0, _MOST / max(height, width))
    shape = [max(_STEP, round(side * scale / _STEP) * _STEP) for side in (height, width)]
    looked = cv2.resize(pixels, (shape[1], shape[0]), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    # It learned from blue, green and red in -1 to 1.
    blob = cv2.dnn.blobFromImage(looked, 1 / 127.5, mean=(127.5,) * 3, swapRB=True)
    answer = run_network(LETTERING, np.asarray(blob, np.float32))
    if answer is None:
        return None
    likely = answer[0].reshape(shape)
    outlines, _ = cv2.findContours((likely > _LIKELY).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for outline in outlines:
        middle, (long, tall), turn = cv2.minAreaRect(outline)
        mean = _mean_within(likely, np.asarray(outline, np.int32))
        if min(long, tall) < _LEAST or mean < _SURE:
            continue
        around = _GROWN * long * tall / (long + tall)
        corners = cv2.boxPoints((middle, (long + around, tall + around), turn))
        found.append(FoundRow((corners * (width / shape[1], height / shape[0])).astype(np.float32), mean))
    return found


def _mean_within(likely: NDArray[np.float32], outline: NDArray[np.int32]) -> float:
    """How likely the pixels within an outline are, on the mean."""
    x, y, width, height = cv2.boundingRect(outline)
    mask = np.zeros((height, width), np.uint8)
    cv2.drawContours(mask, [outline], -1, 1, -1, offset=(-x, -y))
    return float(likely[y : y + height, x : x + width][mask > 0].mean())
