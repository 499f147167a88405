"""Layers of even colours: flats, and the hard tones on them. A map of labels, and a palette that changes over time."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.areas import Areas
from paints_undo_engine.procedural.document.arrival import arrived
from paints_undo_engine.procedural.document.layer import Drawn, Layer, product
from paints_undo_engine.procedural.document.model import NEVER, UNIT, Blending, Colour, Cover, Keys, Pixels, Times
from paints_undo_engine.procedural.document.tiles import Activity, Grid, Tile


@dataclass(frozen=True, slots=True)
class Paint:
    """One area's colours, each from a tick on, and its opacity over time.

    Between two colours with `slide` the hue slides, as under a colour dialog; otherwise the new one is simply there.
    """

    colours: tuple[tuple[int, Colour], ...]
    opacity: Keys
    slide: bool = False

    def at(self, clock: int) -> tuple[int, int, int, int]:
        """RGBA at a tick."""
        ticks = [tick for tick, _ in self.colours]
        if self.slide:
            shades = np.array([colour for _, colour in self.colours], np.float64)
            red, green, blue = (round(float(np.interp(clock, ticks, shades[:, channel]))) for channel in range(3))
        else:
            red, green, blue = self.colours[max(0, bisect_right(ticks, clock) - 1)][1]
        return red, green, blue, round(self.opacity(clock) * 255)


class Flats(Layer):
    """Even areas: `paints[i]` is the paint of area i.

    With `come` (uint16 on the grid) an area fills pixel by pixel, like the sweeps of a brush, else all at once.
    `clip` uint8 [H, W] bounds the layer. `seen` uint8 [h, w] on the grid is 0 where a fill changes nothing that can be
    seen.
    """

    def __init__(
        self,
        name: str,
        areas: Areas,
        paints: list[Paint],
        *,
        come: Times | None = None,
        seen: Cover | None = None,
        ramp: int = UNIT // 2,
        clip: Cover | None = None,
        group: tuple[str, ...] = (),
        clipped: bool = False,
    ) -> None:
        super().__init__(name, group, Blending.NORMAL, clipped)
        self.clip = clip
        self.areas, self.paints, self.come, self.seen, self.ramp = areas, paints, come, seen, ramp

    def attach(self, grid: Grid) -> None:
        """Find which areas lie in which tile."""
        self._grid = grid
        count = len(self.paints) + 1
        self._present = np.zeros((len(grid.tiles), count), bool)
        self._borders = self.areas.by_tile(grid)
        for tile in grid.tiles:
            self._present[tile.index] = np.bincount(self.areas.labels[tile.at].ravel(), minlength=count) > 0
            self._present[tile.index, self._borders[tile.index][1]] = True
        self._present[:, 0] = False
        self._settle()
        self._activity = Activity(grid, (self.come,), self.ramp) if self.come is not None else None

    def changed(self, early: int, late: int) -> NDArray[np.bool_]:
        """See `Layer.changed`."""
        differs = (self._palette(early) != self._palette(late)).any(axis=1)
        changed = np.asarray(self._present[:, differs].any(axis=1), bool)
        return changed if self._activity is None else changed | self._activity.between(early, late)

    def shown(self, clock: int) -> NDArray[np.bool_]:
        """See `Layer.shown`."""
        shown = np.asarray(self._present[:, self._palette(clock)[:, 3] > 0].any(axis=1), bool)
        return shown if self._activity is None else shown & self._activity.until(clock)

    def busy(self, operations: int) -> NDArray[np.bool_]:
        """See `Layer.busy`."""
        busy = np.zeros(operations, bool)
        if len(self._moves):
            first, last = int(self._moves[:, 0].min()) // UNIT, int(self._moves[:, 1].max()) // UNIT + 1
            indices = range(max(0, min(first, operations)), max(0, min(last, operations)) + 1)
            palettes = [self._palette(index * UNIT) for index in indices]
            differs = [bool((one != other).any()) for one, other in pairwise(palettes)]
            busy[indices[0] : indices[0] + len(differs)] = differs
        if self.come is not None:
            shown = self.come != NEVER if self.seen is None else (self.come != NEVER) & (self.seen > 0)
            at = (self.come[self._grid.among_seen(shown)].astype(np.int64) + self.ramp // 3) // UNIT
            busy |= np.bincount(at, minlength=operations)[:operations] >= self._grid.least_seen
        return busy

    def draw(self, tile: Tile, clock: int) -> Drawn | None:
        """See `Layer.draw`."""
        palette = self._palette(clock)
        if not palette[self._present[tile.index], 3].any():
            return None
        height, width = tile.size[::-1]
        packed = palette.view(np.uint32).ravel().take(self.areas.labels[tile.at])
        rgba = packed.reshape(height, width, 1).view(np.uint8)
        places, others, share = self._borders[tile.index]
        if len(places):
            flat = rgba.reshape(-1, 4)
            weight = share[:, None].astype(np.uint16)
            mixed = flat[places] * (255 - weight) + palette[others] * weight
            flat[places] = (mixed + 127) // 255
        colour = np.asarray(cv2.cvtColor(rgba, cv2.COLOR_RGBA2RGB), np.uint8)
        cover = np.asarray(cv2.extractChannel(rgba, 3), np.uint8)
        if self.clip is not None:
            bound = np.ascontiguousarray(self.clip[tile.at])
            cover = product(cover, bound)
            colour = np.asarray(cv2.multiply(colour, cv2.merge([bound] * 3), scale=1 / 255), np.uint8)
        if self.come is not None:
            weight8 = self._grid.lifted(arrived(self.come[tile.window], clock, self.ramp), tile)
            cover = product(cover, weight8)
            colour = np.asarray(cv2.multiply(colour, cv2.merge([weight8] * 3), scale=1 / 255), np.uint8)
        return Drawn(colour, cover, premultiplied=True)

    def _palette(self, clock: int) -> Pixels:
        """RGBA of each label, multiplied by its opacity: uint8 [labels, 4], C-contiguous."""
        rgba = self._settled.copy()
        for label in self._moving[(self._moves[:, 0] < clock) & (clock < self._moves[:, 1])]:
            rgba[label] = self.paints[label - 1].at(clock)
        before, after = self._moving[self._moves[:, 0] >= clock], self._moving[self._moves[:, 1] <= clock]
        rgba[before], rgba[after] = self._first[before], self._last[after]
        rgba[:, :3] = (rgba[:, :3] * rgba[:, 3:] + 127) // 255
        return np.ascontiguousarray(rgba.astype(np.uint8))

    def _settle(self) -> None:
        """Which paints change, from when to when, and what they are before and after."""
        keys = [[*paint.opacity.points, *((tick, 0.0) for tick, _ in paint.colours[1:])] for paint in self.paints]
        changing = [i for i, paint in enumerate(self.paints) if len(paint.opacity.points) + len(paint.colours) > 2]
        self._moving = np.array([i + 1 for i in changing], np.int64)
        self._moves = np.array([(min(keys[i])[0], max(keys[i])[0]) for i in changing], np.float64).reshape(-1, 2)
        self._first = np.zeros((len(self.paints) + 1, 4), np.uint16)
        self._last = self._first.copy()
        for label, paint in enumerate(self.paints, 1):
            self._first[label], self._last[label] = paint.at(0), paint.at(NEVER)
        self._settled = self._last.copy()
