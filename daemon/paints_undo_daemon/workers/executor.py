"""What stands behind a slot of the scheduler: something that executes one task at a time and reports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from paints_undo.worker.v1 import worker_pb2

OnReport = Callable[[worker_pb2.Report], None]


class WorkerDiedError(Exception):
    """The worker ended in the middle of a task; the message says what is known of the reason.

    `begun` tells whether the task had been begun, `from_outside` whether somebody else ended the worker: not an error
    of its own, and not the watchdog.
    """

    def __init__(self, message: str, *, begun: bool, from_outside: bool = False) -> None:
        super().__init__(message)
        self.begun = begun
        self.from_outside = from_outside


class Executor(Protocol):
    """Executes tasks, one at a time. Implementations: a process of its own, a cluster's node."""

    @property
    def loaded(self) -> frozenset[str]:
        """Names of the engines that are held in memory."""
        ...

    @property
    def running(self) -> bool:
        """Whether it holds a process or an engine that `stop` would give back."""
        ...

    async def prepare(self) -> bool:
        """Whether it can take a task now; until then its place takes nothing from the line."""
        ...

    async def execute(self, task: worker_pb2.Task, on_report: OnReport) -> None:
        """Execute a task; returns after its last report (`done` or `failure`) was handed on.

        Raises `WorkerDiedError`.
        """
        ...

    def cancel(self) -> None:
        """End the running task within its step; it reports a failure that says `cancelled`."""
        ...

    async def stop(self) -> None:
        """Give back everything. A running task dies."""
        ...
