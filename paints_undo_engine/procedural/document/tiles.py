"""The canvas in tiles, and the way from the grid on which a picture was read to the canvas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import MOST_OPERATIONS, UNIT, Times

SIDE = 256
"""Of a tile, in pixels: small enough for a processor's cache, large enough that calls cost little."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A rectangle of the canvas; `window` are the grid's rows and columns that bear on it."""

    index: int
    top: int
    bottom: int
    left: int
    right: int
    window: tuple[slice, slice]

    @property
    def at(self) -> tuple[slice, slice]:
        """Rows and columns."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.right - self.left, self.bottom - self.top


class Grid:
    """A canvas of `size` (height, width) and a coarser (or equal) grid of `shape` over the same picture.

    `seen` bool [shape]: what is ever seen of it, None for everything.
    """

    def __init__(self, size: tuple[int, int], shape: tuple[int, int], seen: NDArray[np.bool_] | None = None) -> None:
        self.size, self.shape, self.seen = size, shape, seen
        self.scale_y, self.scale_x = size[0] / shape[0], size[1] / shape[1]
        self.same = size == shape
        self.tiles = tuple(self._tiles())
        self.columns = -(-size[1] // SIDE)

    @property
    def least_seen(self) -> float:
        """How many of the grid's pixels must change for a change to be seen: about eight of the canvas'."""
        return max(2.0, 8 / (self.scale_x * self.scale_y))

    def among_seen(self, where: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """What of bool [shape] is ever seen."""
        return where if self.seen is None else where & self.seen

    def sees(self, points: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Which of the canvas' points, x and y [n, 2], are ever seen: bool [n]."""
        if self.seen is None:
            return np.ones(len(points), bool)
        x, y = (points / (self.scale_x, self.scale_y)).astype(np.int64).T
        return np.asarray(self.seen[np.clip(y, 0, self.shape[0] - 1), np.clip(x, 0, self.shape[1] - 1)], bool)

    def _tiles(self) -> list[Tile]:
        height, width = self.size
        tiles: list[Tile] = []
        for top in range(0, height, SIDE):
            for left in range(0, width, SIDE):
                bottom, right = min(top + SIDE, height), min(left + SIDE, width)
                rows = _window(top, bottom, self.scale_y, self.shape[0])
                columns = _window(left, right, self.scale_x, self.shape[1])
                tiles.append(Tile(len(tiles), top, bottom, left, right, (rows, columns)))
        return tiles

    def up(self, values: NDArray[np.uint8], tile: Tile) -> NDArray[np.uint8]:
        """The tile's part of a map on the grid, at the canvas' size: linear between the grid's pixels."""
        return self.lifted(values[tile.window], tile)

    def lifted(self, values: NDArray[np.uint8], tile: Tile) -> NDArray[np.uint8]:
        """As `up`, for a map that holds only the tile's window."""
        rows, columns = tile.window
        if self.same:
            top, left = tile.top - rows.start, tile.left - columns.start
            return np.ascontiguousarray(values[top : top + tile.size[1], left : left + tile.size[0]])
        x = (tile.left + 0.5) / self.scale_x - 0.5 - columns.start
        y = (tile.top + 0.5) / self.scale_y - 0.5 - rows.start
        matrix = np.array([[1 / self.scale_x, 0, x], [0, 1 / self.scale_y, y]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        up = cv2.warpAffine(values, matrix, tile.size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(up, np.uint8)

    def whole(self, values: NDArray[Any]) -> NDArray[Any]:
        """A map on the grid at the canvas' size."""
        if self.same:
            return values
        interpolation = cv2.INTER_LINEAR if self.scale_x >= 1 else cv2.INTER_AREA
        return np.asarray(cv2.resize(values, self.size[::-1], interpolation=interpolation))

    def touched(self, boxes: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Which tiles rectangles [n, 4] (left, top, right, bottom in canvas pixels) touch."""
        rows, columns = self._spans(boxes)
        return np.asarray((rows.astype(np.float32).T @ columns.astype(np.float32) > 0).ravel(), bool)

    def touched_by(self, boxes: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Which tiles each rectangle touches: bool [n, tiles]."""
        rows, columns = self._spans(boxes)
        return np.asarray((rows[:, :, None] & columns[:, None]).reshape(len(boxes), len(self.tiles)), bool)

    def _spans(self, boxes: NDArray[np.floating]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which rows and columns of tiles rectangles touch: bool [n, rows], bool [n, columns]."""
        across, down = self.columns, len(self.tiles) // self.columns
        low = np.clip(np.floor(boxes[:, :2] / SIDE), 0, [across - 1, down - 1])
        high = np.clip(np.floor(boxes[:, 2:] / SIDE), 0, [across - 1, down - 1])
        rows, columns = np.arange(down), np.arange(across)
        return (
            (rows >= low[:, 1:]) & (rows <= high[:, 1:]),
            (columns >= low[:, :1]) & (columns <= high[:, :1]),
        )


def _window(begin: int, end: int, scale: float, cells: int) -> slice:
    first = int(np.floor((begin + 0.5) / scale - 0.5)) - 1
    last = int(np.ceil((end - 0.5) / scale - 0.5)) + 2
    return slice(max(0, min(first, cells - 1)), max(1, min(last, cells)))


class Activity:
    """In which operations something happens in each tile: answers quickly what has changed between two moments."""

    def __init__(self, grid: Grid, times: tuple[Times, ...], ramp: int) -> None:
        self._sums = np.zeros((len(grid.tiles), MOST_OPERATIONS + 3), np.uint16)
        self.latest = np.zeros(len(grid.tiles), np.int64)
        self._ramp = ramp
        for tile in grid.tiles:
            happens = np.zeros(MOST_OPERATIONS + 2, bool)
            for time in times:
                part = [np.ascontiguousarray(time[tile.window])]
                counted = cv2.calcHist(part, [0], None, [len(happens)], [0, len(happens) * UNIT])
                happens |= np.asarray(counted).ravel() > 0
            happens[MOST_OPERATIONS + 1] = False
            self.latest[tile.index] = max((int(time[tile.window].max()) for time in times), default=0)
            self._sums[tile.index, 1:] = np.cumsum(happens)

    def between(self, early: int, late: int) -> NDArray[np.bool_]:
        """Which tiles look different at two ticks, or may do so."""
        begin = max(0, early - self._ramp) // UNIT
        end = min(late // UNIT + 1, MOST_OPERATIONS + 2)
        return np.asarray(self._sums[:, end] > self._sums[:, min(begin, end)], bool)

    def until(self, clock: int) -> NDArray[np.bool_]:
        """In which tiles something has happened by a tick."""
        return self.between(0, clock)
