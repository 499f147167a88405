"""The canvas as a pure function of a real operation count: a stack of full-canvas layers with arrival times.

Every layer knows for every pixel when the brush arrives there (in 1/32 operation). A canvas is composited tile by tile:
the topmost layer that has fully arrived in a tile is the ground, and only what is above it and on its way is blended.
So any moment costs the same, in whatever order moments are asked for. See `docs/procedural.md`.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

UNIT = 32
NEVER = 65535
TILE = 128

Pixels = NDArray[np.uint8]
Times = NDArray[np.uint16]


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer of the canvas, bottom first in a stack.

    `target` uint8 [H, W, 3]; `cover` uint8 [H, W] is its opacity, None for opaque; `time` uint16 [H, W] when the brush
    arrives, in 1/32 operation; `ramp` how long a pixel takes to arrive, in the same unit. `fades` lists (operation,
    opacity) from which the whole layer has another opacity. With `steps` the layer moves on only at whole operations.
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
        return next((opacity for begin, opacity in reversed(self.fades) if count >= begin), 1.0)

    def clock(self, count: float) -> int:
        """The operation count in time units, as this layer sees it."""
        return int(np.floor(count)) * UNIT if self.steps else round(count * UNIT)


class Stack:
    """Layers over a white canvas."""

    def __init__(self, layers: list[Layer]) -> None:
        self.layers = layers
        self.height, self.width = layers[-1].time.shape
        self._first, self._last = zip(*(_tile_range(layer) for layer in layers), strict=True)

    def render(self, count: float) -> Pixels:
        """uint8 [H, W, 3]: the canvas after `count` operations."""
        clocks = [layer.clock(count) for layer in self.layers]
        opacities = [layer.opacity(count) for layer in self.layers]
        rows, columns = self._first[0].shape
        base = np.full((rows, columns), -1)
        for i, layer in enumerate(self.layers):
            if layer.cover is None:
                base[self._last[i] + layer.ramp <= clocks[i]] = i
        partial = [(self._first[i] < clocks[i]) & (base < i) & (opacities[i] > 0) for i in range(len(self.layers))]
        canvas = np.empty((self.height, self.width, 3), np.uint8)
        for row in range(rows):
            for column in range(columns):
                tile = np.s_[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE]
                ground = base[row, column]
                part = canvas[tile]
                part[:] = 255 if ground < 0 else self.layers[ground].target[tile]
                for i in range(ground + 1, len(self.layers)):
                    if partial[i][row, column]:
                        part[:] = _blend(part, self.layers[i], tile, clocks[i], opacities[i])
        return canvas


def peak(before: Pixels, after: Pixels) -> Pixels:
    """uint8 [H, W]: the largest difference of any channel between two uint8 [H, W, 3]."""
    red, green, blue = cv2.split(cv2.absdiff(before, after))
    return np.asarray(cv2.max(cv2.max(red, green), blue))


def _tile_range(layer: Layer) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The earliest and latest arrival in every tile, where the layer has any cover (NEVER and NEVER elsewhere)."""
    early, late = layer.time, layer.time
    if layer.cover is not None:
        early = np.where(layer.cover > 0, layer.time, np.uint16(NEVER))
    rows = np.arange(0, layer.time.shape[0], TILE)
    columns = np.arange(0, layer.time.shape[1], TILE)
    first = np.minimum.reduceat(np.minimum.reduceat(early, rows, axis=0), columns, axis=1)
    last = np.maximum.reduceat(np.maximum.reduceat(late, rows, axis=0), columns, axis=1)
    return first.astype(np.int64), last.astype(np.int64)


def _blend(ground: Pixels, layer: Layer, tile: tuple[slice, slice], clock: int, opacity: float) -> Pixels:
    arrived = cv2.subtract(np.full_like(layer.time[tile], min(clock, NEVER)), layer.time[tile])
    weight = cv2.convertScaleAbs(arrived, alpha=255.0 / layer.ramp)
    if layer.cover is not None:
        weight = cv2.multiply(weight, layer.cover[tile], scale=opacity / 255.0)
    elif opacity < 1.0:
        weight = cv2.convertScaleAbs(weight, alpha=opacity)
    share = weight.astype(np.float32) * np.float32(1 / 255)
    return np.asarray(cv2.blendLinear(np.ascontiguousarray(layer.target[tile]), ground.copy(), share, 1 - share))
