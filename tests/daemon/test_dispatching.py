"""The dispatcher behind its executor interface: lean plans after out-of-memory, deaths, and the in-process executor."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from paints_undo.v1 import jobs_pb2
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.convert import request_from_proto
from paints_undo_daemon.scheduler import dispatcher
from paints_undo_daemon.scheduler.starts import Starts
from paints_undo_daemon.store import history, jobs, retention
from paints_undo_daemon.store.pictures import PictureFiles, PictureLostError
from paints_undo_daemon.workers.context import CancelledError
from paints_undo_daemon.workers.executor import OnReport, WorkerDiedError
from paints_undo_daemon.workers.failures import failure_of

from .backend import CLIENT, Backend, FewMemory, only_tags, with_backend
from .conftest import few, kinds, small_painting
from .in_process import InProcessExecutor


class StartsLate(FewMemory):
    """A worker that dies `deaths` times before it begins."""

    def __init__(self, deaths: float, *, from_outside: bool) -> None:
        super().__init__("auto")
        self.deaths = deaths
        self.from_outside = from_outside

    async def prepare(self) -> bool:
        return True

    async def execute(self, task: worker_pb2.Task, on_report: OnReport) -> None:
        if self.deaths > 0:
            self.deaths -= 1
            words = "The worker ended by itself (exit code 1)."
            raise WorkerDiedError(words, begun=False, from_outside=self.from_outside)
        await super().execute(task, on_report)


class Reads(FewMemory):
    """A device's worker that reads the painting, which the disk damages `damages` times before."""

    def __init__(self, home: Path, damages: float) -> None:
        super().__init__("auto")
        self.files = PictureFiles(home)
        self.damages = damages

    async def execute(self, task: worker_pb2.Task, on_report: OnReport) -> None:
        painting = task.run_unit.painting
        if self.damages > 0:
            self.damages -= 1
            data = bytearray(self.files.read(painting.hash))
            data[-1] ^= 1
            self.files.path(painting.hash).write_bytes(data)
        try:
            self.files.read(painting.hash)
        except PictureLostError as error:
            on_report(worker_pb2.Report(task_id=task.task_id, failure=failure_of(error)))
        else:
            await super().execute(task, on_report)


class Stumbles(FewMemory):
    """A worker's place that raises what nobody foresaw, each time; it may have begun the unit."""

    def __init__(self) -> None:
        super().__init__("auto")
        self.stopped = 0

    async def execute(self, task: worker_pb2.Task, on_report: OnReport) -> None:
        on_report(worker_pb2.Report(task_id=task.task_id, begun=worker_pb2.Begun()))
        raise LookupError("/home/somebody/of/this/machine")

    async def stop(self) -> None:
        self.stopped += 1


class HangsUntilCancelled(FewMemory):
    """A worker that takes a task and goes on with it until it is cancelled."""

    def __init__(self) -> None:
        super().__init__("auto")
        self.begun, self.cancelled = asyncio.Event(), asyncio.Event()

    async def execute(self, task: worker_pb2.Task, on_report: OnReport) -> None:
        self.begun.set()
        await self.cancelled.wait()
        on_report(worker_pb2.Report(task_id=task.task_id, failure=failure_of(CancelledError())))

    def cancel(self) -> None:
        self.cancelled.set()


@pytest.mark.parametrize(
    ("damages", "end"), [(1, jobs_pb2.JOB_STATE_FINISHED), (float("inf"), jobs_pb2.JOB_STATE_FAILED)]
)
def test_a_damaged_copy_of_the_painting_is_made_again_and_not_for_ever(
    tmp_path: Path, damages: float, end: jobs_pb2.JobState.ValueType
) -> None:
    async def use(backend: Backend) -> None:
        row, events = await backend.run(await backend.upload(small_painting()), only_tags())
        assert row.state == end, events[-1]
        if end == jobs_pb2.JOB_STATE_FAILED:
            assert events[-1].failed.failure.code == "DATA_LOSS"

    with_backend(tmp_path, lambda home: Reads(home, damages), use)


def test_a_job_that_waits_for_its_painting_to_be_decoded_keeps_nobody_from_stopping(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "_STOP_SECONDS", 3600.0)
    reader = HangsUntilCancelled()

    async def use(backend: Backend) -> None:
        row = await backend.create(await backend.upload(small_painting()), only_tags())
        other = worker_pb2.Task(normalise_picture=worker_pb2.NormalisePicture())
        told: list[worker_pb2.Report] = []
        before = asyncio.create_task(backend.dispatcher.call(other, "another", "", told.append, dispatcher.READING))
        await backend.dispatcher.start()
        async with asyncio.timeout(60):
            await reader.begun.wait()
            while not backend.dispatcher.waiting(dispatcher.READING):
                await asyncio.sleep(0.01)
            await backend.dispatcher.stop()
            await before
        assert told[-1].failure.cancelled
        strikes = await backend.database.read(
            lambda connection: connection.execute("SELECT strikes FROM units").fetchall()
        )
        assert [strike["strikes"] for strike in strikes] == [0]
        assert await backend.database.read(history.is_live, row.number)

    with_backend(tmp_path, lambda home: FewMemory("auto"), use, make_reader=lambda home: reader)


def test_out_of_memory_goes_down_the_plans_and_the_job_says_so(tmp_path: Path) -> None:
    device = FewMemory("8gb")

    async def use(backend: Backend) -> None:
        row, events = await backend.run(await backend.upload(small_painting()), only_tags())
        assert row.state == jobs_pb2.JOB_STATE_FINISHED
        assert device.plans == ["auto", "16gb", "12gb", "8gb"]
        changed = [event.plan_changed for event in events if event.HasField("plan_changed")]
        assert [change.memory_plan for change in changed] == ["16gb", "12gb", "8gb"]
        assert changed[0].reason == "Too little."

    with_backend(tmp_path, lambda home: device, use)


def test_fp8_runs_only_where_the_request_allows_it(tmp_path: Path) -> None:
    async def refused(backend: Backend) -> None:
        row, events = await backend.run(await backend.upload(small_painting()), only_tags())
        failure = events[-1].failed.failure
        assert (row.state, failure.code) == (jobs_pb2.JOB_STATE_FAILED, "FAILED_PRECONDITION")
        assert "fp8" in failure.message

    async def allowed(backend: Backend) -> None:
        row, _ = await backend.run(await backend.upload(small_painting()), only_tags(allow_fp8=True))
        assert (row.state, row.memory_plan) == (jobs_pb2.JOB_STATE_FINISHED, "4gb-fp8")

    with_backend(tmp_path / "refused", lambda home: FewMemory("4gb-fp8"), refused)
    with_backend(tmp_path / "allowed", lambda home: FewMemory("4gb-fp8"), allowed)


def test_a_worker_that_never_starts_fails_the_job_in_the_end(tmp_path: Path) -> None:
    async def use(backend: Backend) -> None:
        _, events = await backend.run(await backend.upload(small_painting()), only_tags())
        assert events[-1].failed.failure.code == "UNAVAILABLE"
        assert "exit code 1" in events[-1].failed.failure.message

    with_backend(tmp_path, lambda home: StartsLate(float("inf"), from_outside=False), use)


def test_an_error_that_nobody_foresaw_counts_as_a_try(tmp_path: Path) -> None:
    place = Stumbles()

    async def use(backend: Backend) -> None:
        _, events = await backend.run(await backend.upload(small_painting()), only_tags())
        failure = events[-1].failed.failure
        assert failure.code == "ABORTED", failure
        assert f"{backend.settings.unit_strikes} times" in failure.message
        assert "somebody" not in failure.message
        assert place.stopped >= backend.settings.unit_strikes, "whatever it does now is not the next unit's matter"

    with_backend(tmp_path, lambda home: place, use)


def test_a_worker_that_is_killed_while_it_starts_costs_the_job_nothing(tmp_path: Path) -> None:
    async def use(backend: Backend) -> None:
        row, _ = await backend.run(await backend.upload(small_painting()), only_tags())
        assert row.state == jobs_pb2.JOB_STATE_FINISHED
        strikes = await backend.database.read(
            lambda connection: connection.execute("SELECT strikes FROM units").fetchall()
        )
        assert [strike["strikes"] for strike in strikes] == [0]

    with_backend(tmp_path, lambda home: StartsLate(5, from_outside=True), use)


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


def test_the_in_process_executor_runs_the_same_jobs(tmp_path: Path) -> None:
    async def use(backend: Backend) -> None:
        row, events = await backend.run(await backend.upload(small_painting()), few())
        assert kinds(events)[-1] == "finished"
        assert row.frames_stored == 10

    with_backend(tmp_path, lambda home: InProcessExecutor(home, "cpu"), use)


def test_the_sweep_spares_what_is_needed_and_takes_the_rest(tmp_path: Path) -> None:
    async def use(backend: Backend) -> None:
        def lies(digest: str) -> bool:
            return backend.files.path(digest).exists()

        painting = await backend.upload(small_painting())
        unused = await backend.upload(small_painting(seed=1))
        stray = backend.files.add_bytes(b"a worker wrote this and died")
        row, _ = await backend.run(painting, few())
        frames = await backend.database.read(history.pictures, row.number, keyframes=False)
        message = jobs_pb2.CreateJobRequest(request_id="waits", painting_hash=painting, parameters=few())
        new = jobs.NewJob(CLIENT, "", message, request_from_proto(few()), {})
        await backend.database.write(jobs.create, new, jobs.QueueLimits(10, 10))

        await retention.sweep(backend.database, backend.files, retention.Keep(3600, 2**40, grace=0))
        assert all(lies(frame.picture_hash) for frame in frames)
        assert lies(unused)
        assert not lies(stray)

        await retention.sweep(backend.database, backend.files, retention.Keep(3600, 0, grace=3600))
        assert all(lies(frame.picture_hash) for frame in frames)

        await retention.sweep(backend.database, backend.files, retention.Keep(-1, 2**40, grace=0))
        assert not any(lies(f.picture_hash) for f in frames if f.picture_hash != painting)
        assert not lies(unused)
        assert lies(painting)
        assert await backend.database.read(jobs.live)

        assert (backend.files.trash / unused).exists()
        await retention.sweep(backend.database, backend.files, retention.Keep(3600, 2**40, grace=0, trash_seconds=0))
        assert not any(backend.files.trash.iterdir())

    with_backend(tmp_path, lambda home: InProcessExecutor(home, "cpu"), use)
