"""Brush strokes along the forms of a picture: all strokes of one brush size are traced at once.

After Hertzmann 1998, "Painterly Rendering with Curved Brush Strokes of Multiple Sizes": a stroke starts where the
canvas is wrong, follows the form, and ends where its colour no longer fits. The direction comes from the structure
tensor.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.brush import Strokes, joined
from paints_undo_engine.procedural.document.model import Pixels
from paints_undo_engine.procedural.reading.channels import difference, greatest
from paints_undo_engine.procedural.techniques.arriving import blurred_picture, strips, wide_blur
from paints_undo_engine.procedural.techniques.bundling import Loaded, bundled, no_strokes

_FINE = 2.5
"""Pixels of the grid on which directions are found: the least sigma that they are blurred by."""
_CLEARLY = np.float32(3)
"""How many times as strong as the usual one a form is that turns a stroke from its hatch."""
_STRONG, _OF_STRONG = 97, np.float32(0.35)
"""The percentile of forms that are strong, and the share of such a one that turns a stroke: beside a contour in an even
mass strokes do not repeat it in rings."""
_ON_EDGE = 0.9
"""Pixels: what is nearer to an edge lies on it."""
_ROOM, _FITTING, _FOLLOWED = 0.6, 0.8, 2.0
"""Of a radius: where a brush comes no farther from the next edge, it is not moved away from it; where edges are crisp
no brush is taken that comes no farther than the second; nearer to an edge than the third a stroke runs along it.
"""

_FORGIVEN = 0.7
"""Of a brush's threshold: so little a stroke may make worse on its way, for the sake of its length."""
_TOUCHING = 1.7
"""Pixels: the radius up to which a brush dots; strokes of larger ones have a direction."""
_CLEAR = 0.7
"""Of the way from an edge: how much clearer of all edges a place must be whose colour is taken."""


@dataclass(frozen=True, slots=True)
class Bristles:
    """How a brush of one size paints. Lengths are in radii.

    `spacing` between starts, `longest` and `shortest` strokes, `tolerance` in levels: how far the picture's colour may
    go from the stroke's before it ends; `threshold` in levels: how wrong the canvas must be. `jitter` in levels of
    lightness between bristles, `wander` in radians: how far directions stray. Bristles that are `bound` leave one
    colour and no ragged ends, as a program's brush; there are at most so `many`, one where only the way counts.
    """

    spacing: float = 1.0
    longest: float = 9.0
    shortest: float = 1.5
    tolerance: float = 26.0
    threshold: float = 14.0
    jitter: float = 5.0
    wander: float = 0.25
    bound: bool = False
    many: int = 9

    def scaled(self, contrast: float) -> Bristles:
        """The same in a picture of so much contrast, 1 for a usual one: a dark picture's forms differ little."""
        levels = {name: getattr(self, name) * contrast for name in ("tolerance", "threshold", "jitter")}
        return replace(self, **levels)


@dataclass(frozen=True, slots=True, eq=False)
class Traced:
    """Strokes of one `radius` on the grid with their starts float32 [s, 2] and lengths in pixels [s]; at each place
    those of a later of the `turns` int64 [s] come later.
    """

    strokes: Strokes
    starts: NDArray[np.float32]
    lengths: NDArray[np.float32]
    turns: NDArray[np.int64]
    radius: float

    @property
    def places(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The rows and the columns in which the strokes begin: two times int64 [s]."""
        x, y = self.starts.astype(np.int64).T
        return y, x

    def followed(self, other: Traced) -> Traced:
        """These strokes, and at each place after them those of another brush."""
        later = other.turns + (int(self.turns.max()) + 1 if len(self.turns) else 0)
        return Traced(
            joined([self.strokes, other.strokes]),
            np.concatenate([self.starts, other.starts]),
            np.concatenate([self.lengths, other.lengths]),
            np.concatenate([self.turns, later]),
            self.radius,
        )

    def moved(self, by: int) -> Traced:
        """The same strokes, so many pixels to the right and down."""
        strokes = replace(self.strokes, points=self.strokes.points + np.float32(by))
        return replace(self, strokes=strokes, starts=self.starts + np.float32(by))

    def line(self, stroke: int) -> NDArray[np.float32]:
        """The middle bristle of a stroke: float32 [n, 2]."""
        made = self.strokes
        middle = (int(made.first[stroke]) + int(made.first[stroke + 1])) // 2
        return made.points[made.ends[middle] : made.ends[middle + 1]]


def no_trace(radius: float) -> Traced:
    """No strokes of some radius."""
    nothing = np.zeros(0, np.float32)
    return Traced(no_strokes(), nothing.reshape(0, 2), nothing, np.zeros(0, np.int64), radius)


def directions(
    picture: Pixels, sigma: float, chance: np.random.Generator, hatch: NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """Along which way forms run: float32 [h, w, 2] unit vectors; where there is no form a slow flow takes over, or the
    `hatch`, angles in radians, float32 [h, w], by which only clear forms turn a stroke.

    A broad brush looks at a coarser grid: what is finer than its sigma tells it nothing.
    """
    height, width = picture.shape[:2]
    shrink = max(1, int(min(sigma / _FINE, height, width)))
    if shrink == 1:
        return _directions(picture, sigma, chance, 1.0, hatch)
    size = (-(-width // shrink), -(-height // shrink))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    if hatch is not None:
        hatch = np.asarray(cv2.resize(hatch, size, interpolation=cv2.INTER_NEAREST), np.float32)
    along = _directions(small, sigma / shrink, chance, 1 / shrink, hatch)
    return np.asarray(cv2.resize(along, (width, height), interpolation=cv2.INTER_NEAREST), np.float32)


def directions_for(
    picture: Pixels, radius: float, chance: np.random.Generator, hatch: NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """The same as a brush of some radius goes."""
    return directions(picture, max(1.5, radius * 0.8), chance, hatch)


def _directions(
    picture: Pixels, sigma: float, chance: np.random.Generator, slope: float, hatch: NDArray[np.float32] | None
) -> NDArray[np.float32]:
    """The same, pixel by pixel; `slope` is what the picture's steps are multiplied by."""
    grey = wide_blur(np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8), max(1.0, sigma * 0.4))
    gx, gy = cv2.Scharr(grey, cv2.CV_32F, 1, 0, scale=slope), cv2.Scharr(grey, cv2.CV_32F, 0, 1, scale=slope)
    blur = max(2.0, sigma)
    products = (np.asarray(cv2.multiply(one, other), np.float32) for one, other in ((gx, gx), (gy, gy), (gx, gy)))
    xx, yy, xy = (wide_blur(product, blur) for product in products)
    usual = np.float32(np.median(xx + yy) + 60)
    if hatch is not None:
        strongest = np.float32(np.percentile((xx + yy)[::4, ::4], _STRONG))
        flow, usual = hatch, max(usual + (_CLEARLY - 1) * np.float32(np.median(xx + yy)), _OF_STRONG * strongest)
    else:
        coarse = chance.normal(size=(4, 4)).astype(np.float32) * 0.5
        turn = float(chance.choice([0.1, 0.5, 1.2, 2.6]))
        flow = np.asarray(cv2.resize(coarse, grey.shape[::-1], interpolation=cv2.INTER_CUBIC), np.float32) + turn
    for rows in strips(len(grey)):
        _mix_flow(xx[rows], yy[rows], xy[rows], flow[rows], usual)
    cos2, sin2 = wide_blur(xx, blur * 0.5), wide_blur(yy, blur * 0.5)
    along = np.empty((*grey.shape, 2), np.float32)
    for rows in strips(len(grey)):
        _halve(cos2[rows], sin2[rows], along[rows])
    return along


def _mix_flow(
    xx: NDArray[np.float32],
    yy: NDArray[np.float32],
    xy: NDArray[np.float32],
    flow: NDArray[np.float32],
    usual: np.float32,
) -> None:
    """Turn a structure tensor into cosine (into `xx`) and sine (into `yy`) of the doubled angle of the form's
    direction, across the gradient, as long as the tensor is coherent; where it is not, of the flow's.
    """
    across = xx - yy
    length = np.sqrt(across**2 + 4 * xy**2)
    total = xx + yy + np.float32(1e-3)
    sure = np.clip(length / total * 1.5, 0, 1) * np.clip(total / usual, 0, 1)
    share = sure / (length + 1e-6)
    rest = (1 - sure) * 0.5
    np.subtract(np.cos(2 * flow) * rest, across * share, out=xx)
    np.subtract(np.sin(2 * flow) * rest, 2 * xy * share, out=yy)


def _halve(cos2: NDArray[np.float32], sin2: NDArray[np.float32], along: NDArray[np.float32]) -> None:
    """Unit vectors of half of an angle, to the right, into `along` [h, w, 2]."""
    cos = cos2 / np.maximum(np.sqrt(cos2 * cos2 + sin2 * sin2), np.float32(1e-12))
    along[..., 0] = np.sqrt(np.maximum(1 + cos, 0) / 2)
    along[..., 1] = np.copysign(np.sqrt(np.maximum(1 - cos, 0) / 2), sin2)


def traced(
    goal: Pixels,
    canvas: Pixels,
    mask: NDArray[np.bool_],
    masses: NDArray[np.int32],
    radius: float,
    bristles: Bristles,
    chance: np.random.Generator,
    depth: NDArray[np.float32] | None = None,
    *,
    crisp: bool = False,
    along: NDArray[np.float32] | None = None,
    rough: NDArray[np.float32] | None = None,
) -> Traced:
    """Strokes of one radius from `canvas` towards `goal` (uint8 [h, w, 3]), within `mask` and each within one mass.

    Masses are labels int32 [h, w]; a stroke ends where its mass does. `depth` float32 [h, w] is how far each pixel is
    from an edge that strokes run along and do not fray; where edges are `crisp` no stroke mixes the colours beside one.
    `along` as of `directions`, where these are not the brush's own; `rough` float32 [h, w]: how much of their jitter
    bristles have at each pixel, 0 to 1.
    """
    height, width = mask.shape
    blurred = blurred_picture(goal, max(0.6, radius * 0.45))
    if depth is not None and crisp:
        blurred = _unmixed(blurred, depth, radius)
    along = directions_for(goal, radius, chance) if along is None else along
    free = mask if depth is None else mask & (depth > _ON_EDGE)
    starts = _starts(goal if radius < 3 else blurred, canvas, free, radius, bristles, chance)
    if not len(starts):
        return no_trace(radius)
    x, y = np.rint(starts[:, 0]).astype(int), np.rint(starts[:, 1]).astype(int)
    colour, mass = blurred[y, x].astype(np.float32), masses[y, x]
    step = max(1.5, radius * 0.7)
    count = max(2, round(bristles.longest * radius / step))
    longest = chance.uniform(0.45, 1.0, len(starts)) * count
    heading = along[y, x] * chance.choice([-1, 1], (len(starts), 1)).astype(np.float32)
    free_way = _freedom(depth, y, x, radius)
    heading = _turned(heading, chance.normal(0, bristles.wander, len(starts)) * free_way)
    here, onset = starts.copy(), heading
    going, load, own = np.arange(len(starts)), colour, mass
    points = np.zeros((len(starts), count + 1, 2), np.float32)
    points[:, 0] = here
    sizes = np.ones(len(starts), np.int64)
    for number in range(1, count + 1):
        here = here + heading * step
        x, y = np.rint(here[:, 0]).astype(int), np.rint(here[:, 1]).astype(int)
        # Strokes run over the canvas' border, so that no paper is left along it.
        inside = (x >= -radius) & (y >= -radius) & (x < width + radius) & (y < height + radius)
        x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
        wrong = greatest(np.abs(blurred[y, x] - load)) > bristles.tolerance
        if crisp and number > 1:
            wrong |= ~_nearer(goal[y, x], canvas[y, x], load, _FORGIVEN * bristles.threshold)
        alive = inside & ~wrong & (masses[y, x] >= 0 if crisp else masses[y, x] == own) & (number <= longest)
        if depth is not None:
            alive &= depth[y, x] > _ON_EDGE
        if not alive.any():
            break
        # Those that have ended cost nothing any more.
        going, here, heading, load = going[alive], here[alive], heading[alive], load[alive]
        own, longest, y, x = own[alive], longest[alive], y[alive], x[alive]
        points[going, number] = here
        sizes[going] = number + 1
        form = along[y, x]
        form = form * np.sign((form * heading).sum(axis=1, keepdims=True) + 1e-9)
        stiff = 0.4 * _freedom(depth, y, x, radius)[:, None]
        heading = heading * stiff + form * (1 - stiff)
        heading /= np.maximum(np.hypot(heading[:, 0], heading[:, 1]), 1e-6)[:, None]
    kept = (sizes - 1) * step >= bristles.shortest * radius
    kept |= radius <= _TOUCHING
    if depth is not None:
        points = _beside_edges(points, depth, masses, radius, crisp)
    if depth is not None and crisp:
        kept &= _nearer(_at(goal, starts), _at(canvas, starts), colour) | (_at(depth, starts) > radius)
        kept &= _with_room(points, sizes, depth, radius)
    points, sizes, colour = points[kept], sizes[kept], colour[kept]
    jitter = bristles.jitter if rough is None else np.float32(bristles.jitter) * _at(rough, starts[kept])
    loaded = Loaded(blurred, bristles.tolerance)
    made = bundled(
        points, sizes, onset[kept], colour, radius, jitter, chance, loaded, bristles.many, bound=bristles.bound
    )
    lengths = ((sizes - 1) * step).astype(np.float32)
    return Traced(made, starts[kept], lengths, np.zeros(len(sizes), np.int64), radius)


def _at(values: NDArray[Any], places: NDArray[np.float32]) -> NDArray[Any]:
    """Values [h, w, ...] at places [n, 2], which lie within: [n, ...]."""
    x, y = np.rint(places).astype(np.int64).T
    return np.asarray(values[y, x])


def _nearer(wanted: Pixels, standing: Pixels, colour: NDArray[np.float32], forgiven: float = 0.0) -> NDArray[np.bool_]:
    """Whether colours [n, 3] come nearer to what is wanted, uint8 [n, 3], than what stands there, or go away from it by
    less levels than are `forgiven`: bool [n].
    """
    goal = wanted.astype(np.float32)
    return np.asarray(greatest(np.abs(goal - colour)) < greatest(np.abs(goal - standing)) + np.float32(forgiven), bool)


def _unmixed(blurred: Pixels, depth: NDArray[np.float32], radius: float) -> Pixels:
    """A blurred picture without what the blur has brought over edges: beside one it has the colour clear of it."""
    height, width = depth.shape
    y, x = np.nonzero(depth < radius)
    own = depth[y, x]
    right = depth[y, np.minimum(x + 1, width - 1)] - depth[y, np.maximum(x - 1, 0)]
    down = depth[np.minimum(y + 1, height - 1), x] - depth[np.maximum(y - 1, 0), x]
    way = (radius - own) / np.maximum(np.hypot(right, down), np.float32(1e-6))
    there = np.clip(np.rint(y + down * way).astype(np.int64), 0, height - 1)
    across = np.clip(np.rint(x + right * way).astype(np.int64), 0, width - 1)
    # Where the next edge is nearer there is no such place.
    clear = depth[there, across] > own + _CLEAR * (radius - own)
    free = blurred.copy()
    free[y[clear], x[clear]] = blurred[there[clear], across[clear]]
    return free


def _freedom(
    depth: NDArray[np.float32] | None, y: NDArray[np.int64], x: NDArray[np.int64], radius: float
) -> NDArray[np.float32]:
    """How freely a hand goes at places [n], 0 to 1: beside an edge it follows that."""
    if depth is None:
        return np.ones(len(x), np.float32)
    return np.asarray(np.clip(depth[y, x] / np.float32(_FOLLOWED * radius), 0, 1), np.float32)


def _with_room(
    points: NDArray[np.float32], sizes: NDArray[np.int64], depth: NDArray[np.float32], radius: float
) -> NDArray[np.bool_]:
    """Whether a brush has room between edges on the most of paths float32 [n, m, 2] with `sizes` [n]: bool [n]."""
    height, width = depth.shape
    x, y = np.rint(points).astype(np.int64).transpose(2, 0, 1)
    free = depth[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)] > _FITTING * radius
    free &= np.arange(points.shape[1]) < sizes[:, None]
    return np.asarray(2 * free.sum(axis=1) >= sizes, bool)


def _beside_edges(
    points: NDArray[np.float32], depth: NDArray[np.float32], masses: NDArray[np.int32], radius: float, crisp: bool
) -> NDArray[np.float32]:
    """Paths float32 [n, m, 2] moved away from the edges, as far as the brush would go over them and there is room in
    their mass.
    """
    height, width = depth.shape
    away = np.dstack([cv2.Sobel(depth, cv2.CV_32F, 1, 0, scale=0.125), cv2.Sobel(depth, cv2.CV_32F, 0, 1, scale=0.125)])

    def within(places: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        x, y = np.rint(places).astype(np.int64).transpose(2, 0, 1)
        return np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)

    at = within(points)
    moved = points + away[at] * np.clip(radius - depth[at], 0, None)[..., None]
    there = within(moved)
    room = (depth[there] > _ROOM * radius) & ((masses[there] >= 0) if crisp else masses[there] == masses[at])
    return np.where(room[..., None], moved, points).astype(np.float32)


def _starts(
    goal: Pixels,
    canvas: Pixels,
    mask: NDArray[np.bool_],
    radius: float,
    bristles: Bristles,
    chance: np.random.Generator,
) -> NDArray[np.float32]:
    """Where the canvas is wrong: places about `spacing` radii apart, float32 [n, 2]."""
    height, width = mask.shape
    error = cv2.blur(difference(goal, canvas), (max(1, int(radius)),) * 2)
    side = max(2.0, radius * bristles.spacing)
    rows, columns = np.mgrid[0 : int(height / side) + 1, 0 : int(width / side) + 1]
    x = (columns.ravel() + chance.uniform(0, 1, columns.size)) * side
    y = (rows.ravel() + chance.uniform(0, 1, rows.size)) * side
    x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
    at = np.rint(y).astype(int), np.rint(x).astype(int)
    kept = mask[at] & (error[at] > bristles.threshold)
    return np.stack([x[kept], y[kept]], axis=1).astype(np.float32)


def _turned(vectors: NDArray[np.float32], angles: NDArray[np.float64]) -> NDArray[np.float32]:
    cos, sin = np.cos(angles), np.sin(angles)
    x, y = vectors[:, 0], vectors[:, 1]
    return np.stack([x * cos - y * sin, x * sin + y * cos], axis=1).astype(np.float32)
