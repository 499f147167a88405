"""The canvas as a pure function of a real operation count: a stack of full-canvas layers with arrival times.

Every layer knows for every pixel when the brush arrives there (in 1/32 operation). A canvas is composited tile by tile:
the topmost layer that has fully arrived in a tile is the ground, and only what is above it and on its way is blended.
So any moment costs the same, in whatever order moments are asked for. See `docs/procedural.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

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
    opacity) after which the whole layer has another opacity. With `steps` the layer moves on only at whole operations.
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
        return int(np.floor(count)) * UNIT if self.steps else round(count * UNIT)


class Stack:
    """Layers over a white canvas.

    The last canvas is kept: of the next one only those tiles are composited anew in which a layer has moved on. That
    changes nothing but the time it takes.
    """

    def __init__(self, layers: list[Layer]) -> None:
        self.layers = layers
        self.height, self.width = layers[-1].time.shape
        ranges = [_tile_range(layer) for layer in layers]
        self._first, self._last, self._busy = (np.stack(maps) for maps in zip(*ranges, strict=True))
        self._ramps = np.array([layer.ramp for layer in layers])[:, None, None]
        self._lock = Lock()
        self._canvas: Pixels | None = None
        self._moments = np.zeros(0, np.int64)

    def render(self, count: float) -> Pixels:
        """uint8 [H, W, 3]: the canvas after `count` operations; the caller owns it."""
        clocks = np.array([layer.clock(count) for layer in self.layers])[:, None, None]
        opacities = np.array([layer.opacity(count) for layer in self.layers])[:, None, None]
        number = np.arange(len(self.layers))[:, None, None]
        opaque = np.array([layer.cover is None for layer in self.layers])[:, None, None]
        base = np.where(opaque & (self._last + self._ramps <= clocks), number, -1).max(axis=0)
        partial = (self._first < clocks) & (number > base) & (opacities > 0)
        moved = np.minimum(clocks, self._busy + self._ramps) + np.round(opacities * 255).astype(np.int64) * (1 << 20)
        moments = np.concatenate([base[None], np.where(partial, moved, -1)])
        with self._lock:
            if self._canvas is None:
                self._canvas = np.empty((self.height, self.width, 3), np.uint8)
                changed = np.ones(base.shape, bool)
            else:
                changed = (moments != self._moments).any(axis=0)
            self._moments = moments
            for row, column in np.argwhere(changed).tolist():
                tile = np.s_[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE]
                ground = int(base[row, column])
                part = self._canvas[tile]
                part[:] = 255 if ground < 0 else self.layers[ground].target[tile]
                for i in np.flatnonzero(partial[:, row, column]).tolist():
                    part[:] = _blend(part, self.layers[i], tile, int(clocks[i, 0, 0]), float(opacities[i, 0, 0]))
            return self._canvas.copy()


def peak(before: Pixels, after: Pixels) -> Pixels:
    """uint8 [H, W]: the largest difference of any channel between two uint8 [H, W, 3]."""
    red, green, blue = cv2.split(cv2.absdiff(before, after))
    return np.asarray(cv2.max(cv2.max(red, green), blue))


def _tile_range(layer: Layer) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """By tile: the earliest arrival, the latest, and the latest of what arrives at all.

    Where a layer has no cover nothing arrives.
    """
    comes = layer.time != NEVER
    if layer.cover is not None:
        comes &= layer.cover > 0
    rows = np.arange(0, layer.time.shape[0], TILE)
    columns = np.arange(0, layer.time.shape[1], TILE)

    def latest(times: Times) -> NDArray[np.int64]:
        return np.maximum.reduceat(np.maximum.reduceat(times, rows, axis=0), columns, axis=1).astype(np.int64)

    early = np.where(comes, layer.time, np.uint16(NEVER))
    first = np.minimum.reduceat(np.minimum.reduceat(early, rows, axis=0), columns, axis=1).astype(np.int64)
    return first, latest(layer.time), latest(np.where(comes, layer.time, np.uint16(0)))


def _blend(ground: Pixels, layer: Layer, tile: tuple[slice, slice], clock: int, opacity: float) -> Pixels:
    arrived = cv2.subtract(np.full_like(layer.time[tile], min(clock, NEVER)), layer.time[tile])
    weight = cv2.convertScaleAbs(arrived, alpha=255.0 / layer.ramp)
    if layer.cover is not None:
        weight = cv2.multiply(weight, layer.cover[tile], scale=opacity / 255.0)
    elif opacity < 1.0:
        weight = cv2.convertScaleAbs(weight, alpha=opacity)
    share = weight.astype(np.float32) * np.float32(1 / 255)
    return np.asarray(cv2.blendLinear(np.ascontiguousarray(layer.target[tile]), ground.copy(), share, 1 - share))
