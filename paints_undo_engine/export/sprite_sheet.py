"""All shown states in one picture, for game engines and web pages, and what lies where.

The description has the form that Aseprite and TexturePacker write as "JSON array", so that their readers take it.
"""

from __future__ import annotations

import json
import math
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from paints_undo_engine import __version__, png
from paints_undo_engine.export import budget
from paints_undo_engine.export.geometry import canvas_for, channels_of
from paints_undo_engine.export.options import ExportOptions, Fill
from paints_undo_engine.export.source import ProcessSource
from paints_undo_engine.export.timeline import Timeline, timeline
from paints_undo_engine.provenance.seal import sealed

PICTURE, DESCRIPTION = "sprites.png", "sprites.json"


def write(source: ProcessSource, target: Path, options: ExportOptions) -> Iterator[tuple[int, int]]:
    """Write a ZIP archive with the sheet, ``sprites.png``, and its description, ``sprites.json``.

    Each state has one cell, from left to right and from the top; one that is shown more than once is named as often.
    `max_side` is the longer side of a cell here (default 256 pixels). Raises `ExportError` above the format's budget.
    """
    if options.fill is Fill.FOLLOW:  # each state is held once, whenever it is seen
        options = replace(options, fill=Fill.BLUR)
    plan = timeline(len(source.states), options, source.phases, source.operations)
    canvas = canvas_for(source.painting, source.sample(), options)
    frames = sorted({shot.frame for shot in plan.shots})
    columns, rows = grid_of(len(frames), canvas.width, canvas.height)
    budget.check(options.format, canvas.width, canvas.height, len(frames))
    channels = channels_of(source.painting)
    sheet = np.full((rows * canvas.height, columns * canvas.width, channels), 0 if channels == 4 else 255, np.uint8)
    cells = {}
    for number, frame in enumerate(frames):
        left, top = number % columns * canvas.width, number // columns * canvas.height
        sheet[top : top + canvas.height, left : left + canvas.width] = canvas.show(
            source.states[frame].read(), channels
        )
        cells[frame] = {"x": left, "y": top, "w": canvas.width, "h": canvas.height}
        yield number + 1, len(frames)
    noted = not options.omit_metadata
    data = png.encode(sheet)
    described = _description(source, plan, cells, (sheet.shape[1], sheet.shape[0]))
    if noted:
        described["meta"] |= {"provenance": source.provenance.as_dict(), "xmp": source.provenance.xmp()}
        data = sealed(png.with_text(data, source.provenance.texts()))
    text = json.dumps(described, indent=1, ensure_ascii=False).encode()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(PICTURE, data)
        archive.writestr(DESCRIPTION, sealed(text) if noted else text)
        if noted:
            archive.comment = source.provenance.xmp().encode()


def grid_of(count: int, width: int, height: int) -> tuple[int, int]:
    """Columns and rows of a sheet of so many cells that is as nearly square as it can be.

    >>> grid_of(106, 256, 256)
    (11, 10)
    """
    columns = max(1, min(count, math.ceil(math.sqrt(count * height / width))))
    rows = -(-count // columns)
    return -(-count // rows), rows


def _description(
    source: ProcessSource, plan: Timeline, cells: dict[int, dict[str, int]], size: tuple[int, int]
) -> dict[str, Any]:
    """The cells in the order in which they are shown, with their durations in milliseconds, and one animation."""
    digits = max(4, len(str(len(plan.shots) - 1)))
    frames = []
    for number, shot in enumerate(plan.shots):
        cell, state = cells[shot.frame], source.states[shot.frame]
        frames.append(
            {
                "filename": f"{number:0{digits}}",
                "frame": cell,
                "rotated": False,
                "trimmed": False,
                "spriteSourceSize": {"x": 0, "y": 0, "w": cell["w"], "h": cell["h"]},
                "sourceSize": {"w": cell["w"], "h": cell["h"]},
                "duration": round(float(shot.seconds) * 1000),
                "operation_step": state.operation_step,
                "label": state.label,
            }
        )
    meta = {
        "app": "Paints-Undo",
        "version": __version__,
        "image": PICTURE,
        "format": "RGBA8888",
        "size": {"w": size[0], "h": size[1]},
        "scale": "1",
        "frameTags": [{"name": "process", "from": 0, "to": len(frames) - 1, "direction": "forward"}],
    }
    return {"frames": frames, "meta": meta}
