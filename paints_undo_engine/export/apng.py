"""Animated PNG, written chunk by chunk (PNG specification, third edition, section 11.3.6)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from paints_undo_engine import png
from paints_undo_engine.export import budget
from paints_undo_engine.export.camera import views
from paints_undo_engine.export.delta import changed
from paints_undo_engine.export.geometry import canvas_for, channels_of
from paints_undo_engine.export.options import ExportOptions
from paints_undo_engine.export.source import ProcessSource
from paints_undo_engine.export.timeline import Timeline, timeline

_COLOUR_TYPES = {3: 2, 4: 6}
_LARGEST_DELAY = 65535


def write(source: ProcessSource, target: Path, options: ExportOptions) -> Iterator[tuple[int, int]]:
    """Write the process as APNG that plays for ever; each frame holds the rectangle that has changed."""
    plan = timeline(len(source.states), options, phases=source.phases, operations=source.operations)
    canvas = canvas_for(source.painting, source.sample(), options)
    budget.check(options.format, canvas.width, canvas.height, len(plan.shots))
    channels = channels_of(source.painting)
    ticks, per_second = _delays(plan)
    sequence = 0
    before = None
    with target.open("wb") as file:
        file.write(png.SIGNATURE)
        header = struct.pack(">IIBBBBB", canvas.width, canvas.height, 8, _COLOUR_TYPES[channels], 0, 0, 0)
        png.write_chunk(file, b"IHDR", header)
        png.write_chunk(file, b"acTL", struct.pack(">II", len(plan.shots), 0))
        if not options.omit_metadata:
            for keyword, text in source.provenance.texts().items():
                png.write_chunk(file, b"iTXt", png.text_chunk(keyword, text))
        shown = zip(plan.shots, views(source, canvas, plan, options), ticks, strict=True)
        for step, (shot, view, delay) in enumerate(shown, 1):
            pixels = view.show(source.states[shot.frame].read(), channels)
            left, top, right, bottom = changed(before, pixels)
            place = struct.pack(">IIIIIHHBB", sequence, right - left, bottom - top, left, top, delay, per_second, 0, 0)
            png.write_chunk(file, b"fcTL", place)
            sequence = _write_pixels(file, pixels[top:bottom, left:right], sequence + 1, first=before is None)
            before = pixels
            yield step, len(plan.shots)
        png.write_chunk(file, b"IEND", b"")


def _delays(plan: Timeline) -> tuple[tuple[int, ...], int]:
    """Delays and their unit: milliseconds, or hundredths of a second where a hold is too long for the field."""
    ticks = plan.ticks(1000)
    return (ticks, 1000) if max(ticks) <= _LARGEST_DELAY else (plan.ticks(100), 100)


def _write_pixels(file: BinaryIO, pixels: np.ndarray, sequence: int, *, first: bool) -> int:
    """The first frame is the still picture as well (IDAT), the others are numbered (fdAT)."""
    for name, data in png.chunks(png.encode(pixels)):
        if name == b"IDAT" and first:
            png.write_chunk(file, b"IDAT", data)
        elif name == b"IDAT":
            png.write_chunk(file, b"fdAT", struct.pack(">I", sequence) + data)
            sequence += 1
    return sequence
