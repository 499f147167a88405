"""Intervals of one job on several workers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from paints_undo.v1 import jobs_pb2
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.workers.executor import OnReport

from .backend import Backend, FewMemory, with_backend
from .conftest import few, kinds, small_painting


class Together(FewMemory):
    """Workers of one lane that meet: an interval ends only when another one runs beside it, as long as there is one."""

    def __init__(self, meeting: asyncio.Barrier, seen: list[str]) -> None:
        super().__init__()
        self.meeting = meeting
        self.seen = seen

    async def prepare(self) -> bool:
        return True

    async def execute(self, task: worker_pb2.Task, on_report: OnReport) -> None:
        unit = task.run_unit.unit
        self.seen.append(unit)
        on_report(worker_pb2.Report(task_id=task.task_id, begun=worker_pb2.Begun()))
        if unit.startswith("interval"):
            await self.meeting.wait()
        on_report(worker_pb2.Report(task_id=task.task_id, done=jobs_pb2.UnitRecord(unit=unit)))


def test_intervals_of_one_job_run_side_by_side_and_each_once(tmp_path: Path) -> None:
    meeting, seen = asyncio.Barrier(2), list[str]()

    async def use(backend: Backend) -> None:
        request = jobs_pb2.ProcessParameters(
            keyframes=jobs_pb2.KeyframeParameters(operation_steps=[200, 400, 600]),
            interpolation=jobs_pb2.InterpolationParameters(frames=4),
        )
        row, events = await backend.run(await backend.upload(small_painting()), request)
        assert row.state == jobs_pb2.JOB_STATE_FINISHED
        assert seen[:2] == ["tags", "keyframes"]
        assert sorted(seen[2:]) == [f"interval-{number}" for number in range(4)]
        assert [event.sequence for event in events] == list(range(1, len(events) + 1))
        assert kinds(events).count("finished") == 1

    with_backend(tmp_path, lambda home: Together(meeting, seen), use, workers=2)


def test_a_failure_ends_the_units_that_run_beside_it(tmp_path: Path) -> None:
    cancelled: list[str] = []

    class Fails(FewMemory):
        """The first interval fails once the second runs, which goes on until it is cancelled."""

        def __init__(self, meeting: asyncio.Barrier) -> None:
            super().__init__()
            self.meeting = meeting
            self.end = asyncio.Event()

        async def prepare(self) -> bool:
            return True

        async def execute(self, task: worker_pb2.Task, on_report: OnReport) -> None:
            unit = task.run_unit.unit
            on_report(worker_pb2.Report(task_id=task.task_id, begun=worker_pb2.Begun()))
            last: dict[str, Any] = {"done": jobs_pb2.UnitRecord(unit=unit)}
            if unit == "interval-0":
                await self.meeting.wait()
                last = {"failure": worker_pb2.Failure(code="INTERNAL", message="It broke.")}
            elif unit == "interval-1":
                await self.meeting.wait()
                await self.end.wait()
                cancelled.append(unit)
                last = {"failure": worker_pb2.Failure(code="CANCELLED", cancelled=True)}
            on_report(worker_pb2.Report(task_id=task.task_id, **last))

        def cancel(self) -> None:
            self.end.set()

    meeting = asyncio.Barrier(2)

    async def use(backend: Backend) -> None:
        row, events = await backend.run(await backend.upload(small_painting()), few())
        assert row.state == jobs_pb2.JOB_STATE_FAILED
        assert events[-1].failed.failure.message == "It broke."
        async with asyncio.timeout(10):
            while backend.dispatcher.busy:
                await asyncio.sleep(0.01)
        assert cancelled == ["interval-1"]

    with_backend(tmp_path, lambda home: Fails(meeting), use, workers=2)
