"""A store and a dispatcher without a server, and a worker that needs no process."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from paints_undo.v1 import jobs_pb2, pictures_pb2
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.convert import request_from_proto
from paints_undo_daemon.metrics import Metrics
from paints_undo_daemon.scheduler.dispatcher import HELPER, READING, Dispatcher
from paints_undo_daemon.scheduler.hub import Hub
from paints_undo_daemon.settings import Settings
from paints_undo_daemon.store import history, jobs, owned
from paints_undo_daemon.store.database import Database
from paints_undo_daemon.store.pictures import PictureFiles
from paints_undo_daemon.workers.executor import Executor, OnReport

from .in_process import InProcessExecutor

CLIENT = "account"


class FewMemory:
    """A device for which only some plans are lean enough."""

    loaded: frozenset[str] = frozenset()
    running = True

    def __init__(self, *fits: str) -> None:
        self.fits = fits
        self.plans: list[str] = []

    async def prepare(self) -> bool:
        return True

    async def execute(self, task: worker_pb2.Task, on_report: OnReport) -> None:
        plan = task.run_unit.parameters.execution.memory_plan
        self.plans.append(plan)
        on_report(worker_pb2.Report(task_id=task.task_id, begun=worker_pb2.Begun()))
        if plan in self.fits:
            on_report(worker_pb2.Report(task_id=task.task_id, tags="a, b"))
            on_report(worker_pb2.Report(task_id=task.task_id, done=jobs_pb2.UnitRecord(unit=task.run_unit.unit)))
        else:
            failure = worker_pb2.Failure(code="RESOURCE_EXHAUSTED", message="Too little.", out_of_memory=True)
            on_report(worker_pb2.Report(task_id=task.task_id, failure=failure))

    def cancel(self) -> None: ...

    async def stop(self) -> None: ...


class Backend:
    """A store and a dispatcher without a server."""

    def __init__(
        self,
        home: Path,
        make: Callable[[Path], Executor],
        workers: int = 1,
        make_reader: Callable[[Path], Executor] = lambda home: InProcessExecutor(home, "cpu"),
    ) -> None:
        self.settings = Settings(home=home, min_free_disk_bytes=0, start_patience_seconds=0.2)
        self.files = PictureFiles(home)
        self.files.prepare()
        self.database = Database(home / "jobs.sqlite3")
        metrics = Metrics(-1)
        self.hub = Hub(metrics)
        lanes = {"procedural": ("cpu",) * workers, "diffusion": ("cpu",), HELPER: ("cpu",), READING: ("cpu",)}

        def make_executor(lane: str, device: str) -> Executor:
            return make_reader(home) if lane == READING else make(home)

        self.dispatcher = Dispatcher(self.database, self.files, self.hub, self.settings, metrics, lanes, make_executor)

    async def upload(self, data: bytes) -> str:
        digest = self.files.add_bytes(data)
        assert digest == hashlib.sha256(data).hexdigest()
        header = pictures_pb2.UploadHeader(hash=digest, size_bytes=len(data))
        await self.database.write(owned.add, CLIENT, header)
        return digest

    async def create(self, painting: str, parameters: jobs_pb2.ProcessParameters) -> Any:
        """A job that begins when the dispatcher does."""
        message = jobs_pb2.CreateJobRequest(request_id="one", painting_hash=painting, parameters=parameters)
        new = jobs.NewJob(CLIENT, "", message, request_from_proto(parameters), {})
        row, _ = await self.database.write(jobs.create, new, jobs.QueueLimits(10, 10))
        return row

    async def run(self, painting: str, parameters: jobs_pb2.ProcessParameters) -> tuple[Any, list[jobs_pb2.Event]]:
        """Run one job to its end."""
        row = await self.create(painting, parameters)
        await self.dispatcher.start()
        async with asyncio.timeout(60):
            with self.hub.watch(row.number) as (_, changed):
                while await self.database.read(history.is_live, row.number):
                    changed.clear()
                    if await self.database.read(history.is_live, row.number):
                        await asyncio.wait([asyncio.create_task(changed.wait())], timeout=0.2)
        row = await self.database.read(jobs.get, CLIENT, row.job_id)
        return row, await self.database.read(history.after, row.number, 0, 1000)

    async def close(self) -> None:
        await self.dispatcher.stop()
        await asyncio.to_thread(self.database.close)


def with_backend(
    home: Path, make: Callable[[Path], Executor], use: Callable[[Backend], Awaitable[None]], **options: Any
) -> None:
    async def go() -> None:
        backend = Backend(home, make, **options)
        try:
            await use(backend)
        finally:
            await backend.close()

    asyncio.run(go())


def only_tags(**execution: Any) -> jobs_pb2.ProcessParameters:
    return jobs_pb2.ProcessParameters(
        engine="diffusion",
        stop_after=jobs_pb2.STAGE_TAGS,
        execution=jobs_pb2.ExecutionParameters(**execution),
    )
