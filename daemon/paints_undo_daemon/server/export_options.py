"""What is asked of an export, checked by the front before a worker hears of it."""

from __future__ import annotations

from collections.abc import Sequence

from paints_undo.v1 import jobs_pb2
from paints_undo_daemon.convert import export_options_from_proto
from paints_undo_daemon.errors import FailedPreconditionError
from paints_undo_daemon.server.status import from_request_error
from paints_undo_daemon.store.rows import JobRow
from paints_undo_engine.errors import ExportTooLargeError, InvalidRequestError
from paints_undo_engine.export import estimate
from paints_undo_engine.export.options import ExportOptions


def checked_options(message: jobs_pb2.ExportOptions) -> ExportOptions:
    """The options of an export. Raises `InvalidArgumentError` with the field."""
    try:
        return export_options_from_proto(message)
    except InvalidRequestError as error:
        raise from_request_error(error, "options.") from None


def check_budget(
    row: JobRow, frames: Sequence[jobs_pb2.Frame], keyframes: Sequence[jobs_pb2.Frame], options: ExportOptions
) -> None:
    """Refuse an export that asks for too much before a picture is read. Raises `FailedPreconditionError`."""
    shown = frames or keyframes
    if not row.painting_width:
        return
    try:
        estimate.check_budget(
            row.painting_width, row.painting_height, len(shown), options, len(keyframes), shown[0].width
        )
    except ExportTooLargeError as error:
        raise FailedPreconditionError(error.problem, field=f"options.{error.field}") from error
