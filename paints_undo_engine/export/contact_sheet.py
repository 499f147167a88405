"""Sixteen states of a process on one page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from paints_undo_engine import png
from paints_undo_engine.export import budget
from paints_undo_engine.export.geometry import canvas_for
from paints_undo_engine.export.options import ExportOptions, Fill
from paints_undo_engine.export.source import ProcessSource
from paints_undo_engine.export.timeline import chosen_states

STATES = 16
_COLUMNS = 4
_TILE = 320
_GAP = 16
_LABEL = 26
_PAPER, _INK, _LINE = (246, 246, 244), (60, 60, 60), (205, 205, 202)


def write(source: ProcessSource, target: Path, options: ExportOptions) -> Iterator[tuple[int, int]]:
    """Write a PNG with 16 evenly spread states, each labelled with its operation step and what is being done.

    `max_side` is the longer side of a single state here (default 320 pixels); time and layer options do not apply.
    """
    stills = source.states
    canvas = canvas_for(source.painting, source.sample(), _tile_options(options))
    chosen = chosen_states(len(stills), STATES)
    budget.check(options.format, canvas.width, canvas.height, len(chosen))
    columns = min(_COLUMNS, len(chosen))
    rows = -(-len(chosen) // columns)
    across, down = max(canvas.width, 120) + _GAP, canvas.height + _GAP + _LABEL
    font = ImageFont.load_default(14)
    width = columns * across + _GAP
    note = [] if options.omit_metadata else _wrapped(source.provenance.sentence, font, width - 2 * _GAP)
    page = Image.new("RGB", (width, rows * down + _GAP + len(note) * _LABEL), _PAPER)
    draw = ImageDraw.Draw(page)
    for number, index in enumerate(chosen):
        left, top = _GAP + number % columns * across, _GAP + number // columns * down
        page.paste(Image.fromarray(canvas.show(stills[index].read())), (left, top))
        draw.rectangle((left - 1, top - 1, left + canvas.width, top + canvas.height), outline=_LINE)
        text = f"step {stills[index].operation_step:.0f}"
        if stills[index].label:
            text += f" · {stills[index].label}"
        draw.text((left, top + canvas.height + 6), shortened(text, font, across - _GAP), _INK, font)
        yield number + 1, len(chosen)
    for number, line in enumerate(note):
        draw.text((_GAP, page.height - (len(note) - number) * _LABEL), line, _INK, font)
    texts = {} if options.omit_metadata else source.provenance.texts()
    target.write_bytes(png.with_text(png.encode(np.asarray(page)), texts))


def _tile_options(options: ExportOptions) -> ExportOptions:
    return ExportOptions(
        format=options.format,
        aspect=options.aspect,
        fill=Fill.BLUR if options.fill is Fill.FOLLOW else options.fill,
        max_side=options.max_side or _TILE,
    )


Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def _wrapped(text: str, font: Font, width: int) -> list[str]:
    """The text in lines of at most `width` pixels; only a single word may be wider."""
    lines: list[str] = []
    for word in text.split():
        if lines and font.getlength(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def shortened(text: str, font: Font, width: int) -> str:
    """The text, cut with an ellipsis where it is wider than `width` pixels."""
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text.rstrip(" ·") + "…"
