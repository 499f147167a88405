"""A layer of pixel art: square cells that are set one by one, with hard edges."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.layer import Drawn, Layer
from paints_undo_engine.procedural.document.model import NEVER, UNIT, Cover, Pixels, Times
from paints_undo_engine.procedural.document.tiles import Grid, Tile


class Cells(Layer):
    """Cells of `side` pixels: `colours` uint8 [rows, columns, 3], `cover` and times `come` [rows, columns].

    The last row and column may be cut off by the canvas.
    """

    def __init__(
        self, name: str, colours: Pixels, cover: Cover, come: Times, side: int, *, group: tuple[str, ...] = ()
    ) -> None:
        super().__init__(name, group)
        self.colours, self.cover, self.come, self.side = colours, cover, come, side

    def attach(self, grid: Grid) -> None:
        """See `Layer.attach`."""
        self._ticks = [np.unique(self.come[self._cells(tile)]) for tile in grid.tiles]

    def _cells(self, tile: Tile) -> tuple[slice, slice]:
        side = self.side
        return slice(tile.top // side, -(-tile.bottom // side)), slice(tile.left // side, -(-tile.right // side))

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
        rows = np.arange(tile.top, tile.bottom) // self.side
        columns = np.arange(tile.left, tile.right) // self.side
        at = np.ix_(rows, columns)
        cover = np.where(self.come[at] < clock, self.cover[at], 0).astype(np.uint8)
        return Drawn(np.ascontiguousarray(self.colours[at]), cover) if cover.any() else None
