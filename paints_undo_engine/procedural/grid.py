"""From the small analysis grid to the full canvas: for every pixel the analysis pixel that it belongs to."""

from __future__ import annotations

from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.channels import peak

T = TypeVar("T", bound=np.generic)

Places = NDArray[np.integer[Any]]
"""Numbers of pixels, row by row, [n]."""

_CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8)
_REFINED_ROWS = 256
"""At once: what is computed for every pixel at a border of forms does not grow with the canvas."""


class Grid:
    """Maps on the analysis grid [h, w] seen on the canvas [H, W].

    At the borders of forms a pixel takes the one of five neighbouring analysis pixels whose colour is nearest to its
    own, so that edges stay where the picture has them. With `crisp` nothing is ever interpolated.
    """

    def __init__(self, picture: NDArray[np.uint8], small: NDArray[np.uint8], crisp: bool = False) -> None:
        self._crisp = crisp
        self.shape = picture.shape[:2]
        self._height, self._width = small.shape[:2]
        self.same = self.shape == small.shape[:2]
        self._rows = np.minimum(np.arange(self.shape[0]) * self._height // self.shape[0], self._height - 1)
        self._columns = np.minimum(np.arange(self.shape[1]) * self._width // self.shape[1], self._width - 1)
        self._index = np.zeros((0, 0), np.int32)
        if not self.same:
            self._index = (self._rows[:, None] * self._width + self._columns[None]).astype(np.int32)
            if not crisp:
                self._refine(picture, small)

    def _refine(self, picture: NDArray[np.uint8], small: NDArray[np.uint8]) -> None:
        spread = peak(np.asarray(cv2.dilate(small, _CROSS), np.uint8), np.asarray(cv2.erode(small, _CROSS), np.uint8))
        colours = small.reshape(-1, 3).astype(np.int16)
        flat = self._index.reshape(-1)
        for top in range(0, self.shape[0], _REFINED_ROWS):
            pixels, here = self.seen(spread > 24, spread > 24, top, min(top + _REFINED_ROWS, self.shape[0]))
            row, column = here // self._width, here % self._width
            own = picture.reshape(-1, 3)[pixels].astype(np.int16)
            best = here.copy()
            least = np.abs(own - colours[here]).sum(axis=1)
            for dy, dx in ((0, 1), (0, -1), (1, 0), (-1, 0)):
                beside = np.clip(row + dy, 0, self._height - 1) * self._width + np.clip(column + dx, 0, self._width - 1)
                cost = np.abs(own - colours[beside]).sum(axis=1) + 6
                nearer = cost < least
                best[nearer], least[nearer] = beside[nearer], cost[nearer]
            flat[pixels] = best

    def spread(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Where on the grid, seen without regard to the borders of forms, pixels of a mask may lie."""
        return mask if self.same or self._crisp else cv2.dilate(mask.view(np.uint8), _CROSS) > 0

    def seen(self, mask: NDArray[np.bool_], spread: NDArray[np.bool_], top: int, bottom: int) -> tuple[Places, Places]:
        """The pixels between two rows of the canvas that lie in a mask on the grid, and their places on the grid."""
        begin = top * self.shape[1]
        if self.same:
            pixels = np.flatnonzero(mask[top:bottom]) + begin
            return pixels, pixels
        rows = self._rows[top:bottom]
        near = spread[rows[0] : rows[-1] + 1]
        if not near.any():
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        pixels = np.flatnonzero(near.take(self._columns, axis=1).take(rows - rows[0], axis=0)) + begin
        places = self._index.reshape(-1)[pixels]
        inside = mask.reshape(-1)[places]
        return pixels[inside], places[inside]

    def up(self, values: NDArray[T]) -> NDArray[T]:
        """[h, w] or [h, w, c] on the analysis grid, as [H, W] or [H, W, c]."""
        if self.same:
            return values
        flat = values.reshape(-1, *values.shape[2:])
        found: NDArray[T] = np.take(flat, self._index, axis=0)
        return found

    def smooth(self, values: NDArray[Any]) -> NDArray[Any]:
        """The same, interpolated: for what has no edges."""
        if self.same or self._crisp:
            return self.up(values)
        return np.asarray(cv2.resize(values, self.shape[::-1], interpolation=cv2.INTER_LINEAR))
