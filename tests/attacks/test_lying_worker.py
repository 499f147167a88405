"""A worker that has become somebody else's tells the daemon lies; the daemon neither sends nor deletes for it what it
may not touch itself, and goes on with another worker after it has spoken nonsense."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
from daemon.conftest import SECONDS, Client, RunningDaemon, few, small_painting

from paints_undo.v1 import jobs_pb2, pictures_pb2
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.scheduler.answers import check_answer
from paints_undo_daemon.store.claims import ClaimedUnit
from paints_undo_daemon.workers.framing import FramingError

SECRET = b"the account's secret" * 100

LIAR = """
import sys
from pathlib import Path
from paints_undo_daemon.workers import __main__ as worker, context

honest = context.TaskContext.emit

def lie(self, **kind):
    home = Path(sys.argv[1]).parent
    if "done" in kind and (home / "strange").exists():
        kind["done"].unit = (home / "strange").read_text()
    if "file" in kind and (home / "lie").exists():
        what = (home / "lie").read_text()
        if what == "nonsense":
            sys.stdout.flush()
            worker.pipe.send_nonsense()
        kind["file"].path = str(home / "secret") if what == "secret" else what
    honest(self, **kind)

context.TaskContext.emit = lie

class Pipe(worker._Pipe):
    def __init__(self, stream):
        super().__init__(stream)
        worker.pipe = self

    def send_nonsense(self):
        self._stream.write(b"\\x08\\0\\0\\0" + b"\\xff" * 8)
        self._stream.flush()

worker._Pipe = Pipe
worker._confine = lambda *_: None  # what it may do itself is another test's matter
worker.main(*sys.argv[1:])
"""
START = f"""
import asyncio, sys
from paints_undo_daemon.server import serve
from paints_undo_daemon.settings import load_settings

start = asyncio.create_subprocess_exec

async def start_liar(program, *arguments, **options):
    place = arguments.index("-m")
    return await start(program, *arguments[:place], "-c", {LIAR!r}, *arguments[place + 2 :], **options)

asyncio.create_subprocess_exec = start_liar
sys.exit(serve(load_settings()))
"""


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    running = RunningDaemon(tmp_path_factory.mktemp("liar"), {"unit_strikes": 1}, script=(START,)).start()
    (running.home / "secret").write_bytes(SECRET)
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def client(daemon: RunningDaemon) -> Client:
    return daemon.client()


@pytest.fixture(scope="module")
def job(client: Client) -> str:
    made, _ = client.finish(client.upload(small_painting()), parameters=few())
    assert made.state == jobs_pb2.JOB_STATE_FINISHED, made.failure.message
    return made.job_id


def export(client: Client, job: str) -> bytes:
    options = jobs_pb2.ExportOptions(format=jobs_pb2.EXPORT_FORMAT_GIF)
    request = jobs_pb2.ExportJobRequest(job_id=job, options=options)
    return b"".join(part.chunk for part in client.jobs.ExportJob(request, timeout=SECONDS))


def raw_frames(client: Client, job: str) -> bytes:
    return b"".join(data for _, data in client.frames(job, encoding=pictures_pb2.PICTURE_ENCODING_RAW_RGB8))


def small_frames(client: Client, job: str) -> bytes:
    return b"".join(data for _, data in client.frames(job, max_side=32))


def layers(client: Client, job: str) -> bytes:
    request = jobs_pb2.DownloadLayersRequest(job_id=job)
    return b"".join(part.chunk for part in client.jobs.DownloadLayers(request, timeout=SECONDS))


@pytest.mark.parametrize(
    ("ask", "lie"),
    [
        *((ask, "secret") for ask in (export, raw_frames, small_frames, layers)),
        *((export, lie) for lie in ("../../secret", "/dev/zero", ".", "")),
    ],
)
def test_a_worker_cannot_have_other_files_sent_or_deleted(
    daemon: RunningDaemon, client: Client, job: str, ask: Callable[[Client, str], bytes], lie: str
) -> None:
    (daemon.home / "lie").write_text(lie)
    try:
        with pytest.raises(grpc.RpcError) as error:
            ask(client, job)
    finally:
        (daemon.home / "lie").unlink()
    assert error.value.code() is grpc.StatusCode.NOT_FOUND
    assert (daemon.home / "secret").read_bytes() == SECRET


@pytest.mark.parametrize("ask", [export, raw_frames, layers])
def test_a_worker_that_speaks_nonsense_is_replaced(
    daemon: RunningDaemon, client: Client, job: str, ask: Callable[[Client, str], bytes]
) -> None:
    (daemon.home / "lie").write_text("nonsense")
    try:
        with pytest.raises(grpc.RpcError) as error:
            ask(client, job)
    finally:
        (daemon.home / "lie").unlink()
    assert error.value.code() is grpc.StatusCode.UNAVAILABLE
    assert ask(client, job)


@pytest.mark.parametrize("strange", ["interval-1", "../../token"])
def test_a_worker_ends_no_unit_but_its_own(daemon: RunningDaemon, client: Client, strange: str) -> None:
    (daemon.home / "strange").write_text(strange)
    try:
        job, events = client.finish(client.upload(small_painting()), parameters=few())
    finally:
        (daemon.home / "strange").unlink()
    assert (job.state, job.failure.code) == (jobs_pb2.JOB_STATE_FAILED, "ABORTED"), events
    assert not [event for event in events if event.HasField("unit_finished")]


HASH = "0" * 64
LENGTH = few().interpolation.frames - 1


def frame(index: int, digest: str = HASH, **fields: Any) -> jobs_pb2.Frame:
    return jobs_pb2.Frame(index=index, picture_hash=digest, **fields)


def check(unit: str, **told: Any) -> None:
    plan = ClaimedUnit(1, "job", unit, worker_pb2.RunUnit(unit=unit), few(), "", 0)
    check_answer(plan, worker_pb2.Report(**told))


@pytest.mark.parametrize(
    ("unit", "told"),
    [
        ("keyframes", {"tags": "a"}),
        ("tags", {"keyframe": frame(1)}),
        ("keyframes", {"keyframe": frame(10**6)}),
        ("keyframes", {"keyframe": frame(1, "../../token")}),
        ("keyframes", {"frame": frame(1, interval=0)}),
        ("interval-0", {"keyframe": frame(1)}),
        ("interval-1", {"frame": frame(1, interval=0)}),
        ("interval-1", {"frame": frame(LENGTH - 1, interval=1)}),
        ("interval-1", {"frame": frame(2 * LENGTH + 1, interval=1)}),
        ("interval-1", {"done": jobs_pb2.UnitRecord(unit="interval-2")}),
    ],
)
def test_what_is_not_of_the_unit_is_nonsense(unit: str, told: dict[str, Any]) -> None:
    with pytest.raises(FramingError, match=unit):
        check(unit, **told)


def test_what_is_of_the_unit_is_taken() -> None:
    check("tags", tags="a")
    for index in range(len(few().keyframes.operation_steps) + 2):
        check("keyframes", keyframe=frame(index))
    for index in range(LENGTH, 2 * LENGTH + 1):
        check("interval-1", frame=frame(index, interval=1))
    check("interval-1", done=jobs_pb2.UnitRecord(unit="interval-1"))
    check("interval-1", warning="a")
