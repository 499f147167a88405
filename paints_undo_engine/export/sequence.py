"""Numbered PNG files with a timing file, in a folder or a ZIP archive."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from paints_undo_engine import png
from paints_undo_engine.export import budget
from paints_undo_engine.export.camera import views
from paints_undo_engine.export.geometry import canvas_for, channels_of
from paints_undo_engine.export.options import ExportOptions
from paints_undo_engine.export.source import ProcessSource
from paints_undo_engine.export.timeline import timeline

TIMING_FILE = "timing.json"


def write_folder(source: ProcessSource, target: Path, options: ExportOptions) -> Iterator[tuple[int, int]]:
    """Write ``0000.png``, ``0001.png``, ... in the order in which they are shown, and ``timing.json``."""
    target.mkdir()
    yield from _write(source, options, lambda name, data: target.joinpath(name).write_bytes(data))


def write_zip(source: ProcessSource, target: Path, options: ExportOptions) -> Iterator[tuple[int, int]]:
    """As `write_folder`, in a ZIP archive."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        yield from _write(source, options, archive.writestr)


def _write(
    source: ProcessSource, options: ExportOptions, put: Callable[[str, bytes], object]
) -> Iterator[tuple[int, int]]:
    plan = timeline(len(source.states), options, phases=source.phases)
    canvas = canvas_for(source.painting, source.sample(), options)
    budget.check(options.format, canvas.width, canvas.height, len(plan.shots))
    channels = channels_of(source.painting)
    texts = {} if options.omit_metadata else source.provenance.texts()
    digits = max(4, len(str(len(plan.shots) - 1)))
    listed = []
    for number, (shot, view) in enumerate(zip(plan.shots, views(source, canvas, plan, options), strict=True)):
        still = source.states[shot.frame]
        name = f"{number:0{digits}}.png"
        data = png.encode(view.show(still.read(), channels))
        put(name, png.with_text(data, texts) if texts else data)
        listed.append(
            {
                "file": name,
                "seconds": float(shot.seconds),
                "frame": shot.frame,
                "operation_step": still.operation_step,
                "label": still.label,
            }
        )
        yield number + 1, len(plan.shots)
    timing = {
        "frames_per_second": float(plan.rate),
        "seconds": float(plan.seconds),
        "width": canvas.width,
        "height": canvas.height,
        "files": listed,
    }
    if not options.omit_metadata:
        timing["provenance"] = source.provenance.as_dict()
    put(TIMING_FILE, json.dumps(timing, indent=1).encode())
