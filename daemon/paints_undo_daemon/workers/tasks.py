"""A worker's side of its tasks: which one is run how, and what becomes of its errors."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.durable import is_disk_full
from paints_undo_daemon.store.pictures import PictureFiles, PictureLostError
from paints_undo_engine import errors
from paints_undo_engine.contract import Engine

log = logging.getLogger(__name__)

_CODES: tuple[tuple[type[BaseException], str], ...] = (
    (errors.InvalidRequestError, "INVALID_ARGUMENT"),
    (errors.PaintingError, "INVALID_ARGUMENT"),
    (PictureLostError, "DATA_LOSS"),
    (errors.EngineUnavailableError, "FAILED_PRECONDITION"),
    (errors.CheckpointError, "FAILED_PRECONDITION"),
    (errors.ExportError, "FAILED_PRECONDITION"),
    (errors.OutOfMemoryError, "RESOURCE_EXHAUSTED"),
    (MemoryError, "RESOURCE_EXHAUSTED"),
    (ImportError, "FAILED_PRECONDITION"),
    (errors.PaintsUndoError, "INTERNAL"),
)
_DOWNLOAD_CODES = {
    "offline": "FAILED_PRECONDITION",
    "disk": "FAILED_PRECONDITION",
    "busy": "UNAVAILABLE",
    "unreachable": "UNAVAILABLE",
    "refused": "UNAVAILABLE",
    "digest": "DATA_LOSS",
}


class CancelledError(Exception):
    """The task was cancelled."""


class TaskRunner:
    """Runs tasks one after the other, with the engines and paintings that it keeps between them."""

    def __init__(self, store: Path, device: str) -> None:
        self.device = device
        self.pool = ThreadPoolExecutor(2, thread_name_prefix="pictures")
        self._files = PictureFiles(store)
        self._pictures: Any = None
        self._engines: dict[str, Engine] = {}
        self._cancelled = 0
        self._current = 0
        self._last_step = time.monotonic()

    @property
    def seconds_since_step(self) -> float:
        """Since the running task's last sign of life."""
        return time.monotonic() - self._last_step

    def cancel(self, task_id: int) -> None:
        """End a task within its step, if it is the one that runs."""
        self._cancelled = task_id

    def alive(self) -> None:
        """The running task has done a step."""
        self._last_step = time.monotonic()

    def run(self, task: worker_pb2.Task, send: Callable[[worker_pb2.Report], None]) -> None:
        """Run a task; its last report is `done` or `failure`. Raises nothing of the task's."""

        def emit(**kind: Any) -> None:
            self.alive()
            send(worker_pb2.Report(task_id=task.task_id, **kind))

        self._current = task.task_id
        self._last_step = time.monotonic()
        emit(begun=worker_pb2.Begun())
        try:
            self._dispatch(task, emit)
        except Exception as error:
            emit(failure=self._failure(error))

    def close(self) -> None:
        """Give back engines and threads."""
        for engine in self._engines.values():
            engine.close()
        self._engines.clear()
        self.pool.shutdown(cancel_futures=True)

    @property
    def loaded(self) -> frozenset[str]:
        """Names of the engines that are held."""
        return frozenset(self._engines)

    def engine(self, name: str) -> Engine:
        """The engine of this name, made when it is first asked for. Raises `EngineUnavailableError`."""
        if name not in self._engines:
            from paints_undo_engine import engines

            settings = engines.EngineSettings(
                self.device,
                compiling=os.environ.get("PAINTS_UNDO_COMPILING", "auto"),
                attention=os.environ.get("PAINTS_UNDO_ATTENTION", "sdpa"),
            )
            self._engines[name] = engines.load(name, settings)
        return self._engines[name]

    @property
    def pictures(self) -> Any:
        """The store's pictures."""
        if self._pictures is None:
            from paints_undo_daemon.workers.loading import Pictures

            self._pictures = Pictures(self._files)
        return self._pictures

    def check_cancelled(self) -> None:
        """Raise `CancelledError` when the task was cancelled."""
        if self._cancelled == self._current:
            raise CancelledError

    def _dispatch(self, task: worker_pb2.Task, emit: Callable[..., None]) -> None:
        match task.WhichOneof("kind"):
            case "run_unit":
                from paints_undo_daemon.workers import units

                engine = self.engine(task.run_unit.parameters.engine)
                units.run(
                    engine, self.device, self.pictures, self.pool, task.run_unit, emit, self.check_cancelled, self.alive
                )
            case "ping":
                emit(done={})
            case "load_engine":
                self.engine(task.load_engine.engine)
                emit(done={})
            case "transcode":
                from paints_undo_daemon.workers.exports import transcode

                transcode(self.pictures, task.transcode, emit)
            case "export_result":
                from paints_undo_daemon.workers.exports import export_result

                export_result(self, task.export_result, emit)
            case "split_layers":
                from paints_undo_daemon.workers.layers import split_layers

                split_layers(self, task.split_layers, emit)
            case "read_operations":
                from paints_undo_daemon.workers.layers import read_operations

                read_operations(self, task.read_operations, emit)
            case "describe":
                from paints_undo_daemon.workers.models import describe

                describe(emit)
            case "fetch_model":
                from paints_undo_daemon.workers.models import fetch

                fetch(self, task.fetch_model, emit)
            case "check_model":
                from paints_undo_daemon.workers.models import check

                check(self, task.check_model, emit)
            case other:
                raise errors.PaintsUndoError(f"This worker knows no task {other}.")

    def _failure(self, error: Exception) -> worker_pb2.Failure:
        if isinstance(error, CancelledError):
            return worker_pb2.Failure(code="CANCELLED", message="The task was cancelled.", cancelled=True)
        if is_disk_full(error):
            return worker_pb2.Failure(
                code="RESOURCE_EXHAUSTED", message="The disk is full: free some space, then start the job again."
            )
        if isinstance(error, errors.DownloadError):
            return worker_pb2.Failure(code=_DOWNLOAD_CODES[error.reason], message=str(error))
        for kind, code in _CODES:
            if isinstance(error, kind):
                return worker_pb2.Failure(
                    code=code,
                    message=str(error) or "There is too little memory.",
                    field=error.field if isinstance(error, errors.InvalidRequestError) else "",
                    out_of_memory=isinstance(error, errors.OutOfMemoryError | MemoryError),
                )
        log.error("The task failed unexpectedly.", exc_info=error)
        return worker_pb2.Failure(
            code="INTERNAL", message=f"An unexpected error ({type(error).__name__}); the daemon's log has the details."
        )


def limit_threads(count: int) -> None:
    """Bound the threads of the numeric libraries that are imported later; 0 leaves them alone."""
    if count:
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ[name] = str(count)
