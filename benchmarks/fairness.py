"""How long another client's small job waits while one client's long jobs are queued.

    python benchmarks/fairness.py [--rounds 20] [--json FILE]

One client queues long jobs; another sends small jobs, one after the other. Reported: how many units of the first
client ended between the small job's acceptance and its start (at most one is promised), by the daemon's clock.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from daemons import Daemon, Stubs, painting, small

from paints_undo.v1 import jobs_pb2

LONG_JOBS = 20


async def measure(daemon: Daemon, rounds: int) -> dict[str, Any]:
    """The figures of `rounds` small jobs."""
    endpoint = daemon.start()
    hog = Stubs(endpoint, daemon.token("hog"), "hog")
    guest = Stubs(endpoint, daemon.token("guest"), "guest")
    large, little = await hog.upload(painting(1, 1024, 768)), await guest.upload(painting(2, 96, 64))
    await guest.finish(little, parameters=small())
    long = [await hog.create(large) for _ in range(LONG_JOBS)]
    ended: list[int] = []

    async def observe(job_id: str) -> None:
        async for item in hog.watch(job_id):
            if item.HasField("event") and item.event.HasField("unit_finished"):
                ended.append(item.event.time.ToNanoseconds())

    watchers = [asyncio.create_task(observe(job.job_id)) for job in long]
    spans: list[tuple[int, int]] = []
    for _ in range(rounds):
        _, events = await guest.finish(little, parameters=small(stop_after=jobs_pb2.STAGE_TAGS))
        times = {str(event.WhichOneof("kind")): event.time.ToNanoseconds() for event in events}
        spans.append((times["accepted"], times["started"]))
    await asyncio.sleep(1.0)
    for watcher in watchers:
        watcher.cancel()
    waits = [(started - accepted) / 1e9 for accepted, started in spans]
    between = [sum(accepted < moment < started for moment in ended) for accepted, started in spans]
    return {
        "small jobs": rounds,
        "long jobs queued": LONG_JOBS,
        "units of the other client that ended before the start, most": max(between),
        "seconds waited, median": round(statistics.median(waits), 4),
        "seconds waited, most": round(max(waits), 4),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--json", type=Path, default=None)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="paints-undo-fairness-") as folder:
        daemon = Daemon(Path(folder) / "home", log_level="warning")
        try:
            report = asyncio.run(measure(daemon, arguments.rounds))
        finally:
            daemon.stop()
    text = json.dumps(report, indent=2)
    print(text)
    if arguments.json:
        arguments.json.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
