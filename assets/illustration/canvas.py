"""A small vector canvas: splines, coverage masks, tapered ink and soft paint, on numpy and OpenCV alone.

Points are float arrays (n, 2) in canvas pixels, x to the right and y down. Colours are "#rrggbb". A mask is a
rectangle of coverage in 0..1, so that a small shape costs little. Shapes are rasterised at four times the resolution
and averaged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

SUPERSAMPLING = 4
_STEPS_PER_CURVE = 14


@dataclass(frozen=True)
class Path:
    """A drawn line: dense `points` (n, 2), and the indices at which it has a corner (both ends included)."""

    points: Array
    corners: tuple[int, ...]

    def moved(self, transform: Callable[[Array], Array]) -> Path:
        """The same line with every point sent through `transform`."""
        return Path(transform(self.points).astype(np.float32), self.corners)

    def smooth_runs(self) -> list[Array]:
        """The line cut at its corners."""
        return [self.points[a : b + 1] for a, b in pairwise(self.corners)]


def line(text: str, closed: bool = False) -> Path:
    """A smooth line through the points of `text`, written "x,y x,y! x,y": an exclamation mark makes a corner.

    Between corners the line is a chain of cubic Bezier curves whose tangents follow the
    neighbouring points (Catmull-Rom).
    """
    words = text.split()
    if closed:
        words = [words[0].rstrip("!") + "!", *words[1:], words[0]]
    nodes = np.array([[float(v) for v in word.rstrip("!").split(",")] for word in words], np.float32)
    cuts = [0, *(i for i, word in enumerate(words[1:-1], 1) if word.endswith("!")), len(words) - 1]
    points: list[Array] = [nodes[:1]]
    corners = [0]
    for start, end in pairwise(cuts):
        run = _bezier_chain(nodes[start : end + 1])
        points.append(run[1:])
        corners.append(corners[-1] + len(run) - 1)
    return Path(np.concatenate(points), tuple(corners))


def _bezier_chain(nodes: Array) -> Array:
    padded = np.concatenate([2 * nodes[:1] - nodes[1:2], nodes, 2 * nodes[-1:] - nodes[-2:-1]])
    t = np.linspace(0, 1, _STEPS_PER_CURVE, dtype=np.float32)[1:, None]
    runs = [nodes[:1]]
    for before, a, b, after in zip(padded[:-3], padded[1:-2], padded[2:-1], padded[3:], strict=True):
        reach = float(np.linalg.norm(b - a)) / 3
        control_a = a + reach * _unit(b - before)
        control_b = b - reach * _unit(after - a)
        runs.append((1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * control_a + 3 * (1 - t) * t**2 * control_b + t**3 * b)
    return np.concatenate(runs).astype(np.float32)


def _unit(vector: Array) -> Array:
    return (vector / max(float(np.linalg.norm(vector)), 1e-6)).astype(np.float32)


def ellipse(x: float, y: float, rx: float, ry: float, degrees: float = 0.0) -> Path:
    """A closed ellipse about (x, y)."""
    t = np.linspace(0, 2 * np.pi, 73)
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    px, py = rx * np.cos(t), ry * np.sin(t)
    return Path(np.stack([x + c * px - s * py, y + s * px + c * py], 1).astype(np.float32), (0, len(t) - 1))


@dataclass(frozen=True)
class Gradient:
    """Colour stops along the way from `start` to `end`; with `radial`, along the distance from `start` instead."""

    start: tuple[float, float]
    end: tuple[float, float]
    stops: tuple[str, ...]
    radial: bool = False

    def at(self, xs: Array, ys: Array) -> Array:
        """Colours (h, w, 3) at the grid of `xs` (w,) and `ys` (h,)."""
        dx, dy = self.end[0] - self.start[0], self.end[1] - self.start[1]
        gx, gy = np.meshgrid(xs - self.start[0], ys - self.start[1])
        t = np.hypot(gx, gy) / np.hypot(dx, dy) if self.radial else (gx * dx + gy * dy) / (dx * dx + dy * dy)
        at = np.linspace(0, 1, len(self.stops))
        colours = np.array([rgb(stop) for stop in self.stops])
        return np.stack([np.interp(t, at, colours[:, c]) for c in range(3)], -1).astype(np.float32)


def rgb(colour: str) -> Array:
    """ "#rrggbb" as three floats in 0..1."""
    return np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)], np.float32)


@dataclass(frozen=True)
class Mask:
    """Coverage (h, w) in 0..1 whose upper left pixel lies at (x, y) of the canvas."""

    x: int
    y: int
    cover: Array

    def within(self, other: Mask | None) -> Mask:
        """The part that lies inside `other` (all of it without one)."""
        if other is None:
            return self
        x0, y0 = max(self.x, other.x), max(self.y, other.y)
        x1 = min(self.x + self.cover.shape[1], other.x + other.cover.shape[1])
        y1 = min(self.y + self.cover.shape[0], other.y + other.cover.shape[0])
        if x1 <= x0 or y1 <= y0:
            return Mask(0, 0, np.zeros((0, 0), np.float32))
        return Mask(x0, y0, self._window(x0, y0, x1, y1) * other._window(x0, y0, x1, y1))

    def _window(self, x0: int, y0: int, x1: int, y1: int) -> Array:
        return self.cover[y0 - self.y : y1 - self.y, x0 - self.x : x1 - self.x]


class Canvas:
    """An opaque picture that shapes are painted onto, back to front."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.pixels: Array = np.ones((height, width, 3), np.float32)

    def mask(self, *outlines: Path, soften: float = 0.0) -> Mask:
        """The union of the filled `outlines`, its border blurred by `soften` pixels."""
        return self._rasterise([path.points for path in outlines], soften)

    def _rasterise(self, polygons: list[Array], soften: float = 0.0) -> Mask:
        everything = np.concatenate(polygons)
        margin = 2 + int(3 * soften)
        x0, y0 = np.maximum(np.floor(everything.min(0)).astype(int) - margin, -margin)
        x1, y1 = np.ceil(everything.max(0)).astype(int) + margin
        x1, y1 = min(x1, self.width + margin), min(y1, self.height + margin)
        if x1 <= x0 or y1 <= y0:
            return Mask(0, 0, np.zeros((0, 0), np.float32))
        # The blur of a soft shape hides the steps of its border: no need to supersample that one.
        scale = 1 if soften > 3 else SUPERSAMPLING
        fine = np.zeros(((y1 - y0) * scale, (x1 - x0) * scale), np.uint8)
        for polygon in polygons:
            fixed = np.round(((polygon - (x0, y0)) * scale - 0.5) * 16).astype(np.int32)
            cv2.fillPoly(fine, [fixed], 255, cv2.LINE_8, 4)
        cover = fine.reshape(y1 - y0, scale, x1 - x0, scale).mean((1, 3), dtype=np.float32) / 255
        if soften:
            cover = cv2.GaussianBlur(cover, (0, 0), soften)
        left, top = max(0, -x0), max(0, -y0)
        cover = cover[top : self.height - y0, left : self.width - x0]
        return Mask(x0 + left, y0 + top, cover)

    def paint(self, mask: Mask, fill: str | Gradient, opacity: float = 1.0, blend: str = "normal") -> None:
        """Lay `fill` over the canvas where `mask` covers it; `blend` is normal, multiply, screen or glow (additive)."""
        h, w = mask.cover.shape
        if not h or not w:
            return
        below = self.pixels[mask.y : mask.y + h, mask.x : mask.x + w]
        source = rgb(fill) if isinstance(fill, str) else fill.at(*_grid(mask))
        if blend == "multiply":
            source = below * source
        elif blend == "screen":
            source = 1 - (1 - below) * (1 - source)
        elif blend == "glow":
            source = np.minimum(below + source, 1)
        below += (source - below) * (mask.cover * np.float32(opacity))[..., None]

    def ink(
        self,
        path: Path,
        colour: str,
        width: float = 4.0,
        taper: tuple[float, float] = (0.35, 0.35),
        tip: float = 0.15,
        clip: Mask | None = None,
        opacity: float = 1.0,
    ) -> None:
        """A pen line `width` pixels at its thickest, thinning to `tip` of it over the `taper` share at each end."""
        polygons = [piece for run in path.smooth_runs() for piece in _pen_shape(run, width, taper, tip)]
        self.paint(self._rasterise(polygons).within(clip), colour, opacity)

    def to_uint8(self) -> NDArray[np.uint8]:
        """The picture, (height, width, 3) RGB."""
        return np.asarray(np.clip(np.floor(self.pixels * 255 + 0.5), 0, 255), np.uint8)


def _grid(mask: Mask) -> tuple[Array, Array]:
    h, w = mask.cover.shape
    return np.arange(mask.x, mask.x + w, dtype=np.float32), np.arange(mask.y, mask.y + h, dtype=np.float32)


def _pen_shape(run: Array, width: float, taper: tuple[float, float], tip: float) -> list[Array]:
    steps = np.linalg.norm(np.diff(run, axis=0), axis=1)
    run = run[np.concatenate([[True], steps > 1e-3])]
    if len(run) < 2:
        return []
    tangent = np.gradient(run, axis=0)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-6)
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], 1)
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(run, axis=0), axis=1))])
    along /= along[-1]
    rise = np.clip(along / max(taper[0], 1e-6), 0, 1) if taper[0] else np.ones_like(along)
    fall = np.clip((1 - along) / max(taper[1], 1e-6), 0, 1) if taper[1] else np.ones_like(along)
    pressure = tip + (1 - tip) * np.sin(rise * np.pi / 2) * np.sin(fall * np.pi / 2)
    half = (width / 2 * pressure)[:, None]
    left, right = run + half * normal, run - half * normal
    quads = [np.stack([left[i], left[i + 1], right[i + 1], right[i]]) for i in range(len(run) - 1)]
    # Discs round the joints and the ends, so that neither a bend nor a corner shows a gap.
    t = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    disc = np.stack([np.cos(t), np.sin(t)], 1)
    return quads + [run[i] + half[i] * disc for i in range(0, len(run), 2)] + [run[-1] + half[-1] * disc]
