"""How large several processes side by side become: a grid, or on a contact sheet rows. Standard library only."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from paints_undo_engine.errors import ExportError, ExportTooLargeError
from paints_undo_engine.export import budget
from paints_undo_engine.export.estimate import check_budget
from paints_undo_engine.export.extent import own_side, picture_size
from paints_undo_engine.export.options import ExportFormat, ExportOptions, Fill
from paints_undo_engine.export.timeline import chosen_states

MOST = 8
_SIDE = 1920
"""Longer side of the whole grid where none is asked for."""
ROW_STATES, _ROW_TILE = 8, 220
GAP, LABEL = 12, 24
_WIDE = 1.5
"""The grid's wanted width by its height."""


@dataclass(frozen=True, slots=True)
class ProcessGrid:
    """`tile` (width, height) pixels for each process, in `columns`, the first `count` of them used."""

    count: int
    columns: int
    tile: tuple[int, int]

    @classmethod
    def fitting(cls, count: int, width: int, height: int, options: ExportOptions) -> ProcessGrid:
        """The grid for paintings of a size whose shape is nearest to the wanted one, as long as the options say at most
        and no larger than it needs. Raises `ExportError` where that is too small."""
        side = options.max_side or own_side(options.format, _SIDE) or _SIDE
        ratio = width / height

        def off(columns: int) -> float:
            rows = -(-count // columns)
            return abs(math.log(columns * ratio / rows / _WIDE)) + (columns * rows - count) / 2

        columns = min(range(1, count + 1), key=off)
        rows = -(-count // columns)
        scale = min(
            1.0,
            (side - GAP * (columns + 1)) / (columns * width),
            (side - GAP - rows * (GAP + LABEL)) / (rows * height),
        )
        if scale <= 0:
            raise ExportError(f"{count} processes side by side do not fit into {side} pixels.")
        return cls(count, columns, (max(1, round(width * scale)), max(1, round(height * scale))))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the whole, in pixels."""
        across, down = self.tile
        rows = -(-self.count // self.columns)
        return self.columns * (across + GAP) + GAP, rows * (down + GAP + LABEL) + GAP


def grid_options(options: ExportOptions) -> ExportOptions:
    """The options for the whole grid as one painting: its size is chosen, and no camera follows several at once."""
    return replace(options, max_side=0, fill=Fill.BLUR if options.fill is Fill.FOLLOW else options.fill)


def row_options(options: ExportOptions) -> ExportOptions:
    """The options for a state in a row."""
    return ExportOptions(format=options.format, max_side=options.max_side or _ROW_TILE)


def check_side_by_side(count: int, width: int, height: int, frames: int, options: ExportOptions) -> None:
    """Refuse what several processes side by side cannot become, before anything is made: of `count` processes with
    paintings of one size and so many frames. Raises `ExportError`."""
    if not 2 <= count <= MOST:
        raise ExportError(f"{count} processes cannot be shown side by side, only 2 to {MOST}.")
    if options.format.is_layered:
        raise ExportError(f"A layered file ({options.format}) holds one process; save each in a file of its own.")
    if options.format is ExportFormat.PDF:
        raise ExportError("A PDF shows one process; a contact sheet (.png) shows several.")
    if options.format is ExportFormat.CONTACT_SHEET:
        across, down = picture_size(width, height, row_options(options))
        budget.check(options.format, across, down, count * len(chosen_states(frames, ROW_STATES)))
    else:
        _check_grid(count, width, height, frames, options)


def _check_grid(count: int, width: int, height: int, frames: int, options: ExportOptions) -> None:
    """Check the whole grid. What is between its tiles does not shrink with them: the size to name is tried out."""

    def check(side: int) -> None:
        across, down = ProcessGrid.fitting(count, width, height, replace(options, max_side=side)).size
        check_budget(across, down, frames, grid_options(options))

    try:
        check(options.max_side)
    except ExportTooLargeError as error:
        side = error.fits
        while True:
            try:
                check(side)
            except ExportTooLargeError as smaller:
                side = min(side - 1, smaller.fits)
            else:
                raise ExportTooLargeError(error.refused, side, error.otherwise) from None
