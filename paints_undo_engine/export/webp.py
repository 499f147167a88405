"""Animated WebP, lossless, written frame by frame (RFC 9649, section 2.7)."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from paints_undo_engine.errors import ExportError
from paints_undo_engine.export import budget
from paints_undo_engine.export.camera import views
from paints_undo_engine.export.delta import changed
from paints_undo_engine.export.geometry import canvas_for, channels_of
from paints_undo_engine.export.options import ExportOptions
from paints_undo_engine.export.source import ProcessSource
from paints_undo_engine.export.timeline import timeline

_MAX_FILE = 2**32 - 2
_ALPHA, _XMP, _ANIMATION = 0x10, 0x04, 0x02
_NO_BLEND = 0x02


def write(source: ProcessSource, target: Path, options: ExportOptions) -> Iterator[tuple[int, int]]:
    """Write the process as WebP that plays for ever; each frame holds the rectangle that has changed.

    Raises `ExportError` above its `budget` or 4 GB.
    """
    plan = timeline(len(source.states), options, phases=source.phases, operations=source.operations)
    canvas = canvas_for(source.painting, source.sample(), options)
    budget.check(options.format, canvas.width, canvas.height, len(plan.shots))
    channels = channels_of(source.painting)
    flags = _ANIMATION | (_ALPHA if channels == 4 else 0) | (0 if options.omit_metadata else _XMP)
    before = None
    with target.open("wb") as file:
        file.write(b"RIFF\0\0\0\0WEBP")
        _chunk(file, b"VP8X", struct.pack("<I", flags) + _u24(canvas.width - 1) + _u24(canvas.height - 1))
        _chunk(file, b"ANIM", struct.pack("<IH", 0xFFFFFFFF, 0))
        shown = zip(plan.shots, views(source, canvas, plan, options), plan.ticks(1000), strict=True)
        for step, (shot, view, milliseconds) in enumerate(shown, 1):
            pixels = view.show(source.states[shot.frame].read(), channels)
            left, top, right, bottom = changed(before, pixels, grid=2)
            place = _u24(left // 2) + _u24(top // 2) + _u24(right - left - 1) + _u24(bottom - top - 1)
            body = _bitstream(pixels[top:bottom, left:right])
            _chunk(file, b"ANMF", place + _u24(milliseconds) + bytes([_NO_BLEND]) + body)
            before = pixels
            yield step, len(plan.shots)
        if not options.omit_metadata:
            _chunk(file, b"XMP ", source.provenance.xmp().encode())
        if file.tell() > _MAX_FILE:
            raise ExportError("The animation is larger than the 4 GB that WebP allows: choose a smaller size.")
        size = file.tell() - 8
        file.seek(4)
        file.write(struct.pack("<I", size))


def _u24(value: int) -> bytes:
    return value.to_bytes(3, "little")


def _chunk(file: BinaryIO, name: bytes, data: bytes) -> None:
    file.write(name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2))


def _bitstream(pixels: NDArray[np.uint8]) -> bytes:
    """The lossless picture chunk, header and padding included, of a still WebP."""
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "WEBP", lossless=True, quality=20, method=1, exact=True)
    data = buffer.getvalue()
    start = data.index(b"VP8L", 12, 64)
    length = int.from_bytes(data[start + 4 : start + 8], "little")
    return data[start : start + 8 + length + length % 2]
