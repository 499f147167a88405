"""The landscape from the toned ground to the last accents."""

from __future__ import annotations

import cv2
import numpy as np
from canvas import colour
from numpy.typing import NDArray

from landscape.brush import paint_all_over, paint_where_it_matters
from landscape.view import look

WIDTH, HEIGHT = 1200, 800
"""Of the canvas that is painted."""
SIZE = 750, 500
"""Of the picture, width and height."""


def draw() -> NDArray[np.uint8]:
    """uint8 [500, 750, 3] RGB."""
    random = np.random.default_rng(17)
    view = look(HEIGHT, WIDTH)
    canvas = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    canvas[:] = colour("#b88a6a")
    for radius, cover in ((34, 3.0), (18, 3.0), (10, 2.4)):
        paint_all_over(canvas, view, radius, cover, random)
    for radius, count in ((7, 5000), (4.5, 9000), (3, 9000)):
        paint_where_it_matters(canvas, view, radius, count, random)
    flowers(canvas, random)
    birch(canvas, random)
    return np.asarray(cv2.resize(canvas, SIZE, interpolation=cv2.INTER_AREA))


def flowers(canvas: NDArray[np.uint8], random: np.random.Generator) -> None:
    """Dabs of thick paint in the near grass, smaller with distance."""
    for _ in range(420):
        y = random.uniform(0.8, 1.0)
        x = random.uniform(0, 1)
        if abs(x - 0.42) < 0.1:
            continue
        size = 1.2 + 5.5 * (y - 0.78) * 4 * random.uniform(0.4, 1)
        paint = colour(str(random.choice(["#f4efe0", "#f0c94f", "#d8607a", "#b98ad0", "#f2a65a"]))) + random.normal(
            0, 8
        )
        at = (int(x * WIDTH), int(y * HEIGHT))
        cv2.ellipse(canvas, at, (max(1, int(size)), max(1, int(size * 0.7))), random.uniform(-40, 40), 0, 360,
                    np.clip(paint, 0, 255).tolist(), -1, cv2.LINE_AA)  # fmt: skip


def birch(canvas: NDArray[np.uint8], random: np.random.Generator) -> None:
    """A tree at the left edge that frames the view: trunk, boughs, leaves in clumps."""
    trunk = np.array([(96, 800), (104, 640), (92, 480), (110, 300), (128, 130), (140, 20)])
    bough(canvas, trunk, 30, 8, random)
    for points, thick in (
        ([(98, 430), (180, 330), (250, 290)], 9),
        ([(106, 330), (30, 230), (-20, 190)], 9),
        ([(118, 230), (200, 150), (290, 120)], 8),
        ([(128, 150), (70, 70), (20, 20)], 7),
    ):
        bough(canvas, np.array(points), thick, 2, random)
    clumps = (
        (250, 280, 90),
        (60, 200, 110),
        (270, 120, 100),
        (120, 60, 120),
        (10, 60, 90),
        (190, 190, 70),
        (0, 320, 60),
    )
    for tone, share in (("#2b4730", 1.6), ("#42603a", 1.1), ("#6f8a40", 0.7), ("#a9b052", 0.32), ("#e0cd74", 0.1)):
        for x, y, radius in clumps:
            for _ in range(int(radius * 3.4 * share)):
                turn, way = random.uniform(0, 2 * np.pi), radius * np.sqrt(random.uniform(0, 1))
                lift = max(0.0, 1.1 - share) * radius * 0.32
                at = (int(x + way * np.cos(turn) + lift), int(y + 0.7 * way * np.sin(turn) - lift))
                paint = np.clip(colour(tone) + random.normal(0, 9, 3), 0, 255).tolist()
                cv2.ellipse(canvas, at, (int(random.uniform(4, 10)), int(random.uniform(2, 5))),
                            random.uniform(-60, 60), 0, 360, paint, -1, cv2.LINE_AA)  # fmt: skip


def bough(
    canvas: NDArray[np.uint8], points: NDArray[np.int64], thick: int, thin: int, random: np.random.Generator
) -> None:
    """Bark in short strokes across, light to the right."""
    ways = np.linspace(0, 1, 220)
    at = np.linspace(0, 1, len(points))
    xs, ys = np.interp(ways, at, points[:, 0]), np.interp(ways, at, points[:, 1])
    for way, x, y in zip(ways, xs, ys, strict=True):
        half = (thick + (thin - thick) * way) / 2
        for place in np.linspace(-1, 1, max(3, int(half))):
            light = np.clip(0.5 + 0.5 * place + random.normal(0, 0.15), 0, 1)
            paint = colour("#4a3a38") * (1 - light) + colour("#d9c7ae") * light
            if random.random() < 0.08:
                paint = colour("#2c2426")
            left = x + place * half
            end = (int((left + random.uniform(1, 4)) * 8), int((y + random.uniform(-1, 1)) * 8))
            cv2.line(canvas, (int(left * 8), int(y * 8)), end, paint.tolist(), 2, cv2.LINE_AA, 3)
