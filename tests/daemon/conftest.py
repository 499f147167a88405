"""Real daemons in processes of their own, on real sockets, with homes of their own."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from paints_undo.v1 import (
    jobs_pb2,
    jobs_pb2_grpc,
    models_pb2_grpc,
    pictures_pb2,
    pictures_pb2_grpc,
    server_pb2,
    server_pb2_grpc,
)
from paints_undo_daemon.home import Endpoint
from paints_undo_engine import png

_START = (
    "import sys; from paints_undo_daemon.server import serve; from paints_undo_daemon.settings import load_settings;"
)
_START += "sys.exit(serve(load_settings()))"
SECONDS = 60.0
fuzz = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@dataclass
class RunningDaemon:
    """A daemon process. `settings` are given in the environment; `script` is what Python runs, with its arguments."""

    home: Path
    settings: dict[str, Any] = field(default_factory=dict)
    script: tuple[str, ...] = (_START,)
    process: subprocess.Popen[bytes] | None = None
    endpoint: Endpoint | None = None

    def start(self) -> RunningDaemon:
        environment = {**os.environ, "PAINTS_UNDO_HOME": str(self.home)}
        environment |= {f"PAINTS_UNDO_{name.upper()}": str(value) for name, value in self.settings.items()}
        environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
        self.home.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen([sys.executable, "-c", *self.script], env=environment, stderr=log)
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            self.endpoint = Endpoint.read(self.home)
            if self.endpoint is not None and self.endpoint.pid == self.process.pid:
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise AssertionError(f"The daemon did not start:\n{self.log_file.read_text()}")

    @property
    def log_file(self) -> Path:
        return self.home / "test.log"

    @property
    def token(self) -> str:
        return (self.home / "token").read_text().strip()

    def client(self, token: str | None = None, connection: str = "test") -> Client:
        assert self.endpoint is not None
        file = self.endpoint.certificate_file
        certificate = Path(file).read_bytes() if file else None
        return Client(self.endpoint.address, self.token if token is None else token, connection, certificate)

    def kill(self) -> None:
        """As a crash does."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """As the system does."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(SECONDS)

    def workers(self) -> list[int]:
        """The process numbers of its workers."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(child) for child in children]


class Client:
    """Stubs with the token, and the few steps that many tests share."""

    def __init__(self, address: str, token: str, connection: str = "test", certificate: bytes | None = None) -> None:
        if certificate is None:
            self.channel = grpc.insecure_channel(address, options=[("grpc.use_local_subchannel_pool", 1)])
        else:
            options = [("grpc.ssl_target_name_override", "localhost"), ("grpc.use_local_subchannel_pool", 1)]
            self.channel = grpc.secure_channel(address, grpc.ssl_channel_credentials(certificate), options)
        metadata = [("authorization", f"Bearer {token}"), ("paints-undo-connection", connection)]
        channel = grpc.intercept_channel(self.channel, _Metadata(metadata))
        self.jobs = jobs_pb2_grpc.JobServiceStub(channel)
        self.pictures = pictures_pb2_grpc.PictureServiceStub(channel)
        self.models = models_pb2_grpc.ModelServiceStub(channel)
        self.server = server_pb2_grpc.ServerServiceStub(channel)
        self.authorized = channel
        self.metadata = metadata

    def upload(self, data: bytes, **header: Any) -> str:
        digest = hashlib.sha256(data).hexdigest()
        messages = [
            pictures_pb2.UploadPictureRequest(
                header=pictures_pb2.UploadHeader(**{"hash": digest, "size_bytes": len(data), **header})
            )
        ]
        for start in range(0, len(data), 2**20):
            messages.append(pictures_pb2.UploadPictureRequest(chunk=data[start : start + 2**20]))
        return self.pictures.UploadPicture(iter(messages), timeout=SECONDS).picture.hash

    def create(self, painting: str, request_id: str | None = None, **fields: Any) -> jobs_pb2.Job:
        request = jobs_pb2.CreateJobRequest(
            request_id=request_id or os.urandom(8).hex(), painting_hash=painting, **fields
        )
        return self.jobs.CreateJob(request, timeout=SECONDS)

    def get(self, job_id: str) -> jobs_pb2.Job:
        return self.jobs.GetJob(jobs_pb2.GetJobRequest(job_id=job_id), timeout=SECONDS)

    def cancel(self, job_id: str) -> jobs_pb2.Job:
        return self.jobs.CancelJob(jobs_pb2.CancelJobRequest(job_id=job_id), timeout=SECONDS)

    def watch(self, job_id: str, after: int = 0, seconds: float = SECONDS) -> Iterator[jobs_pb2.Event]:
        request = jobs_pb2.WatchJobRequest(job_id=job_id, after_sequence=after)
        for response in self.jobs.WatchJob(request, timeout=seconds):
            if response.HasField("event"):
                yield response.event

    def finish(self, painting: str, **fields: Any) -> tuple[jobs_pb2.Job, list[jobs_pb2.Event]]:
        """Run a job to its end."""
        job = self.create(painting, **fields)
        events = list(self.watch(job.job_id))
        return self.get(job.job_id), events

    def frames(self, job_id: str, **fields: Any) -> list[tuple[jobs_pb2.PictureHeader, bytes]]:
        result: list[tuple[jobs_pb2.PictureHeader, bytes]] = []
        for part in self.jobs.DownloadFrames(jobs_pb2.DownloadFramesRequest(job_id=job_id, **fields), timeout=SECONDS):
            if part.HasField("header"):
                result.append((part.header, b""))
            else:
                result[-1] = (result[-1][0], result[-1][1] + part.chunk)
        return result

    def info(self) -> server_pb2.ServerInfo:
        return self.server.GetServerInfo(server_pb2.GetServerInfoRequest(), timeout=SECONDS)


class _Metadata(
    grpc.UnaryUnaryClientInterceptor,
    grpc.UnaryStreamClientInterceptor,
    grpc.StreamUnaryClientInterceptor,
    grpc.StreamStreamClientInterceptor,
):
    def __init__(self, metadata: Sequence[tuple[str, str]]) -> None:
        self._metadata = list(metadata)

    def _intercept(self, continuation: Any, details: Any, request: Any) -> Any:
        return continuation(details._replace(metadata=[*(details.metadata or ()), *self._metadata]), request)

    intercept_unary_unary: Any = _intercept
    intercept_unary_stream: Any = _intercept
    intercept_stream_unary: Any = _intercept
    intercept_stream_stream: Any = _intercept


def kinds(events: Sequence[jobs_pb2.Event]) -> list[str]:
    return [str(event.WhichOneof("kind")) for event in events]


def small_painting(seed: int = 0, width: int = 96, height: int = 64) -> bytes:
    """A PNG with flat shapes and lines, different for each seed."""
    rng = np.random.default_rng(seed)
    pixels = np.full((height, width, 3), 235, np.uint8)
    for _ in range(4):
        x, y = int(rng.integers(0, width - 16)), int(rng.integers(0, height - 16))
        pixels[y : y + 14, x : x + 14] = rng.integers(30, 220, 3)
        pixels[y : y + 14, x] = 10
    return png.encode(pixels)


def few(**fields: Any) -> jobs_pb2.ProcessParameters:
    """Parameters of a small job: two operation steps, four pictures an interval, ten frames in all."""
    return jobs_pb2.ProcessParameters(
        keyframes=jobs_pb2.KeyframeParameters(operation_steps=[300, 600]),
        interpolation=jobs_pb2.InterpolationParameters(frames=4),
        **fields,
    )


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    """One daemon for all tests of a module."""
    running = RunningDaemon(tmp_path_factory.mktemp("daemon")).start()
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def client(daemon: RunningDaemon) -> Client:
    return daemon.client()


@pytest.fixture(scope="module")
def painting(client: Client) -> str:
    return client.upload(small_painting())


def open_files(daemon: RunningDaemon) -> int:
    assert daemon.process is not None
    return sum(
        1
        for link in Path(f"/proc/{daemon.process.pid}/fd").iterdir()
        if (link.is_symlink() and "/store/pictures/" in str(link.readlink())) or "/temporary/" in str(link.readlink())
    )


@pytest.fixture
def unharmed(daemon: RunningDaemon, client: Client, painting: str) -> Iterator[None]:
    """Another job runs through, the process is the same, no picture file stays open, nothing unexpected was logged."""
    logged = daemon.log_file.stat().st_size
    other = client.create(painting, parameters=few())
    yield
    assert kinds(list(client.watch(other.job_id)))[-1] == "finished"
    assert daemon.process is not None
    assert daemon.process.poll() is None
    assert open_files(daemon) == 0
    lines = daemon.log_file.read_bytes()[logged:].decode().splitlines()
    assert not [line for line in lines if "nexpected" in line]
