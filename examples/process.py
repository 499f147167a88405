"""A picture's process as files, as frames, and beside other processes that are possible; in this program alone.

python examples/process.py painting.png --out out
"""

from __future__ import annotations

import argparse
from pathlib import Path

import paints_undo


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--out", type=Path, default=Path("out"))
    parser.add_argument("--max-side", type=int, default=1024, help="pixels of the longer side that the engine works at")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)

    with paints_undo.undo(asked.picture, procedural__max_side=asked.max_side, progress=tell) as process:
        process.export(asked.out / "process.mp4", duration_seconds=15)
        process.export(asked.out / "layers.psd", layer_content=paints_undo.LayerContent.SPLIT)
        sketch = next(frame for frame in process.frames if frame.done >= 0.25)
        sketch.image.save(asked.out / "a-quarter-done.png")

    first, *others = paints_undo.variants(asked.picture, count=3, procedural__max_side=asked.max_side)
    first.beside(others, asked.out / "variants.png")


def tell(share: float, label: str) -> None:
    """Show how far the work is."""
    print(f"{share:.0%} {label}")


if __name__ == "__main__":
    main()
