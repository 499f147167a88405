"""What the daemon's benchmarks share: a daemon in a process of its own, stubs, small paintings."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import grpc
import numpy as np

from paints_undo.v1 import jobs_pb2, jobs_pb2_grpc, pictures_pb2, pictures_pb2_grpc, server_pb2_grpc
from paints_undo_daemon.access.tokens import add_client
from paints_undo_daemon.home import Endpoint, token_file
from paints_undo_engine import png

CHUNK = 2**20
_START_SECONDS = 60.0
_SERVE = "import sys; from paints_undo_daemon.server import serve; "
_SERVE += "from paints_undo_daemon.settings import load_settings; sys.exit(serve(load_settings()))"


class Daemon:
    """A daemon process with a home of its own; `settings` go into its environment."""

    def __init__(self, home: Path, **settings: Any) -> None:
        self.home = home
        self._settings = settings
        self.environment: dict[str, str] = {}
        self.before: tuple[str, ...] = ()
        """What stands before its command and becomes it, such as `ip netns exec NAME`."""
        self.process: subprocess.Popen[bytes] | None = None
        self.ready_seconds = 0.0

    def start(self) -> Endpoint:
        """Start it and wait until it listens."""
        environment = {**os.environ, **self.environment, "PAINTS_UNDO_HOME": str(self.home)}
        environment |= {f"PAINTS_UNDO_{name.upper()}": str(value) for name, value in self._settings.items()}
        environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
        self.home.mkdir(parents=True, exist_ok=True)
        begun = time.perf_counter()
        with (self.home / "daemon.log").open("ab") as log:
            self.process = subprocess.Popen([*self.before, sys.executable, "-c", _SERVE], env=environment, stderr=log)
        while time.perf_counter() - begun < _START_SECONDS and self.process.poll() is None:
            endpoint = Endpoint.read(self.home)
            if endpoint is not None and endpoint.pid == self.process.pid:
                self.ready_seconds = time.perf_counter() - begun
                return endpoint
            time.sleep(0.005)
        raise RuntimeError(f"The daemon did not start; its log is {self.home / 'daemon.log'}.")

    def endpoint(self) -> Endpoint:
        """Where it listens, once it is started."""
        endpoint = Endpoint.read(self.home)
        assert endpoint is not None
        return endpoint

    def last_words(self) -> str:
        """The end of its log."""
        return (self.home / "daemon.log").read_text(encoding="utf-8", errors="replace")[-2000:]

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def kill(self) -> None:
        """End it as a crash does."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """End it as the system does; returns the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(_START_SECONDS)

    def workers(self) -> list[int]:
        """The process numbers of its workers."""
        try:
            return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]
        except FileNotFoundError:
            return []

    def token(self, client: str = "") -> str:
        """The account's token, or a new one for a named client."""
        return add_client(self.home, client) if client else token_file(self.home).read_text().strip()


class Stubs:
    """The services on one channel with one token."""

    def __init__(self, endpoint: Endpoint, token: str, connection: str = "benchmark") -> None:
        self.channel_address = endpoint.address
        options: list[tuple[str, str | int]] = [
            ("grpc.max_receive_message_length", 4 * CHUNK),
            ("grpc.use_local_subchannel_pool", 1),
        ]
        if endpoint.certificate_file:
            trusted = grpc.ssl_channel_credentials(Path(endpoint.certificate_file).read_bytes())
            options.append(("grpc.ssl_target_name_override", "localhost"))
            self.channel = grpc.aio.secure_channel(endpoint.address, trusted, options=options)
        else:
            self.channel = grpc.aio.insecure_channel(endpoint.address, options=options)
        self.metadata = (("authorization", f"Bearer {token}"), ("paints-undo-connection", connection))
        self.jobs = jobs_pb2_grpc.JobServiceStub(self.channel)
        self.pictures = pictures_pb2_grpc.PictureServiceStub(self.channel)
        self.server = server_pb2_grpc.ServerServiceStub(self.channel)

    async def upload(self, data: bytes) -> str:
        """Send a picture; returns its hash."""

        async def messages() -> AsyncIterator[pictures_pb2.UploadPictureRequest]:
            header = pictures_pb2.UploadHeader(hash=hashlib.sha256(data).hexdigest(), size_bytes=len(data))
            yield pictures_pb2.UploadPictureRequest(header=header)
            for start in range(0, len(data), CHUNK):
                yield pictures_pb2.UploadPictureRequest(chunk=data[start : start + CHUNK])

        answer = await self.pictures.UploadPicture(messages(), metadata=self.metadata)
        return str(answer.picture.hash)

    async def create(self, painting: str, request_id: str = "", **fields: Any) -> jobs_pb2.Job:
        """Create a job."""
        request = jobs_pb2.CreateJobRequest(
            request_id=request_id or os.urandom(8).hex(), painting_hash=painting, **fields
        )
        return await self.jobs.CreateJob(request, metadata=self.metadata)

    async def watch(self, job_id: str, after: int = 0) -> AsyncIterator[jobs_pb2.WatchJobResponse]:
        """Events and progress."""
        request = jobs_pb2.WatchJobRequest(job_id=job_id, after_sequence=after)
        async for response in self.jobs.WatchJob(request, metadata=self.metadata):
            yield response

    async def finish(self, painting: str, **fields: Any) -> tuple[jobs_pb2.Job, list[jobs_pb2.Event]]:
        """Run a job to its end."""
        job = await self.create(painting, **fields)
        events = [item.event async for item in self.watch(job.job_id) if item.HasField("event")]
        return await self.get(job.job_id), events

    async def get(self, job_id: str) -> jobs_pb2.Job:
        """A job as it stands."""
        return await self.jobs.GetJob(jobs_pb2.GetJobRequest(job_id=job_id), metadata=self.metadata)


def painting(seed: int, width: int, height: int) -> bytes:
    """A PNG with flat shapes, outlines and a gradient, different for each seed."""
    rng = np.random.default_rng(seed)
    pixels = np.full((height, width, 3), 240, np.uint8)
    pixels[..., 2] = np.linspace(170, 245, width).astype(np.uint8)
    side = max(4, min(width, height) // 4)
    for _ in range(6):
        x, y = int(rng.integers(0, width - side)), int(rng.integers(0, height - side))
        pixels[y : y + side, x : x + side] = rng.integers(30, 225, 3)
        pixels[y : y + side, x] = pixels[y, x : x + side] = 12
    return png.encode(pixels)


def small(steps: Sequence[int] = (300, 600), frames: int = 4, **fields: Any) -> jobs_pb2.ProcessParameters:
    """Parameters of a small job: 3 x (steps + 1) + 1 frames by default."""
    return jobs_pb2.ProcessParameters(
        keyframes=jobs_pb2.KeyframeParameters(operation_steps=steps),
        interpolation=jobs_pb2.InterpolationParameters(frames=frames),
        **fields,
    )


def resident_bytes(pid: int) -> int:
    """Resident memory of a process (Linux)."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(pid: int) -> float:
    """Processor seconds that a process has used (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def until(deadline: float, seconds: float) -> None:
    """Sleep, but not beyond a deadline of the monotonic clock."""
    await asyncio.sleep(max(0.0, min(seconds, deadline - time.monotonic())))
