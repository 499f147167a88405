"""A small vector painter: splines with corners, filled shapes, clipped shades, tapered ink; drawn large and scaled down."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.uint8]
Points = NDArray[np.float64]
Point = tuple[float, float] | tuple[float, float, str]

SCALE = 3
"""Pixels of the drawing for one of the result, on each axis."""


def colour(text: str) -> NDArray[np.float32]:
    """``#rrggbb`` as float32 [3]."""
    return np.array([int(text[i : i + 2], 16) for i in (1, 3, 5)], np.float32)


def spline(points: Sequence[Point], closed: bool = True, density: int = 14) -> Points:
    """A Catmull-Rom curve through `points` (Catmull & Rom 1974); a point with a third member "c" is a sharp corner."""
    at = np.array([point[:2] for point in points], np.float64)
    corner = [len(point) == 3 for point in points]
    count = len(at)
    curve = []
    for i in range(count if closed else count - 1):
        j = (i + 1) % count
        before = at[i] if corner[i] or (not closed and i == 0) else at[i - 1]
        after = at[j] if corner[j] or (not closed and j == count - 1) else at[(j + 1) % count]
        t = np.linspace(0, 1, density, endpoint=False)[:, None]
        a, b = (at[j] - before) / 2, (after - at[i]) / 2
        curve.append(
            (2 * t**3 - 3 * t**2 + 1) * at[i]
            + (t**3 - 2 * t**2 + t) * a
            + (-2 * t**3 + 3 * t**2) * at[j]
            + (t**3 - t**2) * b
        )
    if not closed:
        curve.append(at[-1:])
    return np.concatenate(curve)


def ellipse(x: float, y: float, across: float, down: float, turn: float = 0.0) -> Points:
    """An ellipse by its centre, half axes and turn in degrees."""
    t = np.linspace(0, 2 * np.pi, 96, endpoint=False)
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    u, v = across * np.cos(t), down * np.sin(t)
    return np.stack([x + c * u - s * v, y + s * u + c * v], axis=1)


def mirrored(points: Sequence[Point], axis: float) -> list[Point]:
    """The points on the other side of the vertical line x = `axis`, in reverse order."""
    return [(2 * axis - point[0], *point[1:]) for point in reversed(points)]  # type: ignore[misc]


class Canvas:
    """An RGB picture under construction; coordinates are in the result's pixels."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.pixels = np.full((height * SCALE, width * SCALE, 3), 255, np.float32)

    def mask(self, path: Points) -> Mask:
        """uint8 0 or 255: the inside of a closed path."""
        mask = np.zeros(self.pixels.shape[:2], np.uint8)
        cv2.fillPoly(mask, [np.round(path * SCALE).astype(np.int32)], 255)
        return mask

    def union(self, *paths: Points) -> Mask:
        """The inside of any of the paths."""
        mask = self.mask(paths[0])
        for path in paths[1:]:
            mask |= self.mask(path)
        return mask

    def paint(self, mask: Mask, paint: str, opacity: float = 1.0) -> None:
        """Lay a flat colour on a mask."""
        box = _box(mask)
        if box is None:
            return
        weight = mask[box].astype(np.float32)[..., None] * (opacity / 255)
        part = self.pixels[box]
        part += (colour(paint) - part) * weight

    def fill(self, path: Points, paint: str, opacity: float = 1.0, clip: Mask | None = None) -> Mask:
        """Fill a path, inside `clip` only where one is given, and return what was filled."""
        mask = self.mask(path)
        if clip is not None:
            mask &= clip
        self.paint(mask, paint, opacity)
        return mask

    def soft(self, path: Points, paint: str, opacity: float, blur: float, clip: Mask | None = None) -> None:
        """Fill a path with an edge that fades over about `blur` pixels, like an airbrush."""
        mask = _blurred(self.mask(path), blur * SCALE)
        if clip is not None:
            mask = cv2.multiply(mask, clip, scale=1 / 255)
        self.paint(mask, paint, opacity)

    def blur(self, sigma: float) -> None:
        """Throw everything that has been painted so far out of focus."""
        shrink = max(1.0, sigma * SCALE / 4)
        h, w = self.pixels.shape[:2]
        small = cv2.resize(self.pixels, (round(w / shrink), round(h / shrink)), interpolation=cv2.INTER_AREA)
        small = cv2.GaussianBlur(small, (0, 0), sigma * SCALE / shrink)
        self.pixels = np.asarray(cv2.resize(small, (w, h), interpolation=cv2.INTER_CUBIC), np.float32)

    def gradient(self, mask: Mask, stops: Sequence[tuple[float, str]]) -> None:
        """A vertical gradient on a mask: colours at heights (in pixels)."""
        rows = np.arange(self.pixels.shape[0]) / SCALE
        at = [stop for stop, _ in stops]
        levels = np.stack([colour(paint) for _, paint in stops])
        column = np.stack([np.interp(rows, at, levels[:, channel]) for channel in range(3)], axis=1)
        weight = mask.astype(np.float32)[..., None] / 255
        self.pixels += (column[:, None].astype(np.float32) - self.pixels) * weight

    def ink(self, path: Points, width: float, paint: str, taper: tuple[float, float] = (0.12, 0.12)) -> None:
        """A pen stroke that swells and tapers: `taper` is the share of its length at either end."""
        step = np.diff(path, axis=0)
        length = np.concatenate([[0.0], np.cumsum(np.hypot(step[:, 0], step[:, 1]))])
        if length[-1] == 0:
            return
        t = length / length[-1]
        tangent = np.gradient(path, axis=0)
        tangent /= np.maximum(np.hypot(tangent[:, :1], tangent[:, 1:]), 1e-9)
        normal = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)
        rise = np.clip(t / max(taper[0], 1e-6), 0, 1)
        fall = np.clip((1 - t) / max(taper[1], 1e-6), 0, 1)
        half = width / 2 * (0.16 + 0.84 * np.sin(np.minimum(rise, fall) * np.pi / 2))[:, None]
        mask = np.zeros(self.pixels.shape[:2], np.uint8)
        for i in range(len(path) - 1):
            quad = np.stack([path[i] + normal[i] * half[i], path[i + 1] + normal[i + 1] * half[i + 1],
                             path[i + 1] - normal[i + 1] * half[i + 1], path[i] - normal[i] * half[i]])  # fmt: skip
            cv2.fillConvexPoly(mask, np.round(quad * SCALE).astype(np.int32), 255)
            centre = np.round(path[i] * SCALE).astype(int)
            cv2.circle(mask, (int(centre[0]), int(centre[1])), round(float(half[i, 0]) * SCALE), 255, -1)
        self.paint(mask, paint)

    def outline(self, path: Points, width: float, paint: str) -> None:
        """Ink all around a closed path."""
        self.ink(np.concatenate([path, path[:2]]), width, paint, (0.0, 0.0))

    def result(self) -> NDArray[np.uint8]:
        """uint8 [height, width, 3] RGB."""
        small = cv2.resize(self.pixels, (self.width, self.height), interpolation=cv2.INTER_AREA)
        return np.clip(np.round(small), 0, 255).astype(np.uint8)


def _box(mask: Mask) -> tuple[slice, slice] | None:
    x, y, width, height = cv2.boundingRect(mask)
    return (slice(y, y + height), slice(x, x + width)) if width else None


def _blurred(mask: Mask, sigma: float) -> Mask:
    """A wide Gaussian, computed small."""
    small = cv2.resize(mask, None, fx=1 / 6, fy=1 / 6, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), max(0.6, sigma / 6))
    return np.asarray(cv2.resize(small, (mask.shape[1], mask.shape[0]), interpolation=cv2.INTER_LINEAR))
