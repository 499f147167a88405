"""Make the contact sheets that the documentation shows, from the project's own pictures.

    python tools/draw_sheets.py [NAME…]      default: all of them, into assets/sheets/

The embedded engine runs in this process, as for anybody; the sheets are reduced to 256 colours.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("illustration", "figure", "landscape", "pencil")
COLOURS = 256


def draw(name: str) -> Path:
    """One picture's sheet as ``assets/sheets/NAME.png``."""
    target = ROOT / "assets" / "sheets" / f"{name}.png"
    target.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        full = Path(folder) / "sheet.png"
        command = [sys.executable, "-m", "paints_undo_daemon", "undo", str(ROOT / "assets" / f"{name}.png")]
        subprocess.run([*command, "--in-process", "-o", str(full)], check=True)
        with Image.open(full) as sheet:
            sheet.convert("RGB").quantize(COLOURS).save(target, optimize=True)
    return target


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    for name in parser.parse_args().names or NAMES:
        print(draw(name))


if __name__ == "__main__":
    main()
