"""Joins a document's layers, tile by tile. Only tiles in which something has changed are joined anew."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.layer import Drawn, Layer, blend
from paints_undo_engine.procedural.document.model import Blending, Paper, Pixels
from paints_undo_engine.procedural.document.tiles import Grid, Tile

_KEPT = 160 << 20
"""Bytes of what layers have drawn."""

Base = tuple[int, Pixels]
"""A tile's canvas below the layer with this number."""


class Compositor:
    """The canvas of some layers, attached to the grid, bottom first, on paper or (None) on nothing.

    The last canvas is kept, for every tile what lies below the layer that changed last, and, as far as memory allows,
    what each layer has drawn: work on one layer draws no other anew. A layer that is covered is not brought forward.
    That changes nothing but the time it takes: any tick in any order gives the same bytes.
    """

    def __init__(self, grid: Grid, layers: Sequence[Layer], paper: Paper | None) -> None:
        self.grid, self.layers, self.paper = grid, tuple(layers), paper
        self._canvas: Pixels | None = None
        self._bases: dict[int, Base] = {}
        self._drawn = _Drawings(len(self.layers))
        self._empties: dict[tuple[int, int], Pixels] = {}
        self._behind: set[int] = set()
        self._clock = 0
        self._lock, self._forward = Lock(), Lock()
        self._threads = ThreadPoolExecutor(min(4, os.cpu_count() or 1))

    def canvas(self, clock: int) -> Pixels:
        """uint8 [H, W, 3], or [H, W, 4] premultiplied without paper. A view: copy it before the next call."""
        with self._lock:
            if self._canvas is None:
                self._canvas = np.empty((*self.grid.size, 4 if self.paper is None else 3), np.uint8)
                changes = np.ones((max(1, len(self.layers)), len(self.grid.tiles)), bool)
            else:
                changes = self._changes(*sorted((self._clock, clock)))
            self._behind = set(range(len(self.layers)))
            levels = [layer.level(clock) for layer in self.layers]
            shown = [
                layer.shown(clock) if level else np.zeros(len(self.grid.tiles), bool)
                for layer, level in zip(self.layers, levels, strict=True)
            ]
            stale = np.asarray(changes.any(axis=0), bool)
            lowest = changes.argmax(axis=0)
            canvas = self._canvas

            def join(tile: Tile) -> None:
                canvas[tile.at] = self._joined(tile, clock, levels, shown, int(lowest[tile.index]))

            list(self._threads.map(join, [tile for tile in self.grid.tiles if stale[tile.index]]))
            self._clock = clock
            return canvas

    def _changes(self, early: int, late: int) -> NDArray[np.bool_]:
        """Which layers may look different in which tiles: bool [layers, tiles]. Forgets what they have drawn there."""
        changes = np.zeros((max(1, len(self.layers)), len(self.grid.tiles)), bool)
        for number, layer in enumerate(self.layers):
            changed = layer.changed(early, late)
            self._drawn.forget(number, changed)
            if layer.level(early) != layer.level(late):
                changes[number] |= layer.shown(early) | layer.shown(late)
            if layer.level(early) or layer.level(late):
                changes[number] |= changed
        return changes

    def _part(self, number: int, tile: Tile, clock: int) -> Drawn | None:
        """A layer's part of a tile: kept, or drawn once the layer has been brought to the tick."""
        kept = self._drawn.kept(number, tile.index)
        if kept is not None:
            return kept[0]
        with self._forward:
            if number in self._behind:
                self.layers[number].advance(clock)
                self._behind.discard(number)
        drawn = self.layers[number].draw(tile, clock)
        self._drawn.keep(number, tile.index, drawn)
        return drawn

    def _joined(self, tile: Tile, clock: int, levels: list[int], shown: list[NDArray[np.bool_]], lowest: int) -> Pixels:
        """A tile's canvas; no layer below number `lowest` has changed since the last time."""
        begin, below = self._bases.get(tile.index, (0, None))
        if begin > lowest:
            del self._bases[tile.index]
            begin, below = 0, None
        stack: list[tuple[int, Drawn]] = []
        covered = False
        for number in range(len(self.layers) - 1, begin - 1, -1):
            layer = self.layers[number]
            drawn = self._part(number, tile, clock) if shown[number][tile.index] else None
            if drawn is not None:
                stack.append((number, drawn))
                covered = drawn.cover is None and levels[number] == 255 and layer.blending is Blending.NORMAL
                covered &= not drawn.erases
                if covered:
                    break
        part = self._empty(tile) if below is None or covered else below.copy()
        # What a layer above `lowest` covers wholly is not joined, and so not known.
        wanted = lowest > 0 and not (covered and stack[-1][0] >= lowest)
        for number, drawn in reversed(stack):
            if wanted and number >= lowest:
                self._bases[tile.index] = (lowest, part.copy())
                wanted = False
            blend(part, drawn, self.layers[number].blending, levels[number])
        return part

    def _empty(self, tile: Tile) -> Pixels:
        if isinstance(self.paper, np.ndarray):
            return self.paper[tile.at].copy()
        width, height = tile.size
        if tile.size not in self._empties:
            part = np.empty((height, width, 4 if self.paper is None else 3), np.uint8)
            part[:] = self.paper or (0, 0, 0, 0)
            self._empties[tile.size] = part
        return self._empties[tile.size].copy()


class _Drawings:
    """What layers have drawn, for each tile; no more than `_KEPT` bytes of pixels."""

    def __init__(self, layers: int) -> None:
        self._parts: list[dict[int, tuple[Drawn | None]]] = [{} for _ in range(layers)]
        self._size = 0
        self._lock = Lock()

    def kept(self, layer: int, tile: int) -> tuple[Drawn | None] | None:
        """What a layer has drawn there, which may be nothing; None where that is not known."""
        return self._parts[layer].get(tile)

    def keep(self, layer: int, tile: int, drawn: Drawn | None) -> None:
        """Remember it where there is room."""
        with self._lock:
            size = _size(drawn)
            if self._size + size <= _KEPT:
                self._parts[layer][tile] = (drawn,)
                self._size += size

    def forget(self, layer: int, tiles: NDArray[np.bool_]) -> None:
        """A layer has changed in some tiles."""
        parts = self._parts[layer]
        for tile in [tile for tile in parts if tiles[tile]]:
            self._size -= _size(parts.pop(tile)[0])


def _size(drawn: Drawn | None) -> int:
    if drawn is None:
        return 0
    return drawn.colour.nbytes + (0 if drawn.cover is None else drawn.cover.nbytes)
