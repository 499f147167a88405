"""Tasks that need nothing but their context."""

from __future__ import annotations

from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.workers.context import TaskContext


def answer(context: TaskContext, task: worker_pb2.Ping) -> None:
    """Show that this worker takes tasks and reports."""
    del task
    context.finish()


def load_engine(context: TaskContext, task: worker_pb2.LoadEngine) -> None:
    """Make an engine before its first unit. Raises `EngineUnavailableError`."""
    context.engine(task.engine)
    context.finish()
