"""Sixteen states of a process on one page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from paints_undo_engine import png
from paints_undo_engine.export import budget
from paints_undo_engine.export.geometry import canvas_for
from paints_undo_engine.export.options import ExportOptions
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
    foot = 0 if options.omit_metadata else _LABEL
    page = Image.new("RGB", (columns * across + _GAP, rows * down + _GAP + foot), _PAPER)
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(14)
    for number, index in enumerate(chosen):
        left, top = _GAP + number % columns * across, _GAP + number // columns * down
        page.paste(Image.fromarray(canvas.show(stills[index].read())), (left, top))
        draw.rectangle((left - 1, top - 1, left + canvas.width, top + canvas.height), outline=_LINE)
        text = f"step {stills[index].operation_step:.0f}"
        if stills[index].label:
            text += f" · {stills[index].label}"
        draw.text((left, top + canvas.height + 6), _short(text, font, across - _GAP), _INK, font)
        yield number + 1, len(chosen)
    texts = {}
    if not options.omit_metadata:
        texts = source.provenance.texts()
        note = _short(source.provenance.sentence, font, page.width - 2 * _GAP)
        draw.text((_GAP, page.height - _LABEL), note, _INK, font)
    target.write_bytes(png.with_text(png.encode(np.asarray(page)), texts))


def _tile_options(options: ExportOptions) -> ExportOptions:
    return ExportOptions(
        format=options.format,
        aspect=options.aspect,
        letterbox=options.letterbox,
        max_side=options.max_side or _TILE,
    )


def _short(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> str:
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text.rstrip(" ·") + "…"
