"""A layer whose drawing is first at a wrong place, and is then transformed into its own."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.arrival import Arrival, arrived
from paints_undo_engine.procedural.document.layer import Drawn, product
from paints_undo_engine.procedural.document.model import UNIT, Cover
from paints_undo_engine.procedural.document.tiles import Grid, Tile


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """From tick `begin` to `end` the drawing goes from `matrix` (float64 [2, 3], canvas pixels) to where it belongs."""

    matrix: NDArray[np.float64]
    begin: int
    end: int

    def at(self, clock: int) -> NDArray[np.float64]:
        """The matrix at a tick; the hand starts and ends gently."""
        share = float(np.clip((clock - self.begin) / max(1, self.end - self.begin), 0, 1))
        share = share * share * (3 - 2 * share)
        still = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
        return self.matrix * (1 - share) + still * share


class Moving(Arrival):
    """An `Arrival` of one colour with a cover and a `motion`. Its times and its cover are those at its own place."""

    motion: Motion

    def attach(self, grid: Grid) -> None:
        """See `Layer.attach`."""
        super().attach(grid)
        self._moved: Cover | None = None
        self._moved_at = -1
        assert self.cover is not None
        rows, columns = np.flatnonzero(self.cover.any(axis=1)), np.flatnonzero(self.cover.any(axis=0))
        if not len(rows):
            self._area = np.zeros(len(grid.tiles), bool)
            return
        left, top, right, bottom = columns[0], rows[0], columns[-1], rows[-1]
        corners = np.array([[left, top, 1], [right, top, 1], [left, bottom, 1], [right, bottom, 1]], float)
        moved = corners @ self.motion.matrix.T
        low = np.minimum(moved.min(axis=0), [left, top]) - 3
        high = np.maximum(moved.max(axis=0), [right, bottom]) + 3
        self._area = grid.touched(np.concatenate([low, high])[None])

    def changed(self, early: int, late: int) -> NDArray[np.bool_]:
        """See `Layer.changed`."""
        if early >= self.motion.end:
            return super().changed(early, late)
        moves = late > self.motion.begin or bool(super().changed(early, late).any())
        return self._area if moves else np.zeros_like(self._area)

    def shown(self, clock: int) -> NDArray[np.bool_]:
        """See `Layer.shown`."""
        shown = super().shown(clock)
        return self._area if clock < self.motion.end and bool(shown.any()) else shown

    def busy(self, operations: int) -> NDArray[np.bool_]:
        """See `Layer.busy`."""
        busy = super().busy(operations)
        busy[self.motion.begin // UNIT : -(-self.motion.end // UNIT)] = True
        return busy

    def advance(self, clock: int) -> None:
        """Transform what has been drawn, as long as it is not yet at its place."""
        if clock >= self.motion.end:
            self._moved = None
            return
        if self._moved is not None and self._moved_at == clock:
            return
        assert self.cover is not None
        weight = arrived(self.come, clock, self.ramp)
        if self.leave is not None:
            weight = np.asarray(cv2.subtract(weight, arrived(self.leave, clock, self.ramp)), np.uint8)
        drawn = product(np.ascontiguousarray(self._grid.whole(weight)), self.cover)
        self._moved = np.asarray(cv2.warpAffine(drawn, self.motion.at(clock), self._grid.size[::-1]), np.uint8)
        self._moved_at = clock

    def draw(self, tile: Tile, clock: int) -> Drawn | None:
        """See `Layer.draw`."""
        if self._moved is None:
            return super().draw(tile, clock)
        part = np.ascontiguousarray(self._moved[tile.at])
        return Drawn(self._colours(tile), part) if part.any() else None
