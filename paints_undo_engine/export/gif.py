"""GIF with one palette for the whole process, by PyAV's encoder, with an ordered dither that does not flicker."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from paints_undo_engine.export import budget
from paints_undo_engine.export.camera import views
from paints_undo_engine.export.delta import changed
from paints_undo_engine.export.geometry import Canvas, canvas_for
from paints_undo_engine.export.options import ExportOptions
from paints_undo_engine.export.source import ProcessSource
from paints_undo_engine.export.timeline import Timeline, chosen_states, timeline
from paints_undo_engine.provenance import Provenance

_PALETTE_STATES = 24
_SAMPLES = 40_000
_BITS = 6
_NEAR = 4
"""Levels by which a palette colour may be off without a dither."""
_BAYER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.float32) / 16 - 15 / 32


def write(source: ProcessSource, target: Path, options: ExportOptions) -> Iterator[tuple[int, int]]:
    """Write the process as GIF that plays for ever, on white, in 255 colours chosen from the whole process.

    Raises `ExportError` above its `budget`.
    """
    plan = timeline(len(source.states), options, source.phases, source.operations)
    canvas = canvas_for(source.painting, source.sample(), options)
    budget.check(options.format, canvas.width, canvas.height, len(plan.shots))
    states = chosen_states(len(source.states), _PALETTE_STATES)
    of = len(states) + len(plan.shots)
    samples = []
    for step, index in enumerate(states, 1):
        samples.append(_sample(canvas.show(source.states[index].read()), len(states)))
        yield step, of
    palette = _palette(np.concatenate(samples))
    plain = target.with_name(target.name + ".plain")
    try:
        for step in _encode(source, plain, plan, views(source, canvas, plan, options), palette):
            yield len(states) + step, of
        with plain.open("rb") as encoded, target.open("wb") as file:
            _add(encoded, file, b"" if options.omit_metadata else _notes(source.provenance))
    finally:
        plain.unlink(missing_ok=True)


def _sample(pixels: NDArray[np.uint8], states: int) -> NDArray[np.uint8]:
    """Pixels on an even grid; together the states give some 40,000 x 24."""
    flat = pixels.reshape(-1, 3)
    return flat[:: max(1, len(flat) // (_SAMPLES * _PALETTE_STATES // states))].copy()  # lets the picture go


def _palette(samples: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """uint8 [255, 3]: white, and 254 colours by median cut and k-means.

    A colour counts by the square root of its area, so that the small and vivid parts of a picture keep theirs.
    """
    cells = (samples >> (8 - _BITS)).astype(np.int32)
    keys = (cells[:, 0] << 2 * _BITS) | (cells[:, 1] << _BITS) | cells[:, 2]
    _, where, counts = np.unique(keys, return_inverse=True, return_counts=True)
    sums = np.stack([np.bincount(where, samples[:, channel]) for channel in range(3)], axis=1)
    means = np.rint(sums / counts[:, None]).astype(np.uint8)
    weighted = np.repeat(means, np.ceil(np.sqrt(counts)).astype(int), axis=0)
    reduced = Image.fromarray(weighted[None]).quantize(254, method=Image.Quantize.MEDIANCUT, kmeans=2)
    colours = np.array(reduced.getpalette(), np.uint8).reshape(-1, 3)[:254]
    palette = np.full((255, 3), 255, np.uint8)
    palette[1 : 1 + len(colours)] = colours
    return palette


def _nearest(palette: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """For every colour of 6 bits a channel the index of the nearest palette colour: uint8 [64, 64, 64]."""
    levels = (np.arange(1 << _BITS, dtype=np.float32) + 0.5) * (256 >> _BITS) - 0.5
    colours = palette.astype(np.float32)
    table = np.empty((levels.size,) * 3, np.uint8)
    green, blue = np.meshgrid(levels, levels, indexing="ij")
    for index, red in enumerate(levels):
        cells = np.stack([np.full(green.size, red, np.float32), green.ravel(), blue.ravel()], axis=1)
        distance = (colours**2).sum(axis=1) - 2 * cells @ colours.T
        table[index] = distance.argmin(axis=1).reshape(green.shape)
    return table


def _encode(
    source: ProcessSource, path: Path, plan: Timeline, shown: Sequence[Canvas], palette: NDArray[np.uint8]
) -> Iterator[int]:
    table = _nearest(palette)
    canvas = shown[0]
    tiles = (-(-canvas.height // 4), -(-canvas.width // 4))
    dither = np.asarray(np.tile(_BAYER * _spread(palette), tiles)[: canvas.height, : canvas.width, None], np.float32)
    colours = np.full((256, 4), 255, np.uint8)
    colours[:255, 1:] = palette
    colours[255] = 0  # transparent: what has not changed
    ticks = plan.ticks(100)
    options = {"loop": "0", "final_delay": str(ticks[-1])}
    with av.open(str(path), "w", format="gif", options=options) as container:
        stream = container.add_stream("gif", rate=100)
        stream.width, stream.height, stream.pix_fmt = canvas.width, canvas.height, "pal8"
        position = 0
        indices = np.zeros((canvas.height, canvas.width), np.uint8)
        before = None
        for step, (shot, delay) in enumerate(zip(plan.shots, ticks, strict=True), 1):
            pixels = shown[step - 1].show(source.states[shot.frame].read())
            left, top, right, bottom = changed(before, pixels)
            part = np.s_[top:bottom, left:right]
            indices[part] = _indices(pixels[part], table, palette, dither[part])
            before = pixels
            indexed: Any = (indices, colours)
            frame = av.VideoFrame.from_ndarray(indexed, format="pal8")
            frame.pts, frame.time_base = position, Fraction(1, 100)
            container.mux(stream.encode(frame))
            position += delay
            yield step
        container.mux(stream.encode(None))


def _indices(
    pixels: NDArray[np.uint8], table: NDArray[np.uint8], palette: NDArray[np.uint8], dither: NDArray[np.float32]
) -> NDArray[np.uint8]:
    """Palette indices: the nearest colour, dithered only where that is visibly off, so that flats stay flat."""
    nearest = _look_up(table, pixels)
    off = (cv2.absdiff(palette[nearest], pixels) > _NEAR).any(axis=2)
    moved = np.clip(pixels + dither, 0, 255).astype(np.uint8)
    return np.where(off, _look_up(table, moved), nearest)


def _look_up(table: NDArray[np.uint8], pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    cells = pixels >> (8 - _BITS)
    return np.asarray(table[cells[..., 0], cells[..., 1], cells[..., 2]])


def _spread(palette: NDArray[np.uint8]) -> np.float32:
    """How far the dither reaches: the usual distance between neighbouring palette colours, at most 12 levels."""
    used = np.unique(palette, axis=0).astype(np.float32)
    if len(used) < 16:
        return np.float32(0.0)
    distances = np.sqrt(((used[:, None] - used[None]) ** 2).sum(axis=2))
    np.fill_diagonal(distances, np.inf)
    return np.float32(min(12.0, np.median(distances.min(axis=1))))


def _notes(provenance: Provenance) -> bytes:
    """The note as comment extension, and as XMP (XMP Specification, part 3, section 1.1.2), whose packet lies bare in
    the file and ends in a trailer that leads any reader of blocks to its end."""
    text = provenance.sentence.encode("ascii", "replace")
    comment = b"".join(bytes([len(part)]) + part for part in _parts(text))
    trailer = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
    return b"\x21\xfe" + comment + b"\0\x21\xff\x0bXMP DataXMP" + provenance.xmp().encode() + trailer


def _add(encoded: BinaryIO, file: BinaryIO, extensions: bytes) -> None:
    """Copy a GIF and put extensions behind its global palette."""
    header = encoded.read(13)
    file.write(header)
    if header[10] & 0x80:
        file.write(encoded.read(3 << ((header[10] & 7) + 1)))
    file.write(extensions)
    shutil.copyfileobj(encoded, file, 1 << 20)


def _parts(text: bytes) -> Iterator[bytes]:
    for start in range(0, len(text), 255):
        yield text[start : start + 255]
