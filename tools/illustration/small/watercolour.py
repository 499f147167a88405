"""Poppies in watercolour: washes over each other, wet edges, the paper left white."""

from __future__ import annotations

import cv2
import numpy as np
from canvas import Points, colour, ellipse, spline
from numpy.typing import NDArray

HEIGHT, WIDTH = 720, 560
Map = NDArray[np.float32]


class Sheet:
    """Rough paper and what has dried on it: `light` float32 [h, w, 3], 0..1 of what is thrown back."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(12)
        self.light = np.ones((HEIGHT, WIDTH, 3), np.float32)
        self.grain = cv2.GaussianBlur(self.random.normal(0, 1, (HEIGHT, WIDTH)).astype(np.float32), (0, 0), 1.3) * 2
        self.flow = [self._drift(22), self._drift(22)]

    def _drift(self, sigma: float) -> Map:
        drift = cv2.GaussianBlur(self.random.normal(0, 1, (HEIGHT, WIDTH)).astype(np.float32), (0, 0), sigma)
        return np.asarray(drift / drift.std(), np.float32)

    def wash(self, path: Points, paint: str, strength: float, wet: float = 1.2, ragged: float = 7) -> None:
        """One wash in a path: transparent, granular, darker along its edge unless the paper was wet."""
        mask = np.zeros((HEIGHT * 2, WIDTH * 2), np.uint8)
        cv2.fillPoly(mask, [np.round(path * 2).astype(np.int32)], 255)
        inside = cv2.resize(mask, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
        inside = cv2.remap(
            inside, columns + self.flow[0] * ragged, rows + self.flow[1] * ragged, cv2.INTER_LINEAR, borderValue=0
        )
        inside = cv2.GaussianBlur(inside, (0, 0), wet)
        edge = np.clip(inside - cv2.GaussianBlur(inside, (0, 0), 5), 0, 1) * (1.4 if wet < 3 else 0.0)
        pool = 1 + 0.28 * self._drift(34) + 0.10 * self.grain
        depth = strength * inside * np.clip(pool + 1.5 * edge, 0.15, 2.2)
        self.light *= np.exp(np.log(np.maximum(colour(paint) / 255, 0.02)) * depth[..., None])

    def result(self) -> NDArray[np.uint8]:
        """uint8 [h, w, 3] RGB."""
        paper = colour("#fbf8f1")
        return np.clip(np.round(self.light * paper), 0, 255).astype(np.uint8)


def draw() -> NDArray[np.uint8]:
    """uint8 [720, 560, 3] RGB."""
    sheet = Sheet()
    for x, y, across, down, paint, strength in (
        (170, 170, 150, 110, "#a9cbe0", 0.55), (420, 300, 120, 130, "#bcd6e2", 0.5), (280, 560, 210, 90, "#b9d2a0", 0.6),
        (120, 470, 90, 110, "#d6dfae", 0.5), (460, 560, 80, 90, "#a7c7b0", 0.5),
    ):  # fmt: skip
        sheet.wash(ellipse(x, y, across, down), paint, strength, 14, 26)
    for root, top in (
        ((250, 700), (200, 300)),
        ((290, 710), (380, 230)),
        ((310, 712), (420, 470)),
        ((230, 706), (110, 440)),
    ):
        stem(sheet, root, top)
    for points in (
        [(250, 690, "c"), (170, 620), (90, 600, "c"), (150, 660), (244, 706, "c")],
        [(300, 700, "c"), (390, 640), (480, 640, "c"), (410, 690), (310, 712, "c")],
        [(262, 640, "c"), (230, 560), (240, 500, "c"), (276, 560), (276, 650, "c")],
    ):
        sheet.wash(spline(points), "#6f9a54", 0.9)
        sheet.wash(spline([(x * 0.94 + 17, y * 0.98 + 14, *kind) for x, y, *kind in points]), "#3f6f4e", 0.5)
    for x, y, size, turn in ((200, 280, 96, 0.1), (384, 216, 74, -0.3), (424, 462, 54, 0.5)):
        poppy(sheet, x, y, size, turn)
    bud(sheet, 108, 430)
    return sheet.result()


def stem(sheet: Sheet, root: tuple[int, int], top: tuple[int, int]) -> None:
    (ax, ay), (bx, by) = root, top
    bend = ((ax + bx) / 2 + (bx - ax) * 0.28, (ay + by) / 2)
    left = [(ax - 4, ay), (bend[0] - 3, bend[1]), (bx - 2, by)]
    right = [(bx + 2, by), (bend[0] + 3, bend[1]), (ax + 4, ay)]
    sheet.wash(spline([*left, *right]), "#5c8a4c", 0.9, 0.8, 3)


def poppy(sheet: Sheet, x: float, y: float, size: float, turn: float) -> None:
    """Five petals, each washed pale, again in its shadow, and again at the heart."""
    for number in range(5):
        angle = turn + number * 2 * np.pi / 5
        px, py = x + 0.52 * size * np.cos(angle), y + 0.40 * size * np.sin(angle)
        petal = ellipse(px, py, size * 0.56, size * 0.44, np.degrees(angle))
        sheet.wash(petal, "#f0654a", 0.75)
        fold = ellipse(px + size * 0.06, py + size * 0.14, size * 0.36, size * 0.2, np.degrees(angle))
        sheet.wash(fold, "#d8402f", 0.55, 2.0)
    sheet.wash(ellipse(x, y, size * 0.34, size * 0.28), "#a2243a", 0.8, 5)
    sheet.wash(ellipse(x, y, size * 0.15, size * 0.13), "#2c2a3a", 1.2, 1.0, 3)
    for number in range(14):
        angle = number * 2 * np.pi / 14 + turn
        way = size * sheet.random.uniform(0.2, 0.34)
        sheet.wash(ellipse(x + way * np.cos(angle), y + 0.8 * way * np.sin(angle), 3.2, 2.6), "#2c2a3a", 1.4, 0.7, 1)


def bud(sheet: Sheet, x: float, y: float) -> None:
    sheet.wash(ellipse(x, y, 20, 30, 20), "#7fa35e", 0.9)
    sheet.wash(spline([(x + 2, y - 28, "c"), (x + 16, y - 6), (x + 4, y + 24, "c"), (x + 4, y - 4)]), "#e2573f", 0.9)
