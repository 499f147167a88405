"""How fast a film is written: processor seconds and seconds for each second of film, and the peak of memory.

    python benchmarks/export_speed.py [PICTURE] [--seconds 15] [--json export_speed.json]

The film is 1080 x 1920 at 30 frames a second, of 106 frames in which the picture is uncovered from the top, so that the
figure is the exporter's and no engine's. On two cores, processor seconds of up to 0.67 are three times real time.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from paints_undo_engine import painting
from paints_undo_engine.export import Aspect, ExportFormat, ExportOptions, Fill, Pace, export
from paints_undo_engine.export.source import ProcessSource, Still
from paints_undo_engine.picture import Picture
from paints_undo_engine.provenance import Provenance

FRAMES = 106
ROOT = Path(__file__).resolve().parents[1]
CASES: dict[str, dict[str, Any]] = {
    "H.264, eased": {"format": ExportFormat.MP4, "pace": Pace.EASED},
    "H.264, camera": {"format": ExportFormat.MP4, "fill": Fill.FOLLOW},
    "VP9, eased": {"format": ExportFormat.WEBM, "pace": Pace.EASED},
}


def main() -> None:
    """Measure the cases and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("picture", type=Path, nargs="?", default=ROOT / "assets" / "illustration.png")
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    source = _uncovered(given.picture)
    found = {name: _measured(source, given.seconds, options) for name, options in CASES.items()}
    print("| film | processor s per s | s per s | MB per minute | peak so far (MB) |\n|---|---|---|---|---|")
    for name, row in found.items():
        figures = (row["processor"], row["elapsed"], row["megabytes_per_minute"], row["peak_megabytes"])
        print(f"| {name} | {figures[0]:.2f} | {figures[1]:.2f} | {figures[2]:.0f} | {figures[3]:.0f} |")
    if given.json:
        given.json.write_text(json.dumps(found, indent=1))


def _uncovered(path: Path) -> ProcessSource:
    picture = painting.decode(path)
    pixels = picture.rgb8()

    def state(number: int) -> Picture:
        shown = np.full_like(pixels, 255)
        rows = pixels.shape[0] * (number + 1) // FRAMES
        shown[:rows] = pixels[:rows]
        return Picture(shown, picture.placement)

    stills = [
        Still(1000 - 1000 * (number + 1) / FRAMES, partial(state, number), f"phase {number // 30}")
        for number in range(FRAMES)
    ]
    return ProcessSource(picture, Provenance("procedural", 0, "0"), stills)


def _measured(source: ProcessSource, seconds: float, given: Mapping[str, Any]) -> dict[str, float]:
    options = ExportOptions(duration_seconds=seconds, aspect=Aspect.TALL, max_side=1920, **given)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"film{options.format.suffix}"
        processor, start = time.process_time(), time.perf_counter()
        for _ in export(source, path, options):
            pass
        processor, elapsed = time.process_time() - processor, time.perf_counter() - start
        size = path.stat().st_size
    return {
        "processor": processor / seconds,
        "elapsed": elapsed / seconds,
        "megabytes_per_minute": size / 1e6 * 60 / seconds,
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


if __name__ == "__main__":
    main()
