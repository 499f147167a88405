"""Draw one strip of states for each method of the embedded engine, as docs/procedural.md shows them.

    python tools/generate_method_pictures.py [METHOD…]

The pictures are the project's own, from `assets/`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from paints_undo_engine.painting import decode  # noqa: E402
from paints_undo_engine.procedural import Options, make_document  # noqa: E402
from paints_undo_engine.request import Method  # noqa: E402

PICTURES = {
    Method.LINE: "figure",
    Method.PARTS: "illustration",
    Method.LINELESS: "figure",
    Method.PAINTER: "landscape",
    Method.VALUES: "figure",
    Method.OUTLINE: "comic",
    Method.PENCIL: "pencil",
    Method.WATERCOLOUR: "watercolour",
    Method.PIXEL: "sprite",
    Method.FLAT: "logo",
}
MOMENTS = (0.08, 0.2, 0.36, 0.52, 0.7, 1.0)
HEIGHT, GAP = 200, 4


def strip(method: Method) -> Image.Image:
    """The states of one picture side by side."""
    document = make_document(decode(ROOT / "assets" / f"{PICTURES[method]}.png").pixels8(), Options(1, method))
    cells = []
    for moment in MOMENTS:
        frame = document.render(document.count * moment)[..., :3]
        width = round(frame.shape[1] * HEIGHT / frame.shape[0])
        cells.append(cv2.resize(frame, (width, HEIGHT), interpolation=cv2.INTER_AREA))
        cells.append(np.full((HEIGHT, GAP, 3), 255, np.uint8))
    return Image.fromarray(np.hstack(cells[:-1]))


def main() -> None:
    """Write the strips of the named methods, or of all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("methods", nargs="*", type=Method, metavar="METHOD", help=", ".join(PICTURES))
    for method in parser.parse_args().methods or PICTURES:
        target = ROOT / "docs" / "images" / f"method-{method}.jpg"
        strip(method).save(target, quality=82, optimize=True)
        print(target.relative_to(ROOT), flush=True)


if __name__ == "__main__":
    main()
