"""What is kept and what is not: clocks that jump, databases that are lost, old or damaged, deleting that deletes."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from daemon.conftest import SECONDS, Client, RunningDaemon, few, kinds, small_painting
from hypothesis import given
from hypothesis import strategies as st

from paints_undo.v1 import jobs_pb2, pictures_pb2
from paints_undo_daemon.store.clock import ClockReading, StoreTime, advance

DAY = 86400.0
SWEEPS = {"sweep_interval_seconds": 1, "picture_grace_seconds": 0}
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[RunningDaemon]:
    running = RunningDaemon(tmp_path / "home", dict(SWEEPS))
    yield running
    if running.process is not None and running.process.poll() is None:
        running.kill()


def stored(daemon: RunningDaemon) -> set[str]:
    return {path.name for path in (daemon.home / "store" / "pictures").rglob("*") if path.is_file()}


def thrown(daemon: RunningDaemon) -> set[str]:
    trash = daemon.home / "store" / "trash"
    return {path.name for path in trash.iterdir()} if trash.is_dir() else set()


def database(daemon: RunningDaemon) -> Path:
    return daemon.home / "store" / "jobs.sqlite3"


def wait_for(what: Callable[[], Any]) -> None:
    deadline = time.monotonic() + SECONDS
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def sweeps(daemon: RunningDaemon, count: int = 3) -> None:
    """Wait for so many sweeps, which note their time."""
    seen: set[str] = set()

    def another() -> bool:
        connection = sqlite3.connect(database(daemon))
        row = connection.execute("SELECT value FROM marks WHERE name = 'clock'").fetchone()
        connection.close()
        seen.add(row[0] if row else "")
        return len(seen) > count

    wait_for(another)


def command(daemon: RunningDaemon, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PAINTS_UNDO_HOME": str(daemon.home)}
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    line = [sys.executable, "-m", "paints_undo_daemon", *arguments]
    return subprocess.run(line, env=environment, capture_output=True, text=True, check=False, timeout=SECONDS)


# The clock


@pytest.mark.skipif(FAKETIME is None, reason="needs libfaketime")
@pytest.mark.parametrize("jump", ["+31d", "+4000d", "-31d"])
def test_a_clock_that_is_wrong_deletes_nothing(
    own: RunningDaemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump: str
) -> None:
    rate = tmp_path / "time"
    rate.write_text("+0d")
    for name, value in {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(rate),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }.items():
        monkeypatch.setenv(name, value)
    client = own.start().client()
    painting = client.upload(small_painting())
    job, events = client.finish(painting, parameters=few())
    before = stored(own)
    sweeps(own)
    rate.write_text(jump)
    sweeps(own, 4)
    assert stored(own) == before
    own.kill()
    client = own.start().client()  # the machine starts with the wrong clock
    sweeps(own)
    assert stored(own) == before
    assert list(client.watch(job.job_id)) == events
    late = client.upload(small_painting(seed=1))
    meanwhile, _ = client.finish(painting, parameters=few())
    before = stored(own)
    rate.write_text("+0d")
    sweeps(own)
    assert stored(own) == before
    for kept in (job, meanwhile):
        assert client.get(kept.job_id).state == kept.state, "a job that ended while the clock was wrong is not old"
    assert client.create(late, parameters=few()).job_id


@given(
    st.lists(
        st.tuples(
            st.floats(0, 10 * DAY),  # what passes
            st.floats(-5000 * DAY, 5000 * DAY),  # how wrong the clock is then
            st.booleans(),  # whether the machine was started again meanwhile
        ),
        max_size=8,
    )
)
def test_the_store_never_ages_faster_than_twice_what_has_passed(steps: list[tuple[float, float, bool]]) -> None:
    true, boot, running = 1.8e9, 0, 100.0
    moment = StoreTime(true, ClockReading(true, running, "0"))
    for passes, error, again in steps:
        true += passes
        boot, running = (boot + 1, 5.0) if again else (boot, running + passes)
        following = advance(moment, ClockReading(true + error, running, str(boot)))
        limit = 14 * DAY if again else 2 * passes
        assert -1e-3 <= following.trusted - moment.trusted <= limit + 1e-3
        assert following.cutoff(30 * DAY) <= true + error - 30 * DAY
        moment = following


@given(st.floats(0, 400 * DAY), st.floats(0, 60 * DAY))
def test_a_right_clock_is_believed(passed: float, off: float) -> None:
    start = StoreTime(1e9, ClockReading(1e9, 10.0, "a"))
    later = advance(start, ClockReading(1e9 + passed, 10.0 + passed, "a"))
    assert later.trusted == pytest.approx(1e9 + passed)
    while_off = advance(start, ClockReading(1e9 + off, 1.0, "b"))
    assert while_off.trusted == pytest.approx(1e9 + min(off, 14 * DAY))
    caught_up = advance(while_off, ClockReading(1e9 + 2 * off, 1.0 + off, "b"))
    assert caught_up.trusted == pytest.approx(1e9 + 2 * off)


# The trash


def test_what_is_thrown_away_lies_in_the_trash_and_comes_back(own: RunningDaemon) -> None:
    own.settings["keep_jobs_seconds"] = 2
    client = own.start().client()
    data = small_painting()
    painting = client.upload(data)
    client.finish(painting, parameters=few())
    before = stored(own)
    saved = own.home / "saved"
    live = sqlite3.connect(database(own))
    live.execute("VACUUM INTO ?", (str(saved),))
    live.close()
    wait_for(lambda: not stored(own))
    assert thrown(own) == before
    assert own.stop() == 0
    shutil.copy(saved, database(own))
    own.settings["keep_jobs_seconds"] = 1e6
    client = own.start().client()
    (job,) = client.jobs.ListJobs(jobs_pb2.ListJobsRequest(), timeout=SECONDS).jobs
    assert len(client.frames(job.job_id)) == job.frame_count
    request = pictures_pb2.DownloadPictureRequest(hash=painting)
    assert b"".join(part.chunk for part in client.pictures.DownloadPicture(request, timeout=SECONDS)) == data


# The database


def test_a_store_without_its_database_is_refused_with_a_way_out(own: RunningDaemon) -> None:
    client = own.start().client()
    painting = client.upload(small_painting())
    client.finish(painting, parameters=few())
    before = stored(own)
    assert own.stop() == 0
    for path in own.home.glob("store/jobs.sqlite3*"):
        path.unlink()
    assert own.log_file.read_text()
    refused = command(own, "serve")
    assert refused.returncode == 1
    assert "no database" in refused.stderr
    assert "store adopt" in refused.stderr
    assert "should not have" not in refused.stderr
    assert command(own, "doctor").returncode == 1
    assert stored(own) == before
    adopted = command(own, "store", "adopt")
    assert adopted.returncode == 0, adopted.stderr
    client = own.start().client()
    sweeps(own)
    assert stored(own) == before
    assert kinds(client.finish(painting, parameters=few())[1])[-1] == "finished"


def test_an_older_database_deletes_nothing(own: RunningDaemon) -> None:
    client = own.start().client()
    first, _ = client.finish(client.upload(small_painting()), parameters=few())
    assert own.stop() == 0
    backup = shutil.copy(database(own), own.home / "backup")
    client = own.start().client()
    second, _ = client.finish(client.upload(small_painting(1)), parameters=few())
    before = stored(own)
    assert own.stop() == 0
    newest = shutil.copy(database(own), own.home / "newest")
    shutil.copy(backup, database(own))
    client = own.start().client()
    sweeps(own)
    assert stored(own) == before
    assert len(client.frames(first.job_id)) == 10
    assert own.stop() == 0
    shutil.copy(newest, database(own))
    client = own.start().client()
    assert len(client.frames(second.job_id)) == 10


def spoil_header(file: Path, seed: int) -> None:
    with file.open("r+b") as opened:
        opened.write(bytes(100))


def spoil_half(file: Path, seed: int) -> None:
    os.truncate(file, file.stat().st_size // 2)


def spoil_bytes(file: Path, seed: int) -> None:
    rng = random.Random(seed)
    with file.open("r+b") as opened:
        for _ in range(60):
            opened.seek(rng.randrange(file.stat().st_size))
            opened.write(bytes([rng.randrange(256)]))


def spoil_page(file: Path, seed: int) -> None:
    with file.open("r+b") as opened:
        opened.seek(4096 * random.Random(seed).randrange(1, file.stat().st_size // 4096))
        opened.write(os.urandom(4096))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("spoil", [spoil_header, spoil_half, spoil_bytes, spoil_page])
def test_a_damaged_database_goes_on_with_what_can_be_read(
    own: RunningDaemon, spoil: Callable[[Path, int], None], seed: int
) -> None:
    if spoil in (spoil_header, spoil_half) and seed:
        return
    client = own.start().client()
    paintings = [client.upload(small_painting(number)) for number in range(3)]
    done = [client.finish(painting, parameters=few()) for painting in paintings]
    assert own.stop() == 0
    for path in own.home.glob("store/jobs.sqlite3-*"):
        path.unlink()
    spoil(database(own), seed)
    client = own.start().client()
    kept = {job.job_id: job for job in client.jobs.ListJobs(jobs_pb2.ListJobsRequest(), timeout=SECONDS).jobs}
    if spoil is spoil_header:  # nothing of the jobs lies there
        assert kept == {job.job_id: job for job, _ in done}
    for job, events in done:
        if job.job_id in kept and kept[job.job_id].failure.code != "DATA_LOSS":
            try:
                assert list(client.watch(job.job_id)) == events
                assert len(client.frames(job.job_id)) == job.frame_count
            except grpc.RpcError as error:
                assert error.code() is grpc.StatusCode.DATA_LOSS
    again = client.upload(small_painting(0))
    assert kinds(client.finish(again, parameters=few())[1])[-1] == "finished"
    sweeps(own, 2)
    assert set(paintings) <= stored(own)


def test_rebuilding_a_sound_database_loses_nothing(own: RunningDaemon) -> None:
    client = own.start().client()
    jobs = [client.finish(client.upload(small_painting(number)), parameters=few()) for number in range(2)]
    waiting = client.create(client.upload(small_painting(5)))
    own.kill()
    rebuilt = command(own, "store", "rebuild")
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert "3 jobs were saved, 0 pictures" in rebuilt.stderr
    client = own.start().client()
    for job, events in jobs:
        assert client.get(job.job_id) == job
        assert list(client.watch(job.job_id)) == events
    assert kinds(list(client.watch(waiting.job_id)))[-1] == "finished"
    checked = command(own, "store", "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_doctor_and_check_name_damage(own: RunningDaemon) -> None:
    client = own.start().client()
    painting = client.upload(small_painting())
    client.finish(painting, parameters=few())
    place = own.home / "store" / "pictures" / painting[:2] / painting
    place.write_bytes(place.read_bytes()[:-1] + b"\0")
    checked = command(own, "store", "check")
    assert checked.returncode == 1
    assert painting in checked.stdout
    again = command(own, "store", "check")
    assert (again.returncode, painting in again.stdout) == (1, True), "what was set aside earlier is still missing"
    client.upload(small_painting())
    assert command(own, "store", "check").returncode == 0
    assert own.stop() == 0
    spoil_header(database(own), 0)
    looked = command(own, "doctor")
    assert looked.returncode == 1
    assert "store rebuild" in looked.stdout


def test_a_running_daemon_is_not_rebuilt_under_its_feet(own: RunningDaemon) -> None:
    own.start()
    for action in ("rebuild", "adopt"):
        refused = command(own, "store", action)
        assert refused.returncode == 1
        assert "runs" in refused.stderr


# Deleting


def test_a_deleted_job_takes_its_pictures_along_at_once(daemon: RunningDaemon, client: Client) -> None:
    data = small_painting(700)
    before = stored(daemon)
    painting = client.upload(data)
    first, _ = client.finish(painting, parameters=few())
    second, _ = client.finish(painting, parameters=few())
    made = stored(daemon) - before
    request = jobs_pb2.DeleteJobRequest
    client.jobs.DeleteJob(request(job_id=first.job_id), timeout=SECONDS)
    assert stored(daemon) - before == made
    assert len(client.frames(second.job_id)) == 10
    client.jobs.DeleteJob(request(job_id=second.job_id), timeout=SECONDS)
    assert stored(daemon) <= before
    assert not thrown(daemon) & made
    with pytest.raises(grpc.RpcError) as error:
        client.pictures.GetPicture(pictures_pb2.GetPictureRequest(hash=painting), timeout=SECONDS)
    assert error.value.code() is grpc.StatusCode.NOT_FOUND


def test_a_picture_can_be_deleted_unless_a_job_needs_it(daemon: RunningDaemon, client: Client) -> None:
    painting, other = client.upload(small_painting(701)), client.upload(small_painting(702))
    job = client.create(painting, parameters=few())
    request = pictures_pb2.DeletePictureRequest
    with pytest.raises(grpc.RpcError) as error:
        client.pictures.DeletePicture(request(hash=painting), timeout=SECONDS)
    assert error.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert job.job_id in (error.value.details() or "")
    client.pictures.DeletePicture(request(hash=other), timeout=SECONDS)
    assert other not in stored(daemon) | thrown(daemon)
    for unknown in (other, "0" * 64):
        with pytest.raises(grpc.RpcError) as error:
            client.pictures.DeletePicture(request(hash=unknown), timeout=SECONDS)
        assert error.value.code() is grpc.StatusCode.NOT_FOUND


def test_files_of_the_store_are_the_owner_s_alone(daemon: RunningDaemon, client: Client, painting: str) -> None:
    client.finish(painting, parameters=few())
    loose = [path for path in (daemon.home / "store").rglob("*") if path.stat().st_mode & 0o077 and path.is_file()]
    assert not loose
