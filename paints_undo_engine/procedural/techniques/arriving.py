"""Arrival maps: when the tool reaches each pixel of the grid."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import NEVER, Pixels, Times
from paints_undo_engine.procedural.reading.along import pixels_along

Points = NDArray[np.float32]
"""float32 [n, 2]: x, y on the grid."""
_FEW = 24
_ROWS = 48
_STROKES, _NARROWEST, _FINE = 9, 9.0, 6000
"""Rows in which an area is filled at most; pixels of a row at least; places that are told apart in all rows."""
UNEVEN = 11.0
"""Pixels by which a broad tool's front is uneven: less than half of the width of a ripple."""


class Trail:
    """Places that a tool passes, and when; every pixel then arrives with the place that is nearest to it."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self._ticks = np.full(shape, NEVER, np.uint16)

    def pass_over(self, points: Points, begin: int, end: int) -> None:
        """The tool goes along points from one tick to another. What was passed earlier stays."""
        if not len(points):
            return
        dense = densified(points, 1.0)
        ticks = np.linspace(begin, max(begin, end - 1), len(dense)).astype(np.uint16)
        np.minimum.at(self._ticks, pixels_along(dense, self._ticks.shape), ticks)

    def pass_all(self, lines: Sequence[Points], begin: int, end: int) -> None:
        """The tool goes along several lines, one after the other, from one tick to another."""
        points = np.concatenate(lines)
        ticks = np.linspace(begin, max(begin, end - 1), len(points)).astype(np.uint16)
        np.minimum.at(self._ticks, pixels_along(points, self._ticks.shape), ticks)

    def arrivals(self, reach: float = np.inf, within: NDArray[np.bool_] | None = None) -> Times:
        """uint16 [h, w]: when the nearest passed pixel was passed; NEVER beyond `reach` or outside `within`."""
        if np.isfinite(reach):
            place = self._about(int(reach) + 2)
            arrivals = np.full(self._ticks.shape, NEVER, np.uint16)
            near, away = _nearest(self._ticks[place])
            near[away > reach] = NEVER
            arrivals[place] = near
        else:
            arrivals = self.nearest()[0]
        if within is not None:
            arrivals[~within] = NEVER
        return arrivals

    def _about(self, reach: int) -> tuple[slice, slice]:
        """Rows and columns around what was passed."""
        left, top, width, height = cv2.boundingRect((self._ticks != NEVER).astype(np.uint8))
        rows = slice(max(0, top - reach), top + height + reach)
        return rows, slice(max(0, left - reach), left + width + reach)

    def nearest(self) -> tuple[Times, NDArray[np.float32]]:
        """When the nearest passed pixel was passed, uint16 [h, w], and how far away it is, float32 [h, w], in pixels;
        NEVER and infinity where none was."""
        return _nearest(self._ticks)


def _nearest(ticks: Times) -> tuple[Times, NDArray[np.float32]]:
    """See `Trail.nearest`."""
    passed = np.flatnonzero(ticks != NEVER)
    if not len(passed):
        return ticks.copy(), np.full(ticks.shape, np.inf, np.float32)
    free = np.ones(ticks.shape, np.uint8)
    free.ravel()[passed] = 0
    away, number = cv2.distanceTransformWithLabels(free, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    table = np.full(len(passed) + 1, NEVER, np.uint16)
    table[number.ravel()[passed]] = ticks.ravel()[passed]
    return np.take(table, np.asarray(number, np.int32)), np.asarray(away, np.float32)


def densified(points: Points, spacing: float) -> Points:
    """A polyline with samples at most `spacing` apart."""
    if len(points) < 2:
        return points
    way = points[1:] - points[:-1]
    along = np.zeros(len(points))
    along[1:] = np.cumsum(np.hypot(way[:, 0], way[:, 1]))
    length = float(along[-1])
    if length == 0:
        return points[:1]
    count = max(2, int(np.ceil(length / spacing)) + 1)
    at = np.arange(count) * (length / (count - 1))
    at[-1] = length
    dense = np.empty((count, 2), np.float32)
    for axis in range(2):
        dense[:, axis] = np.interp(at, along, points[:, axis])
    return dense


def nearest_order(places: NDArray[np.floating], start: tuple[float, float]) -> list[int]:
    """Indices of places [n, 2] as one visits them who always goes on to the nearest."""
    if len(places) <= _FEW:
        return _nearest_of_few(places.tolist(), start)
    left, y = np.array(places.T, np.float64)
    here = start
    order: list[int] = []
    for _ in range(len(places)):
        across, down = left - here[0], y - here[1]
        found = int((across * across + down * down).argmin())
        order.append(found)
        here = float(places[found, 0]), float(places[found, 1])
        left[found] = np.inf
    return order


def _nearest_of_few(places: list[tuple[float, float]], start: tuple[float, float]) -> list[int]:
    """The same for some places, which costs less without arrays."""
    x, y = start
    left = [(at, place[0], place[1]) for at, place in enumerate(places)]
    order: list[int] = []
    while left:
        away = [(px - x) * (px - x) + (py - y) * (py - y) for _, px, py in left]
        found, x, y = left.pop(away.index(min(away)))
        order.append(found)
    return order


def sweep(mask: NDArray[np.bool_], angle: float, begin: int, end: int, ripple: NDArray[np.floating]) -> Times:
    """When a broad tool that goes across a mask at an angle reaches its pixels: uint16, for the mask's pixels [n].

    `ripple` [h, w] about -.5 to .5 makes its front uneven.
    """
    rows, columns = np.nonzero(mask)
    way = columns * np.cos(angle) + rows * np.sin(angle)
    span = max(float(np.ptp(way)), 1.0)
    # So little that the front stays one: no island comes before it, and no hole is left behind.
    share = (way + UNEVEN * ripple[rows, columns]) / span
    share = (share - share.min()) / max(float(np.ptp(share)), 1e-6)
    return np.asarray(begin + share * max(0, end - begin - 1), np.uint16)


def to_and_fro(mask: NDArray[np.bool_], angle: float, begin: int, end: int, ripple: NDArray[np.floating]) -> Times:
    """When a broad brush reaches the pixels of a mask that it fills row beside row, the rows at an angle: uint16, for
    the mask's pixels [n], as many in each part of the time. Its strokes have round ends, and go one way and the other.

    `ripple` as in `sweep`.
    """
    rows, columns = np.nonzero(mask)
    x, y = columns.astype(np.float32), rows.astype(np.float32)
    along = x * np.float32(-np.sin(angle)) + y * np.float32(np.cos(angle))
    across = x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle))
    across += np.asarray(0.6 * UNEVEN * ripple[rows, columns], np.float32)
    across -= across.min()
    along -= along.min()
    span, length = float(across.max()) + 1, float(along.max()) + 1
    wide = max(span / _STROKES, min(_NARROWEST, span))
    row = np.floor(across / wide)
    aside = 2 * (across / wide - row) - 1
    tip = np.float32(0.5 * wide) * np.sqrt(np.maximum(1 - aside * aside, 0))
    place = np.where(row % 2 > 0, length - along, along) - tip
    place = np.clip((place + wide / 2) / (length + wide / 2), 0, 1)
    key = ((row + place) * (_FINE / _STROKES)).astype(np.int32)
    reached = np.cumsum(np.bincount(key))
    share = reached[key] / reached[-1]
    return np.asarray(begin + share * max(0, end - begin - 1), np.uint16)


def between(standing: Pixels, colours: Pixels, goal: Pixels) -> Pixels:
    """Colours in which each channel lies between what stands and the goal, so that none leads away; uint8 [h, w, 3]."""
    low, high = np.minimum(standing, goal), np.maximum(standing, goal)
    return np.asarray(np.clip(colours, low, high), np.uint8)


def wide_blur(values: NDArray[np.floating] | NDArray[np.uint8], sigma: float) -> NDArray[np.float32]:
    """A Gaussian blur of float [h, w] or [h, w, 3]; a wide one is done on a smaller grid, where it costs little."""
    wide = np.asarray(values, np.float32)
    height, width = wide.shape[:2]
    shrink = int(min(sigma / 3, height, width))
    if shrink < 2:
        return np.asarray(cv2.GaussianBlur(wide, (0, 0), sigma), np.float32)
    size = (-(-width // shrink), -(-height // shrink))
    small = cv2.resize(wide, size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / shrink)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def blurred_picture(picture: Pixels, sigma: float) -> Pixels:
    """As `wide_blur`, of a picture uint8 [h, w, 3] and to the nearest level, which costs a third of it."""
    height, width = picture.shape[:2]
    shrink = int(min(sigma / 2, height, width))
    if shrink < 2:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)
    small = cv2.resize(picture, (-(-width // shrink), -(-height // shrink)), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / shrink)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def strips(height: int) -> list[slice]:
    """Rows that are worked on at once: so few that several maps of them stay in the processor's cache."""
    return [slice(top, top + _ROWS) for top in range(0, height, _ROWS)]


def reaching(come: Times) -> Times:
    """Times carried four pixels beyond where they are known, for soft edges."""
    reached = come.copy()
    for _ in range(4):
        # Grey erosion takes the earliest time around.
        near = cv2.erode(reached, np.ones((3, 3), np.uint8))
        reached = np.where(reached == NEVER, near, reached)
    return reached
