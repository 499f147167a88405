"""The memory that an export takes stays below what its format's budget says, also at the budget's limits; what is above
them is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest
from export.sources import process

from paints_undo_engine.errors import ExportError
from paints_undo_engine.export import ExportOptions, LayerContent, export
from paints_undo_engine.export.budget import BUDGETS, CEILING, check
from paints_undo_engine.export.estimate import EncodedFrame, estimate
from paints_undo_engine.export.options import ExportFormat

SIDE, PICTURES = 1536, 16
GIVEN_BACK = {"MALLOC_MMAP_THRESHOLD_": str(2**18)}
"""Arrays are given back as soon as they are freed, which glibc does by itself at the size that they have at the limits;
smaller ones leave holes in its heap."""
MEASURE = """
import json, resource, sys, tempfile
from pathlib import Path
import numpy as np
from paints_undo_engine.export import ExportFormat, ExportOptions, export
from paints_undo_engine.export.options import Aspect, Fill, LayerContent
from paints_undo_engine.export.source import ProcessSource, Provenance, Still
from paints_undo_engine.painting import Painting, from_raw

export_format, pictures, options = ExportFormat(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3])
deep = sys.argv[5] == "16"
kinds = {"aspect": Aspect, "fill": Fill, "layer_content": LayerContent}
options = {name: kinds.get(name, type(value))(value) for name, value in options.items()}
rng = np.random.default_rng(1)
paintings = [from_raw(rng.integers(0, 256, 96 * 64 * 3, np.uint8).tobytes(), 96, 64, 3) for _ in range(pictures)]
states = [Still(float(pictures - 1 - n), one.picture, "") for n, one in enumerate(paintings)]
whole = Painting(rng.integers(0, 65536, (64, 96, 3), np.uint16)) if deep else paintings[-1]
source = ProcessSource(whole, Provenance("procedural", 0, "1"), states, states, ())

def run(side):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"process{export_format.suffix}"
        for _ in export(source, path, ExportOptions(format=export_format, max_side=side, **options)):
            pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

before = run(64)
print(run(int(sys.argv[4])) - before)
"""
MOVING = {"aspect": "1:1", "fill": "follow", "hold_last_seconds": 0}
PLAIN = {"frames_per_second": 24, "hold_last_seconds": 0}
UNSEALED = {"omit_metadata": True}
"""Sealing maps a finished archive, whose pages the system counts as the process's and can drop at any time: 16 bits of
noise hardly compress, so that they would be all that is seen."""
LAYERS = {"layer_content": "frames"}
STAGES = {"layer_content": "stages"}
OVERLAID = MOVING | {
    **dict.fromkeys(("show_operation", "show_progress", "show_palette", "show_brush"), True),
    **{"title": "A painting", "author": "Somebody", "zoom_seconds": 1.0, "wipe_seconds": 1.0},
}
CASES = [
    *((kind, PLAIN, 8) for kind in ExportFormat if kind not in (ExportFormat.ORA, ExportFormat.PSD)),
    *((kind, MOVING, 8) for kind in (ExportFormat.MP4, ExportFormat.GIF, ExportFormat.WEBP)),
    *((kind, OVERLAID, 8) for kind in (ExportFormat.MP4, ExportFormat.WEBM)),
    *((kind, layers, 8) for kind in (ExportFormat.ORA, ExportFormat.PSD) for layers in (LAYERS, STAGES)),
    (ExportFormat.PNG_SEQUENCE, PLAIN | UNSEALED, 16),
    (ExportFormat.ORA, LAYERS | UNSEALED, 16),
]
"""Formats, options, and the bits of a channel of the painting."""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs getrusage")
@pytest.mark.parametrize(("export_format", "options", "bits"), CASES)
def test_an_export_takes_no_more_memory_than_its_budget_says(
    export_format: ExportFormat, options: dict[str, object], bits: int
) -> None:
    given = (export_format.value, str(PICTURES), json.dumps(options), str(SIDE), str(bits))
    command = [sys.executable, "-c", MEASURE, *given]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | GIVEN_BACK)
    took = int(done.stdout)
    pixels = SIDE * (SIDE if "aspect" in options else SIDE * 2 // 3)
    limit = BUDGETS[export_format].peak_bytes(pixels, PICTURES + 1)
    print(f"{export_format}, {bits} bits: {took / pixels:.1f} bytes a pixel, {took / limit:.0%} of the limit")
    assert took <= limit


@pytest.mark.parametrize("export_format", list(ExportFormat))
def test_no_budget_lets_an_export_over_the_ceiling(export_format: ExportFormat) -> None:
    budget = BUDGETS[export_format]
    for pictures in (1, 2, 16, 1000):
        pixels = min(budget.pixels, budget.total // pictures, budget.side**2)
        assert budget.peak_bytes(pixels, pictures) <= CEILING


@pytest.mark.parametrize("export_format", list(ExportFormat))
def test_what_is_above_the_budget_is_refused_with_the_size_that_fits(export_format):
    with pytest.raises(ExportError, match=r"longer side of (\d+) pixels") as caught:
        check(export_format, 40_000, 30_000, 16)
    fits = int(str(caught.value).split("longer side of ")[1].split()[0])
    check(export_format, fits, fits * 3 // 4, 16)
    with pytest.raises(ExportError):
        check(export_format, fits + 2, (fits + 2) * 3 // 4, 16)


@pytest.mark.parametrize("export_format", list(ExportFormat))
def test_what_is_above_the_budget_is_refused_before_a_picture_is_read(tmp_path, export_format):
    def read():
        raise AssertionError("A picture was read.")

    source = process(200)
    unread = replace(source, frames=[replace(still, read=read) for still in source.frames])
    options = ExportOptions(format=export_format, layer_content=LayerContent.FRAMES, max_side=16_384)
    with pytest.raises(ExportError, match="would fit"):
        next(export(unread, tmp_path / f"a{export_format.suffix}", options))
    assert not list(tmp_path.iterdir())
    frames = [EncodedFrame(64, 48, 3000)] * 200
    with pytest.raises(ExportError, match="would fit"):
        estimate(64, 48, frames, options)


def test_pictures_held_long_count_in_a_video(tmp_path):
    options = ExportOptions(format=ExportFormat.MP4, max_side=7000, frames_per_second=60, hold_last_seconds=60)
    with pytest.raises(ExportError, match="fewer frames"):
        next(export(process(10), tmp_path / "a.mp4", options))
    assert set(BUDGETS) == set(ExportFormat)
