"""Draw the project's own pictures.

    python tools/illustration/draw.py [NAME…] [--out FOLDER]      default: all of them, into assets/

``illustration``: a fox who paints the evening sky (line art, flats, hard and soft shade) · ``figure``: an anime figure
before a blurred street · ``landscape``: a lake under mountains in thousands of strokes · ``pencil``: a hatched still life ·
small ones for the methods that need them: ``watercolour``, ``sprite`` (pixel art), ``logo``, ``comic``.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import cv2
import figure
import fox
import landscape
import numpy as np
import pencil
import small
from numpy.typing import NDArray

ASSETS = Path(__file__).resolve().parents[2] / "assets"
PICTURES: dict[str, Callable[[], NDArray[np.uint8]]] = {
    "illustration": fox.draw,
    "figure": figure.draw,
    "landscape": landscape.draw,
    "pencil": pencil.draw,
    "watercolour": small.watercolour,
    "sprite": small.sprite,
    "logo": small.logo,
    "comic": small.comic,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PICTURES))
    parser.add_argument("--out", type=Path, default=ASSETS, metavar="FOLDER")
    arguments = parser.parse_args()
    for name in arguments.names or PICTURES:
        target = arguments.out / f"{name}.png"
        pixels = cv2.cvtColor(PICTURES[name](), cv2.COLOR_RGB2BGR)
        cv2.imwrite(str(target), pixels, [cv2.IMWRITE_PNG_COMPRESSION, 9])
        print(target)


if __name__ == "__main__":
    main()
