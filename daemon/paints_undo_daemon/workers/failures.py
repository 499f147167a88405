"""What becomes of a task's error: the gRPC status and the sentence that a client gets to see."""

from __future__ import annotations

import logging

from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.durable import is_disk_full
from paints_undo_daemon.privacy import without_folders
from paints_undo_daemon.store.pictures import PictureLostError
from paints_undo_daemon.workers.context import CancelledError
from paints_undo_engine import errors

log = logging.getLogger(__name__)

_CODES: tuple[tuple[type[BaseException], str], ...] = (
    (errors.InvalidRequestError, "INVALID_ARGUMENT"),
    (errors.PaintingError, "INVALID_ARGUMENT"),
    (PictureLostError, "DATA_LOSS"),
    (errors.EngineUnavailableError, "FAILED_PRECONDITION"),
    (errors.CheckpointError, "FAILED_PRECONDITION"),
    (errors.SlowJobError, "FAILED_PRECONDITION"),
    (errors.NotFiniteError, "FAILED_PRECONDITION"),
    (errors.ExportError, "FAILED_PRECONDITION"),
    (ImportError, "FAILED_PRECONDITION"),
    (errors.PaintsUndoError, "INTERNAL"),
)
_OPENCV_NO_MEMORY = -4
_LITTLE_MEMORY = "There is too little memory for this: choose a smaller size, or close other programs."
_DOWNLOAD_CODES = {
    "offline": "FAILED_PRECONDITION",
    "disk": "FAILED_PRECONDITION",
    "busy": "UNAVAILABLE",
    "unreachable": "UNAVAILABLE",
    "refused": "UNAVAILABLE",
    "digest": "DATA_LOSS",
}


def _lacks_memory(error: Exception) -> bool:
    """Also as OpenCV says it, which is not imported for that."""
    of_opencv = type(error).__module__ == "cv2" and getattr(error, "code", 0) == _OPENCV_NO_MEMORY
    return of_opencv or isinstance(error, errors.OutOfMemoryError | MemoryError)


def failure_of(error: Exception) -> worker_pb2.Failure:
    """A task's error as its last report. What nobody foresaw goes into the log and is told without details."""
    if isinstance(error, CancelledError):
        return worker_pb2.Failure(code="CANCELLED", message="The task was cancelled.", cancelled=True)
    if is_disk_full(error):
        return worker_pb2.Failure(
            code="RESOURCE_EXHAUSTED", message="The disk is full: free some space, then start the job again."
        )
    if _lacks_memory(error):
        return worker_pb2.Failure(
            code="RESOURCE_EXHAUSTED",
            message=str(error) if isinstance(error, errors.OutOfMemoryError) else _LITTLE_MEMORY,
            out_of_memory=True,
        )
    if isinstance(error, errors.DownloadError):
        return worker_pb2.Failure(code=_DOWNLOAD_CODES[error.reason], message=without_folders(str(error)))
    if isinstance(error, errors.ExportTooLargeError):
        field = f"options.{error.field}"
        return worker_pb2.Failure(code="FAILED_PRECONDITION", message=error.problem, field=field)
    for kind, code in _CODES:
        if isinstance(error, kind):
            return worker_pb2.Failure(
                code=code,
                message=without_folders(str(error)),
                field=error.field if isinstance(error, errors.InvalidRequestError) else "",
            )
    log.error("The task failed unexpectedly.", exc_info=error)
    return worker_pb2.Failure(
        code="INTERNAL", message=f"An unexpected error ({type(error).__name__}); the daemon's log has the details."
    )
