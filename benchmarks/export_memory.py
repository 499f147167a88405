"""The peak of memory that an export takes at the limits of its format, each in a process of its own.

    python benchmarks/export_memory.py [--format mp4 ...] [--pictures 4] [--full] [--json export_memory.json]

With `--full` videos have their overlays, a camera and a wipe, and layered files their stages. The painting is small
(96 x 64) and drawn at the largest size that the format's budget lets through, so that the figure is what the encoder
and the canvas need, not the source. The exit code is 1 when a format goes over `CEILING`.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from paints_undo_engine import __version__
from paints_undo_engine.export import ExportFormat, ExportOptions, export
from paints_undo_engine.export.budget import BUDGETS, CEILING
from paints_undo_engine.export.options import Fill, LayerContent
from paints_undo_engine.export.source import ProcessSource, Still
from paints_undo_engine.painting import from_raw
from paints_undo_engine.provenance import Provenance

WIDTH, HEIGHT = 96, 64
_OVERHEAD = 1.005
OVERLAID: dict[str, Any] = {
    **dict.fromkeys(("show_operation", "show_progress", "show_palette", "show_brush"), True),
    **{"title": "A painting", "author": "Somebody", "zoom_seconds": 1.0, "wipe_seconds": 1.0, "fill": Fill.FOLLOW},
}
FULL: dict[ExportFormat, dict[str, Any]] = {
    ExportFormat.MP4: OVERLAID,
    ExportFormat.WEBM: OVERLAID,
    ExportFormat.ORA: {"layer_content": LayerContent.STAGES},
    ExportFormat.PSD: {"layer_content": LayerContent.STAGES},
}
"""What makes a format take more than a plain export of it."""


def largest_side(export_format: ExportFormat, pictures: int) -> int:
    """The longer side that still fits, with a little to spare for rounding."""
    budget = BUDGETS[export_format]
    shown = pictures + 1 if export_format in (ExportFormat.ORA, ExportFormat.PSD) else pictures
    pixels = min(budget.pixels, budget.total // shown)
    side = math.floor(math.sqrt(pixels * WIDTH / HEIGHT) / _OVERHEAD)
    return min(side, budget.side, 16_384)


def source(pictures: int) -> ProcessSource:
    """A process of so many noisy states, each different from the last: nothing can be left out."""
    rng = np.random.default_rng(5)
    paintings = [
        from_raw(rng.integers(0, 256, HEIGHT * WIDTH * 3, np.uint8).tobytes(), WIDTH, HEIGHT, 3)
        for _ in range(pictures)
    ]
    states = [
        Still(1000.0 * (pictures - 1 - number) / max(1, pictures - 1), one.picture, "")
        for number, one in enumerate(paintings)
    ]
    return ProcessSource(
        painting=paintings[-1],
        provenance=Provenance("procedural", 0, __version__),
        frames=states,
        keyframes=states,
        layers=(),
    )


def run(export_format: ExportFormat, pictures: int, *, full: bool) -> dict[str, object]:
    """Export once, in this process."""
    side = largest_side(export_format, pictures)
    plain: dict[str, Any] = {"frames_per_second": 0.0, "layer_content": LayerContent.FRAMES, "hold_last_seconds": 0}
    options = ExportOptions(format=export_format, max_side=side, **(plain | (FULL[export_format] if full else {})))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    begun = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"process{export_format.suffix}"
        for _ in export(source(pictures), path, options):
            pass
        size = path.stat().st_size
    return {
        "format": export_format.value,
        "side": side,
        "pictures": pictures,
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "before_bytes": before,
        "file_bytes": size,
        "cpu_seconds": round(time.process_time() - begun, 1),
    }


def measure(export_format: ExportFormat, pictures: int, *, full: bool) -> dict[str, object]:
    """Export once, in a process of its own."""
    command = [sys.executable, __file__, "--alone", export_format.value, "--pictures", str(pictures)]
    command += ["--full"] if full else []
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, object] = json.loads(result.stdout)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--format", action="append", type=ExportFormat, default=None)
    parser.add_argument("--pictures", type=int, default=4)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--alone", type=ExportFormat, default=None, help=argparse.SUPPRESS)
    parser.add_argument("--json", type=Path, default=None)
    arguments = parser.parse_args()
    if arguments.alone is not None:
        print(json.dumps(run(arguments.alone, arguments.pictures, full=arguments.full)))
        return 0
    rows = []
    for export_format in arguments.format or (FULL if arguments.full else ExportFormat):
        row = measure(export_format, arguments.pictures, full=arguments.full)
        rows.append(row)
        peak = float(str(row["peak_bytes"]))
        print(f"{row['format']:14} {row['side']:>6} x {row['pictures']:<3} {peak / 2**20:7.0f} MiB "
              f"{row['cpu_seconds']:>6} s")  # fmt: skip
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return 1 if any(float(str(row["peak_bytes"])) > CEILING for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
