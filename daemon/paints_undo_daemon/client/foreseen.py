"""Exports that a job is meant for, checked before its pictures are sent."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from paints_undo_daemon.client.pictures import PictureLike, RawPicture
from paints_undo_engine.export.options import ExportOptions
from paints_undo_engine.foreseen import check_exports
from paints_undo_engine.measuring import measured
from paints_undo_engine.request import ProcessRequest


def refuse_too_large(
    painting: PictureLike, request: ProcessRequest, exports: Iterable[ExportOptions], processes: int = 1
) -> None:
    """Refuse what would be too much for its format, by the head of the painting's file; what does not tell its size
    there is left to the daemon. Raises `ExportError` and `OSError`."""
    foreseen = list(exports)
    size = _size_of(painting) if foreseen else None
    if size is not None:
        check_exports(*size, request, foreseen, processes)


def _size_of(painting: PictureLike) -> tuple[int, int] | None:
    if isinstance(painting, RawPicture):
        return painting.width, painting.height
    return measured(painting if isinstance(painting, bytes) else Path(painting))
