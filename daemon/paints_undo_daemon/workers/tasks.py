"""A worker's side of its tasks: which function handles which kind, and running them one after the other."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.workers.context import Resources, RunControl, Send, TaskContext
from paints_undo_daemon.workers.failures import failure_of
from paints_undo_engine.errors import PaintsUndoError

Handler = Callable[[TaskContext, Any], None]

_HERE = "paints_undo_daemon.workers"
HANDLERS: Mapping[str, tuple[str, str]] = {
    "ping": (f"{_HERE}.simple", "answer"),
    "load_engine": (f"{_HERE}.simple", "load_engine"),
    "run_unit": (f"{_HERE}.units", "run"),
    "transcode": (f"{_HERE}.exports", "transcode"),
    "export_result": (f"{_HERE}.exports", "export_result"),
    "sign_file": (f"{_HERE}.signing", "sign_file"),
    "restore_frame": (f"{_HERE}.restoring", "restore_frame"),
    "split_layers": (f"{_HERE}.layers", "split_layers"),
    "name_layers": (f"{_HERE}.layers", "name_layers"),
    "read_operations": (f"{_HERE}.layers", "read_operations"),
    "verify_file": (f"{_HERE}.verifying", "verify_file"),
    "normalise_picture": (f"{_HERE}.normalising", "normalise_picture"),
    "describe": (f"{_HERE}.models", "describe"),
    "fetch_model": (f"{_HERE}.models", "fetch"),
    "check_model": (f"{_HERE}.models", "check"),
}
"""Module and function by a task's kind. A module is imported with its first task: most workers need few of them."""


def handler_of(kind: str | None) -> Handler:
    """The function that handles tasks of a kind. Raises `PaintsUndoError` for an unknown one."""
    if kind is None or kind not in HANDLERS:
        raise PaintsUndoError(f"This worker knows no task {kind}.")
    module, function = HANDLERS[kind]
    return cast(Handler, vars(import_module(module))[function])


class TaskRunner:
    """Runs tasks one after the other. `control` may be used from other threads.

    Without `decodes` only pictures of the store's own making are read (`loading.Pictures`).
    """

    def __init__(self, store: Path, device: str, *, decodes: bool = True) -> None:
        self.control = RunControl()
        self._resources = Resources(store, device, decodes=decodes)

    @property
    def loaded(self) -> frozenset[str]:
        """Names of the engines that are held."""
        return self._resources.loaded

    def run(self, task: worker_pb2.Task, send: Send) -> None:
        """Run a task; its last report is `done` or `failure`. Raises nothing of the task's."""
        context = TaskContext(self._resources, self.control, task.task_id, send)
        context.emit(begun=worker_pb2.Begun())
        kind = task.WhichOneof("kind")
        try:
            handler_of(kind)(context, getattr(task, str(kind)))
        except Exception as error:
            context.emit(failure=failure_of(error))

    def close(self) -> None:
        """Give back engines and threads."""
        self._resources.close()


def limit_threads(count: int) -> None:
    """Bound the threads of the numeric libraries that are imported later; 0 leaves them alone."""
    if count:
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ[name] = str(count)
