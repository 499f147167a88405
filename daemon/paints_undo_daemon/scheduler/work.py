"""A task that a call waits for, in the line of a lane."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from paints_undo.worker.v1 import worker_pb2


@dataclass(eq=False, slots=True)
class CallTask:
    """A task that a call waits for. `on_report` is called in the event loop; `cancelled` once nobody waits any more.

    The worker of an `expendable` task is ended to cancel it: the task may hang for long without taking a step.
    """

    task: worker_pb2.Task
    on_report: Callable[[worker_pb2.Report], None]
    finished: Callable[[BaseException | None], None]
    expendable: bool = False
    cancelled: bool = field(default=False)

    def refuse(self) -> None:
        """End it unbegun, as a worker ends a task that is cancelled."""
        failure = worker_pb2.Failure(code="CANCELLED", message="The task was cancelled.", cancelled=True)
        self.on_report(worker_pb2.Report(failure=failure))
        self.finished(None)
