"""The dispatcher behind its executor interface: lean plans after out-of-memory, deaths, and the in-process executor."""

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
from paints_undo_daemon.scheduler.dispatcher import HELPER, Dispatcher
from paints_undo_daemon.scheduler.hub import Hub
from paints_undo_daemon.scheduler.starts import Starts
from paints_undo_daemon.settings import Settings
from paints_undo_daemon.store import history, jobs, owned, retention
from paints_undo_daemon.store.database import Database
from paints_undo_daemon.store.pictures import PictureFiles
from paints_undo_daemon.workers.executor import Executor, OnReport, WorkerDiedError
from paints_undo_daemon.workers.in_process import InProcessExecutor

from .conftest import few, kinds, small_painting

CLIENT = "account"


class FewMemory:
    """A device for which only some plans are lean enough."""

    loaded: frozenset[str] = frozenset()
    running = True

    def __init__(self, *fits: str) -> None:
        self.fits = fits
        self.plans: list[str] = []

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


class StartsLate(FewMemory):
    """A worker that dies `deaths` times before it begins."""

    def __init__(self, deaths: float, *, from_outside: bool) -> None:
        super().__init__("auto")
        self.deaths = deaths
        self.from_outside = from_outside

    async def execute(self, task: worker_pb2.Task, on_report: OnReport) -> None:
        if self.deaths > 0:
            self.deaths -= 1
            words = "The worker ended by itself (exit code 1)."
            raise WorkerDiedError(words, begun=False, from_outside=self.from_outside)
        await super().execute(task, on_report)


class House:
    """A store and a dispatcher without a server."""

    def __init__(self, home: Path, make: Callable[[Path], Executor], workers: int = 1) -> None:
        self.settings = Settings(home=home, min_free_disk_bytes=0, start_patience_seconds=0.2)
        self.files = PictureFiles(home)
        self.files.prepare()
        self.database = Database(home / "jobs.sqlite3")
        metrics = Metrics(-1)
        self.hub = Hub(metrics)
        lanes = {"procedural": ("cpu",) * workers, "diffusion": ("cpu",), HELPER: ("cpu",)}
        self.dispatcher = Dispatcher(
            self.database, self.files, self.hub, self.settings, metrics, lanes, lambda device: make(home)
        )

    async def upload(self, data: bytes) -> str:
        digest = self.files.add_bytes(data)
        assert digest == hashlib.sha256(data).hexdigest()
        header = pictures_pb2.UploadHeader(hash=digest, size_bytes=len(data))
        await self.database.write(owned.add, CLIENT, header)
        return digest

    async def run(self, painting: str, parameters: jobs_pb2.ProcessParameters) -> tuple[Any, list[jobs_pb2.Event]]:
        """Run one job to its end."""
        message = jobs_pb2.CreateJobRequest(request_id="one", painting_hash=painting, parameters=parameters)
        new = jobs.NewJob(CLIENT, "", message, request_from_proto(parameters), {})
        row, _ = await self.database.write(jobs.create, new, jobs.QueueLimits(10, 10))
        await self.dispatcher.start()
        async with asyncio.timeout(60):
            with self.hub.watch(row["number"]) as (_, bell):
                while await self.database.read(history.is_live, row["number"]):
                    bell.clear()
                    if await self.database.read(history.is_live, row["number"]):
                        await asyncio.wait([asyncio.create_task(bell.wait())], timeout=0.2)
        row = await self.database.read(jobs.get, CLIENT, row["job_id"])
        return row, await self.database.read(history.after, row["number"], 0, 1000)

    async def close(self) -> None:
        await self.dispatcher.stop()
        await asyncio.to_thread(self.database.close)


def in_house(
    home: Path, make: Callable[[Path], Executor], use: Callable[[House], Awaitable[None]], workers: int = 1
) -> None:
    async def go() -> None:
        house = House(home, make, workers)
        try:
            await use(house)
        finally:
            await house.close()

    asyncio.run(go())


def only_tags(**execution: Any) -> jobs_pb2.ProcessParameters:
    return jobs_pb2.ProcessParameters(
        engine="diffusion",
        stop_after=jobs_pb2.STAGE_TAGS,
        execution=jobs_pb2.ExecutionParameters(**execution),
    )


def test_out_of_memory_goes_down_the_plans_and_the_job_says_so(tmp_path: Path) -> None:
    device = FewMemory("8gb")

    async def use(house: House) -> None:
        row, events = await house.run(await house.upload(small_painting()), only_tags())
        assert row["state"] == jobs_pb2.JOB_STATE_FINISHED
        assert device.plans == ["auto", "16gb", "12gb", "8gb"]
        changed = [event.plan_changed for event in events if event.HasField("plan_changed")]
        assert [change.memory_plan for change in changed] == ["16gb", "12gb", "8gb"]
        assert changed[0].reason == "Too little."

    in_house(tmp_path, lambda home: device, use)


def test_fp8_runs_only_where_the_request_allows_it(tmp_path: Path) -> None:
    async def refused(house: House) -> None:
        row, events = await house.run(await house.upload(small_painting()), only_tags())
        failure = events[-1].failed.failure
        assert (row["state"], failure.code) == (jobs_pb2.JOB_STATE_FAILED, "FAILED_PRECONDITION")
        assert "fp8" in failure.message

    async def allowed(house: House) -> None:
        row, _ = await house.run(await house.upload(small_painting()), only_tags(allow_fp8=True))
        assert (row["state"], row["memory_plan"]) == (jobs_pb2.JOB_STATE_FINISHED, "4gb-fp8")

    in_house(tmp_path / "refused", lambda home: FewMemory("4gb-fp8"), refused)
    in_house(tmp_path / "allowed", lambda home: FewMemory("4gb-fp8"), allowed)


def test_a_worker_that_never_starts_fails_the_job_in_the_end(tmp_path: Path) -> None:
    async def use(house: House) -> None:
        _, events = await house.run(await house.upload(small_painting()), only_tags())
        assert events[-1].failed.failure.code == "UNAVAILABLE"
        assert "exit code 1" in events[-1].failed.failure.message

    in_house(tmp_path, lambda home: StartsLate(float("inf"), from_outside=False), use)


def test_a_worker_that_is_killed_while_it_starts_costs_the_job_nothing(tmp_path: Path) -> None:
    async def use(house: House) -> None:
        row, _ = await house.run(await house.upload(small_painting()), only_tags())
        assert row["state"] == jobs_pb2.JOB_STATE_FINISHED
        strikes = await house.database.read(
            lambda connection: connection.execute("SELECT strikes FROM units").fetchall()
        )
        assert [strike["strikes"] for strike in strikes] == [0]

    in_house(tmp_path, lambda home: StartsLate(5, from_outside=True), use)


def test_failed_starts_are_repeated_more_and_more_slowly_until_it_is_hopeless() -> None:
    now = 0.0
    starts = Starts(30.0, lambda: now)
    own, outside = (WorkerDiedError("", begun=False, from_outside=value) for value in (False, True))
    pauses = []
    for _ in range(100):
        assert not starts.failed(outside)
        pauses.append(starts.pause)
        now += starts.pause
    assert pauses == sorted(pauses)
    assert pauses[-1] == 10.0
    starts.went_well()
    begun = now
    while not starts.failed(own):
        now += starts.pause
    assert now - begun >= 30.0
    assert starts.pause == 0.0


class Together(FewMemory):
    """Workers of one lane that meet: an interval ends only when another one runs beside it, as long as there is one."""

    def __init__(self, meeting: asyncio.Barrier, seen: list[str]) -> None:
        super().__init__()
        self.meeting = meeting
        self.seen = seen

    async def execute(self, task: worker_pb2.Task, on_report: OnReport) -> None:
        unit = task.run_unit.unit
        self.seen.append(unit)
        on_report(worker_pb2.Report(task_id=task.task_id, begun=worker_pb2.Begun()))
        if unit.startswith("interval"):
            await self.meeting.wait()
        on_report(worker_pb2.Report(task_id=task.task_id, done=jobs_pb2.UnitRecord(unit=unit)))


def test_intervals_of_one_job_run_side_by_side_and_each_once(tmp_path: Path) -> None:
    meeting, seen = asyncio.Barrier(2), list[str]()

    async def use(house: House) -> None:
        request = jobs_pb2.ProcessParameters(
            keyframes=jobs_pb2.KeyframeParameters(operation_steps=[200, 400, 600]),
            interpolation=jobs_pb2.InterpolationParameters(frames=4),
        )
        row, events = await house.run(await house.upload(small_painting()), request)
        assert row["state"] == jobs_pb2.JOB_STATE_FINISHED
        assert seen[:2] == ["tags", "keyframes"]
        assert sorted(seen[2:]) == [f"interval-{number}" for number in range(4)]
        assert [event.sequence for event in events] == list(range(1, len(events) + 1))
        assert kinds(events).count("finished") == 1

    in_house(tmp_path, lambda home: Together(meeting, seen), use, workers=2)


def test_a_failure_ends_the_units_that_run_beside_it(tmp_path: Path) -> None:
    cancelled: list[str] = []

    class Fails(FewMemory):
        """The first interval fails once the second runs, which goes on until it is cancelled."""

        def __init__(self, meeting: asyncio.Barrier) -> None:
            super().__init__()
            self.meeting = meeting
            self.end = asyncio.Event()

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

    async def use(house: House) -> None:
        row, events = await house.run(await house.upload(small_painting()), few())
        assert row["state"] == jobs_pb2.JOB_STATE_FAILED
        assert events[-1].failed.failure.message == "It broke."
        async with asyncio.timeout(10):
            while house.dispatcher.busy:
                await asyncio.sleep(0.01)
        assert cancelled == ["interval-1"]

    in_house(tmp_path, lambda home: Fails(meeting), use, workers=2)


def test_the_in_process_executor_runs_the_same_jobs(tmp_path: Path) -> None:
    async def use(house: House) -> None:
        row, events = await house.run(await house.upload(small_painting()), few())
        assert kinds(events)[-1] == "finished"
        assert row["frames_stored"] == 10

    in_house(tmp_path, lambda home: InProcessExecutor(home, "cpu"), use)


def test_the_sweep_spares_what_is_needed_and_takes_the_rest(tmp_path: Path) -> None:
    async def use(house: House) -> None:
        painting = await house.upload(small_painting())
        unused = await house.upload(small_painting(seed=1))
        stray = house.files.add_bytes(b"a worker wrote this and died")
        row, _ = await house.run(painting, few())
        frames = await house.database.read(history.pictures, row["number"], keyframes=False)
        message = jobs_pb2.CreateJobRequest(request_id="waits", painting_hash=painting, parameters=few())
        new = jobs.NewJob(CLIENT, "", message, request_from_proto(few()), {})
        await house.database.write(jobs.create, new, jobs.QueueLimits(10, 10))

        await retention.sweep(house.database, house.files, retention.Keep(3600, 2**40, grace=0))
        assert all(house.files.size(frame.picture_hash) for frame in frames)
        assert house.files.size(unused) is not None
        assert house.files.size(stray) is None

        await retention.sweep(house.database, house.files, retention.Keep(3600, 0, grace=3600))
        assert all(house.files.size(frame.picture_hash) for frame in frames)

        await retention.sweep(house.database, house.files, retention.Keep(-1, 2**40, grace=0))
        assert not any(house.files.size(f.picture_hash) for f in frames if f.picture_hash != painting)
        assert house.files.size(unused) is None
        assert house.files.size(painting) is not None
        assert await house.database.read(jobs.live)

    in_house(tmp_path, lambda home: InProcessExecutor(home, "cpu"), use)
