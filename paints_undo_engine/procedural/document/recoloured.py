"""Lines that are drawn in one colour and get their own later, as one paints over line art whose opacity is locked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.arrival import Arrival, arrived
from paints_undo_engine.procedural.document.layer import Drawn
from paints_undo_engine.procedural.document.model import NEVER, UNIT, Cover, Pixels, Times
from paints_undo_engine.procedural.document.tiles import Activity, Grid, Tile

_UNLIKE = 12
"""Levels in any channel: a turn to what is nearer is not seen."""


class Recoloured(Arrival):
    """Paint of the colours `first` that turns into `target`, both uint8 [h, w, 3] on the grid, at the ticks `later`
    uint16 [h, w] on the grid.
    """

    def __init__(
        self,
        name: str,
        target: Pixels,
        come: Times,
        *,
        first: Pixels,
        later: Times,
        cover: Cover,
        ramp: int,
        group: tuple[str, ...] = (),
    ) -> None:
        super().__init__(name, target, come, cover=cover, ramp=ramp, group=group)
        self.first, self.later, self._own = first, later, target

    def attach(self, grid: Grid) -> None:
        """See `Arrival.attach`."""
        super().attach(grid)
        self.later = np.where(self.come == NEVER, 0, self.later).astype(np.uint16)
        away = np.abs(self._own.astype(np.int16) - self.first)
        self._unlike = away.max(axis=2) > _UNLIKE
        self._turning = Activity(grid, (self.later,), UNIT)

    def changed(self, early: int, late: int) -> NDArray[np.bool_]:
        """See `Layer.changed`."""
        return super().changed(early, late) | self._turning.between(early, late)

    def busy(self, operations: int) -> NDArray[np.bool_]:
        """See `Layer.busy`."""
        turns = self._grid.among_seen((self.come != NEVER) & (self.later > self.come) & self._unlike)
        at = (self.later[turns].astype(np.int64) + UNIT // 3) // UNIT
        turning = np.bincount(at, minlength=operations)[:operations] >= self._grid.least_seen
        return super().busy(operations) | turning

    def draw(self, tile: Tile, clock: int) -> Drawn | None:
        """See `Layer.draw`."""
        drawn = super().draw(tile, clock)
        if drawn is None or clock >= self._turning.latest[tile.index] + UNIT:
            return drawn
        share = self._grid.lifted(arrived(self.later[tile.window], clock, UNIT), tile).astype(np.float32) / 255
        first = self._grid.up(self.first, tile).astype(np.float32)
        mixed = np.rint(first + (drawn.colour - first) * share[..., None])
        return replace(drawn, colour=mixed.astype(np.uint8))
