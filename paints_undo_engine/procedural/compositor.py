"""The canvas as a pure function of a real operation count: a stack of layers with arrival times.

Every layer knows for every pixel when the brush arrives there (in 1/32 operation). From one moment to another only
those pixels change whose arrival lies in between; they are found on the analysis grid and composited anew, band by
band, by several threads. Any moment gives the same bytes, in whatever order moments are asked for. See
`docs/procedural.md`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.grid import Grid, Places

UNIT = 32
NEVER = 65535
BAND = 1 << 17
"""How many pixels a thread composites at once: they stay in its cache."""

Pixels = NDArray[np.uint8]
Times = NDArray[np.uint16]


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer of the canvas, bottom first in a stack.

    `time` uint16 [h, w] on the analysis grid: when the brush arrives, in 1/32 operation; `ramp` how long a pixel takes
    to arrive, in the same unit. `target` uint8 [., ., 3] and its opacity `cover` uint8 [., .] (None: opaque) are as
    large as the canvas, as the grid, or one pixel that stands for all. `fades` lists (operation, opacity) after which
    the whole layer has another opacity. With `steps` the layer moves on only at whole operations.
    """

    name: str
    target: Pixels
    time: Times
    ramp: int = UNIT // 2
    cover: Pixels | None = None
    fades: tuple[tuple[float, float], ...] = ()
    steps: bool = False

    def opacity(self, count: float) -> float:
        """The whole layer's opacity at an operation count."""
        return next((opacity for begin, opacity in reversed(self.fades) if count > begin), 1.0)

    def clock(self, count: float) -> int:
        """The operation count in time units, as this layer sees it."""
        return min(int(np.floor(count)) * UNIT if self.steps else round(count * UNIT), NEVER)

    def weights(self, count: float) -> Pixels:
        """The opacity of a pixel 0, 1 … `ramp` time units after the brush came: uint8 [ramp + 1]."""
        share = np.arange(self.ramp + 1) * (self.opacity(count) * 255 / self.ramp)
        return np.asarray(np.rint(share), np.uint8)


class Stack:
    """Layers over a white canvas, `grid` between what they know by analysis pixel and the canvas.

    The last canvas is kept, and the next one differs from it only where a layer has moved on. That changes nothing but
    the time it takes.
    """

    def __init__(self, layers: list[Layer], grid: Grid) -> None:
        self.layers, self.grid = layers, grid
        self.height, self.width = grid.shape
        self._first = [int(layer.time.min()) for layer in layers]
        self._last = [int(layer.time.max()) for layer in layers]
        self._lock = Lock()
        self._canvas: Pixels | None = None
        self._count = 0.0
        self._threads = ThreadPoolExecutor(min(4, os.cpu_count() or 1))

    def render(self, count: float) -> Pixels:
        """uint8 [H, W, 3]: the canvas after `count` operations; the caller owns it."""
        frame = np.empty((self.height, self.width, 3), np.uint8)
        rows = max(1, BAND // self.width)
        with self._lock:
            changed = np.ones(self.layers[0].time.shape, bool) if self._canvas is None else self._changed(count)
            canvas = np.empty_like(frame) if self._canvas is None else self._canvas
            seen = self.grid.spread(changed)
            moving = self._moving(count)

            def band(top: int) -> None:
                part = np.s_[top : top + rows]
                for pixels, places in _pieces(*self.grid.seen(changed, seen, top, min(top + rows, self.height))):
                    canvas.reshape(-1, 3)[pixels] = self._composited(moving, count, pixels, places)
                frame[part] = canvas[part]

            list(self._threads.map(band, range(0, self.height, rows)))
            self._canvas, self._count = canvas, count
        return frame

    def whole(self, values: NDArray[Any]) -> NDArray[Any]:
        """A layer's target, cover or times on the canvas."""
        if values.shape[:2] == self.grid.shape:
            return values
        if values.shape[:2] == (1, 1):
            return np.broadcast_to(values, (*self.grid.shape, *values.shape[2:]))
        return self.grid.up(values)

    def _changed(self, count: float) -> NDArray[np.bool_]:
        """Where on the grid a layer looks otherwise than in the kept canvas."""
        changed = np.zeros(self.layers[0].time.shape, np.uint8)
        for number, layer in enumerate(self.layers):
            early, late = sorted((layer.clock(self._count), layer.clock(count)))
            since = max(0, early - layer.ramp + 1)
            if layer.opacity(self._count) != layer.opacity(count):
                since = 0
            if since <= self._last[number] and since < late > self._first[number]:
                changed |= np.asarray(cv2.inRange(layer.time, since, late - 1), np.uint8)
        return changed > 0

    def _moving(self, count: float) -> list[int]:
        """The layers that show at all and are not covered everywhere, topmost first."""
        moving: list[int] = []
        for number in reversed(range(len(self.layers))):
            layer = self.layers[number]
            if self._first[number] < layer.clock(count) and layer.opacity(count) > 0:
                moving.append(number)
                if layer.cover is None and self._last[number] + layer.ramp <= layer.clock(count):
                    break
        return moving

    def _composited(self, moving: list[int], count: float, pixels: Places, places: Places) -> Pixels:
        """The colours [n, 3] of some pixels of the canvas, which lie at `places` of the grid."""
        colours = np.full((len(pixels), 3), 255, np.uint8)
        shown: list[tuple[Layer, Pixels]] = []
        for number in moving:
            layer = self.layers[number]
            weight = _weight(layer, count, places)
            if layer.cover is not None:
                weight = _share(weight.astype(np.uint16) * self._pick(layer.cover, pixels, places))
            shown.append((layer, weight))
            if layer.cover is None and weight.min() == 255:
                break
        for layer, weight in reversed(shown):
            self._blend(colours, layer.target, weight, pixels, places)
        return colours

    def _blend(self, colours: Pixels, target: Pixels, weight: Pixels, pixels: Places, places: Places) -> None:
        """Lay a target over some pixels; where most of them do not change, only those that do are touched."""
        at = np.flatnonzero(weight)
        if 2 * len(at) > len(weight):
            colours[:] = _mixed(colours, self._pick(target, pixels, places), weight)
        elif len(at):
            colours[at] = _mixed(colours[at], self._pick(target, pixels[at], places[at]), weight[at])

    def _pick(self, values: Pixels, pixels: Places, places: Places) -> Pixels:
        """A layer's values at some pixels of the canvas."""
        if values.shape[:2] == (1, 1):
            return np.asarray(values[0])
        at = pixels if values.shape[:2] == self.grid.shape else places
        found: Pixels = values.reshape(-1, *values.shape[2:]).take(at, axis=0)
        return found


def _pieces(pixels: Places, places: Places) -> Iterator[tuple[Places, Places]]:
    for begin in range(0, len(pixels), BAND):
        yield pixels[begin : begin + BAND], places[begin : begin + BAND]


def _weight(layer: Layer, count: float, places: Places) -> Pixels:
    """How opaque a layer is at some places of the grid after `count` operations, its cover aside."""
    clock = np.uint16(layer.clock(count))
    arrived = np.minimum(clock - np.minimum(layer.time.reshape(-1).take(places), clock), np.uint16(layer.ramp))
    return np.asarray(layer.weights(count)[arrived])


def _share(product: NDArray[np.uint16]) -> Pixels:
    """A product of two values 0..255, divided by 255 and rounded: exact."""
    product += 128
    return ((product + (product >> 8)) >> 8).astype(np.uint8)


def _mixed(ground: Pixels, target: Pixels, weight: Pixels) -> Pixels:
    share = np.repeat(weight, 3).reshape(-1, 3).astype(np.uint16)
    return _share(target * share + ground * (255 - share))
