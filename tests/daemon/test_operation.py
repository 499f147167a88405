"""How the daemon is run: its log, its metrics, what it costs the front, what it tells of itself."""

from __future__ import annotations

import io
import json
import logging
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import av
import grpc
import pytest
from prometheus_client import CollectorRegistry

from paints_undo.v1 import jobs_pb2, models_pb2, pictures_pb2, server_pb2
from paints_undo_daemon.home import PROTOCOL_VERSION
from paints_undo_daemon.logs import TextFormatter
from paints_undo_daemon.metrics_port import open_port
from paints_undo_engine import __version__
from paints_undo_engine.descriptions import MEMORY_PLANS

from .conftest import Client, RunningDaemon, few, small_painting


def test_every_line_of_the_log_is_an_object_and_names_its_job(daemon: RunningDaemon, client: Client) -> None:
    job, _ = client.finish(client.upload(small_painting(seed=21)), parameters=few())
    lines = [json.loads(line) for line in daemon.log_file.read_text().splitlines()]
    assert all({"time", "level", "logger", "message"} <= set(line) for line in lines)
    assert any(line.get("job_id") == job.job_id for line in lines)


def test_the_log_tells_each_job_s_end_and_each_refusal(daemon: RunningDaemon, client: Client) -> None:
    digest = client.upload(small_painting(seed=22))
    finished, _ = client.finish(digest, parameters=few())
    cancelled = client.create(digest, parameters=few())
    client.jobs.CancelJob(jobs_pb2.CancelJobRequest(job_id=cancelled.job_id))
    with pytest.raises(grpc.RpcError):
        client.jobs.ListJobs(jobs_pb2.ListJobsRequest(page_size=10**6))
    lines = [json.loads(line) for line in daemon.log_file.read_text().splitlines()]
    ends = {line["job_id"]: line for line in lines if "seconds" in line}
    assert ends[finished.job_id]["state"] == "finished"
    assert ends[finished.job_id]["work_seconds"] > 0
    assert ends[finished.job_id]["client"] == "account"
    assert ends[cancelled.job_id]["state"] in ("cancelled", "finished")
    refused = [line for line in lines if "ListJobs is refused (INVALID_ARGUMENT)" in line["message"]]
    assert refused[-1]["peer"]


def test_nothing_but_the_log_is_in_the_log(tmp_path: Path) -> None:
    """gRPC's core has its own words for a handshake that is none, and for a port that is taken."""
    running = RunningDaemon(tmp_path / "home", {"listen": "127.0.0.1:0", "log_level": "debug"}).start()
    try:
        assert running.endpoint is not None
        host, _, port = running.endpoint.address.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            while connection.recv(4096):
                pass
    finally:
        running.stop()
    assert all(isinstance(json.loads(line), dict) for line in running.log_file.read_text().splitlines())


def test_a_terminal_gets_lines_for_people() -> None:
    record = logging.LogRecord("x", logging.WARNING, "", 0, "The job is %s.", ("failed",), None)
    record.job_id = "3f2a"
    assert re.fullmatch(r"\d\d:\d\d:\d\d warning The job is failed\. \[job_id=3f2a\]", TextFormatter().format(record))


def test_the_server_tells_what_it_is(client: Client) -> None:
    info = client.info()
    assert (info.version, info.protocol_version, info.client) == (__version__, PROTOCOL_VERSION, "account")
    engines = {engine.name: engine for engine in info.engines}
    assert engines["procedural"].state == server_pb2.ENGINE_STATE_READY
    assert engines["procedural"].has_layers
    ranges = {item.name: item for item in engines["diffusion"].parameters}
    assert (ranges["keyframes.steps"].minimum, ranges["keyframes.steps"].maximum) == (1, 100)
    assert ranges["keyframes.width"].zero_means == "automatic"
    assert (ranges["keyframes.width"].unit, ranges["keyframes.width"].group) == ("pixels", "Keyframes")
    assert all(item.help and item.kind for item in [*ranges.values(), *info.export_parameters])
    assert "keyframes.steps" not in {item.name for item in engines["procedural"].parameters}
    assert {"duration_seconds", "fill"} <= {item.name for item in info.export_parameters}
    assert list(engines["diffusion"].default_operation_steps) == [400, 600, 800, 900, 950, 999]
    assert [plan.name for plan in info.memory_plans] == list(MEMORY_PLANS[1:])
    assert [plan.name for plan in info.memory_plans if not plan.exact] == ["4gb-fp8"]
    assert info.limits.max_picture_bytes > 0
    assert info.recommended_engine in engines
    assert info.devices[0].device_id == "cpu"


def test_models_are_listed_and_unknown_ones_refused(client: Client) -> None:
    listed = client.models.ListModels(models_pb2.ListModelsRequest())
    assert {"paints_undo_single_frame", "paints_undo_multi_frame"} <= {model.model_id for model in listed.models}
    assert listed.free_disk_bytes > 0
    refused: tuple[tuple[Any, Any], ...] = (
        (client.models.DownloadModel, models_pb2.DownloadModelRequest(model_id="none")),
        (client.models.VerifyModel, models_pb2.VerifyModelRequest(model_id="none")),
    )
    for call, request in refused:
        with pytest.raises(grpc.RpcError) as error:
            list(call(request))
        assert error.value.code() is grpc.StatusCode.NOT_FOUND


@pytest.mark.extra("diffusion")
def test_an_engine_without_its_models_says_what_to_do(tmp_path: Path) -> None:
    running = RunningDaemon(tmp_path / "home").start()
    try:
        client = running.client()
        digest = client.upload(small_painting())
        with pytest.raises(grpc.RpcError) as error:
            client.create(digest, parameters=jobs_pb2.ProcessParameters(engine="diffusion"))
        assert error.value.code() is grpc.StatusCode.FAILED_PRECONDITION
        assert "paints-undo models download" in (error.value.details() or "")
    finally:
        running.stop()


def test_metrics_are_served_when_asked_for(tmp_path: Path) -> None:
    running = RunningDaemon(tmp_path / "home", {"metrics_port": 0}).start()
    try:
        client = running.client()
        client.finish(client.upload(small_painting()), parameters=few())
        url = re.search(r"http://127\.0\.0\.1:\d+/metrics", running.log_file.read_text())
        assert url is not None
        with urllib.request.urlopen(url[0]) as answer:
            text = answer.read().decode()
        values = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
        assert float(values['paints_undo_units_total{result="OK"}']) == 5
        assert float(values["paints_undo_events_total"]) > 20
        assert float(values['paints_undo_jobs{client="account",state="finished"}']) == 1
        assert float(values['paints_undo_jobs_ended_total{client="account",state="finished"}']) == 1
        assert float(values['paints_undo_unit_seconds_count{engine="procedural",stage="interpolation"}']) == 3
        assert float(values["paints_undo_workers_running"]) == 1
        assert float(values["paints_undo_jobs_waiting"]) == 0
        assert float(values['paints_undo_calls_total{method="CreateJob"}']) == 1
        with urllib.request.urlopen(url[0].replace("metrics", "health")) as answer:
            assert (answer.status, answer.read()) == (200, b"SERVING\n")
    finally:
        running.stop()


def made_film(running: RunningDaemon) -> tuple[str, int]:
    """The codec and the number of pictures of an MP4 that a daemon makes."""
    client = running.client()
    job, _ = client.finish(client.upload(small_painting()), parameters=few())
    options = jobs_pb2.ExportOptions(format=jobs_pb2.EXPORT_FORMAT_MP4)
    parts = client.jobs.ExportJob(jobs_pb2.ExportJobRequest(job_id=job.job_id, options=options))
    with av.open(io.BytesIO(b"".join(part.chunk for part in parts)), "r") as film:
        return film.streams.video[0].codec_context.name, len(list(film.decode(video=0)))


def test_a_film_is_made_without_the_gpl_where_that_is_asked_for(tmp_path: Path) -> None:
    running = RunningDaemon(tmp_path / "home", {"gpl_encoders": "false"}).start()
    try:
        codec, pictures = made_film(running)
        assert codec == "vp9"
        assert pictures > 10
    finally:
        running.stop()


def test_a_film_is_made_where_hardware_is_allowed_whether_it_is_there_or_not(tmp_path: Path) -> None:
    running = RunningDaemon(tmp_path / "home", {"hardware_encoders": "true"}).start()
    try:
        codec, pictures = made_film(running)
        assert codec == "h264"
        assert pictures > 10
    finally:
        running.stop()
    told = running.log_file.read_text()
    assert "The film was encoded by" in told
    assert "keeps rights" not in told


def test_a_daemon_that_takes_no_writes_is_not_healthy() -> None:
    server = open_port(CollectorRegistry(), 0, lambda: False)
    try:
        with pytest.raises(urllib.error.HTTPError) as error:
            urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/health")
        assert (error.value.code, error.value.read()) == (503, b"NOT_SERVING\n")
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("kind", [threading.Thread, threading.Timer])
def test_where_no_thread_can_be_started_the_port_of_the_metrics_loses_no_place(
    kind: type[threading.Thread], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    server = open_port(CollectorRegistry(), 0, lambda: True)
    try:
        with monkeypatch.context() as exhausted:
            exhausted.setattr(kind, "start", refuse)
            for _ in range(20):
                with socket.create_connection(("127.0.0.1", server.server_port), timeout=60) as connection:
                    assert connection.recv(1) == b"", "it is closed without an answer"
        with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/health") as answer:
            assert answer.read() == b"SERVING\n"
    finally:
        server.shutdown()
        server.server_close()


def test_the_front_imports_nothing_heavy() -> None:
    code = "import sys, paints_undo_daemon.server; "
    code += "print(sorted({'torch', 'numpy', 'cv2', 'av', 'psd_tools', 'PIL', 'prometheus_client'} & set(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {[path for path in sys.path if path]!r}; {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == "[]"


def test_quotas_are_kept_and_say_when_to_try_again(tmp_path: Path) -> None:
    limits = {"max_queued_jobs_per_client": 2, "max_client_bytes": 20000, "max_streams_per_client": 3}
    running = RunningDaemon(tmp_path / "home", limits).start()
    try:
        client = running.client()
        painting = client.upload(small_painting(width=256, height=192))
        made = [client.create(painting) for _ in range(2)]
        with pytest.raises(grpc.RpcError) as error:
            client.create(painting)
        assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        told = dict(cast(Iterable[tuple[str, bytes]], error.value.trailing_metadata()))
        assert b"RetryInfo" in told["grpc-status-details-bin"]
        watches = [client.jobs.WatchJob(jobs_pb2.WatchJobRequest(job_id=made[1].job_id)) for _ in range(3)]
        for watch in watches:
            next(iter(watch))
        with pytest.raises(grpc.RpcError) as error:
            client.info()
        assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        for watch in watches:
            watch.cancel()
        with pytest.raises(grpc.RpcError) as error:
            client.upload(bytes(30000))
        assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        other = pictures_pb2.GetPictureRequest(hash=painting)
        assert client.pictures.GetPicture(other).size_bytes > 0
    finally:
        running.stop()


def test_ctrl_c_ends_the_daemon_as_a_stop_does(tmp_path: Path) -> None:
    daemon = RunningDaemon(tmp_path).start()
    assert daemon.process is not None
    daemon.process.send_signal(signal.SIGINT)
    assert daemon.process.wait(20) == 0
    assert not (tmp_path / "endpoint.json").exists()
    assert "The daemon stops." in daemon.log_file.read_text()
