"""The project's own illustration, "The young painter", drawn from curves by code."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from . import body, brush_arm, head, scenery
from .canvas import Canvas

WIDTH, HEIGHT = 1024, 1280


def draw_picture() -> NDArray[np.uint8]:
    """The whole illustration, (1280, 1024, 3) sRGB: the same pixels on every run."""
    canvas = Canvas(WIDTH, HEIGHT)
    scenery.draw(canvas)
    brush_arm.draw_paint_trail(canvas)
    head.draw_back_hair(canvas)
    body.draw_torso(canvas)
    body.draw_palette_arm(canvas)
    brush_arm.draw(canvas)
    head.draw_face(canvas)
    head.draw_front_hair(canvas)
    head.draw_brows(canvas)
    head.draw_beret(canvas)
    return canvas.to_uint8()
