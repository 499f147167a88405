"""Joins a document's layers, tile by tile. Only tiles in which something has changed are joined anew."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.layer import Drawn, Layer, blend
from paints_undo_engine.procedural.document.model import Blending, Colour, Pixels
from paints_undo_engine.procedural.document.tiles import Grid, Tile


class Compositor:
    """The canvas of some layers, attached to the grid, bottom first, on paper of one colour or (None) on nothing.

    The last canvas is kept. That changes nothing but the time it takes: any tick in any order gives the same bytes.
    """

    def __init__(self, grid: Grid, layers: Sequence[Layer], paper: Colour | None) -> None:
        self.grid, self.layers, self.paper = grid, tuple(layers), paper
        self._canvas: Pixels | None = None
        self._clock = 0
        self._lock = Lock()
        self._threads = ThreadPoolExecutor(min(4, os.cpu_count() or 1))

    def canvas(self, clock: int) -> Pixels:
        """uint8 [H, W, 3], or [H, W, 4] premultiplied without paper. A view: copy it before the next call."""
        with self._lock:
            if self._canvas is None:
                self._canvas = np.empty((*self.grid.size, 3 if self.paper else 4), np.uint8)
                stale = np.ones(len(self.grid.tiles), bool)
            else:
                stale = self._stale(*sorted((self._clock, clock)))
            for layer in self.layers:
                layer.advance(clock)
            levels = [layer.level(clock) for layer in self.layers]
            shown = [
                layer.shown(clock) if level else np.zeros(len(stale), bool)
                for layer, level in zip(self.layers, levels, strict=True)
            ]
            tiles = [tile for tile in self.grid.tiles if stale[tile.index]]
            canvas = self._canvas

            def join(tile: Tile) -> None:
                canvas[tile.at] = self._joined(tile, clock, levels, shown)

            list(self._threads.map(join, tiles))
            self._clock = clock
            return canvas

    def _stale(self, early: int, late: int) -> NDArray[np.bool_]:
        stale = np.zeros(len(self.grid.tiles), bool)
        for layer in self.layers:
            if layer.level(early) != layer.level(late):
                stale |= layer.shown(early) | layer.shown(late)
            if layer.level(early) or layer.level(late):
                stale |= layer.changed(early, late)
        return stale

    def _joined(self, tile: Tile, clock: int, levels: list[int], shown: list[NDArray[np.bool_]]) -> Pixels:
        stack: list[tuple[Drawn, Blending, int]] = []
        for layer, level, seen in zip(reversed(self.layers), reversed(levels), reversed(shown), strict=True):
            drawn = layer.draw(tile, clock) if seen[tile.index] else None
            if drawn is not None:
                stack.append((drawn, layer.blending, level))
                if drawn.cover is None and level == 255 and layer.blending is Blending.NORMAL and not drawn.erases:
                    break
        width, height = tile.size
        part = np.empty((height, width, 3 if self.paper else 4), np.uint8)
        part[:] = self.paper or (0, 0, 0, 0)
        for drawn, blending, level in reversed(stack):
            blend(part, drawn, blending, level)
        return part
