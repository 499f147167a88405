"""From the small analysis grid to the full canvas: for every pixel the analysis pixel that it belongs to."""

from __future__ import annotations

from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

T = TypeVar("T", bound=np.generic)


class Grid:
    """Maps on the analysis grid [h, w] seen on the canvas [H, W].

    At the borders of forms a pixel takes the one of five neighbouring analysis pixels whose colour is nearest to its
    own, so that edges stay where the picture has them. With `crisp` nothing is ever interpolated.
    """

    def __init__(self, picture: NDArray[np.uint8], small: NDArray[np.uint8], crisp: bool = False) -> None:
        self._crisp = crisp
        self.shape = picture.shape[:2]
        height, width = small.shape[:2]
        self.same = self.shape == (height, width)
        rows = np.minimum(np.arange(self.shape[0]) * height // self.shape[0], height - 1)
        columns = np.minimum(np.arange(self.shape[1]) * width // self.shape[1], width - 1)
        self._index = (rows[:, None] * width + columns[None]).astype(np.int32)
        if not (self.same or crisp):
            self._refine(picture, small)

    def _refine(self, picture: NDArray[np.uint8], small: NDArray[np.uint8]) -> None:
        height, width = small.shape[:2]
        cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
        spread = cv2.absdiff(cv2.dilate(small, cross), cv2.erode(small, cross)).max(axis=2)
        band = (spread > 24).ravel()[self._index]
        ys, xs = np.nonzero(band)
        here = self._index[ys, xs]
        row, column = here // width, here % width
        own = picture[ys, xs].astype(np.int16)
        colours = small.reshape(-1, 3).astype(np.int16)
        best = here.copy()
        least = np.abs(own - colours[here]).sum(axis=1)
        for dy, dx in ((0, 1), (0, -1), (1, 0), (-1, 0)):
            other = np.clip(row + dy, 0, height - 1) * width + np.clip(column + dx, 0, width - 1)
            cost = np.abs(own - colours[other]).sum(axis=1) + 6
            nearer = cost < least
            best = np.where(nearer, other, best)
            least = np.where(nearer, cost, least)
        self._index[ys, xs] = best

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
