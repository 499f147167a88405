"""The parts that a network has seen in a picture, whatever the grid they are asked for on."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class SeenParts:
    """Parts from the largest to the smallest: `masks` float32 [n, h, w], above 0 inside, on a coarse grid that reaches
    over the whole picture; `parents` [n], the smallest part that each lies in, -1 where none.
    """

    masks: NDArray[np.float32]
    parents: NDArray[np.int64]

    def mask(self, number: int, shape: tuple[int, int]) -> NDArray[np.bool_]:
        """bool [h, w]: one part on some grid."""
        return np.asarray(cv2.resize(self.masks[number], shape[::-1], interpolation=cv2.INTER_LINEAR) > 0, bool)

    def labels(self, shape: tuple[int, int]) -> NDArray[np.int32]:
        """int32 [h, w]: the smallest part at each pixel of a grid, from 1; 0 where none is seen."""
        labels = np.zeros(shape, np.int32)
        for number in range(len(self.masks)):
            labels[self.mask(number, shape)] = number + 1
        return labels
