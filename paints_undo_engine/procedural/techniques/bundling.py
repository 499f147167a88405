"""The bristles of strokes: a path becomes a bundle of lines that swells and thins with pressure and has ragged ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.brush import Strokes
from paints_undo_engine.procedural.document.model import Pixels

_RAGGED, _TOUCH = 0.16, 0.6
"""Of a radius: how far the ends of bristles stray from a round one, and half of the width of a touch of the brush."""
_ROUND, _SLANT = 0.4, 0.6
"""Of a half circle, how round a stroke's ends are, and of a radius, how far a side of an end is ahead of its middle at
most: rows of half circles would stand along a mass as scallops.
"""
_BOUND = 5
"""How many bristles a program's brush has at most."""
_LIKE = 0.6
"""Of a brush's tolerance: a bristle takes all of a colour so near to its stroke's, and nothing of one twice as far."""


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """What bristles pick up: the colours of the `goal` uint8 [h, w, 3] where they go, as far as a stroke's `tolerance`
    in levels allows. So neighbouring strokes meet in one colour where forms are soft, and leave no rims there.
    """

    goal: Pixels
    tolerance: float

    def colours(
        self, placed: NDArray[np.floating], middle: NDArray[np.int64], colour: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Of bristles [n, count, m, 2], at the `middle` [n] of their way, whose strokes have a `colour` float32 [n, 3]:
        float32 [n, count, 3].
        """
        x, y = np.rint(placed[np.arange(len(middle)), :, middle]).astype(np.int64).transpose(2, 0, 1)
        height, width = self.goal.shape[:2]
        there = self.goal[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)] - colour[:, None]
        away = np.abs(there).max(axis=2, keepdims=True)
        share = np.clip(2 - away / np.float32(_LIKE * self.tolerance), 0, 1)
        return np.asarray(colour[:, None] + there * share, np.float32)


def bundled(
    points: NDArray[np.float32],
    sizes: NDArray[np.int64],
    onset: NDArray[np.float32],
    colour: NDArray[np.float32],
    radius: float,
    jitter: float | NDArray[np.float32],
    chance: np.random.Generator,
    loaded: Loaded,
    many: int = 9,
    *,
    bound: bool = False,
) -> Strokes:
    """Each path as a bundle of at most so `many` bristles: the bundle swells and thins with pressure, and its ends are
    ragged. If it is `bound` it has no jitter and even ends, as a program's brush. What the bristles are `loaded` with
    is theirs where it is like the path's colour.

    `points` float32 [n, m, 2], of which each path has `sizes` [n]; `colour` float32 [n, 3]; `jitter` in levels, [n] or
    of all; `onset` float32 [n, 2] is the way that each begins in, which is also that of a path of one place.
    """
    n, longest = points.shape[:2]
    if not n:
        return no_strokes()
    count = int(np.clip(round(radius * 0.55), 1, min(many, _BOUND) if bound else many))
    number = np.arange(longest)
    last = np.maximum(sizes - 1, 1)[:, None]
    t = np.clip(number / last, 0, 1)
    ahead = points[np.arange(n)[:, None], np.minimum(number + 1, sizes[:, None] - 1)]
    behind = points[np.arange(n)[:, None], np.clip(number - 1, 0, None) * np.ones((n, 1), int)]
    way = ahead - behind
    touch = sizes == 1
    way[touch] = onset[touch, None]
    way = way / np.maximum(np.hypot(way[..., 0], way[..., 1]), 1e-6)[..., None]
    normal = np.stack([-way[..., 1], way[..., 0]], axis=2)
    pressure = (0.55 + 0.45 * np.sin(np.pi * np.clip(t * 0.85 + 0.1, 0, 1))) * radius
    pressure[touch] *= _TOUCH
    thickness = max(1, round(2 * radius / count * 1.3)) if count > 1 else max(1, round(2 * radius))
    # The outer bristles reach as far as the brush, and no farther.
    outermost = max(0.0, 1 - thickness / (2 * radius))
    evenly = np.linspace(-outermost, outermost, count) if count > 1 else np.zeros(1)
    offsets = evenly[None] + chance.normal(0, 0.06, (n, count))
    placed: NDArray[np.floating] = (
        points[:, None] + normal[:, None] * (offsets[:, :, None] * pressure[:, None])[..., None]
    )
    ragged = chance.integers(0, 1 if bound else 2 if longest < 6 else 3, (2, n, count))
    spare = np.maximum(sizes[:, None] - 2, 0)
    begin = np.minimum(ragged[0], spare // 2)
    end = sizes[:, None] - np.minimum(ragged[1], spare // 2)
    shown = (number >= begin[..., None]) & (number < end[..., None])
    # A path of one place is a touch of the brush.
    single = shown.sum(axis=2) < 2
    if single.any():
        placed, shown = _touched(placed, shown, single, way, radius)
    if count > 2:
        _ended(placed, shown, way, offsets, radius, 0 if bound else _RAGGED, chance)
    counts = shown.sum(axis=2).ravel()
    shade = (chance.normal(0, 0 if bound else 1, (n, count)) + chance.normal(0, 0.5, (n, 1))) * np.reshape(
        jitter, (-1, 1)
    )
    own = loaded.colours(placed, (sizes - 1) // 2, colour)
    shades = np.clip(own + shade[..., None], 0, 255)
    return Strokes(
        placed[shown].astype(np.float32),
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        np.rint(shades).reshape(-1, 3).astype(np.uint8),
        np.full(n * count, thickness, np.int32),
        np.arange(0, n * count + 1, count).astype(np.int64),
    )


def _ended(
    placed: NDArray[np.floating],
    shown: NDArray[np.bool_],
    way: NDArray[np.floating],
    offsets: NDArray[np.floating],
    radius: float,
    ragged: float,
    chance: np.random.Generator,
) -> None:
    """Move the ends of bristles [n, count, m, 2] along their path's unit `way` [n, m, 2]: a flat brush that is turned
    a little leaves slanting ends; those of a full one are somewhat round, so that the bristles in its middle reach on,
    and those at its sides, by `offsets` [n, count] of a radius, stay behind.
    """
    n, count, longest = shown.shape
    rows, columns = np.mgrid[0:n, 0:count]
    round_off = _ROUND * (np.sqrt(np.clip(1 - offsets**2, 0, 1)) - 0.8)
    first, last = shown.argmax(axis=2), longest - 1 - shown[:, :, ::-1].argmax(axis=2)
    for at, sign in ((first, -1), (last, 1)):
        slant = chance.uniform(-_SLANT, _SLANT, (n, 1)) * offsets
        reach = sign * radius * (round_off + slant + chance.normal(0, ragged, (n, count)))
        placed[rows, columns, at] += way[rows, at] * reach[..., None]


def _touched(
    placed: NDArray[np.floating],
    shown: NDArray[np.bool_],
    single: NDArray[np.bool_],
    way: NDArray[np.floating],
    radius: float,
) -> tuple[NDArray[np.floating], NDArray[np.bool_]]:
    """Bristles with one sample get a second one beside it, along their path's unit `way` [n, m, 2]."""
    shown = shown.copy()
    placed = placed.copy()
    rows, columns = np.nonzero(single)
    first = shown[rows, columns].argmax(axis=1)
    other = np.where(first + 1 < placed.shape[2], first + 1, first - 1)
    aside = way[rows, first] * (0.5 * radius * (other - first))[:, None]
    placed[rows, columns, other] = placed[rows, columns, first] + aside
    shown[rows, columns, first] = True
    shown[rows, columns, other] = True
    return placed, shown


def no_strokes() -> Strokes:
    """Nothing painted."""
    nothing = np.zeros(0, np.int64)
    return Strokes(np.zeros((0, 2), np.float32), np.zeros(1, np.int64), np.zeros((0, 3), np.uint8),
                   nothing.astype(np.int32), np.zeros(1, np.int64))  # fmt: skip
