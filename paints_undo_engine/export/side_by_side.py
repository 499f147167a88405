"""Several processes in one picture: a grid in which each is as far as the others at any time, or a row for each."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from paints_undo_engine import png
from paints_undo_engine.errors import ExportError
from paints_undo_engine.export import budget
from paints_undo_engine.export.extent import own_side
from paints_undo_engine.export.geometry import Canvas, canvas_for
from paints_undo_engine.export.lettering import shortened
from paints_undo_engine.export.options import ExportFormat, ExportOptions, Fill
from paints_undo_engine.export.sizing import sized
from paints_undo_engine.export.source import ProcessSource, Steps, Still
from paints_undo_engine.export.timeline import chosen_states
from paints_undo_engine.export.writing import write_atomically
from paints_undo_engine.painting import Painting
from paints_undo_engine.picture import Picture, Placement
from paints_undo_engine.provenance.signing import SigningKey

Pixels = NDArray[np.uint8]

MOST = 8
_SIDE = 1920
"""Longer side of the whole grid where none is asked for."""
_ROW_STATES, _ROW_TILE = 8, 220
_GAP, _LABEL = 12, 24
_WIDE = 1.5
"""The grid's wanted width by its height."""
_PAPER, _INK = (246, 246, 244), (60, 60, 60)


def export_side_by_side(
    sources: Sequence[ProcessSource],
    path: Path,
    options: ExportOptions,
    key: SigningKey | None = None,
    *,
    signed_later: bool = False,
) -> Steps:
    """Write 2 to 8 processes to one file, numbered from 1, and yield (step, of) after each step.

    A contact sheet has a row for each process, everything else a grid. `max_side` is the longer side of the whole
    picture (1920 by default; a page's 1080, a sprite sheet's 256), on a contact sheet that of one state. Raises
    `ExportError`, also for a layered file.

    >>> for step, of in export_side_by_side(sources, path, options_for(path)): ...
    """
    if not 2 <= len(sources) <= MOST:
        raise ExportError(f"{len(sources)} processes cannot be shown side by side, only 2 to {MOST}.")
    if options.format.is_layered:
        raise ExportError(f"A layered file ({options.format}) holds one process; save each in a file of its own.")
    if options.format is ExportFormat.PDF:
        raise ExportError("A PDF shows one process; a contact sheet (.png) shows several.")
    if options.format is ExportFormat.CONTACT_SHEET:

        def write(first: ProcessSource, target: Path, given: ExportOptions) -> Iterator[tuple[int, int]]:
            return _write_rows([first, *sources[1:]], target, given)

        return (yield from write_atomically(sources[0], path, options, key, write, signed_later=signed_later))
    fill = Fill.BLUR if options.fill is Fill.FOLLOW else options.fill  # no camera follows several processes at once
    whole = replace(options, max_side=0, fill=fill)
    return (yield from write_atomically(grid(sources, options), path, whole, key, signed_later=signed_later))


def grid(sources: Sequence[ProcessSource], options: ExportOptions) -> ProcessSource:
    """The processes as one whose frames show all of them at the same share of their work; read as they are needed."""
    page = _Page.fitting(
        len(sources), sources[0].painting, options.max_side or own_side(options.format, _SIDE) or _SIDE
    )
    tile_options = ExportOptions(format=options.format, size=options.size, max_side=max(page.tile))
    shown = [sized(source, tile_options) for source in sources]
    canvases = [canvas_for(source.painting, source.sample(), tile_options) for source in shown]
    count = max(len(source.states) for source in shown)

    def read(number: int) -> Picture:
        share = number / max(1, count - 1)
        states = [source.states[round(share * (len(source.states) - 1))] for source in shown]
        return Picture(page.compose(canvases, [state.read() for state in states]), page.placement)

    def still(number: int) -> Still:
        first = shown[0].states[round(number / max(1, count - 1) * (len(shown[0].states) - 1))]
        return Still(first.operation_step, lambda: read(number), first.label)

    ends = page.compose(canvases, [source.painting.picture() for source in shown])
    stills = [still(number) for number in range(count)]
    return ProcessSource(Painting(ends), sources[0].provenance, stills, [stills[0], stills[-1]])


@dataclass(frozen=True, slots=True)
class _Page:
    """`tile` (width, height) pixels for each process, in `columns`, the first `count` of them used."""

    count: int
    columns: int
    tile: tuple[int, int]

    @classmethod
    def fitting(cls, count: int, painting: Painting, side: int) -> _Page:
        """The grid whose shape is nearest to the wanted one, at most `side` pixels long and no larger than it needs."""
        ratio = painting.width / painting.height

        def off(columns: int) -> float:
            rows = -(-count // columns)
            return abs(math.log(columns * ratio / rows / _WIDE)) + (columns * rows - count) / 2

        columns = min(range(1, count + 1), key=off)
        rows = -(-count // columns)
        scale = min(
            1.0,
            (side - _GAP * (columns + 1)) / (columns * painting.width),
            (side - _GAP - rows * (_GAP + _LABEL)) / (rows * painting.height),
        )
        if scale <= 0:
            raise ExportError(f"{count} processes side by side do not fit into {side} pixels (max_side).")
        return cls(count, columns, (max(1, round(painting.width * scale)), max(1, round(painting.height * scale))))

    @property
    def placement(self) -> Placement:
        """The whole page."""
        across, down = self.tile
        rows = -(-self.count // self.columns)
        return Placement(0, 0, self.columns * (across + _GAP) + _GAP, rows * (down + _GAP + _LABEL) + _GAP)

    def compose(self, canvases: Sequence[Canvas], pictures: Sequence[Picture]) -> Pixels:
        """uint8 [height, width, 3]: each picture in its tile, under its number."""
        page = Image.new("RGB", (int(self.placement.width), int(self.placement.height)), _PAPER)
        draw, font = ImageDraw.Draw(page), ImageFont.load_default(18)
        across, down = self.tile
        for number, (canvas, picture) in enumerate(zip(canvases, pictures, strict=True)):
            left = _GAP + number % self.columns * (across + _GAP)
            top = _GAP + number // self.columns * (down + _GAP + _LABEL)
            draw.text((left, top - 4), str(number + 1), _INK, font)
            shown = Image.fromarray(canvas.show(picture))
            shown.thumbnail(self.tile)
            page.paste(shown, (left + (across - shown.width) // 2, top + _LABEL + (down - shown.height) // 2))
        return np.asarray(page)


def _write_rows(sources: Sequence[ProcessSource], target: Path, options: ExportOptions) -> Iterator[tuple[int, int]]:
    """A PNG with a row of evenly spread states for each process; what is being done stands under each."""
    tile_options = ExportOptions(format=options.format, max_side=options.max_side or _ROW_TILE)
    canvases = [canvas_for(source.painting, source.sample(), tile_options) for source in sources]
    rows = [chosen_states(len(source.states), _ROW_STATES) for source in sources]
    across = max(canvas.width for canvas in canvases) + _GAP
    down = max(canvas.height for canvas in canvases) + _GAP + _LABEL
    columns = max(map(len, rows))
    width, height = _LABEL + columns * across + _GAP, len(rows) * down + _GAP
    budget.check(options.format, width, height, 1)
    page = Image.new("RGB", (width, height), _PAPER)
    draw, font, small = ImageDraw.Draw(page), ImageFont.load_default(18), ImageFont.load_default(12)
    for number, (source, canvas, row) in enumerate(zip(sources, canvases, rows, strict=True)):
        top = _GAP + number * down
        draw.text((8, top), str(number + 1), _INK, font)
        for column, index in enumerate(row):
            left = _LABEL + _GAP + column * across
            state = source.states[index]
            page.paste(Image.fromarray(canvas.show(state.read())), (left, top))
            draw.text((left, top + canvas.height + 4), shortened(state.label, small, across - _GAP), _INK, small)
            yield number * columns + column + 1, len(rows) * columns
    texts = {} if options.omit_metadata else sources[0].provenance.texts()
    target.write_bytes(png.with_text(png.encode(np.asarray(page)), texts))
