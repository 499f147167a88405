"""The places of the workers, and what waits for them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from paints_undo_daemon.scheduler.fair import FairQueue
from paints_undo_daemon.scheduler.starts import Starts
from paints_undo_daemon.scheduler.work import CallTask
from paints_undo_daemon.workers.executor import Executor

Work = int | CallTask


@dataclass(eq=False, slots=True)
class Slot:
    """A worker's place: its executor, and what it runs (a call's task, or a job's unit). A place that is `retired` with
    its `owner` (a node that has left) takes nothing more."""

    executor: Executor
    device: str
    starts: Starts
    owner: object = None
    retired: bool = False
    job: int | None = None
    unit: str = ""
    job_ended: bool = False
    call: CallTask | None = None

    @property
    def free(self) -> bool:
        """Whether it runs nothing."""
        return self.job is None and self.call is None

    async def cancel(self) -> None:
        """End what runs here within its step, or at once where that does no harm."""
        if self.call is not None and self.call.expendable:
            await self.executor.stop()
        elif not self.free:
            self.executor.cancel()

    def end_job(self) -> None:
        """The running step is the last of the job that runs here."""
        self.job_ended = True
        self.executor.cancel()


@dataclass(eq=False, slots=True)
class Lane:
    """Slots that take the same kind of work, and the work that waits for them."""

    slots: list[Slot]
    queue: FairQueue[Work] = field(default_factory=FairQueue)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def running(self, job: int) -> frozenset[str]:
        """The units of a job that run now."""
        return frozenset(slot.unit for slot in self.slots if slot.job == job and slot.unit)
