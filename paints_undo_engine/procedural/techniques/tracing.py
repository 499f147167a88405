"""Brush strokes along the forms of a picture: all strokes of one brush size are traced at once.

After Hertzmann 1998, "Painterly Rendering with Curved Brush Strokes of Multiple Sizes": a stroke starts where the
canvas is wrong, follows the form, and ends where its colour no longer fits. The direction comes from the structure
tensor.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.brush import Strokes
from paints_undo_engine.procedural.document.model import Pixels
from paints_undo_engine.procedural.reading.channels import difference, greatest
from paints_undo_engine.procedural.techniques.arriving import wide_blur


@dataclass(frozen=True, slots=True)
class Bristles:
    """How a brush of one size paints. Lengths are in radii.

    `spacing` between starts, `longest` and `shortest` strokes, `tolerance` in levels: how far the picture's colour may
    go from the stroke's before it ends; `threshold` in levels: how wrong the canvas must be. `jitter` in levels of
    lightness between bristles, `wander` in radians: how far directions stray.
    """

    spacing: float = 1.0
    longest: float = 9.0
    shortest: float = 1.5
    tolerance: float = 26.0
    threshold: float = 14.0
    jitter: float = 5.0
    wander: float = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Traced:
    """Strokes of one `radius` on the grid with their starts float32 [s, 2] and lengths in pixels [s]."""

    strokes: Strokes
    starts: NDArray[np.float32]
    lengths: NDArray[np.float32]
    radius: float

    def line(self, stroke: int) -> NDArray[np.float32]:
        """The middle bristle of a stroke: float32 [n, 2]."""
        made = self.strokes
        middle = (int(made.first[stroke]) + int(made.first[stroke + 1])) // 2
        return made.points[made.ends[middle] : made.ends[middle + 1]]


def directions(picture: Pixels, sigma: float, chance: np.random.Generator) -> NDArray[np.float32]:
    """Along which way forms run: float32 [h, w, 2] unit vectors; where there is no form a slow flow takes over."""
    grey = wide_blur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32), max(1.0, sigma * 0.4))
    gx, gy = cv2.Scharr(grey, cv2.CV_32F, 1, 0), cv2.Scharr(grey, cv2.CV_32F, 0, 1)
    blur = max(2.0, sigma)
    xx, yy, xy = (_blurred(value, blur) for value in (gx * gx, gy * gy, gx * gy))
    # The doubled angle of the form's direction, across the gradient, with the tensor's coherence as its length.
    length = np.sqrt((xx - yy) ** 2 + 4 * xy**2)
    total = xx + yy + 1e-3
    cos2, sin2 = -(xx - yy) / (length + 1e-6), -2 * xy / (length + 1e-6)
    sure = np.clip(length / total * 1.5, 0, 1) * np.clip(total / np.float32(np.median(total) + 60), 0, 1)
    height, width = grey.shape
    coarse = chance.normal(size=(4, 4)).astype(np.float32) * 0.5
    flow = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC) + float(
        chance.choice([0.1, 0.5, 1.2, 2.6])
    )
    cos2 = cos2 * sure + np.cos(2 * flow) * (1 - sure) * 0.5
    sin2 = sin2 * sure + np.sin(2 * flow) * (1 - sure) * 0.5
    cos2, sin2 = _blurred(cos2, blur * 0.5), _blurred(sin2, blur * 0.5)
    # Half of the angle, to the right.
    size = np.maximum(np.hypot(cos2, sin2), np.float32(1e-12))
    along = np.empty((height, width, 2), np.float32)
    along[..., 0] = np.sqrt(np.maximum(1 + cos2 / size, 0) / 2)
    along[..., 1] = np.copysign(np.sqrt(np.maximum(1 - cos2 / size, 0) / 2), sin2)
    return along


def _blurred(values: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    return wide_blur(values, sigma)


def traced(
    goal: Pixels,
    canvas: Pixels,
    mask: NDArray[np.bool_],
    masses: NDArray[np.int32],
    radius: float,
    bristles: Bristles,
    chance: np.random.Generator,
) -> Traced:
    """Strokes of one radius from `canvas` towards `goal` (uint8 [h, w, 3]), within `mask` and each within one mass.

    Masses are labels int32 [h, w]; a stroke ends where its mass does.
    """
    height, width = mask.shape
    blurred = np.rint(wide_blur(goal, max(0.6, radius * 0.45))).astype(np.uint8)
    along = directions(goal, max(1.5, radius * 0.8), chance)
    starts = _starts(goal if radius < 3 else blurred, canvas, mask, radius, bristles, chance)
    if not len(starts):
        return Traced(_none(), starts, np.zeros(0, np.float32), radius)
    x, y = np.rint(starts[:, 0]).astype(int), np.rint(starts[:, 1]).astype(int)
    colour, mass = blurred[y, x].astype(np.float32), masses[y, x]
    step = max(1.5, radius * 0.7)
    count = max(2, round(bristles.longest * radius / step))
    longest = chance.uniform(0.45, 1.0, len(starts)) * count
    heading = along[y, x] * chance.choice([-1, 1], (len(starts), 1)).astype(np.float32)
    heading = _turned(heading, chance.normal(0, bristles.wander, len(starts)))
    here = starts.copy()
    alive = np.ones(len(starts), bool)
    points = np.zeros((len(starts), count + 1, 2), np.float32)
    points[:, 0] = here
    sizes = np.ones(len(starts), np.int64)
    for number in range(1, count + 1):
        here = here + heading * step
        x, y = np.rint(here[:, 0]).astype(int), np.rint(here[:, 1]).astype(int)
        # Strokes run over the canvas' border, so that no paper is left along it.
        inside = (x >= -radius) & (y >= -radius) & (x < width + radius) & (y < height + radius)
        x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
        wrong = greatest(np.abs(blurred[y, x] - colour)) > bristles.tolerance
        alive &= inside & ~wrong & (masses[y, x] == mass) & (number <= longest)
        if not alive.any():
            break
        points[alive, number] = here[alive]
        sizes[alive] = number + 1
        form = along[y, x]
        form = form * np.sign((form * heading).sum(axis=1, keepdims=True) + 1e-9)
        heading = heading * 0.4 + form * 0.6
        heading /= np.maximum(np.hypot(heading[:, 0], heading[:, 1]), 1e-6)[:, None]
    kept = (sizes - 1) * step >= bristles.shortest * radius
    kept |= radius <= 4
    points, sizes, colour = points[kept], sizes[kept], colour[kept]
    made = _bundles(points, sizes, colour, radius, bristles, chance)
    return Traced(made, starts[kept], ((sizes - 1) * step).astype(np.float32), radius)


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


def _bundles(
    points: NDArray[np.float32],
    sizes: NDArray[np.int64],
    colour: NDArray[np.float32],
    radius: float,
    bristles: Bristles,
    chance: np.random.Generator,
) -> Strokes:
    """Each path as a bundle of bristles: the bundle swells and thins with pressure, and its ends are ragged."""
    n, longest = points.shape[:2]
    if not n:
        return _none()
    count = int(np.clip(round(radius * 0.55), 1, 9))
    number = np.arange(longest)
    last = np.maximum(sizes - 1, 1)[:, None]
    t = np.clip(number / last, 0, 1)
    ahead = points[np.arange(n)[:, None], np.minimum(number + 1, sizes[:, None] - 1)]
    behind = points[np.arange(n)[:, None], np.clip(number - 1, 0, None) * np.ones((n, 1), int)]
    way = ahead - behind
    normal = np.stack([-way[..., 1], way[..., 0]], axis=2)
    normal /= np.maximum(np.hypot(normal[..., 0], normal[..., 1]), 1e-6)[..., None]
    pressure = (0.55 + 0.45 * np.sin(np.pi * np.clip(t * 0.85 + 0.1, 0, 1))) * radius
    evenly = np.linspace(-0.8, 0.8, count) if count > 1 else np.zeros(1)
    offsets = evenly[None] + chance.normal(0, 0.06, (n, count))
    placed: NDArray[np.floating] = (
        points[:, None] + normal[:, None] * (offsets[:, :, None] * pressure[:, None])[..., None]
    )
    ragged = chance.integers(0, 2 if longest < 6 else 3, (2, n, count))
    spare = np.maximum(sizes[:, None] - 2, 0)
    begin = np.minimum(ragged[0], spare // 2)
    end = sizes[:, None] - np.minimum(ragged[1], spare // 2)
    shown = (number >= begin[..., None]) & (number < end[..., None])
    # A path of one place is a touch of the brush.
    single = shown.sum(axis=2) < 2
    if single.any():
        placed, shown = _touched(placed, shown, single, radius)
    counts = shown.sum(axis=2).ravel()
    thickness = max(1, round(2 * radius / count * 1.3)) if count > 1 else max(1, round(2 * radius))
    shade = chance.normal(0, bristles.jitter, (n, count)) + chance.normal(0, bristles.jitter * 0.5, (n, 1))
    shades = np.clip(colour[:, None] + shade[..., None], 0, 255)
    return Strokes(
        placed[shown].astype(np.float32),
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        np.rint(shades).reshape(-1, 3).astype(np.uint8),
        np.full(n * count, thickness, np.int32),
        np.arange(0, n * count + 1, count).astype(np.int64),
    )


def _touched(
    placed: NDArray[np.floating], shown: NDArray[np.bool_], single: NDArray[np.bool_], radius: float
) -> tuple[NDArray[np.floating], NDArray[np.bool_]]:
    """Bristles with one sample get a second one beside it."""
    shown = shown.copy()
    placed = placed.copy()
    rows, columns = np.nonzero(single)
    first = shown[rows, columns].argmax(axis=1)
    other = np.where(first + 1 < placed.shape[2], first + 1, first - 1)
    placed[rows, columns, other] = placed[rows, columns, first] + np.array([radius * 0.3, 0.5])
    shown[rows, columns, first] = True
    shown[rows, columns, other] = True
    return placed, shown


def _none() -> Strokes:
    nothing = np.zeros(0, np.int64)
    return Strokes(np.zeros((0, 2), np.float32), np.zeros(1, np.int64), np.zeros((0, 3), np.uint8),
                   nothing.astype(np.int32), np.zeros(1, np.int64))  # fmt: skip
