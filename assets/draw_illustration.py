"""Draw the project's own illustration: a fox who paints the evening sky.

    python assets/draw_illustration.py [FILE]      default: assets/illustration.png

1024 x 1280 pixels: line art, flats, hard and soft shade, details, highlights.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from drawing import Canvas
from fox.body import scarf, smock, tail
from fox.head import ears, face, head
from fox.sky import hills, sky, stroke_in_the_sky
from fox.tools import arm_with_brush, palette

WIDTH, HEIGHT = 1024, 1280
BACK_TO_FRONT = (sky, hills, tail, stroke_in_the_sky, smock, scarf, ears, head, face, arm_with_brush, palette)


def draw() -> np.ndarray:
    """uint8 [1280, 1024, 3] RGB."""
    canvas = Canvas(WIDTH, HEIGHT)
    for part in BACK_TO_FRONT:
        part(canvas)
    return canvas.result()


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("illustration.png")
    cv2.imwrite(str(target), cv2.cvtColor(draw(), cv2.COLOR_RGB2BGR), [cv2.IMWRITE_PNG_COMPRESSION, 9])
    print(target)


if __name__ == "__main__":
    main()
