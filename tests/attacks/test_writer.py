"""The thread that writes to the store: nothing ends it in silence, and nobody waits for one that is gone."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import grpc
import pytest
from daemon.conftest import SECONDS, Client, RunningDaemon, few, kinds, small_painting
from grpc_health.v1 import health_pb2, health_pb2_grpc

from paints_undo.v1 import jobs_pb2, pictures_pb2
from paints_undo_daemon.errors import UnavailableError
from paints_undo_daemon.home import Endpoint
from paints_undo_daemon.store import marks
from paints_undo_daemon.store.database import Database
from paints_undo_daemon.store.messages import pack

HANGS = """
import sys, time
from pathlib import Path
from paints_undo_daemon.store.database import Database
commit, stuck = Database._commit, Path(sys.argv[1])
def hang(self, batch):
    while stuck.exists():
        time.sleep(0.02)
    commit(self, batch)
Database._commit = hang
from paints_undo_daemon.server import serve
from paints_undo_daemon.settings import load_settings
sys.exit(serve(load_settings()))
"""


def health(client: Client, service: str = "") -> str:
    stub = health_pb2_grpc.HealthStub(client.authorized)
    answer = stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=SECONDS)
    return str(health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))


def change(home: Path, statement: str, *values: Any) -> None:
    connection = sqlite3.connect(home / "store" / "jobs.sqlite3")
    with connection:
        assert connection.execute(statement, values).rowcount
    connection.close()


def code(call: Callable[[], Any]) -> str:
    with pytest.raises(grpc.RpcError) as error:
        call()
    print(error.value.details())
    return str(error.value.code().name)


def test_a_damaged_row_fails_its_own_call_and_no_other(daemon: RunningDaemon, client: Client, painting: str) -> None:
    done, _ = client.finish(painting, parameters=few())
    for table in ("frames", "jobs"):
        column = "body" if table == "frames" else "parameters"
        where = "job = (SELECT number FROM jobs WHERE job_id = ?)" if table == "frames" else "job_id = ?"
        change(daemon.home, f"UPDATE {table} SET {column} = x'0aff' WHERE {where}", done.job_id)
        assert code(lambda: client.create(painting, base_job_id=done.job_id, parameters=few())) == "DATA_LOSS"
        shown = client.get(done.job_id)
        assert (shown.state, shown.failure.code) == (jobs_pb2.JOB_STATE_FAILED, "DATA_LOSS")
    listed = client.jobs.ListJobs(jobs_pb2.ListJobsRequest(), timeout=SECONDS).jobs
    assert done.job_id in {job.job_id for job in listed}
    _, events = client.finish(painting, parameters=few())
    assert kinds(events)[-1] == "finished"
    assert client.pictures.GetPicture(pictures_pb2.GetPictureRequest(hash=painting), timeout=SECONDS).hash == painting
    assert health(client) == "SERVING"


def test_a_job_whose_record_is_damaged_while_it_waits_fails_alone(tmp_path: Path) -> None:
    running = RunningDaemon(tmp_path / "home").start()
    try:
        client = running.client()
        painting = client.upload(small_painting())
        busy = client.create(painting)
        waiting, other = (client.create(painting, parameters=few()) for _ in range(2))
        change(running.home, "UPDATE jobs SET parameters = x'0aff' WHERE job_id = ?", waiting.job_id)
        assert list(client.watch(waiting.job_id))[-1].failed.failure.code == "DATA_LOSS"
        assert kinds(list(client.watch(other.job_id)))[-1] == "finished"
        assert kinds(list(client.watch(busy.job_id)))[-1] == "finished"
    finally:
        running.stop()


def test_a_job_of_parameters_that_this_release_refuses_can_still_be_a_base(
    daemon: RunningDaemon, client: Client, painting: str
) -> None:
    done, _ = client.finish(painting, parameters=few())
    narrowed = jobs_pb2.ProcessParameters()
    narrowed.CopyFrom(done.parameters)
    narrowed.keyframes.operation_steps[:] = [600, 300, 300, 5000]
    data = pack(narrowed)
    change(daemon.home, "UPDATE jobs SET parameters = ? WHERE job_id = ?", data, done.job_id)
    _, events = client.finish(painting, base_job_id=done.job_id, parameters=few())
    assert kinds(events)[-1] == "finished"


def run(main: Callable[[Database], Coroutine[Any, Any, None]], file: Path) -> None:
    database = Database(file)
    try:
        asyncio.run(main(database))
    finally:
        database.close()


@pytest.mark.parametrize(
    "error", [ZeroDivisionError, RuntimeError, AssertionError, RecursionError, sqlite3.OperationalError]
)
def test_whatever_a_write_raises_is_its_own(tmp_path: Path, error: type[Exception]) -> None:
    def fail(connection: sqlite3.Connection) -> None:
        marks.put(connection, "half", "done")
        raise error("on purpose")

    async def go(database: Database) -> None:
        results = await asyncio.gather(
            database.write(marks.put, "a", "1"),
            database.write(fail),
            database.write(marks.put, "b", "2"),
            return_exceptions=True,
        )
        assert isinstance(results[1], Exception)
        assert results[0] is None
        assert results[2] is None
        assert [await database.read(marks.get, name) for name in ("a", "b", "half")] == ["1", "2", None]

    run(go, tmp_path / "jobs.sqlite3")


@pytest.mark.parametrize("ends", [True, False], ids=["ended", "stuck"])
def test_nobody_waits_for_a_writer_that_is_gone(tmp_path: Path, ends: bool) -> None:
    release = threading.Event()

    def go_wrong(connection: sqlite3.Connection) -> None:
        if ends:
            raise SystemExit
        release.wait(SECONDS)

    async def go(database: Database) -> None:
        async with asyncio.timeout(SECONDS / 2):
            waiting = [asyncio.create_task(database.write(go_wrong))]
            await asyncio.sleep(0.05)
            waiting += [asyncio.create_task(database.write(marks.put, "a", "1")) for _ in range(3)]
            await asyncio.sleep(0.05)
            if not ends:
                database.abandon(TimeoutError())
            for task in waiting:
                with pytest.raises(UnavailableError):
                    await task
            assert not database.alive
            with pytest.raises(UnavailableError):
                await database.beat()
        release.set()

    run(go, tmp_path / "jobs.sqlite3")


@pytest.mark.parametrize("again", [False, True], ids=["once", "and again"])
def test_a_stuck_writer_is_seen_and_the_daemon_starts_anew(tmp_path: Path, again: bool) -> None:
    running = RunningDaemon(tmp_path / "home", {"write_timeout_seconds": 1}, script=(HANGS, str(tmp_path / "stuck")))
    running.start()
    client = running.client()
    painting = client.upload(small_painting())
    assert health(client) == "SERVING"
    first = running.endpoint
    (tmp_path / "stuck").touch()
    time.sleep(2.1)  # what was tried counts for two seconds
    assert code(lambda: client.create(painting, parameters=few())) in ("UNAVAILABLE", "CANCELLED")
    if again:
        assert running.process is not None
        assert running.process.wait(SECONDS) in (1, 70)
        return
    (tmp_path / "stuck").unlink()
    deadline = time.monotonic() + SECONDS
    while (endpoint := Endpoint.read(running.home)) is None or endpoint == first:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    running.endpoint = endpoint
    assert kinds(running.client().finish(painting, parameters=few())[1])[-1] == "finished"
    assert running.stop() == 0


def test_health_asks_a_worker(tmp_path: Path) -> None:
    running = RunningDaemon(tmp_path / "home").start()
    try:
        assert not running.workers()
        assert health(running.client(), "paints_undo.engine.procedural") == "SERVING"
        assert running.workers()
    finally:
        running.stop()


def test_health_of_workers_that_cannot_start_is_bad(tmp_path: Path) -> None:
    broken = "import sys, asyncio.subprocess, paints_undo_daemon.workers.subprocess_executor as workers;"
    broken += "workers.sys = type('sys', (), {'executable': '/bin/false'});"
    broken += "from paints_undo_daemon.server import serve; from paints_undo_daemon.settings import load_settings;"
    running = RunningDaemon(tmp_path / "home", script=(broken + "sys.exit(serve(load_settings()))",)).start()
    try:
        assert health(running.client(), "paints_undo.engine.procedural") == "NOT_SERVING"
        assert health(running.client()) == "SERVING"
    finally:
        running.stop()
