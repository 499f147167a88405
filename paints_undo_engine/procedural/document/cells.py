"""A layer of pixel art: square cells that are set one by one, with hard edges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.layer import Drawn, Layer
from paints_undo_engine.procedural.document.model import NEVER, UNIT, Cover, Pixels, Times
from paints_undo_engine.procedural.document.tiles import Grid, Tile


@dataclass(frozen=True, slots=True, eq=False)
class CellMap:
    """The number of the cell in which each row (int [H]) and each column (int [W]) of the canvas lies, never falling.

    Where the picture is not made of cells to the pixel, as one that was blurred or compressed, `own` uint8 [H, W, 3]
    is the picture, which cells show that have their last colour.
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    own: Pixels | None = None


class Cells(Layer):
    """Cells on a `map`: `colours` uint8 [rows, columns, 3], `cover` and times `come` [rows, columns]; `last` bool
    [rows, columns] where a colour is the cell's last one.
    """

    def __init__(
        self,
        name: str,
        colours: Pixels,
        cover: Cover,
        come: Times,
        cells: CellMap,
        last: NDArray[np.bool_],
        *,
        group: tuple[str, ...] = (),
    ) -> None:
        super().__init__(name, group)
        self.colours, self.cover, self.come, self.cells, self.last = colours, cover, come, cells, last

    def attach(self, grid: Grid) -> None:
        """See `Layer.attach`."""
        self._ticks = [np.unique(self.come[self._cells(tile)]) for tile in grid.tiles]

    def _cells(self, tile: Tile) -> tuple[slice, slice]:
        rows, columns = self.cells.rows, self.cells.columns
        return (
            slice(int(rows[tile.top]), int(rows[tile.bottom - 1]) + 1),
            slice(int(columns[tile.left]), int(columns[tile.right - 1]) + 1),
        )

    def changed(self, early: int, late: int) -> NDArray[np.bool_]:
        """See `Layer.changed`."""
        return np.array([np.searchsorted(ticks, early) != np.searchsorted(ticks, late) for ticks in self._ticks], bool)

    def shown(self, clock: int) -> NDArray[np.bool_]:
        """See `Layer.shown`."""
        return np.array([len(ticks) > 0 and ticks[0] < clock for ticks in self._ticks], bool)

    def busy(self, operations: int) -> NDArray[np.bool_]:
        """See `Layer.busy`."""
        at = self.come[(self.come != NEVER) & (self.cover > 0)].astype(np.int64) // UNIT
        return np.asarray(np.bincount(at, minlength=operations)[:operations] > 0, bool)

    def draw(self, tile: Tile, clock: int) -> Drawn | None:
        """See `Layer.draw`."""
        at = np.ix_(self.cells.rows[tile.top : tile.bottom], self.cells.columns[tile.left : tile.right])
        cover = np.where(self.come[at] < clock, self.cover[at], 0).astype(np.uint8)
        if not cover.any():
            return None
        colours = np.ascontiguousarray(self.colours[at])
        if self.cells.own is not None:
            colours = np.where(self.last[at][..., None], self.cells.own[tile.at], colours)
        return Drawn(colours, cover)
