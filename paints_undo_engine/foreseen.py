"""Exports that are foreseen, checked before their process is made; only the standard library."""

from __future__ import annotations

from collections.abc import Iterable

from paints_undo_engine.export.estimate import check_budget
from paints_undo_engine.export.options import ExportOptions
from paints_undo_engine.export.process_grid import check_side_by_side
from paints_undo_engine.process import frame_count
from paints_undo_engine.request import ProcessRequest
from paints_undo_engine.stages import Stage


def check_exports(
    width: int, height: int, request: ProcessRequest, exports: Iterable[ExportOptions], processes: int = 1
) -> None:
    """Refuse what would be too much for its format, of a painting of `width` x `height` pixels, or of so many
    `processes` of it side by side. Raises `ExportError`.

    >>> check_exports(2000, 1000, ProcessRequest(), [ExportOptions()])
    """
    keyframes = len(request.operation_steps) + 2
    frames = frame_count(request) if request.stop_after is Stage.INTERPOLATION else keyframes
    for options in exports:
        if processes > 1:
            check_side_by_side(processes, width, height, frames, options)
        else:
            check_budget(width, height, frames, options, keyframes)
