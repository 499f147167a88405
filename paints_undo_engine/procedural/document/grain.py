"""The grain of paint: small changes of its light that repeat over the canvas."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import Pixels
from paints_undo_engine.procedural.document.tiles import Tile


def grained(colours: Pixels, grain: NDArray[np.float32], tile: Tile) -> Pixels:
    """A tile's colours uint8 [h, w, 3] with a grain, float32 [n, n] about 1, that repeats over the canvas."""
    rows, columns = np.arange(tile.top, tile.bottom), np.arange(tile.left, tile.right)
    light = grain.take(rows, axis=0, mode="wrap").take(columns, axis=1, mode="wrap")
    return np.asarray(cv2.multiply(colours, cv2.merge([light] * 3), dtype=cv2.CV_8U), np.uint8)
