"""The figure from back to front."""

from __future__ import annotations

import numpy as np
from canvas import Canvas, ellipse

from figure.backdrop import lights, street
from figure.clothes import coat, collar, hood, hood_inside, ribbon
from figure.colours import RIM
from figure.face import brows, eyes, face, neck
from figure.hair import back_hair, front_hair

WIDTH, HEIGHT = 832, 1088
BACK_TO_FRONT = (
    street, lights, back_hair, coat, hood_inside, neck, collar, hood, ribbon, face, eyes, front_hair, brows,
)  # fmt: skip


def draw() -> np.ndarray:
    """uint8 [1088, 832, 3] RGB."""
    canvas = Canvas(WIDTH, HEIGHT)
    for part in BACK_TO_FRONT:
        part(canvas)
    canvas.soft(ellipse(120, 300, 240, 330), RIM, 0.16, 90)
    return canvas.result()
