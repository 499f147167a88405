"""What it costs that a confined worker decodes paintings for a device's worker: `python benchmarks/normalising.py`.

CPU seconds for one picture in several sizes and kinds: decoding it, writing it as the store's own PNG, reading that.
"""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PIL import Image

from paints_undo_engine import painting

PICTURE = Path(__file__).parents[1] / "assets" / "illustration.png"
CASES = (
    *((1024, 1280, kind) for kind in ("PNG", "JPEG", "WEBP")),
    *((2048, 2560, kind) for kind in ("PNG", "JPEG", "WEBP")),
    (8000, 10000, "JPEG"),
)

Made = TypeVar("Made")


def timed(action: Callable[[], Made]) -> tuple[Made, float]:
    """What an action gives, and the CPU seconds that it took."""
    begun = time.process_time()
    made = action()
    return made, time.process_time() - begun


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    picture = Image.open(PICTURE).convert("RGB")
    print(f"{'size':>13} {'kind':5} {'decode':>7} {'write':>7} {'read':>7}")
    for width, height, kind in CASES:
        file = io.BytesIO()
        picture.resize((width, height), Image.Resampling.LANCZOS).save(file, kind, quality=90)
        data = file.getvalue()
        decoded, decoding = timed(lambda: painting.decode(data))  # noqa: B023
        normalised, writing = timed(lambda: painting.normalised_png(decoded))  # noqa: B023
        _, reading = timed(lambda: painting.from_png(normalised))  # noqa: B023
        print(f"{width:6} x {height:4} {kind:5} {decoding:7.3f} {writing:7.3f} {reading:7.3f}")


if __name__ == "__main__":
    main()
