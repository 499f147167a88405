"""Lines that are taken hold of once they are drawn, and moved, turned and scaled into their place."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.arrival import Arrival
from paints_undo_engine.procedural.document.layer import Drawn
from paints_undo_engine.procedural.document.model import NEVER, UNIT, Colour, Cover, Keys, Times
from paints_undo_engine.procedural.document.tiles import Grid, Tile

_SEEN = 0.5
"""Pixels: a smaller move is not seen."""
_SAMPLES = 48
"""Moments at which it is looked where a layer goes."""


@dataclass(frozen=True, slots=True)
class Transform:
    """A layer's transform over time: turned and scaled about `pivot`, then shifted.

    `shift` x, y in pixels, `turn` in radians and `size` as a factor are where it ends; the keys say how far each of
    them is, 0: not begun, 1: there.

    >>> Transform((0, 0), (10, 0), 0, 1, shifted=Keys(((0, 0.0), (8, 1.0)))).at(4)
    array([[1., 0., 5.],
           [0., 1., 0.]])
    """

    pivot: tuple[float, float]
    shift: tuple[float, float]
    turn: float
    size: float
    shifted: Keys = Keys(((0.0, 0.0),))
    turned: Keys = Keys(((0.0, 0.0),))
    sized: Keys = Keys(((0.0, 0.0),))

    def at(self, clock: int) -> NDArray[np.float64] | None:
        """From where the layer was drawn to where it is at a tick: float64 [2, 3]; None where that is the same."""
        far, round_, grown = self.shifted(clock), self.turned(clock), self.sized(clock)
        if not (far or round_ or grown):
            return None
        size, angle = self.size**grown, self.turn * round_
        cos, sin = size * np.cos(angle), size * np.sin(angle)
        x, y = self.pivot
        return np.array(
            [
                [cos, -sin, x - cos * x + sin * y + far * self.shift[0]],
                [sin, cos, y - sin * x - cos * y + far * self.shift[1]],
            ]
        )

    @property
    def span(self) -> tuple[int, int]:
        """The ticks between which anything moves."""
        begins, ends = [NEVER], [0]
        for keys in (self.shifted, self.turned, self.sized):
            moved = [number for number, (_, far) in enumerate(keys.points) if far]
            if moved:
                begins.append(int(keys.points[max(0, moved[0] - 1)][0]))
                ends.append(int(keys.points[-1][0]))
        return min(begins), max(ends)


class Moving(Arrival):
    """Lines of one colour that have all arrived when their transform begins."""

    def __init__(
        self,
        name: str,
        target: Colour,
        come: Times,
        cover: Cover,
        transform: Transform,
        *,
        ramp: int = UNIT // 2,
        group: tuple[str, ...] = (),
    ) -> None:
        super().__init__(name, target, come, cover=cover, ramp=ramp, group=group)
        self.transform = transform

    def attach(self, grid: Grid) -> None:
        """See `Arrival.attach`; find where the lines go as well."""
        super().attach(grid)
        self._begin, self._end = self.transform.span
        assert self.cover is not None
        self._left, self._top, width, height = cv2.boundingRect(self.cover)
        self._lines = np.ascontiguousarray(self.cover[self._top : self._top + height, self._left : self._left + width])
        edges = np.array([(x, y, 1) for x in (0, width) for y in (0, height)], np.float64)
        self._corners = edges + np.array([self._left, self._top, 0])
        places = [self._placed(round(tick)) for tick in np.linspace(self._begin, self._end, _SAMPLES)]
        near = np.concatenate(places)
        self._way = grid.touched(np.hstack([near.min(axis=0) - 8, near.max(axis=0) + 8])[None])

    def _placed(self, clock: int) -> NDArray[np.float64]:
        """The corners of the lines' box at a tick: float64 [4, 2]."""
        matrix = self.transform.at(clock)
        return np.asarray(self._corners[:, :2] if matrix is None else self._corners @ matrix.T, np.float64)

    def changed(self, early: int, late: int) -> NDArray[np.bool_]:
        """See `Layer.changed`."""
        changed = super().changed(early, late)
        return changed | self._way if early < self._end and late > self._begin else changed

    def shown(self, clock: int) -> NDArray[np.bool_]:
        """See `Layer.shown`."""
        return super().shown(clock) if clock <= self._begin else self._way.copy()

    def busy(self, operations: int) -> NDArray[np.bool_]:
        """See `Layer.busy`."""
        busy = super().busy(operations)
        first, last = max(0, self._begin // UNIT), min(operations, -(-self._end // UNIT))
        for index, (before, after) in enumerate(
            pairwise(self._placed(at * UNIT) for at in range(first, last + 1)), first
        ):
            busy[index] |= bool(np.abs(after - before).max() > _SEEN)
        return busy

    def draw(self, tile: Tile, clock: int) -> Drawn | None:
        """See `Layer.draw`."""
        matrix = self.transform.at(clock) if clock > self._begin else None
        if matrix is None:
            return super().draw(tile, clock)
        cover = self._warped(matrix, tile.left, tile.top, tile.size)
        return Drawn(self._colours(tile), cover) if cover.any() else None

    def finished(self) -> Cover | None:
        """See `Arrival.finished`."""
        matrix = self.transform.at(NEVER)
        if matrix is None:
            return super().finished()
        return self._warped(matrix, 0, 0, self._grid.size[::-1])

    def _warped(self, matrix: NDArray[np.float64], left: int, top: int, size: tuple[int, int]) -> Cover:
        """The moved lines in a window of the canvas."""
        way = matrix.copy()
        way[:, 2] += matrix[:, :2] @ (self._left, self._top) - (left, top)
        return np.asarray(cv2.warpAffine(self._lines, way, size, flags=cv2.INTER_LINEAR), np.uint8)
