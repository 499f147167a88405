"""Which area each pixel of the canvas belongs to, and how pixels along borders are shared."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.tiles import SIDE, Grid

AreaLabels = NDArray[np.uint16]
"""uint16 [H, W]: 0 is none, i + 1 the area i."""


@dataclass(frozen=True, slots=True, eq=False)
class Areas:
    """Areas `labels`; the pixels `at` (int64 [n], row by row, rising) belong by `share` (uint8 [n]) to `other` too."""

    labels: AreaLabels
    at: NDArray[np.int64]
    other: NDArray[np.uint16]
    share: NDArray[np.uint8]

    def by_tile(self, grid: Grid) -> list[tuple[NDArray[np.int64], NDArray[np.uint16], NDArray[np.uint8]]]:
        """For each tile: its shared pixels, numbered within the tile, the other area and its share."""
        rows, columns = np.divmod(self.at, self.labels.shape[1])
        number = rows // SIDE * grid.columns + columns // SIDE
        order = np.argsort(number, kind="stable")
        ends = np.searchsorted(number[order], np.arange(len(grid.tiles) + 1))
        found = []
        for tile in grid.tiles:
            some = order[ends[tile.index] : ends[tile.index + 1]]
            places = (rows[some] - tile.top) * tile.size[0] + columns[some] - tile.left
            found.append((places, self.other[some], self.share[some]))
        return found

    def relabelled(self, table: NDArray[np.uint16]) -> Areas:
        """The same borders with other labels; what now is one area has no border inside."""
        labels, other = table[self.labels], table[self.other]
        kept = labels.ravel()[self.at] != other
        return Areas(labels, self.at[kept], other[kept], self.share[kept])


def areas_of(labels: AreaLabels) -> Areas:
    """Areas whose borders are smoothed over each pixel's 3 x 3 neighbourhood."""
    low, high = cv2.erode(labels, _NEAR), cv2.dilate(labels, _NEAR)
    at = np.flatnonzero((low != high).ravel())
    own = labels.ravel()[at]
    other = np.where(low.ravel()[at] != own, low.ravel()[at], high.ravel()[at])
    padded = cv2.copyMakeBorder(labels, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    rows, columns = np.divmod(at, labels.shape[1])
    count = np.zeros(len(at), np.uint16)
    for dy in range(3):
        for dx in range(3):
            count += padded[rows + dy, columns + dx] == other
    return Areas(labels, at.astype(np.int64), other.astype(np.uint16), (count * 255 // 9).astype(np.uint8))


_NEAR = np.ones((3, 3), np.uint8)
