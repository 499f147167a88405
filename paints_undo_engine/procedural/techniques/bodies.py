"""Bodies under known heads, by their silhouettes: where they are, and whether legs are seen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Box, Point
from paints_undo_engine.procedural.techniques.arriving import Points
from paints_undo_engine.procedural.techniques.spines import spine_of

_SAMPLES = 24
"""Along a body, from the chin to its lowest row."""
_DOWN, _BREADTHS = (0.0, 0.5, 2.0, 4.0, 7.0), (2.2, 2.8, 2.2, 2.6, 2.4)
"""How many face heights below the chin a drawn body is at most how many face widths broad: shoulders, waist, hips."""
_DEEP = 3.0
"""In face heights: a shorter way is no body that bends, but a collar or a strand."""
_WITHIN, _BETTER, _CLEAR = 0.75, 0.1, 1.15
"""Of an upright body, what lies in its figure if it does not bend; how much more of one that does; and how far that
stays from the middle of its head, in heads."""

_BORDER, _UP, _TOUCHES = 4, (0.003, 0.02), 0.6
"""Pixels; of the picture's height, above its last row, where a figure is about as broad as there if it goes on."""
_LOW, _SLENDER, _ASIDE = (0.74, 0.8, 0.86, 0.92), 0.95, 1.1
"""Of the way from the chin down, where legs are looked for; of a face's width, how broad one is at most there, and how
far beside the body's middle.
"""


@dataclass(frozen=True, eq=False)
class Body:
    """A body on the grid: the middle float32 [24, 2], half the breadth of its silhouette float32 [24], and the way from
    side to side float32 [24, 2], from the chin on. `cut`: the picture ends before it. `legs`: knee and ankle of each.
    """

    middle: Points
    half: NDArray[np.float32]
    across: Points
    cut: bool = False
    legs: tuple[Points, ...] = ()

    @cached_property
    def _long(self) -> NDArray[np.float64]:
        return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(self.middle, axis=0).T))])

    @property
    def length(self) -> float:
        """From the chin to the end."""
        return float(self._long[-1])

    def at(self, far: float) -> NDArray[np.float64]:
        """The place [2] on the middle so far from the chin; straight on beyond the end."""
        place = np.array([np.interp(far, self._long, column) for column in self.middle.T])
        way = self.middle[-1] - self.middle[-4]
        return np.asarray(place + max(far - self.length, 0.0) * way / max(float(np.hypot(*way)), 1e-6), np.float64)

    def half_at(self, far: float) -> float:
        """Half the silhouette's breadth there."""
        return float(np.interp(far, self._long, self.half))

    def across_at(self, far: float) -> NDArray[np.float64]:
        """The way [2] from side to side there."""
        return np.array([np.interp(far, self._long, column) for column in self.across.T])


def measure_body(cover: NDArray[np.bool_], face: Box, chin: Point) -> Body | None:
    """The body in a figure, bool [h, w], under a face; None where nothing is left of it."""
    rows = np.flatnonzero(cover.any(axis=1))
    if len(rows) < 8:
        return None
    top = int(np.clip(chin[1], rows[0], rows[-1] - 4))
    spots = np.linspace(top, rows[-1], _SAMPLES).astype(int)
    widths, middles = [], []
    for row in spots:
        columns = np.flatnonzero(cover[max(0, row - 2) : row + 3].any(axis=0))
        middles.append(float(np.median(columns)) if len(columns) else np.nan)
        # Hair, skirts and what is held in the hands are wider than the body under them.
        broad = face.width * float(np.interp((row - top) / max(face.height, 1), _DOWN, _BREADTHS))
        widths.append(min(float(np.ptp(columns)), broad) if len(columns) else 0.0)
    known = ~np.isnan(middles)
    across = np.interp(spots, spots[known], np.array(middles)[known])
    # The neck stands under the chin, and no body strays far from there at once.
    leeway = face.width * (0.15 + 0.3 * (spots - top) / max(face.height, 1))
    across = np.clip(across, chin[0] - leeway, chin[0] + leeway)
    line = np.stack([across, spots.astype(float)], axis=1)
    half = _smoothed(0.46 * np.array(widths, np.float32)[:, None], 11)[:, 0]
    upright = np.repeat(np.array([[1, 0]], np.float32), _SAMPLES, axis=0)
    cut = _is_cut(cover, int(rows[-1]))
    body = Body(_smoothed(line, 9), half, upright, cut, () if cut else _legs(cover, top, float(across[-1]), face.width))
    inside = _inside(body, cover)
    bent = _bent(cover, face, chin) if inside < _WITHIN else None
    return bent if bent is not None and _inside(bent, cover) > inside + _BETTER else body


def _inside(body: Body, cover: NDArray[np.bool_]) -> float:
    """How much of a body's middle and its mass lies within a figure, bool [h, w]."""
    inside = []
    for side in (-0.6, 0.0, 0.6):
        for share in np.linspace(0.1, 0.95, 12):
            far = float(share) * body.length
            x, y = (body.at(far) + side * body.half_at(far) * body.across_at(far)).astype(int)
            inside.append(0 <= y < cover.shape[0] and 0 <= x < cover.shape[1] and bool(cover[y, x]))
    return float(np.mean(inside))


def _bent(cover: NDArray[np.bool_], face: Box, chin: Point) -> Body | None:
    """The body of somebody who bends, sits or lies: along the middle of the figure."""
    x, y = face.centre
    radius = 0.5 * max(face.width, face.height)
    found = spine_of(cover, (x, y - 0.2 * face.height), 1.1 * radius, chin)
    if found is None:
        return None
    line, halves = found
    away = np.hypot(*(line - np.array([x, y])).T) / radius
    if (away[len(away) // 3 :] < _CLEAR).any() or away[-1] < 2 * _CLEAR or line[-1][1] < chin[1]:
        # It runs round the head, through loose hair.
        return None
    long = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    if long[-1] < _DEEP * face.height:
        return None
    spots = np.linspace(0, long[-1], _SAMPLES)
    middle = np.stack([np.interp(spots, long, column) for column in line.T], axis=1)
    middle = _smoothed(middle, 9)
    broad = face.width * np.interp(spots / max(face.height, 1), _DOWN, _BREADTHS)
    half = _smoothed(0.46 * np.minimum(2 * np.interp(spots, long, halves[:, 0]), broad)[:, None], 11)[:, 0]
    along = np.gradient(middle, axis=0)
    along /= np.maximum(np.hypot(*along.T), 1e-6)[:, None]
    across = np.stack([along[:, 1], -along[:, 0]], axis=1).astype(np.float32)
    x, y = middle[-1]
    near = 0.04 * max(cover.shape)
    cut = min(x, y, cover.shape[1] - x, cover.shape[0] - y) < near
    return Body(middle, half, across, bool(cut))


def _is_cut(cover: NDArray[np.bool_], last: int) -> bool:
    """Whether the picture ends before a figure, bool [h, w], whose last row this is: feet only touch its border."""
    if last < len(cover) - _BORDER:
        return False
    edge, above = (int(cover[max(last - round(up * len(cover)), 0)].sum()) for up in _UP)
    return edge > _TOUCHES * above


def _legs(cover: NDArray[np.bool_], top: int, middle: float, broad: float) -> tuple[Points, ...]:
    """Knee and ankle, float32 [2, 2], of each leg that a figure, bool [h, w], stands on: two are seen beside each other
    all the way down, or one slender form in which both are.
    """
    last = int(np.flatnonzero(cover.any(axis=1))[-1])
    found = []
    for share in _LOW:
        row = round(top + share * (last - top))
        edges = np.flatnonzero(np.diff(np.concatenate([[0], cover[row].astype(np.int8), [0]])))
        runs = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > 0.08 * broad]
        if not 0 < len(runs) < 3 or any(b - a > _SLENDER * broad for a, b in runs):
            return ()
        if len(runs) == 1:
            a, b = runs[0]
            runs = [(a, (a + b) / 2), ((a + b) / 2, b)]
        places = [((a + b) / 2, row) for a, b in runs]
        if any(abs(x - middle) > _ASIDE * broad for x, _ in places):
            return ()
        found.append(places)
    sides = np.array(found, np.float32)
    return tuple(np.stack([sides[:2, side].mean(axis=0), sides[-1, side]]) for side in (0, 1))


def _smoothed(values: NDArray[np.floating], reach: int) -> NDArray[np.float32]:
    """Columns [n, c] averaged over so many rows."""
    blurred = cv2.GaussianBlur(values.astype(np.float32)[:, None], (1, reach), 0)
    return np.asarray(blurred, np.float32).reshape(values.shape)
