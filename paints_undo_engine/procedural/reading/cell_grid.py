"""The squares that pixel art is made of, in the picture's own pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class CellRuler:
    """Cells along one side of pixel art: `side` pixels each, one of which begins at `begin`, 0 to `side`."""

    side: float
    begin: float = 0.0

    def of(self, length: int) -> NDArray[np.int64]:
        """int [length]: the number of the cell in which each pixel's middle lies, from 0 on."""
        number = np.floor((np.arange(length) + 0.5 - self.begin) / self.side).astype(np.int64)
        return np.asarray(number - number[0])

    def middles(self, length: int) -> NDArray[np.int64]:
        """int [n]: the pixel nearest to the middle of each cell."""
        number = self.of(length)
        first = int(np.floor((0.5 - self.begin) / self.side))
        at = self.begin + (first + np.arange(number[-1] + 1) + 0.5) * self.side
        return np.clip(np.floor(at).astype(np.int64), 0, length - 1)


@dataclass(frozen=True, slots=True)
class PixelCells:
    """The squares that pixel art is made of, in the picture's own pixels; `exact`: each is of one colour."""

    across: CellRuler
    down: CellRuler
    exact: bool = True

    def sampled(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """uint8 [rows, columns, …]: one pixel of uint8 [H, W, …] for each cell."""
        height, width = picture.shape[:2]
        return picture[np.ix_(self.down.middles(height), self.across.middles(width))]
