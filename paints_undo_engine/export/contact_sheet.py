"""Sixteen states of a process on one page: a picture, or a page to print."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from paints_undo_engine import png
from paints_undo_engine.export import budget, pdf
from paints_undo_engine.export.geometry import canvas_for
from paints_undo_engine.export.lettering import shortened, wrapped
from paints_undo_engine.export.options import ExportOptions, Fill
from paints_undo_engine.export.source import ProcessSource
from paints_undo_engine.export.timeline import chosen_states

STATES = 16
_COLUMNS = 4
_TILE = 320
"""The longer side of a state in pixels for which gaps and letters are made; all grow with it."""
_GAP = 16
_LABEL = 26
_PAPER, _INK, _LINE = (246, 246, 244), (60, 60, 60), (205, 205, 202)


def write(source: ProcessSource, target: Path, options: ExportOptions) -> Iterator[tuple[int, int]]:
    """Write a PNG with 16 evenly spread states, each labelled with its operation step and what is being done.

    `max_side` is the longer side of a single state here (default 320 pixels); time and layer options do not apply.
    """
    page = yield from _drawn(source, options)
    texts = {} if options.omit_metadata else source.provenance.texts()
    target.write_bytes(png.with_text(png.encode(page), texts))


def write_pdf(source: ProcessSource, target: Path, options: ExportOptions) -> Iterator[tuple[int, int]]:
    """The same as a page to print, at most as long as A4 paper; its states have 640 pixels by default."""
    page = yield from _drawn(source, options)
    note = "" if options.omit_metadata else source.provenance.sentence
    target.write_bytes(pdf.of_picture(page, note, "" if options.omit_metadata else source.provenance.xmp()))


def _drawn(source: ProcessSource, options: ExportOptions) -> Generator[tuple[int, int], None, NDArray[np.uint8]]:
    """The sheet, uint8 [h, w, 3]; (step, of) after each state. Raises `ExportError` above the format's budget."""
    stills = source.states
    canvas = canvas_for(source.painting, source.sample(), _tile_options(options))
    chosen = chosen_states(len(stills), STATES)
    budget.check(options.format, canvas.width, canvas.height, len(chosen))
    unit = max(1.0, max(canvas.width, canvas.height) / _TILE)
    gap, label = round(_GAP * unit), round(_LABEL * unit)
    columns = min(_COLUMNS, len(chosen))
    rows = -(-len(chosen) // columns)
    across, down = max(canvas.width, 120) + gap, canvas.height + gap + label
    font = ImageFont.load_default(14 * unit)
    width = columns * across + gap
    note = [] if options.omit_metadata else wrapped(source.provenance.sentence, font, width - 2 * gap)
    page = Image.new("RGB", (width, rows * down + gap + len(note) * label), _PAPER)
    draw = ImageDraw.Draw(page)
    for number, index in enumerate(chosen):
        left, top = gap + number % columns * across, gap + number // columns * down
        page.paste(Image.fromarray(canvas.show(stills[index].read())), (left, top))
        draw.rectangle((left - 1, top - 1, left + canvas.width, top + canvas.height), outline=_LINE)
        text = f"step {stills[index].operation_step:.0f}"
        if stills[index].label:
            text += f" · {stills[index].label}"
        draw.text((left, top + canvas.height + round(6 * unit)), shortened(text, font, across - gap), _INK, font)
        yield number + 1, len(chosen)
    for number, line in enumerate(note):
        draw.text((gap, page.height - (len(note) - number) * label), line, _INK, font)
    return np.asarray(page)


def _tile_options(options: ExportOptions) -> ExportOptions:
    return ExportOptions(
        format=options.format,
        aspect=options.aspect,
        fill=Fill.BLUR if options.fill is Fill.FOLLOW else options.fill,
        max_side=options.max_side,
    )
