"""Layers whose paint comes, and may go again, at a time of its own for every pixel: lines, tones, details."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.grain import grained
from paints_undo_engine.procedural.document.layer import Drawn, Layer, product
from paints_undo_engine.procedural.document.model import NEVER, UNIT, Blending, Colour, Cover, Pixels, Times
from paints_undo_engine.procedural.document.tiles import Activity, Grid, Tile


class Arrival(Layer):
    """Paint of `target` (uint8 [H, W, 3] on the canvas or on the grid, or one colour) within `cover` (None: all).

    `come` and `leave` (uint16 on the grid) are the ticks at which each pixel is painted and erased, NEVER where it is
    not; `ramp` is how many ticks a pixel takes to arrive: the softness of the brush's edge in time. With `erases` it
    takes away what lies below; with `alpha` (uint8 [H, W]) it takes its place with this opacity. `seen` uint8 [h, w] on
    the grid is 0 where an arrival changes nothing that can be seen. For `grain` see `grained`.
    """

    def __init__(
        self,
        name: str,
        target: Pixels | Colour,
        come: Times,
        *,
        cover: Cover | None = None,
        leave: Times | None = None,
        ramp: int = UNIT // 2,
        group: tuple[str, ...] = (),
        seen: Cover | None = None,
        erases: bool = False,
        alpha: Cover | None = None,
        grain: NDArray[np.float32] | None = None,
    ) -> None:
        super().__init__(name, group, Blending.NORMAL)
        self.grain = grain
        self.target, self.cover, self.come, self.leave, self.ramp = target, cover, come, leave, ramp
        self.seen = seen
        self.erases, self.alpha = erases, alpha

    def attach(self, grid: Grid) -> None:
        """Forget arrivals where nothing is painted and paint where nothing arrives; count what happens where."""
        self._grid = grid
        self._even: dict[tuple[int, int], Pixels] = {}
        if self.cover is not None:
            self.come = self.come.copy()
            self.come[~_near_paint(self.cover, grid)] = NEVER
            self._settle(self.cover)
        if self.leave is not None:
            self.leave = np.where(self.come == NEVER, NEVER, self.leave).astype(np.uint16)
        maps = (self.come,) if self.leave is None else (self.come, self.leave)
        self._activity = Activity(grid, maps, self.ramp)
        if self.cover is not None:
            self._last = _extremes(self.come, grid)[1]
        else:
            self._last = np.array([int(self.come[tile.window].max()) for tile in grid.tiles])
        self._leaves = None
        if self.leave is not None:
            first, last = _extremes(self.leave, grid)
            stays = (self.come != NEVER) & (self.leave == NEVER)
            stays_in = np.array([bool(stays[tile.window].any()) for tile in grid.tiles])
            self._leaves = first, np.where(stays_in, NEVER, last)

    def _settle(self, cover: Cover) -> None:
        """Take the cover away where nothing arrives, once for all: later only what is still arriving is looked at."""
        arrives = np.where(self.come == NEVER, 0, 255).astype(np.uint8)
        self.cover = np.empty_like(cover)
        for tile in self._grid.tiles:
            self.cover[tile.at] = product(np.ascontiguousarray(cover[tile.at]), self._grid.up(arrives, tile))
        for _ in range(2):
            # Grey erosion takes the earliest time around.
            near = cv2.erode(self.come, np.ones((3, 3), np.uint8))
            self.come = np.where(self.come == NEVER, near, self.come).astype(np.uint16)

    def changed(self, early: int, late: int) -> NDArray[np.bool_]:
        """See `Layer.changed`."""
        return self._activity.between(early, late)

    def shown(self, clock: int) -> NDArray[np.bool_]:
        """See `Layer.shown`."""
        return self._activity.until(clock)

    def busy(self, operations: int) -> NDArray[np.bool_]:
        """See `Layer.busy`."""
        busy = np.zeros(operations, bool)
        for times in (self.come,) if self.leave is None else (self.come, self.leave):
            shown = times != NEVER if self.seen is None else (times != NEVER) & (self.seen > 0)
            # A pixel is seen to change when a third of its paint has arrived.
            at = (times[self._grid.among_seen(shown)].astype(np.int64) + self.ramp // 3) // UNIT
            busy |= np.bincount(at, minlength=operations)[:operations] >= self._grid.least_seen
        return busy

    def draw(self, tile: Tile, clock: int) -> Drawn | None:
        """See `Layer.draw`."""
        cover: Cover | None = None
        leaves = self._leaves is not None and clock > self._leaves[0][tile.index]
        if leaves and self._leaves is not None and clock >= self._leaves[1][tile.index] + self.ramp:
            return None
        if leaves or self._last[tile.index] + self.ramp > clock:
            weight = arrived(self.come[tile.window], clock, self.ramp)
            if leaves and self.leave is not None:
                weight = np.asarray(cv2.subtract(weight, arrived(self.leave[tile.window], clock, self.ramp)), np.uint8)
            if not weight.any():
                return None
            if not (weight == 255).all():
                cover = self._grid.lifted(weight, tile)
        if self.cover is not None:
            part = np.ascontiguousarray(self.cover[tile.at])
            cover = part if cover is None else product(cover, part)
            if not cover.any():
                return None
        alpha = None if self.alpha is None else np.ascontiguousarray(self.alpha[tile.at])
        return Drawn(self._colours(tile), cover, erases=self.erases, alpha=alpha)

    def finished(self) -> Cover | None:
        """How much lies over each pixel at the end: uint8 [H, W], None for everywhere; whatever an eraser takes."""
        return self.cover

    def _colours(self, tile: Tile) -> Pixels:
        if isinstance(self.target, tuple):
            if tile.size not in self._even:
                self._even[tile.size] = np.full((*tile.size[::-1], 3), self.target, np.uint8)
            return self._even[tile.size]
        if self.target.shape[:2] == self._grid.size:
            colours = np.ascontiguousarray(self.target[tile.at])
        else:
            colours = self._grid.up(self.target, tile)
        return colours if self.grain is None else grained(colours, self.grain, tile)


def _extremes(times: Times, grid: Grid) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each tile the first and the last tick at which anything happens; NEVER and 0 where nothing does."""
    first, last = np.zeros(len(grid.tiles), np.int64), np.zeros(len(grid.tiles), np.int64)
    for tile in grid.tiles:
        part = times[tile.window]
        first[tile.index] = part.min()
        last[tile.index] = np.where(part == NEVER, 0, part).max()
    return first, last


def arrived(times: Times, clock: int, ramp: int) -> Cover:
    """How far pixels have arrived at a tick: uint8, 0 to 255."""
    since = cv2.subtract(np.full_like(times, min(clock, NEVER - 1)), times)
    return np.asarray(cv2.convertScaleAbs(since, alpha=255 / ramp), np.uint8)


def _near_paint(cover: Cover, grid: Grid) -> NDArray[np.bool_]:
    """Where on the grid a pixel bears on paint of the canvas."""
    height, width = grid.shape
    if grid.same:
        small = cover
    else:
        # A grid pixel counts when any of its canvas pixels has paint.
        reach = np.ones((max(1, int(np.ceil(grid.scale_y))), max(1, int(np.ceil(grid.scale_x)))), np.uint8)
        small = np.asarray(
            cv2.resize(cv2.dilate(cover, reach), (width, height), interpolation=cv2.INTER_NEAREST), np.uint8
        )
    return np.asarray(cv2.dilate((small > 0).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0, bool)
