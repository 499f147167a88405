"""Draw the pictures of docs/redo.md and docs/variants.md: candidates, the process of one of them, and variants.

    python tools/draw_branches.py [NAME…]      default: all of them, into docs/images/

The embedded engine runs in this process with its defaults, on the project's own picture of a figure.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import paints_undo  # noqa: E402
from paints_undo_engine.descriptions import describe  # noqa: E402
from paints_undo_engine.export.candidates import candidates_sheet  # noqa: E402

PICTURE = ROOT / "assets" / "figure.png"
STEP, CHOSEN, COUNT = 500, 2, 4
TILE = 320


def candidates() -> Image.Image:
    """What the command line shows to choose from."""
    ends = []
    for number in range(1, COUNT + 1):
        request = paints_undo.ProcessRequest(
            stop_after=paints_undo.Stage.KEYFRAMES,
            keyframes=paints_undo.KeyframeParameters(operation_steps=(STEP,)),
            procedural=paints_undo.ProceduralParameters(branches=(paints_undo.Branch(STEP, number),)),
        )
        with io.BytesIO() as file:
            end = paints_undo.undo(PICTURE, request=request).keyframes[-1].image
            end.thumbnail((TILE, TILE))
            end.save(file, "PNG")
            ends.append(file.getvalue())
    return Image.open(io.BytesIO(candidates_sheet(ends, describe("procedural").candidates)))


def process() -> Image.Image:
    """Sixteen states of the chosen one's process."""
    branches = (paints_undo.Branch(STEP, CHOSEN),)
    return _sheet(lambda target: paints_undo.undo(PICTURE, target, procedural__branches=branches))


def variants() -> Image.Image:
    """A row for each variant."""
    return _sheet(lambda target: paints_undo.variants(PICTURE, target, count=COUNT))


def _sheet(make: Callable[[Path], object]) -> Image.Image:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "sheet.png"
        make(target)
        with Image.open(target) as sheet:
            return sheet.convert("RGB")


PICTURES = {
    "redo-candidates": (candidates, 1100),
    "redo-process": (process, 1000),
    "variants": (variants, 1100),
}
"""By the name of the file: what is drawn, and the longest side in pixels."""


def main() -> None:
    """Draw the named pictures, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PICTURES))
    for name in parser.parse_args().names or PICTURES:
        draw, side = PICTURES[name]
        drawn = draw()
        drawn.thumbnail((side, side), Image.Resampling.LANCZOS)
        target = ROOT / "docs" / "images" / f"{name}.jpg"
        drawn.convert("RGB").save(target, quality=85, optimize=True)
        print(target.relative_to(ROOT), flush=True)


if __name__ == "__main__":
    main()
