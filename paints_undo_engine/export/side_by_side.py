"""Several processes in one picture: a grid in which each is as far as the others at any time, or a row for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from paints_undo_engine import png
from paints_undo_engine.export import budget
from paints_undo_engine.export.geometry import Canvas, canvas_for
from paints_undo_engine.export.lettering import shortened
from paints_undo_engine.export.options import ExportFormat, ExportOptions
from paints_undo_engine.export.process_grid import (
    GAP,
    LABEL,
    ROW_STATES,
    ProcessGrid,
    check_side_by_side,
    grid_options,
    row_options,
)
from paints_undo_engine.export.sizing import sized
from paints_undo_engine.export.source import ProcessSource, Steps, Still
from paints_undo_engine.export.timeline import chosen_states
from paints_undo_engine.export.writing import write_atomically
from paints_undo_engine.painting import Painting
from paints_undo_engine.picture import Picture, Placement
from paints_undo_engine.provenance.signing import SigningKey

Pixels = NDArray[np.uint8]

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
    painting, frames = sources[0].painting, max(len(source.states) for source in sources)
    check_side_by_side(len(sources), painting.width, painting.height, frames, options)
    if options.format is ExportFormat.CONTACT_SHEET:

        def write(first: ProcessSource, target: Path, given: ExportOptions) -> Iterator[tuple[int, int]]:
            return _write_rows([first, *sources[1:]], target, given)

        return (yield from write_atomically(sources[0], path, options, key, write, signed_later=signed_later))
    whole = grid_options(options)
    return (yield from write_atomically(grid(sources, options), path, whole, key, signed_later=signed_later))


def grid(sources: Sequence[ProcessSource], options: ExportOptions) -> ProcessSource:
    """The processes as one whose frames show all of them at the same share of their work; read as they are needed."""
    painting = sources[0].painting
    page = ProcessGrid.fitting(len(sources), painting.width, painting.height, options)
    placement = Placement(0, 0, *page.size)
    tile_options = ExportOptions(format=options.format, size=options.size, max_side=max(page.tile))
    shown = [sized(source, tile_options) for source in sources]
    canvases = [canvas_for(source.painting, source.sample(), tile_options) for source in shown]
    count = max(len(source.states) for source in shown)

    def read(number: int) -> Picture:
        share = number / max(1, count - 1)
        states = [source.states[round(share * (len(source.states) - 1))] for source in shown]
        return Picture(_composed(page, canvases, [state.read() for state in states]), placement)

    def still(number: int) -> Still:
        first = shown[0].states[round(number / max(1, count - 1) * (len(shown[0].states) - 1))]
        return Still(first.operation_step, lambda: read(number), first.label)

    ends = _composed(page, canvases, [source.painting.picture() for source in shown])
    stills = [still(number) for number in range(count)]
    return ProcessSource(Painting(ends), sources[0].provenance, stills, [stills[0], stills[-1]])


def _composed(grid: ProcessGrid, canvases: Sequence[Canvas], pictures: Sequence[Picture]) -> Pixels:
    """uint8 [height, width, 3]: each picture in its tile, under its number."""
    page = Image.new("RGB", grid.size, _PAPER)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(18)
    across, down = grid.tile
    for number, (canvas, picture) in enumerate(zip(canvases, pictures, strict=True)):
        left = GAP + number % grid.columns * (across + GAP)
        top = GAP + number // grid.columns * (down + GAP + LABEL)
        draw.text((left, top - 4), str(number + 1), _INK, font)
        shown = Image.fromarray(canvas.show(picture))
        shown.thumbnail(grid.tile)
        page.paste(shown, (left + (across - shown.width) // 2, top + LABEL + (down - shown.height) // 2))
    return np.asarray(page)


def _write_rows(sources: Sequence[ProcessSource], target: Path, options: ExportOptions) -> Iterator[tuple[int, int]]:
    """A PNG with a row of evenly spread states for each process; what is being done stands under each."""
    canvases = [canvas_for(source.painting, source.sample(), row_options(options)) for source in sources]
    rows = [chosen_states(len(source.states), ROW_STATES) for source in sources]
    columns = max(map(len, rows))
    broad, high = max(canvas.width for canvas in canvases), max(canvas.height for canvas in canvases)
    budget.check(options.format, broad, high, len(rows) * columns)
    across, down = broad + GAP, high + GAP + LABEL
    page = Image.new("RGB", (LABEL + columns * across + GAP, len(rows) * down + GAP), _PAPER)
    draw, font, small = ImageDraw.Draw(page), ImageFont.load_default(18), ImageFont.load_default(12)
    for number, (source, canvas, row) in enumerate(zip(sources, canvases, rows, strict=True)):
        top = GAP + number * down
        draw.text((8, top), str(number + 1), _INK, font)
        for column, index in enumerate(row):
            left = LABEL + GAP + column * across
            state = source.states[index]
            page.paste(Image.fromarray(canvas.show(state.read())), (left, top))
            draw.text((left, top + canvas.height + 4), shortened(state.label, small, across - GAP), _INK, small)
            yield number * columns + column + 1, len(rows) * columns
    texts = {} if options.omit_metadata else sources[0].provenance.texts()
    target.write_bytes(png.with_text(png.encode(np.asarray(page)), texts))
