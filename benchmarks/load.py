"""What calls cost while many jobs wait: GetJob, a newcomer's first event, and the daemon's memory over minutes.

    python benchmarks/load.py [--jobs 200] [--minutes 2] [--json FILE]

Four named clients create the jobs and watch each of them to its end. GetJob is asked without load, and again and again
while they run; a fifth client comes in the middle with one small job. With `--minutes`, jobs are made, watched, deleted
and cut off for so long afterwards, and resident memory and descriptors are noted. Linux only.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from daemons import Daemon, Stubs, painting, resident_bytes, small

from paints_undo.v1 import jobs_pb2

CLIENTS = 4
ROUNDS = 400
MEBIBYTE = 2**20


async def get_job_ms(stubs: Stubs, job_id: str, rounds: int = ROUNDS) -> list[float]:
    """How long each of so many GetJob calls takes, one after the other."""
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        await stubs.get(job_id)
        taken.append(1000 * (time.perf_counter() - begun))
    return taken


def percentiles(taken: list[float]) -> dict[str, float]:
    """Half, 99 of a hundred, and the worst."""
    ordered = statistics.quantiles(taken, n=100)
    return {"p50": round(ordered[49], 1), "p99": round(ordered[98], 1), "max": round(max(taken), 1)}


async def watched(stubs: Stubs, digest: str) -> int:
    """Create a small job and watch it to its end; returns its events."""
    job = await stubs.create(digest, parameters=small())
    return sum([1 async for item in stubs.watch(job.job_id) if item.HasField("event")])


async def newcomer(stubs: Stubs) -> dict[str, float]:
    """Seconds from one small job to its first event, its start and its end."""
    digest = await stubs.upload(painting(99, 96, 64))
    begun, seen = time.perf_counter(), {}
    job = await stubs.create(digest, parameters=small())
    async for item in stubs.watch(job.job_id):
        kind = item.event.WhichOneof("kind") if item.HasField("event") else None
        if kind in ("accepted", "started", "finished"):
            seen[f"newcomer's {kind}, s"] = round(time.perf_counter() - begun, 3)
    return seen


async def crowd(daemon: Daemon, jobs: int) -> dict[str, Any]:
    """All jobs with their watchers at once, and what other calls take meanwhile."""
    account = Stubs(daemon.start(), daemon.token())
    digest = await account.upload(painting(1, 96, 64))
    done, _ = await account.finish(digest, parameters=small())
    report: dict[str, Any] = {"GetJob without load, ms": percentiles(await get_job_ms(account, done.job_id))}
    clients = [Stubs(daemon.endpoint(), daemon.token(f"client-{number}")) for number in range(CLIENTS)]
    for client in clients:
        await client.upload(painting(1, 96, 64))
    begun = time.perf_counter()
    watching = [asyncio.create_task(watched(clients[number % CLIENTS], digest)) for number in range(jobs)]
    await asyncio.sleep(1.0)
    meanwhile = asyncio.create_task(get_job_ms(account, done.job_id))
    report |= await newcomer(Stubs(daemon.endpoint(), daemon.token("newcomer"), "newcomer"))
    report["GetJob under load, ms"] = percentiles(await meanwhile)
    events = await asyncio.gather(*watching)
    report |= {"jobs": jobs, "events": sum(events), "seconds": round(time.perf_counter() - begun, 1)}
    for stubs in (account, *clients):
        await stubs.channel.close()
    return report


async def churn(daemon: Daemon, minutes: float) -> dict[str, Any]:
    """Jobs that come and go over connections that are cut off: memory and descriptors, every tenth of the time."""
    deadline = time.monotonic() + 60 * minutes
    memory, descriptors, jobs = [], [], 0
    while time.monotonic() < deadline:
        noted = time.monotonic() + 6 * minutes
        while time.monotonic() < min(noted, deadline):
            stubs = Stubs(daemon.endpoint(), daemon.token(), f"churn-{jobs}")
            digest = await stubs.upload(painting(jobs % 7, 96, 64))
            job, _ = await stubs.finish(digest, parameters=small())
            cut = stubs.watch(job.job_id)
            await anext(cut)
            await stubs.jobs.DeleteJob(jobs_pb2.DeleteJobRequest(job_id=job.job_id), metadata=stubs.metadata)
            await stubs.channel.close()
            jobs += 1
        memory.append(round(resident_bytes(daemon.pid) / MEBIBYTE, 1))
        descriptors.append(len(list(Path(f"/proc/{daemon.pid}/fd").iterdir())))
    return {"minutes": minutes, "jobs that came and went": jobs, "resident, MiB": memory, "descriptors": descriptors}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=0.0)
    parser.add_argument("--json", type=Path, default=None)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="paints-undo-load-") as folder:
        daemon = Daemon(Path(folder) / "home", log_level="warning")
        try:
            report = asyncio.run(crowd(daemon, arguments.jobs))
            if arguments.minutes:
                report["over time"] = asyncio.run(churn(daemon, arguments.minutes))
        finally:
            daemon.kill()
    text = json.dumps(report, indent=2)
    print(text)
    if arguments.json:
        arguments.json.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
