"""What an artist made, apart from what a photograph or a scan shows about it.

A table, a wall, a scanner's white and black bars are painted by nobody: they stand from the first frame on, as they
are, and all that is read and planned is read in and planned for what lies within them, as if it were a picture of its
own. Paint ends at its edges as at those of a canvas.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.picture import Blending, SplitLayer
from paints_undo_engine.procedural.document.model import Pixels
from paints_undo_engine.procedural.reading.binding import find_binding
from paints_undo_engine.procedural.reading.channels import greatest
from paints_undo_engine.procedural.reading.cut_sheet import is_cut_sheet, mirrored, within_sheet
from paints_undo_engine.procedural.reading.model import Labels, Reading
from paints_undo_engine.procedural.reading.panels import find_panels
from paints_undo_engine.procedural.reading.pixel_art import pixel_cells
from paints_undo_engine.procedural.reading.quadrangle import StraightSide, find_quadrangle
from paints_undo_engine.procedural.reading.sheet_drawing import drawing_on_sheet
from paints_undo_engine.procedural.reading.view import resized, view_of

_RIM, _LEAST_RIM = 0.003, 1.5
"""Of the longer side, and pixels at least: how far within its edge what was made has the colours of both."""
_PALE, _SAME, _PAPER = 150, 24, 0.25
"""Levels of all channels: an artist's own margin of bare paper is as light; levels from its colour, and of what lies
within, as near to it: then the margin's paper goes on within.
"""
_WHITE, _ALIKE, _WHITES, _LIGHTER = 250, 8, 0.01, 0.005
"""Levels of all channels of what is a scanner's white, and no paper's; levels by which an even margin strays, and
whites that are its own paper are from it; of what lies within, how much is such a white at least, and lighter at most.
"""
_EVEN, _NEAR, _UNLIKE, _CROSSED = 0.75, (1.5, 4.0), 40, 0.01
"""Of a margin, what has its colour where it is even; in rims, where beyond an edge something may reach over it; levels
from the margin's colour, and from what lies within the edge; of the edge, how much is crossed at least.
"""
_FINISHED = 16
"""Levels from its end: the rim comes as what lies beside it is finished."""


def mounted(picture: Pixels) -> Mount:
    """A picture, uint8 [H, W, 3 or 4], with the surroundings that were found in it.

    About a sheet that was cut out there is nothing. Other transparent pictures and pixel art have no surroundings, and
    the pale margin of a sheet that was drawn or painted on is the sheet's.
    """
    if picture.shape[2] == 4 and int(picture[..., 3].min()) < 255:
        return CutSheet(picture) if is_cut_sheet(picture) else Mount(picture)
    rgb = np.ascontiguousarray(picture[..., :3])
    found = Mount(picture, find_quadrangle(rgb))
    if found.sides and not found.is_own:
        return found
    binding = find_binding(rgb)
    return Mount(picture) if binding is None or pixel_cells(rgb, None) is not None else Mount(picture, (binding,))


@dataclass(frozen=True, eq=False)
class Mount:
    """`picture` uint8 [H, W, 3 or 4] is what was photographed; `sides` where its surroundings end, if it has any."""

    picture: Pixels
    sides: tuple[StraightSide, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether nothing lies about what was made."""
        return not self.sides

    def _depth(self) -> NDArray[np.float32]:
        """How many pixels each is within the nearest side: float32 [H, W], below 0 for surroundings."""
        height, width = self.picture.shape[:2]
        y, x = np.arange(height, dtype=np.float32)[:, None] + 0.5, np.arange(width, dtype=np.float32) + 0.5
        depth = np.full((height, width), np.inf, np.float32)
        for side in self.sides:
            np.minimum(depth, side.across[0] * x + side.across[1] * y - side.offset * max(height, width), out=depth)
        return depth

    @cached_property
    def outside(self) -> NDArray[np.bool_]:
        """The surroundings: bool [H, W]."""
        return np.asarray(self._depth() < 0, bool)

    @cached_property
    def box(self) -> tuple[slice, slice]:
        """The rows and columns that hold what was made."""
        rows, columns = (np.flatnonzero(~self.outside.all(axis=axis)) for axis in (1, 0))
        return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)

    @property
    def corner(self) -> tuple[int, int]:
        """(x, y) of the box in the picture."""
        return self.box[1].start, self.box[0].start

    @property
    def _rim(self) -> float:
        return max(_LEAST_RIM, _RIM * float(max(self.picture.shape[:2])))

    @cached_property
    def _edge(self) -> NDArray[np.int64]:
        """The pixels of the box within its edge where colours are mixed, as numbers."""
        depth = self._depth()[self.box]
        return np.flatnonzero((depth >= 0) & (depth < self._rim))

    @cached_property
    def inside(self) -> Pixels:
        """What was made, as a picture of its own, uint8 [h, w, 3 or 4]: beyond its edge it goes on as in a mirror."""
        if self.is_whole:
            return self.picture
        rows, columns = self.box
        part = self.picture[self.box].copy()
        y, x = (at.astype(np.float32) for at in np.nonzero(self._depth()[self.box] < self._rim))
        at = y.astype(np.int64), x.astype(np.int64)
        y, x = y + rows.start + 0.5, x + columns.start + 0.5
        for side in self.sides * 2:
            offset = side.offset * max(self.picture.shape[:2]) + self._rim
            beyond = np.maximum(offset - (side.across[0] * x + side.across[1] * y), 0)
            x, y = x + 2 * beyond * side.across[0], y + 2 * beyond * side.across[1]
        height, width = self.picture.shape[:2]
        part[at] = self.picture[
            np.clip(np.floor(y), 0, height - 1).astype(np.int64), np.clip(np.floor(x), 0, width - 1).astype(np.int64)
        ]
        return part

    @cached_property
    def is_own(self) -> bool:
        """Whether what was found about it is the artist's: cells of pixel art, or the pale margin of a page of panels,
        or of a sheet that was drawn or painted on, or is bare within as well, or has left its whites there.
        """
        rgb = np.ascontiguousarray(self.picture[..., :3])
        if pixel_cells(rgb, None) is not None:
            return True
        margin = np.median(rgb[self.outside], axis=0)
        if self._is_crossed(rgb, margin):
            return True
        near = np.median(rgb[self.box].reshape(-1, 3)[self._edge], axis=0)
        if float(margin.min()) < _PALE or float(near.mean()) > float(margin.mean()):
            return False
        apart = self.inside[..., :3].astype(np.int16) - margin.astype(np.int16)
        away = greatest(np.abs(apart))
        taped = float(margin.min()) < _WHITE and float(rgb[self.outside].std(axis=0).max()) < _ALIKE
        if float((away < _SAME).mean()) > _PAPER or (taped and _is_paper(apart, away)):
            return True
        view = view_of(rgb, None)
        return bool(find_panels(view.pixels)) or drawing_on_sheet(view) is not None

    def _is_crossed(self, rgb: Pixels, margin: NDArray[np.floating]) -> bool:
        """Whether something that was made reaches over the edge into an even margin of a colour: the edge is a frame
        that was drawn.
        """
        even = greatest(np.abs(rgb[self.outside].astype(np.int16) - margin.astype(np.int16))) < _SAME
        if float(even.mean()) < _EVEN:
            return False
        depth = self._depth()
        y, x = np.nonzero((depth < -_NEAR[0] * self._rim) & (depth > -_NEAR[1] * self._rim))
        if not len(y):
            return False
        longer = max(rgb.shape[:2])
        off = np.array([s.across[0] * (x + 0.5) + s.across[1] * (y + 0.5) - s.offset * longer for s in self.sides])
        nearest = off.argmin(axis=0)
        across = np.array([side.across for side in self.sides])[nearest]
        way = -2 * off[nearest, np.arange(len(y))]
        inner_x = np.clip(np.rint(x + way * across[:, 0]).astype(int), 0, rgb.shape[1] - 1)
        inner_y = np.clip(np.rint(y + way * across[:, 1]).astype(int), 0, rgb.shape[0] - 1)
        there = rgb[y, x].astype(np.int16)
        unlike = greatest(np.abs(there - margin.astype(np.int16))) > _UNLIKE
        goes_on = greatest(np.abs(there - rgb[inner_y, inner_x])) < _UNLIKE
        return float((unlike & goes_on).mean()) > _CROSSED

    def around(self, work: Pixels) -> Pixels:
        """The picture with a state of what was made, uint8 [h, w, 3 or 4]. The caller owns the pixels."""
        if self.is_whole:
            return work
        channels = work.shape[2]
        whole = self.picture[..., :channels].copy()
        part = whole[self.box]
        own = (~self.outside[self.box]).astype(np.uint8)
        end = part.reshape(-1, channels)[self._edge].astype(np.float32)
        cv2.copyTo(work, own, part)
        state = work.reshape(-1, channels)[self._edge].astype(np.float32)
        aim = self.inside.reshape(-1, channels)[self._edge].astype(np.float32)
        done = np.clip(1 - greatest(np.abs(state - aim)) / _FINISHED, 0, 1)[:, None]
        part[np.unravel_index(self._edge, own.shape)] = np.rint(state + (end - aim) * done).clip(0, 255)
        return np.ascontiguousarray(np.dstack([whole, self.picture[..., channels:]]))

    def about(self, picture: Pixels) -> Mount:
        """The same surroundings in another picture, uint8 [H, W, 3 or 4]."""
        return replace(self, picture=picture)

    def holding(self, work: Pixels) -> Mount:
        """The same surroundings about another picture, uint8 [h, w, 3 or 4]."""
        return self.about(self.around(work))

    def spread(self, labels: Labels) -> Labels:
        """Labels of what was made, int [h, w] of any size, on the picture: -1 about it."""
        if self.is_whole:
            return labels
        whole = np.full(self.picture.shape[:2], -1, np.int32)
        part = whole[self.box]
        part[:] = cv2.resize(labels.astype(np.int32), part.shape[1::-1], interpolation=cv2.INTER_NEAREST)
        return whole

    def glimpsed(self, glimpse: Pixels) -> Pixels:
        """A small picture of what was made, uint8 [h, w, 3], in its surroundings: no larger."""
        if self.is_whole:
            return glimpse
        scale = max(glimpse.shape[:2]) / max(self.picture.shape[:2])
        height, width = (max(1, round(side * scale)) for side in self.picture.shape[:2])
        whole = resized(np.ascontiguousarray(self.picture[..., :3]), (height, width))
        rows, columns = (slice(round(at.start * scale), max(1, round(at.stop * scale))) for at in self.box)
        part = whole[rows, columns]
        part[:] = resized(glimpse, part.shape[:2])
        return whole

    def split(self, layer: SplitLayer) -> SplitLayer:
        """A layer of what was made, on the picture."""
        if self.is_whole:
            return layer
        return replace(layer, read=_placed(layer.read, self.picture.shape[:2], self.box))

    def known(self, reading: Reading) -> Reading:
        """What was read in `inside`, as far as it is seen."""
        return reading

    def surroundings(self) -> SplitLayer:
        """The layer that shows them, above all others."""
        rgba = np.dstack([self.picture[..., :3], np.where(self._depth() < self._rim, 255, 0).astype(np.uint8)])
        rgba[rgba[..., 3] == 0] = 0
        return SplitLayer("Surroundings", lambda: rgba.copy(), True, 1.0, (), Blending.NORMAL, False)


@dataclass(frozen=True, eq=False)
class CutSheet(Mount):
    """A sheet of a shape of its own, on nothing: all of it is canvas, and nothing else ever is."""

    @property
    def is_whole(self) -> bool:
        """See `Mount`."""
        return False

    @cached_property
    def outside(self) -> NDArray[np.bool_]:
        """What is transparent: bool [H, W]."""
        return np.asarray(self.picture[..., 3] == 0, bool)

    @cached_property
    def _edge(self) -> NDArray[np.int64]:
        """The pixels of the box that are partly transparent, as numbers."""
        alpha = self.picture[self.box][..., 3]
        return np.flatnonzero((alpha > 0) & (alpha < 255))

    @cached_property
    def inside(self) -> Pixels:
        """The sheet as if it filled its box, uint8 [h, w, 3]: beyond its edge it goes on as in a mirror."""
        part = np.ascontiguousarray(self.picture[self.box][..., :3])
        return mirrored(part, self.picture[self.box][..., 3] == 255)

    def known(self, reading: Reading) -> Reading:
        """What was read in `inside`, without what lies beyond the sheet."""
        return within_sheet(reading, ~self.outside[self.box])

    def split(self, layer: SplitLayer) -> SplitLayer:
        """A layer of what was made, where the sheet is opaque."""
        placed = super().split(layer)
        solid = self.picture[..., 3:] == 255
        return replace(placed, read=lambda: np.where(solid, placed.read(), 0).astype(np.uint8))

    def surroundings(self) -> SplitLayer:
        """The layer of the pixels that are partly transparent."""
        partly = (self.picture[..., 3:] > 0) & (self.picture[..., 3:] < 255)
        rgba = np.where(partly, self.picture, 0).astype(np.uint8)
        return SplitLayer("Soft edge", lambda: rgba.copy(), True, 1.0, (), Blending.NORMAL, False)


def _is_paper(apart: NDArray[np.int16], away: NDArray[np.int16]) -> bool:
    """Whether the lightest places of what was made, `apart` int16 [h, w, 3] and at most `away` [h, w] from a margin's
    colour, are bare paper of that: it was taped, and whites were left.
    """
    whites = cv2.erode((away < _ALIKE).astype(np.uint8), np.ones((3, 3), np.uint8))
    lighter = apart.mean(axis=2) > _ALIKE
    return float(whites.mean()) > _WHITES and float(lighter.mean()) < _LIGHTER


def _placed(read: Callable[[], Pixels], size: tuple[int, int], box: tuple[slice, slice]) -> Callable[[], Pixels]:
    def whole() -> Pixels:
        pixels = np.zeros((*size, 4), np.uint8)
        pixels[box] = read()
        return pixels

    return whole
