"""Strokes of a bristle brush: each a bundle of fine lines with colours of their own, ragged at both ends."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from landscape.view import View

Picture = NDArray[np.uint8]


def paint_all_over(canvas: Picture, view: View, radius: float, cover: float, random: np.random.Generator) -> None:
    """Strokes of one brush, dense enough to lie `cover` times over everything."""
    h, w = canvas.shape[:2]
    for _ in range(int(cover * h * w / (radius * radius * 8))):
        x, y = random.uniform(0, w - 1), random.uniform(0, h - 1)
        stroke(canvas, view, x, y, radius, radius * random.uniform(3.5, 7), random)


def paint_where_it_matters(canvas: Picture, view: View, radius: float, count: int, random: np.random.Generator) -> None:
    """Finer strokes, by chance where the view is rich in detail and the canvas is still off."""
    off = np.abs(canvas.astype(np.float32) - view.colours).mean(axis=2) * (0.15 + view.detail)
    chance = cv2.GaussianBlur(off, (0, 0), radius).ravel().astype(np.float64)
    h, w = canvas.shape[:2]
    spots = random.choice(h * w, count, p=chance / chance.sum())
    for spot in np.sort(spots):
        y, x = divmod(int(spot), w)
        stroke(canvas, view, x, y, radius, radius * random.uniform(3, 8), random)


def stroke(
    canvas: Picture, view: View, x: float, y: float, radius: float, length: float, random: np.random.Generator
) -> None:
    """One stroke along the forms, in the colour where it starts; it ends where the colour no longer fits."""
    h, w = canvas.shape[:2]
    start = view.colours[int(y), int(x)]
    paint = start + random.normal(0, 5) + random.normal(0, 2.5, 3)
    step = max(radius * 0.6, 2.0)
    points, turn = [(x, y)], 1 if random.random() < 0.5 else -1
    for _ in range(int(length / step)):
        angle = float(view.angle[int(y), int(x)])
        x, y = x + turn * step * np.cos(angle), y + turn * step * np.sin(angle)
        if not (0 <= x < w and 0 <= y < h) or np.abs(view.colours[int(y), int(x)] - start).max() > 46:
            break
        points.append((x, y))
    if len(points) < 2:
        return
    path = np.array(points)
    along = np.diff(path, axis=0, append=path[-1:] + (path[-1:] - path[-2:-1]))
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    across /= np.maximum(np.hypot(across[:, :1], across[:, 1:]), 1e-6)
    pressure = np.sin(np.linspace(0.35, np.pi - 0.25, len(path)))[:, None] ** 0.5
    bristles = max(3, int(radius * 0.9))
    for place in random.permutation(np.linspace(-1, 1, bristles)):
        ragged = random.integers(0, max(1, len(path) // 3), 2)
        part = slice(int(ragged[0]), len(path) - int(ragged[1]))
        line = (path + across * pressure * place * radius)[part]
        if len(line) > 1:
            shade = np.clip(paint + random.normal(0, 6), 0, 255)
            thick = max(1, round(2.0 * radius / bristles))
            cv2.polylines(canvas, [np.round(line * 8).astype(np.int32)], False, shade.tolist(), thick, cv2.LINE_AA, 3)
