"""The project's illustration: a fox who paints the evening sky. 1024 x 1280 pixels."""

from __future__ import annotations

import numpy as np
from canvas import Canvas
from numpy.typing import NDArray

from fox.body import scarf, smock, tail
from fox.head import ears, face, head
from fox.sky import hills, sky, stroke_in_the_sky
from fox.tools import arm_with_brush, palette

WIDTH, HEIGHT = 1024, 1280
BACK_TO_FRONT = (sky, hills, tail, stroke_in_the_sky, smock, scarf, ears, head, face, arm_with_brush, palette)


def draw() -> NDArray[np.uint8]:
    """uint8 [1280, 1024, 3] RGB."""
    canvas = Canvas(WIDTH, HEIGHT)
    for part in BACK_TO_FRONT:
        part(canvas)
    return canvas.result()
