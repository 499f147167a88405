"""What of a picture brushes go by: what half-closed eyes see of it, its edges, and how rough its own paint is."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import Pixels
from paints_undo_engine.procedural.reading.view import resized
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import wide_blur

_SMALLER = 0.5
"""Of a broad brush's radius, what is lost to half-closed eyes."""
_COARSE = 8.0
"""Pixels: of the radius of a broad brush on the grid on which it is known what it goes over."""
_EDGE = (70, 180)
"""Of the edge detector: an edge so clear is not frayed by what is finer than a broad brush."""
_AROUND, _DENSE, _CROSSING, _PARALLEL, _SPACED = 32.0, 4, 0.4, 0.5, 0.62
"""The diagonal divided by it is the side of a square in which edges are counted. Texture are more than so many that
cross it, and than the next over a brush's radius of its area, unless their directions have so much in common, 0 to 1.
The last over a radius is the share of the square that edges may take if that brush is to have room between them.
"""
_GRAIN, _EDGED, _ROUGH, _SMOOTH = 9, 6, 2.2, 0.25
"""Pixels around a pixel from whose mean it strays, levels of which more is an edge, and levels on the mean that rough
paint has; how much of their jitter bristles have where the picture has none.
"""

_ASLANT = (-0.9, -0.5, 0.5, 0.9, 1.4)
"""Radians from the horizontal: how a hand hatches what is not long."""
_LONG = 0.5
"""A mass is long whose spread along its length, less that across, is more than this share of both."""


class Stretch:
    """A part of the picture that is painted for itself: no colour of what lies beside it comes in.

    `mask` bool [h, w].
    """

    def __init__(self, mask: NDArray[np.bool_]) -> None:
        self.mask = mask
        self._whole = bool(mask.all() or not mask.any())
        if self._whole:
            return
        _, nearest = cv2.distanceTransformWithLabels(
            (~mask).astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
        )
        first = np.zeros(int(nearest.max()) + 1, np.int64)
        first[nearest[mask]] = np.flatnonzero(mask)
        self._nearest = first[np.asarray(nearest, np.int64)]

    def alone(self, pixels: Pixels) -> Pixels:
        """Its pixels uint8 [h, w, 3], and beside it those that are nearest to each other pixel."""
        if self._whole:
            return pixels
        return np.asarray(pixels.reshape(-1, 3).take(self._nearest, axis=0), np.uint8)

    def reaching(self, masses: NDArray[np.int32]) -> NDArray[np.int32]:
        """Its masses int32 [h, w], which go on beside it."""
        return masses if self._whole else np.asarray(masses.take(self._nearest), np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """What lies on one side of an outline, bool [h, w], and the `stretch` whose colours it is painted with; `finer` is
    how many times smaller its broad brushes are.
    """

    mask: NDArray[np.bool_]
    stretch: Stretch
    finer: float = 1.0


def squinted(goal: Pixels, masses: NDArray[np.int32], radius: float) -> tuple[Pixels, NDArray[np.int32]]:
    """A goal and the masses without what a broad brush goes over: eyes are no holes in a face."""
    height, width = goal.shape[:2]
    shrink = max(1, int(min(radius / _COARSE, height, width)))
    small = resized(goal, (-(-height // shrink), -(-width // shrink)))
    side = min(2 * round(_SMALLER * radius / shrink) + 1, 255)
    plain = cv2.medianBlur(small, max(3, side))
    goal = np.asarray(cv2.resize(plain, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    border = np.zeros(masses.shape, np.uint8)
    border[:, 1:] |= masses[:, 1:] != masses[:, :-1]
    border[1:] |= masses[1:] != masses[:-1]
    # What no stroke goes on in is no mass that one begins in: from there it would run on and on.
    core = (cv2.distanceTransform(1 - border, cv2.DIST_L2, 3) > 0.5 * radius) & (masses >= 0)
    if not core.any():
        return goal, masses
    _, nearest = cv2.distanceTransformWithLabels(
        (~core).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros(int(nearest.max()) + 1, np.int32)
    table[nearest[core]] = masses[core]
    return goal, np.where(masses >= 0, table[nearest], masses).astype(np.int32)


def roughness(goal: Pixels) -> NDArray[np.float32]:
    """How rough the picture's own paint is around each pixel, `_SMOOTH` to 1: float32 [h, w]."""
    grey = np.asarray(cv2.cvtColor(goal, cv2.COLOR_RGB2GRAY), np.uint8)
    strays = np.minimum(cv2.absdiff(grey, cv2.blur(grey, (_GRAIN, _GRAIN))), _EDGED)
    around = max(3, round(np.hypot(*grey.shape) / _AROUND))
    mean = cv2.blur(strays.astype(np.float32), (around, around))
    return np.asarray(np.clip(mean / np.float32(_ROUGH), _SMOOTH, 1), np.float32)


class ClearEdges:
    """The clear edges of a picture, uint8 [h, w, 3], that brushes run along."""

    def __init__(self, picture: Pixels) -> None:
        edges = np.asarray(cv2.Canny(picture, *_EDGE), np.uint8)
        around = max(3, round(np.hypot(*edges.shape) / _AROUND))
        on = (edges > 0).astype(np.float32)
        self._density = np.asarray(cv2.blur(on, (around, around)), np.float32)
        grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
        right, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
        weight = on / (right * right + down * down + np.float32(1e-3))
        across = cv2.blur(weight * (right * right - down * down), (around, around))
        aslant = cv2.blur(weight * 2 * right * down, (around, around))
        parallel = np.hypot(across, aslant) > _PARALLEL * self._density
        self._edges, self._parallel, self._few = edges > 0, parallel, _DENSE / around

    def depth(self, radius: float) -> NDArray[np.float32]:
        """How far each pixel is from an edge beside which a brush of some radius has room, in pixels, and no farther
        than across the picture: float32 [h, w].
        """
        # What is nothing but edges of all ways, as foliage is, has none that a brush would follow.
        few = self._parallel | (self._density <= max(self._few, _CROSSING / radius))
        return away_from(np.where(self._edges & few & (self._density <= _SPACED / radius), np.uint8(0), np.uint8(1)))


def hatched(masses: NDArray[np.int32], chance: np.random.Generator) -> NDArray[np.float32]:
    """The way in which a hand hatches each mass where no form leads it, in radians: float32 [h, w]. What is
    long is hatched along its length, about so; all else aslant, each its own way.
    """
    height, width = masses.shape
    least = int(masses.min())
    flat = masses.ravel() - least
    many = int(flat.max()) + 1
    count = np.maximum(np.bincount(flat, minlength=many), 1)
    places = (np.tile(np.arange(width), height), np.repeat(np.arange(height), width))
    x, y = (np.bincount(flat, place, many) / count for place in places)
    xx, yy, xy = (
        np.bincount(flat, one.astype(np.float64) * other, many) / count
        for one, other in ((places[0], places[0]), (places[1], places[1]), (places[0], places[1]))
    )
    xx, yy, xy = xx - x * x, yy - y * y, xy - x * y
    length, total = np.hypot(xx - yy, 2 * xy), np.maximum(xx + yy, 1e-6)
    own = 0.5 * np.arctan2(2 * xy, xx - yy) + chance.normal(0, 0.15, many)
    aslant = chance.choice(_ASLANT, many) + chance.normal(0, 0.2, many)
    return np.where(length > _LONG * total, own, aslant).astype(np.float32)[masses - least]


def turned_along(along: NDArray[np.float32], mask: NDArray[np.bool_], radius: float) -> NDArray[np.float32]:
    """Directions float32 [h, w, 2] that follow the outline of a mask where they come near to it, as a hand cuts in."""
    soft = wide_blur(mask.astype(np.float32), radius)
    right, down = cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=0.125), cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=0.125)
    outline = np.dstack([-down, right]) / np.maximum(np.hypot(right, down), np.float32(1e-6))[..., None]
    # At the outline of what is large and straight a blurred mask rises by 0.4 within a sigma.
    share = np.clip(np.hypot(right, down) * np.float32(radius / 0.2), 0, 1)[..., None]
    turned = along * (1 - share) + outline * np.sign((outline * along).sum(axis=2, keepdims=True) + 1e-9) * share
    return np.asarray(turned / np.maximum(np.linalg.norm(turned, axis=2, keepdims=True), 1e-6), np.float32)


def between_edges(source: Source) -> NDArray[np.uint8]:
    """0 on a main edge, else 1: uint8 [h, w]."""
    free = np.ones(source.reading.shape, np.uint8)
    for edge in source.reading.edges.main:
        cv2.polylines(free, [np.rint(edge.points).astype(np.int32)], False, 0)
    return free


def away_from(free: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How far each pixel is from what is 0, in pixels, and no farther than across the picture: float32 [h, w]."""
    away = np.asarray(cv2.distanceTransform(free, cv2.DIST_L2, 3), np.float32)
    return np.minimum(away, np.float32(sum(away.shape)))
