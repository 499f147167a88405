"""A flat emblem: sun, hills and a river in a ring, with a name below."""

from __future__ import annotations

import numpy as np
from canvas import Canvas, ellipse, spline
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

SIDE = 640


def draw() -> NDArray[np.uint8]:
    """uint8 [640, 640, 3] RGB."""
    canvas = Canvas(SIDE, SIDE)
    canvas.fill(ellipse(320, 270, 214, 214), "#17324d")
    disc = canvas.fill(ellipse(320, 270, 192, 192), "#f6c667")
    canvas.fill(ellipse(386, 222, 62, 62), "#f08a4b", 1, disc)
    for points, paint in (
        (
            [
                (90, 330, "c"),
                (190, 236),
                (270, 300),
                (360, 262),
                (470, 330),
                (560, 280),
                (560, 480, "c"),
                (90, 480, "c"),
            ],
            "#4f8a6b",
        ),
        ([(90, 390, "c"), (200, 320), (330, 372), (560, 330, "c"), (560, 480, "c"), (90, 480, "c")], "#2c6152"),
    ):
        canvas.fill(spline(points), paint, 1, disc)
    river = [
        (330, 352, "c"),
        (286, 388),
        (352, 420),
        (268, 470, "c"),
        (400, 480, "c"),
        (430, 424),
        (352, 390),
        (350, 352, "c"),
    ]
    canvas.fill(spline(river), "#f3efe2", 1, disc)
    return lettered(canvas.result())


def lettered(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """With the name, letters apart, on one line."""
    image = Image.fromarray(pixels)
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=58)
    word, gap = "RIVERSIDE", 10
    widths = [pen.textlength(letter, font=font) for letter in word]
    x = (SIDE - sum(widths) - gap * (len(word) - 1)) / 2
    for letter, width in zip(word, widths, strict=True):
        pen.text((x, 524), letter, font=font, fill="#17324d")
        x += width + gap
    return np.asarray(image)
