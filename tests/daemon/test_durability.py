"""Nothing accepted is lost: workers and the daemon are killed in the middle of jobs."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from paints_undo.v1 import jobs_pb2

from .conftest import SECONDS, Client, RunningDaemon, few, kinds, small_painting


@pytest.fixture
def own(tmp_path: Path) -> Iterator[RunningDaemon]:
    running = RunningDaemon(tmp_path / "home", {"unit_strikes": 3}).start()
    yield running
    running.stop()


def hashes(client: Client, job_id: str) -> list[str]:
    return [header.frame.picture_hash for header, _ in client.frames(job_id)]


def undisturbed(client: Client, painting: str, request: jobs_pb2.ProcessParameters | None = None) -> list[str]:
    job, _ = client.finish(painting, parameters=request)
    return hashes(client, job.job_id)


def assert_whole(client: Client, job_id: str, expected: list[str]) -> None:
    events = list(client.watch(job_id))
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert kinds(events)[-1] == "finished"
    frames = [event.frame_stored.frame.index for event in events if event.HasField("frame_stored")]
    assert sorted(frames) == list(range(len(expected)))
    keyframes = [event.keyframe_stored.keyframe.index for event in events if event.HasField("keyframe_stored")]
    assert len(set(keyframes)) == len(keyframes)
    units = [event.unit_finished.record.unit for event in events if event.HasField("unit_finished")]
    assert len(set(units)) == len(units)
    assert hashes(client, job_id) == expected


def test_a_killed_worker_costs_one_unit(own: RunningDaemon) -> None:
    client = own.client()
    painting = client.upload(small_painting(width=512, height=384))
    many = jobs_pb2.ProcessParameters(interpolation=jobs_pb2.InterpolationParameters(frames=40))
    expected = undisturbed(client, painting, many)
    job = client.create(painting, parameters=many)
    for event in client.watch(job.job_id):
        if event.HasField("frame_stored") and event.frame_stored.frame.index in (20, 120):
            for worker in own.workers():
                os.kill(worker, signal.SIGKILL)
    assert_whole(client, job.job_id, expected)
    records = [e.unit_finished.record for e in client.watch(job.job_id) if e.HasField("unit_finished")]
    assert 2 <= max(record.attempts for record in records) <= 3


def test_a_killed_daemon_goes_on_where_it_was(own: RunningDaemon) -> None:
    client = own.client()
    painting = client.upload(small_painting(width=256, height=192))
    expected = undisturbed(client, painting)
    job = client.create(painting)
    waiting = client.create(painting, parameters=few())
    seen: list[jobs_pb2.Event] = []
    for event in client.watch(job.job_id):
        seen.append(event)
        if event.HasField("frame_stored") and event.frame_stored.frame.index == 40:
            break
    own.kill()
    with pytest.raises(grpc.RpcError) as error:
        client.get(job.job_id)
    assert error.value.code() is grpc.StatusCode.UNAVAILABLE
    client = own.start().client()
    seen += client.watch(job.job_id, seen[-1].sequence)
    assert [event.sequence for event in seen] == list(range(1, len(seen) + 1))
    assert seen == list(client.watch(job.job_id))
    assert_whole(client, job.job_id, expected)
    assert kinds(list(client.watch(waiting.job_id)))[-1] == "finished"


def test_a_killed_daemon_goes_on_in_a_branch_of_a_branch(own: RunningDaemon) -> None:
    client = own.client()
    painting = client.upload(small_painting(width=256, height=192))
    first = jobs_pb2.Branch(operation_step=700, candidate=2)
    parameters = jobs_pb2.ProcessParameters(procedural=jobs_pb2.ProceduralParameters(branches=[first]))
    parent, _ = client.finish(painting, parameters=parameters)
    parameters.procedural.branches.add(operation_step=400, candidate=3)
    expected = undisturbed(client, painting, parameters)
    job = client.create(painting, parameters=parameters, base_job_id=parent.job_id)
    for event in client.watch(job.job_id):
        if event.HasField("frame_stored") and event.frame_stored.frame.index == 60:
            break
    own.kill()
    client = own.start().client()
    assert_whole(client, job.job_id, expected)
    assert client.get(job.job_id).base_job_id == parent.job_id
    before = [frame.picture_hash for frame in client.get(parent.job_id).keyframes if frame.operation_step >= 400]
    after = [frame.picture_hash for frame in client.get(job.job_id).keyframes if frame.operation_step >= 400]
    assert before == after


def test_a_stop_ends_within_the_step_and_loses_nothing(own: RunningDaemon) -> None:
    client = own.client()
    painting = client.upload(small_painting(width=256, height=192))
    expected = undisturbed(client, painting)
    job = client.create(painting)
    next(event for event in client.watch(job.job_id) if event.HasField("frame_stored"))
    workers = own.workers()
    assert own.stop() == 0
    assert not (own.home / "endpoint.json").exists()
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)
    client = own.start().client()
    assert_whole(client, job.job_id, expected)


def test_workers_do_not_outlive_a_killed_daemon(own: RunningDaemon) -> None:
    client = own.client()
    client.create(client.upload(small_painting()))
    deadline = time.monotonic() + SECONDS
    while not (workers := own.workers()):
        assert time.monotonic() < deadline
    own.kill()
    while any(Path(f"/proc/{worker}/exe").exists() for worker in workers):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_unit_that_ends_its_worker_three_times_fails(own: RunningDaemon) -> None:
    client = own.client()
    painting = client.upload(small_painting(width=256, height=192))
    many = jobs_pb2.ProcessParameters(interpolation=jobs_pb2.InterpolationParameters(frames=64))
    job = client.create(painting, parameters=many)
    others = client.create(painting, parameters=few())
    killed: set[int] = set()
    failure = None
    for response in client.jobs.WatchJob(jobs_pb2.WatchJobRequest(job_id=job.job_id), timeout=SECONDS):
        if response.event.HasField("failed"):
            failure = response.event.failed.failure
            break
        if response.progress.unit == "interval-0":
            for worker in set(own.workers()) - killed:
                killed.add(worker)
                os.kill(worker, signal.SIGKILL)
    assert failure is not None
    assert (failure.code, failure.unit) == ("ABORTED", "interval-0")
    assert "3 times" in failure.message
    assert "SIGKILL" in failure.message
    assert len(killed) == 3
    assert kinds(list(client.watch(others.job_id)))[-1] == "finished"


def test_a_worker_that_does_not_answer_is_replaced(tmp_path: Path) -> None:
    running = RunningDaemon(tmp_path / "home", {"heartbeat_timeout_seconds": 3}).start()
    try:
        client = running.client()
        job = client.create(client.upload(small_painting(width=256, height=192)))
        frozen = None
        for event in client.watch(job.job_id):
            if event.HasField("frame_stored") and frozen is None:
                frozen = running.workers()[0]
                os.kill(frozen, signal.SIGSTOP)
        assert client.get(job.job_id).state == jobs_pb2.JOB_STATE_FINISHED
        assert frozen not in running.workers()
    finally:
        running.stop()


def test_an_idle_worker_is_ended_and_comes_back(tmp_path: Path) -> None:
    running = RunningDaemon(tmp_path / "home", {"keep_alive_seconds": 0.3}).start()
    try:
        client = running.client()
        painting = client.upload(small_painting())
        client.finish(painting, parameters=few())
        deadline = time.monotonic() + SECONDS
        while running.workers():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        job, _ = client.finish(painting, parameters=few())
        assert job.state == jobs_pb2.JOB_STATE_FINISHED
    finally:
        running.stop()


def test_a_daemon_that_a_client_started_ends_when_nobody_needs_it(tmp_path: Path) -> None:
    running = RunningDaemon(tmp_path / "home", {"detached": 1, "idle_exit_seconds": 1}).start()
    client = running.client()
    job, _ = client.finish(client.upload(small_painting()), parameters=few())
    assert job.state == jobs_pb2.JOB_STATE_FINISHED
    client.channel.close()
    assert running.process is not None
    assert running.process.wait(SECONDS) == 0
    assert not (running.home / "endpoint.json").exists()


def test_a_full_disk_fails_the_job_and_keeps_what_is_there(tmp_path: Path) -> None:
    running = RunningDaemon(tmp_path / "home").start()
    try:
        client = running.client()
        painting = client.upload(small_painting())
        done, _ = client.finish(painting, parameters=few())
        large = client.upload(small_painting(width=1024, height=768))
        waiting = client.create(large)
        running.kill()
        running.settings["min_free_disk_bytes"] = 2**60
        client = running.start().client()
        assert kinds(list(client.watch(waiting.job_id)))[-1] == "failed"
        assert client.get(waiting.job_id).failure.code == "RESOURCE_EXHAUSTED"
        with pytest.raises(grpc.RpcError) as error:
            client.create(painting, parameters=few())
        assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        with pytest.raises(grpc.RpcError) as error:
            client.upload(small_painting(seed=3))
        assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert len(client.frames(done.job_id)) == 10
    finally:
        running.stop()
