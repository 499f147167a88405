"""Soft shading as an airbrush leaves it: large soft dabs that multiply or lighten, each within one area."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.layer import Drawn, Layer
from paints_undo_engine.procedural.document.model import UNIT, Blending, Pixels
from paints_undo_engine.procedural.document.tiles import Grid, Tile

STEP = 1 / 256
"""The unit of a dab's strength: so many of these make an e-fold of light."""
_REACH = 2.6
"""In sigmas: how far a dab goes."""


@dataclass(frozen=True, slots=True)
class Dab:
    """One touch of the airbrush within area `label`: its middle and sigma in pixels of the dabs' grid.

    `strength` >= 0 for red, green and blue in e-folds: how much darker (multiply), or how much less is left of the way
    to white (screen). It grows from tick `begin` to tick `end`.
    """

    x: float
    y: float
    sigma: float
    strength: tuple[float, float, float]
    label: int
    begin: int
    end: int


class Dabs(Layer):
    """Dabs on a small grid of areas `labels` int32 [h, w].

    The sum of strengths is kept in integers, so that a dab that is taken away leaves nothing: any order gives the same
    bytes. `Blending.MULTIPLY` darkens, `Blending.SCREEN` lightens. `owners` uint16 [H, W] are the areas at the canvas'
    own size (label + 1; 0 none). Layers of the same areas may share their `seams`. No place gets more e-folds than its
    `bound` float32 [h, w, 3], however many dabs lie on it.
    """

    def __init__(
        self,
        name: str,
        labels: NDArray[np.int32],
        owners: NDArray[np.uint16],
        dabs: list[Dab],
        blending: Blending,
        *,
        bound: NDArray[np.float32] | None = None,
        group: tuple[str, ...] = (),
        clipped: bool = True,
        seams: Seams | None = None,
    ) -> None:
        super().__init__(name, group, blending, clipped)
        self.labels, self.dabs = labels, dabs
        self._bound = _most(bound)
        self._seams = seams or Seams(labels, owners)

    def attach(self, grid: Grid) -> None:
        """Find where the dabs lie."""
        self._grid = grid
        height, width = self.labels.shape
        self._small = Grid(grid.size, (height, width))
        self._sum = np.zeros((height, width, 3), np.int32)
        self._given = np.zeros((len(self.dabs), 3), np.int32)
        scale = np.array([self._small.scale_x, self._small.scale_y] * 2)
        middles = np.array([(dab.x, dab.y, dab.x, dab.y) for dab in self.dabs]).reshape(-1, 4)
        reach = np.array([dab.sigma * _REACH + 2 for dab in self.dabs])[:, None]
        self._tiles = grid.touched_by((middles + np.array([-1, -1, 1, 1]) * reach) * scale)
        self._begin = np.array([dab.begin for dab in self.dabs], np.int64)
        self._end = np.array([dab.end for dab in self.dabs], np.int64)
        self._full = np.array([dab.strength for dab in self.dabs], np.float64).reshape(-1, 3)
        self._image = _light(self._sum, self.blending, self._bound)

    def changed(self, early: int, late: int) -> NDArray[np.bool_]:
        """See `Layer.changed`."""
        return np.asarray(self._tiles[(self._end > early) & (self._begin < late)].any(axis=0), bool)

    def shown(self, clock: int) -> NDArray[np.bool_]:
        """See `Layer.shown`."""
        return np.asarray(self._tiles[self._begin < clock].any(axis=0), bool)

    def advance(self, clock: int) -> None:
        """Add what dabs have gained since, and take away what they have not yet."""
        share = np.clip((clock - self._begin) / np.maximum(1, self._end - self._begin), 0, 1)
        wanted = np.rint(self._full * share[:, None] / STEP).astype(np.int32)
        changed = np.flatnonzero((wanted != self._given).any(axis=1))
        for number in changed:
            _add(self._sum, self.labels, self.dabs[number], wanted[number] - self._given[number])
        if len(changed):
            self._given, self._image = wanted, _light(self._sum, self.blending, self._bound)

    def busy(self, operations: int) -> NDArray[np.bool_]:
        """See `Layer.busy`."""
        busy = np.zeros(operations, bool)
        for begin, end in zip(self._begin // UNIT, -(-self._end // UNIT), strict=True):
            busy[begin:end] = True
        return busy

    def draw(self, tile: Tile, clock: int) -> Drawn | None:
        """See `Layer.draw`; `advance` has brought the layer to the tick."""
        del clock
        part = self._image[self._small.tiles[tile.index].window]
        nothing = 255 if self.blending is Blending.MULTIPLY else 0
        if bool((part == nothing).all()):
            return None
        colour = self._small.lifted(part, self._small.tiles[tile.index])
        places, sources = self._seams.within(tile, self._small)
        if len(places):
            colour.reshape(-1, 3)[places] = self._image.reshape(-1, 3)[sources]
        return Drawn(colour, None)


def finished_light(
    labels: NDArray[np.int32], dabs: list[Dab], blending: Blending, bound: NDArray[np.float32] | None = None
) -> Pixels:
    """The factor (multiply) or the light (screen) of all dabs at their end: uint8 [h, w, 3] on their grid; for `bound`
    see `Dabs`.
    """
    total = np.zeros((*labels.shape, 3), np.int32)
    for dab in dabs:
        _add(total, labels, dab, np.rint(np.array(dab.strength) / STEP).astype(np.int32))
    return _light(total, blending, _most(bound))


def _add(total: NDArray[np.int32], labels: NDArray[np.int32], dab: Dab, strength: NDArray[np.int32]) -> None:
    height, width = labels.shape
    reach = dab.sigma * _REACH
    left, right = max(0, int(dab.x - reach)), min(width, int(dab.x + reach) + 2)
    top, bottom = max(0, int(dab.y - reach)), min(height, int(dab.y + reach) + 2)
    if left >= right or top >= bottom:
        return
    across = np.exp(-0.5 * ((np.arange(left, right) - dab.x) / dab.sigma) ** 2)
    down = np.exp(-0.5 * ((np.arange(top, bottom) - dab.y) / dab.sigma) ** 2)
    # The edge value is taken off, so that a dab ends without a rim.
    rim = np.exp(-0.5 * _REACH**2)
    weight = np.rint(np.maximum(np.outer(down, across) - rim, 0) * 4096).astype(np.int32)
    weight *= labels[top:bottom, left:right] == dab.label
    total[top:bottom, left:right] += weight[..., None] * strength


def _most(bound: NDArray[np.float32] | None) -> NDArray[np.int32] | int:
    """A bound in e-folds in the steps of `_DECAY`."""
    last = len(_DECAY) - 1
    return last if bound is None else np.rint(np.clip(bound * 4096, 0, last)).astype(np.int32)


def _light(total: NDArray[np.int32], blending: Blending, most: NDArray[np.int32] | int) -> Pixels:
    """The factor (multiply) or the light (screen), uint8, at the dabs' own size."""
    factor = _DECAY[np.minimum(total >> 8, most)]
    return factor if blending is Blending.MULTIPLY else np.asarray(255 - factor, np.uint8)


# Sums are in STEP / 4096; shifted by 8 they are in steps of 1 / 4096 of an e-fold.
_DECAY = np.rint(255 * np.exp(-np.arange(6 * 4096) / 4096)).astype(np.uint8)


class Seams:
    """The canvas' pixels near borders of areas, and for each the nearest pixel of the dabs' grid in its own area.

    Between two areas nothing is interpolated: light would bleed from one into the other. Tiles are looked at when they
    are first drawn.
    """

    def __init__(self, labels: NDArray[np.int32], owners: NDArray[np.uint16]) -> None:
        self._labels, self._owners = labels, owners
        wide = labels.astype(np.float32)
        self._uneven = np.where(cv2.dilate(wide, _NEAR) != cv2.erode(wide, _NEAR), 255, 0).astype(np.uint8)
        self._found: dict[int, tuple[NDArray[np.int64], NDArray[np.int64]]] = {}

    def within(self, tile: Tile, small: Grid) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The numbers of a tile's pixels, and of the pixels of the dabs' grid `small` that they take."""
        if tile.index not in self._found:
            self._found[tile.index] = self._look(tile, small)
        return self._found[tile.index]

    def _look(self, tile: Tile, small: Grid) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        height, width = self._labels.shape
        near = small.up(self._uneven, small.tiles[tile.index])
        places = np.flatnonzero(near.ravel())
        own = (self._owners[tile.at].ravel()[places]).astype(np.int32) - 1
        y, x = np.divmod(places, tile.size[0])
        row = np.clip(np.rint((y + tile.top + 0.5) / small.scale_y - 0.5).astype(np.int64), 0, height - 1)
        column = np.clip(np.rint((x + tile.left + 0.5) / small.scale_x - 0.5).astype(np.int64), 0, width - 1)
        found = row * width + column
        flat = self._labels.ravel()
        open_ = np.flatnonzero(flat[found] != own)
        for dy, dx in _RING:
            if not len(open_):
                break
            at = np.clip(row[open_] + dy, 0, height - 1) * width + np.clip(column[open_] + dx, 0, width - 1)
            better = flat[at] == own[open_]
            found[open_[better]] = at[better]
            open_ = open_[~better]
        return places, found


_NEAR = np.ones((3, 3), np.uint8)
_RING = sorted(
    ((dy, dx) for dy in range(-2, 3) for dx in range(-2, 3) if dy or dx), key=lambda at: at[0] ** 2 + at[1] ** 2
)
