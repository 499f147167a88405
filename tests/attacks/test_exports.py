"""Exports that ask for too much: refused before they start, kept to a ceiling of memory, and in nobody's way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import grpc
import pytest
from daemon.conftest import SECONDS, Client, RunningDaemon, few, small_painting

from paints_undo.v1 import jobs_pb2, pictures_pb2

FORMATS = [number for number in jobs_pb2.ExportFormat.values() if number]


def request(job_id: str, export_format: int, **options: object) -> jobs_pb2.ExportJobRequest:
    return jobs_pb2.ExportJobRequest(job_id=job_id, options=jobs_pb2.ExportOptions(format=export_format, **options))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def job(client: Client, painting: str) -> str:
    return client.finish(painting, parameters=few())[0].job_id


@pytest.mark.parametrize("export_format", FORMATS, ids=jobs_pb2.ExportFormat.Name)
def test_every_format_is_written_by_a_confined_worker(client: Client, job: str, export_format: int) -> None:
    parts = list(client.jobs.ExportJob(request(job, export_format), timeout=SECONDS))
    header = next(part.header for part in parts if part.HasField("header"))
    assert sum(len(part.chunk) for part in parts) == header.size_bytes > 0


@pytest.mark.parametrize("name", ["MP4", "WEBM", "GIF"])
def test_an_export_that_is_too_large_is_refused_before_it_starts(client: Client, job: str, name: str) -> None:
    asked = request(job, jobs_pb2.ExportFormat.Value(f"EXPORT_FORMAT_{name}"), max_side=16384)
    with pytest.raises(grpc.RpcError) as error:
        list(client.jobs.ExportJob(asked, timeout=SECONDS))
    assert error.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert "would fit" in (error.value.details() or "")


def test_a_worker_that_would_take_too_much_memory_says_so(tmp_path: Path) -> None:
    running = RunningDaemon(tmp_path / "home", {"worker_memory_bytes": 600 * 2**20}).start()
    try:
        client = running.client()
        done, _ = client.finish(client.upload(small_painting()), parameters=few())
        apng = jobs_pb2.EXPORT_FORMAT_APNG
        with pytest.raises(grpc.RpcError) as error:
            list(client.jobs.ExportJob(request(done.job_id, apng, max_side=12000), timeout=4 * SECONDS))
        assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "memory" in (error.value.details() or "")
        assert [part for part in client.jobs.ExportJob(request(done.job_id, apng), timeout=SECONDS) if part.chunk]
    finally:
        running.stop()


def raw_frames(client: Client, job: str) -> object:
    return client.frames(job, begin=2, end=3, encoding=pictures_pb2.PICTURE_ENCODING_RAW_RGB8)


def restored_frames(client: Client, job: str) -> object:
    return client.frames(job, begin=2, end=3, max_side=80)


def layers(client: Client, job: str) -> object:
    return list(client.jobs.DownloadLayers(jobs_pb2.DownloadLayersRequest(job_id=job), timeout=SECONDS))


@pytest.mark.parametrize("fetch", [raw_frames, restored_frames, layers])
def test_a_long_export_keeps_nobody_from_fetching(
    daemon: RunningDaemon, client: Client, job: str, fetch: Callable[[Client, str], object]
) -> None:
    progress, ended = threading.Event(), threading.Event()

    def export() -> None:
        try:
            call = client.jobs.ExportJob(request(job, jobs_pb2.EXPORT_FORMAT_WEBP, max_side=6000), timeout=5 * SECONDS)
            for _ in call:
                progress.set()
                if ended.is_set():
                    call.cancel()
        except grpc.RpcError:
            pass

    assert fetch(client, job)  # the worker that fetches has started
    thread = threading.Thread(target=export)
    thread.start()
    try:
        assert progress.wait(SECONDS)
        assert fetch(daemon.client(connection="another"), job)
        assert thread.is_alive(), "the fetch has waited for the end of the export"
    finally:
        ended.set()
        thread.join(SECONDS)
