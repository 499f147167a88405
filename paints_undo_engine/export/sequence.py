"""Numbered PNG files with a timing file, in a folder or a ZIP archive."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from paints_undo_engine import png
from paints_undo_engine.export import budget, deep
from paints_undo_engine.export.camera import views
from paints_undo_engine.export.geometry import canvas_for, channels_of
from paints_undo_engine.export.options import ExportOptions
from paints_undo_engine.export.source import ProcessSource
from paints_undo_engine.export.timeline import timeline
from paints_undo_engine.provenance.seal import sealed
from paints_undo_engine.provenance.verifying import TIMING_FILE


def write_folder(source: ProcessSource, target: Path, options: ExportOptions) -> Iterator[tuple[int, int]]:
    """Write ``0000.png``, ``0001.png``, ... in the order in which they are shown, and ``timing.json``."""
    target.mkdir()
    yield from _write(source, options, lambda name, data: target.joinpath(name).write_bytes(data))


def write_zip(source: ProcessSource, target: Path, options: ExportOptions) -> Iterator[tuple[int, int]]:
    """As `write_folder`, in a ZIP archive."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        yield from _write(source, options, archive.writestr)
        if not options.omit_metadata:
            archive.comment = source.provenance.xmp().encode()


def _write(
    source: ProcessSource, options: ExportOptions, put: Callable[[str, bytes], object]
) -> Iterator[tuple[int, int]]:
    plan = timeline(len(source.states), options, phases=source.phases, operations=source.operations)
    canvas = canvas_for(source.painting, source.sample(), options)
    budget.check(options.format, canvas.width, canvas.height, len(plan.shots))
    channels = channels_of(source.painting)
    texts = {} if options.omit_metadata else source.provenance.texts()
    digits = max(4, len(str(len(plan.shots) - 1)))
    listed = []
    for number, (shot, view) in enumerate(zip(plan.shots, views(source, canvas, plan, options), strict=True)):
        still = source.states[shot.frame]
        name = f"{number:0{digits}}.png"
        data = deep.encode(view.show(still.read(), channels))
        data = sealed(png.with_text(data, texts)) if texts else data
        put(name, data)
        listed.append(
            {
                "file": name,
                "sha256": hashlib.sha256(data).hexdigest(),
                "seconds": float(shot.seconds),
                "frame": shot.frame,
                "operation_step": still.operation_step,
                "label": still.label,
            }
        )
        yield number + 1, len(plan.shots)
    timing: dict[str, object] = {
        "frames_per_second": float(plan.rate),
        "seconds": float(plan.seconds),
        "width": canvas.width,
        "height": canvas.height,
        "files": listed,
    }
    if not options.omit_metadata:
        timing |= {"provenance": source.provenance.as_dict(), "xmp": source.provenance.xmp()}
    put(TIMING_FILE, sealed(json.dumps(timing, indent=1, ensure_ascii=False).encode()))
