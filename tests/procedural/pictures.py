"""Small pictures of each kind, drawn here."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
PEN = (30, 24, 20)
"""What outlines are drawn with."""


def cartoon(width: int = 160, height: int = 200) -> Pixels:
    """A figure with dark outlines, flat colours and a hard shadow, on a coloured ground."""
    width, height = 2 * width, 2 * height
    canvas = np.full((height, width, 3), (206, 226, 240), np.uint8)
    canvas[:] -= np.linspace(0, 60, height).astype(np.uint8)[:, None, None]
    middle = width // 2
    cv2.rectangle(canvas, (0, height * 3 // 4), (width, height), (150, 190, 120), -1)
    cv2.ellipse(canvas, (middle, height * 7 // 10), (width // 4, height // 5), 0, 0, 360, (196, 70, 60), -1)
    cv2.ellipse(canvas, (middle + 24, height * 7 // 10), (width // 7, height // 6), 0, 0, 360, (158, 48, 52), -1)
    cv2.ellipse(canvas, (middle, height * 7 // 10), (width // 4, height // 5), 0, 0, 360, (30, 24, 30), 5)
    cv2.circle(canvas, (middle, height // 3), width // 5, (246, 208, 180), -1)
    cv2.circle(canvas, (middle, height // 3), width // 5, (30, 24, 30), 5)
    for side in (-1, 1):
        cv2.circle(canvas, (middle + side * width // 13, height // 3), 9, (30, 24, 30), -1)
        cv2.circle(canvas, (middle + side * width // 13 + 1, height // 3 - 2), 3, (255, 255, 255), -1)
    cv2.ellipse(canvas, (middle, height * 2 // 5), (width // 14, 8), 0, 0, 180, (120, 40, 40), 4)
    cv2.line(canvas, (0, height * 3 // 4), (width, height * 3 // 4), (30, 24, 30), 5)
    for place in range(-5, 6):
        end = (middle + place * width // 16, height // 8 + abs(place) * 5)
        cv2.line(canvas, (middle + place * width // 26, height // 4), end, (30, 24, 30), 5)
    for side in (-1, 1):
        for place in (4, 5, 6):
            hand = (middle + side * width * 2 // 5, height * place // 10)
            cv2.line(canvas, (middle + side * width // 4, height * 7 // 10), hand, (30, 24, 30), 5)
    return cv2.resize(canvas, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA).astype(np.uint8)


def crowded(rows: int = 3, columns: int = 7) -> Pixels:
    """Outlined discs of seven colours before a wall and a floor of dull ones, drawn with a pen: uint8 [320, 480, 3]."""
    canvas = np.full((320, 480, 3), (128, 112, 70), np.uint8)
    canvas[:, 240:] = (150, 132, 90)
    canvas[240:] = (104, 78, 44)
    for end in ((240, 0), (480, 240), (0, 240)):
        cv2.line(canvas, (240, 240), end, PEN, 3, cv2.LINE_AA)
    paints = (
        (212, 190, 140),
        (214, 156, 70),
        (84, 88, 60),
        (150, 160, 60),
        (190, 170, 120),
        (70, 60, 52),
        (176, 120, 50),
    )
    half = (round(0.38 * 480 / columns), round(0.38 * 320 / rows))
    for row, column in np.ndindex(rows, columns):
        at, paint = disc(row, column, rows, columns), paints[(column + 2 * row) % len(paints)]
        cv2.ellipse(canvas, at, half, 0, 0, 360, paint, -1, cv2.LINE_AA)
        cv2.ellipse(canvas, at, half, 0, 0, 360, PEN, 2, cv2.LINE_AA)
    return canvas


def disc(row: int, column: int, rows: int = 3, columns: int = 7) -> tuple[int, int]:
    """The middle of one of the discs in `crowded`, x and y."""
    return round(480 * (column + 0.5) / columns), round(320 * (row + 0.5) / rows)


def posters(width: int = 160, height: int = 120) -> Pixels:
    """Flat shapes without outlines."""
    canvas = np.full((height, width, 3), (250, 214, 150), np.uint8)
    cv2.circle(canvas, (width * 3 // 4, height // 3), height // 5, (240, 120, 80), -1)
    hill = np.array([[0, height], [width // 3, height // 2], [width * 2 // 3, height]], np.int32)
    cv2.fillPoly(canvas, [hill], (70, 110, 140))
    cv2.rectangle(canvas, (0, height * 4 // 5), (width, height), (60, 90, 80), -1)
    return canvas


def photo(width: int = 160, height: int = 120) -> Pixels:
    """Soft forms with grain."""
    noise = np.random.Generator(np.random.PCG64(7))
    soft = cv2.GaussianBlur(noise.uniform(0, 255, (height, width, 3)), (0, 0), 9)
    soft = (soft - soft.min()) / (soft.max() - soft.min()) * 220
    return np.clip(soft + noise.normal(12, 9, soft.shape), 0, 255).astype(np.uint8)


def sprite(scale: int = 1) -> Pixels:
    """Pixel art in six colours, 24 pixels a side before it is enlarged."""
    palette = np.array(
        [(20, 20, 40), (200, 60, 60), (240, 200, 120), (80, 160, 80), (250, 250, 250), (60, 90, 200)], np.uint8
    )
    y, x = np.mgrid[0:24, 0:24]
    index = np.where((x - 12) ** 2 + (y - 12) ** 2 < 90, 1 + (x // 4 + y // 5) % 5, 0)
    return np.repeat(np.repeat(palette[index], scale, axis=0), scale, axis=1)


def sticker() -> Pixels:
    """The cartoon, cut out: RGBA with soft edges."""
    colour = cartoon()
    alpha = np.zeros(colour.shape[:2], np.uint8)
    cv2.ellipse(alpha, (80, 100), (60, 90), 0, 0, 360, 255, -1)
    return np.dstack([colour, cv2.GaussianBlur(alpha, (0, 0), 2)])


def outlines(width: int = 240, height: int = 200) -> Pixels:
    """Line art: black pen on white, no colour."""
    canvas = np.full((2 * height, 2 * width, 3), 255, np.uint8)
    for number in range(7):
        middle = (50 + 62 * number, 120 + 30 * (number % 3))
        cv2.ellipse(canvas, middle, (30, 52 + 6 * number), 12 * number, 0, 360, (20, 20, 20), 4)
        cv2.line(canvas, (middle[0], middle[1] + 60), (middle[0] + 30, 380), (20, 20, 20), 4)
    cv2.polylines(canvas, [np.array([[0, 330], [120, 300], [260, 340], [480, 310]])], False, (20, 20, 20), 4)
    return cv2.resize(canvas, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA).astype(np.uint8)


def photographed(drawing: Pixels, tint: tuple[int, int, int] = (214, 200, 176)) -> Pixels:
    """A drawing on white as a lens sees it on tinted paper: brighter at one side, with grain, on a dark table."""
    height, width = drawing.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    light = 1.0 - 0.45 * x / width - 0.15 * (y / height - 0.4) ** 2
    grain = np.random.default_rng(4).normal(0, 6.0, (height, width, 1))
    lit = drawing / 255.0 * np.array(tint) * light[..., None] + cv2.GaussianBlur(grain, (0, 0), 0.8)[..., None]
    picture = np.clip(np.rint(lit), 0, 255).astype(np.uint8)
    table = np.array([[0, height - 40], [width // 3, height], [0, height]], np.int32)
    cv2.fillPoly(picture, [table], (52, 34, 24), cv2.LINE_AA)
    return picture


def graphite(width: int = 360, height: int = 300) -> Pixels:
    """Two eggs in graphite on white: contours, and tone by strokes that lean to the right."""
    canvas = np.full((height, width), 255.0, np.float32)
    noise = np.random.default_rng(2)
    for centre, axes, dark in (((120, 140), (70, 90), 110), ((250, 170), (60, 75), 70)):
        inside = np.zeros((height, width), np.uint8)
        cv2.ellipse(inside, centre, axes, 0, 0, 360, 255, -1)
        strokes = np.zeros((height, width), np.float32)
        for place in range(-height, width, 4):
            start = (place + int(noise.integers(-1, 2)), height)
            strength = dark * float(noise.uniform(0.6, 1.1))
            cv2.line(strokes, start, (start[0] + height, 0), strength, 2, cv2.LINE_AA)
        canvas -= strokes * (inside > 0)
        cv2.ellipse(canvas, centre, axes, 0, 0, 360, 60, 2, cv2.LINE_AA)
    grey = np.clip(cv2.GaussianBlur(canvas, (0, 0), 0.6) + noise.normal(0, 3, canvas.shape) * (canvas < 250), 0, 255)
    return np.repeat(grey[..., None], 3, axis=2).astype(np.uint8)
