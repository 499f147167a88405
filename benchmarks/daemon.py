"""What the daemon costs: start, memory, first event, frames per second, idle watchers, its share of a job.

    python benchmarks/daemon.py [--json FILE]

Medians of several rounds. The daemon's own share of a procedural job is the front's processor time by the worker's;
picture encoding and hashing happen in the worker and are measured beside it. Linux only (it reads /proc).
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from daemons import Daemon, Stubs, cpu_seconds, painting, resident_bytes, small

from paints_undo.v1 import jobs_pb2
from paints_undo_daemon.client import connect, connect_async
from paints_undo_engine import png

ROUNDS = 5
WATCHERS = 50
WATCH_SECONDS = 10.0
MEBIBYTE = 2**20


def noisy(seed: int, width: int, height: int) -> bytes:
    """A picture that hardly compresses, so that many bytes travel."""
    return png.encode(np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8))


def start(folder: Path) -> dict[str, Any]:
    """Seconds until it listens, and resident memory when idle."""
    seconds, memory = [], []
    for number in range(ROUNDS):
        daemon = Daemon(folder / f"start-{number}", log_level="warning")
        daemon.start()
        seconds.append(daemon.ready_seconds)
        time.sleep(0.5)
        memory.append(resident_bytes(daemon.pid))
        daemon.stop()
    return {
        "ready, seconds": round(statistics.median(seconds), 3),
        "idle resident memory, MiB": round(statistics.median(memory) / MEBIBYTE, 1),
    }


async def first_event(stubs: Stubs) -> dict[str, Any]:
    """Milliseconds from sending a job to its first event, and to its start in a warm worker."""
    digest = await stubs.upload(painting(1, 96, 64))
    await stubs.finish(digest, parameters=small())
    first, started = [], []
    for _ in range(4 * ROUNDS):
        sent = time.perf_counter()
        job = await stubs.create(digest, parameters=small())
        async for item in stubs.watch(job.job_id):
            if item.HasField("event") and item.event.sequence == 1:
                first.append(time.perf_counter() - sent)
            if item.HasField("event") and item.event.HasField("started"):
                started.append(time.perf_counter() - sent)
    return {
        "submit to first event, ms": round(1000 * statistics.median(first), 2),
        "submit to started, warm worker, ms": round(1000 * statistics.median(started), 2),
    }


async def throughput(daemon: Daemon, stubs: Stubs) -> dict[str, Any]:
    """Megabytes of frames in a second to one client."""
    digest = await stubs.upload(noisy(2, 1024, 1024))
    parameters = small(procedural=jobs_pb2.ProceduralParameters(max_side=1024))
    job, _ = await stubs.finish(digest, parameters=parameters)
    rates = []
    for _ in range(ROUNDS):
        begun, received = time.perf_counter(), 0
        for _ in range(5):
            request = jobs_pb2.DownloadFramesRequest(job_id=job.job_id)
            async for part in stubs.jobs.DownloadFrames(request, metadata=stubs.metadata):
                received += len(part.chunk)
        rates.append(received / (time.perf_counter() - begun) / 1e6)
    return {
        "frames to one client, MB/s": round(statistics.median(rates)),
        **await asyncio.to_thread(_to_client, daemon, job.job_id),
        "the same with its asyncio form, MB/s": await _to_async_client(daemon.home, job.job_id),
        "bytes a round": received,
    }


def _to_client(daemon: Daemon, job_id: str) -> dict[str, int]:
    """The rate, and what either side moves in a second of its processor's time: on a machine where others work as well,
    the smaller of the two is what two free cores would give."""
    rates, of_daemon, of_client = [], [], []
    with connect(home=daemon.home, start=False) as client:
        for _ in range(ROUNDS):
            begun, front, own = time.perf_counter(), cpu_seconds(daemon.pid), time.process_time()
            received = sum(len(frame.data) for _ in range(5) for frame in client.frames(job_id)) / 1e6
            rates.append(received / (time.perf_counter() - begun))
            of_daemon.append(received / max(0.01, cpu_seconds(daemon.pid) - front))
            of_client.append(received / (time.process_time() - own))
    return {
        "the same with the Python client, MB/s": round(statistics.median(rates)),
        "MB a second of the daemon's processor time": round(statistics.median(of_daemon)),
        "MB a second of the client's processor time": round(statistics.median(of_client)),
    }


async def _to_async_client(home: Path, job_id: str) -> int:
    rates = []
    async with connect_async(home=home, start=False) as client:
        for _ in range(ROUNDS):
            begun, received = time.perf_counter(), 0
            for _ in range(5):
                async for frame in client.frames(job_id):
                    received += len(frame.data)
            rates.append(received / (time.perf_counter() - begun) / 1e6)
    return round(statistics.median(rates))


async def idle_watchers(daemon: Daemon, stubs: Stubs) -> dict[str, Any]:
    """Share of a core that 50 watchers of a waiting job cost."""
    digest = await stubs.upload(painting(3, 1024, 768))
    running = await stubs.create(digest)
    waiting = await stubs.create(digest, priority=jobs_pb2.PRIORITY_BATCH)
    await stubs.jobs.CancelJob(jobs_pb2.CancelJobRequest(job_id=running.job_id), metadata=stubs.metadata)
    done, _ = await stubs.finish(await stubs.upload(painting(4, 96, 64)), parameters=small())

    async def hold() -> None:
        async for _ in stubs.watch(waiting.job_id):
            pass

    watchers = [asyncio.create_task(hold()) for _ in range(WATCHERS)]
    async for item in stubs.watch(waiting.job_id):
        if item.HasField("event") and item.event.HasField("started"):
            break
    for worker in daemon.workers():
        _signal(worker, stop=True)
    await asyncio.sleep(1.0)
    before, begun = cpu_seconds(daemon.pid), time.perf_counter()
    await asyncio.sleep(WATCH_SECONDS)
    share = (cpu_seconds(daemon.pid) - before) / (time.perf_counter() - begun)
    for worker in daemon.workers():
        _signal(worker, stop=False)
    for watcher in watchers:
        watcher.cancel()
    await stubs.jobs.CancelJob(jobs_pb2.CancelJobRequest(job_id=waiting.job_id), metadata=stubs.metadata)
    return {f"{WATCHERS} idle watchers, % of a core": round(100 * share, 2), "their job's frames": done.frame_count}


def _signal(pid: int, *, stop: bool) -> None:
    import os
    import signal

    os.kill(pid, signal.SIGSTOP if stop else signal.SIGCONT)


async def share(daemon: Daemon, stubs: Stubs) -> dict[str, Any]:
    """The front's processor time by the worker's, over default jobs."""
    digest = await stubs.upload(painting(5, 1024, 768))
    await stubs.finish(digest, parameters=small())
    front, work, wall = cpu_seconds(daemon.pid), _work(daemon), time.perf_counter()
    frames: list[bytes] = []
    for number in range(3):
        parameters = jobs_pb2.ProcessParameters(keyframes=jobs_pb2.KeyframeParameters(seed=number))
        job, _ = await stubs.finish(digest, parameters=parameters)
    front, work, wall = cpu_seconds(daemon.pid) - front, _work(daemon) - work, time.perf_counter() - wall
    request = jobs_pb2.DownloadFramesRequest(job_id=job.job_id)
    async for part in stubs.jobs.DownloadFrames(request, metadata=stubs.metadata):
        if part.HasField("header"):
            frames.append(b"")
        else:
            frames[-1] += part.chunk
    pixels = [png.decode(data) for data in frames]
    begun = time.process_time()
    for frame in pixels:
        hashlib.sha256(png.encode(frame)).digest()
    encoding = 3 * (time.process_time() - begun)
    return {
        "front's share of a job's processor time, %": round(100 * front / (front + work), 2),
        "encoding and hashing, share of it, %": round(100 * encoding / (front + work), 2),
        "front's processor seconds a job": round(front / 3, 3),
        "worker's processor seconds a job": round(work / 3, 3),
        "wall seconds a job": round(wall / 3, 2),
    }


def _work(daemon: Daemon) -> float:
    return sum(cpu_seconds(worker) for worker in daemon.workers())


async def encrypted(daemon: Daemon) -> dict[str, Any]:
    """Frames over TLS on the loopback."""
    stubs = Stubs(daemon.start(), daemon.token())
    report = await throughput(daemon, stubs)
    await stubs.channel.close()
    return {f"TLS: {name}": value for name, value in report.items()}


async def measure(daemon: Daemon) -> dict[str, Any]:
    """All that needs a running daemon."""
    endpoint = daemon.start()
    stubs = Stubs(endpoint, daemon.token())
    report = await first_event(stubs)
    report |= await share(daemon, stubs)
    report |= await throughput(daemon, stubs)
    report |= await idle_watchers(daemon, stubs)
    await stubs.channel.close()
    return report


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, default=None)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="paints-undo-daemon-") as folder:
        report = start(Path(folder))
        daemon = Daemon(Path(folder) / "home", log_level="warning")
        try:
            report |= asyncio.run(measure(daemon))
        finally:
            daemon.kill()
        daemon = Daemon(Path(folder) / "encrypted", log_level="warning", listen="127.0.0.1:0")
        try:
            report |= asyncio.run(encrypted(daemon))
        finally:
            daemon.kill()
    text = json.dumps(report, indent=2)
    print(text)
    if arguments.json:
        arguments.json.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
