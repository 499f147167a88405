"""What distribution costs, and how far one daemon's scheduler goes.

    python benchmarks/cluster.py [--json FILE] [--only cost|scale]

`cost` runs the same small jobs by a daemon's own worker and by one node of a Ray cluster on this machine, one after
the other, and tells seconds for each unit. `scale` drives the real scheduler and its store with 1, 8 and 64 simulated
places whose units last as long as is said, and with units that last no time at all: that rate bounds how many nodes one
daemon can keep at work. Linux; needs the extra ray for `cost`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from daemons import Daemon, Stubs, painting, small

from paints_undo.v1 import jobs_pb2, pictures_pb2
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.convert import request_from_proto
from paints_undo_daemon.metrics import Metrics
from paints_undo_daemon.scheduler.dispatcher import EXPORTS, FETCHES, HELPER, MODELS, READING, Dispatcher
from paints_undo_daemon.scheduler.hub import Hub
from paints_undo_daemon.settings import Settings
from paints_undo_daemon.store import jobs, owned
from paints_undo_daemon.store.database import Database
from paints_undo_daemon.store.pictures import PictureFiles
from paints_undo_daemon.workers.executor import OnReport

JOBS = 12
UNIT_SECONDS = 2.0
PLACES = (1, 8, 64)
ROUNDS = 6
_MEMORY = 80 * 2**20
"""Bytes of each node's store of objects."""


async def run_jobs(daemon: Daemon) -> float:
    """Wall-clock seconds of `JOBS` small jobs after one that warms the worker."""
    endpoint = daemon.start()
    stubs = Stubs(endpoint, daemon.token())
    try:
        digest = await stubs.upload(painting(1, 96, 64))
        await stubs.finish(digest, parameters=small())
        begun = time.monotonic()
        for _ in range(JOBS):
            await stubs.finish(digest, parameters=small())
        return time.monotonic() - begun
    finally:
        await stubs.channel.close()
        daemon.stop()


def cost(folder: Path) -> dict[str, Any]:
    """Seconds a unit, by this machine's worker and by a node's."""
    os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32), "RAY_USAGE_STATS_ENABLED": "0"}
    from ray.cluster_utils import Cluster

    units = JOBS * 4
    local = asyncio.run(run_jobs(Daemon(folder / "here", log_level="warning")))
    head = {"num_cpus": 0, "include_dashboard": False, "object_store_memory": _MEMORY}
    nodes: Any = Cluster(initialize_head=True, head_node_args=head)
    try:
        nodes.add_node(num_cpus=1, object_store_memory=_MEMORY)
        there = Daemon(folder / "there", log_level="warning", executor="ray", ray_address=nodes.address)
        distributed = asyncio.run(run_jobs(there))
    finally:
        nodes.shutdown()
    return {
        "milliseconds a unit, own worker": round(1000 * local / units, 1),
        "milliseconds a unit, node": round(1000 * distributed / units, 1),
        "distribution, milliseconds a unit": round(1000 * (distributed - local) / units, 1),
    }


class Place:
    """A simulated node: a unit lasts `seconds` and gives tags."""

    loaded: frozenset[str] = frozenset()
    running = False

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def prepare(self) -> bool:
        """Always."""
        return True

    async def execute(self, task: worker_pb2.Task, on_report: OnReport) -> None:
        """Report as a worker does."""
        on_report(worker_pb2.Report(task_id=task.task_id, begun=worker_pb2.Begun()))
        if task.HasField("normalise_picture"):
            on_report(worker_pb2.Report(task_id=task.task_id, normalised=task.normalise_picture.picture))
        await asyncio.sleep(self._seconds)
        on_report(worker_pb2.Report(task_id=task.task_id, tags="a, b"))
        record = jobs_pb2.UnitRecord(unit=task.run_unit.unit, seconds=self._seconds)
        on_report(worker_pb2.Report(task_id=task.task_id, done=record))

    def cancel(self) -> None:
        """Nothing to end."""

    async def stop(self) -> None:
        """Nothing to give back."""


async def simulate(home: Path, places: int, seconds: float, count: int) -> float:
    """Wall-clock seconds until `count` jobs of one unit have ended on so many places."""
    files = PictureFiles(home)
    files.prepare()
    database, metrics = Database(home / "jobs.sqlite3"), Metrics(-1)
    lanes: dict[str, tuple[str, ...]] = {
        "diffusion": (),
        "procedural": (),
        HELPER: (),
        EXPORTS: (),
        FETCHES: (),
        READING: ("cpu",),
        MODELS: (),
    }
    settings = Settings(home=home)
    hub = Hub(metrics)
    dispatcher = Dispatcher(database, files, hub, settings, metrics, lanes, lambda *_: Place(0))
    data = painting(1, 96, 64)
    digest = files.add_bytes(data)
    await database.write(owned.add, "account", pictures_pb2.UploadHeader(hash=digest, size_bytes=len(data)))
    parameters = jobs_pb2.ProcessParameters(engine="diffusion", stop_after=jobs_pb2.STAGE_TAGS)
    for number in range(count):
        message = jobs_pb2.CreateJobRequest(request_id=f"job-{number}", painting_hash=digest, parameters=parameters)
        new = jobs.NewJob("account", "", message, request_from_proto(parameters), {})
        await database.write(jobs.create, new, jobs.QueueLimits(count, count))
    await dispatcher.start()
    begun = time.monotonic()
    for number in range(places):
        dispatcher.add_slot("diffusion", Place(seconds), f"node {number}", number)
    while dispatcher.jobs_waiting:
        await asyncio.sleep(0.01)
    took = time.monotonic() - begun
    await dispatcher.stop()
    await asyncio.to_thread(database.close)
    return took


def scale(folder: Path) -> dict[str, Any]:
    """How much of their time places are at work, and units a second without work."""
    found: dict[str, Any] = {}
    for places in PLACES:
        home = folder / f"scale-{places}"
        home.mkdir()
        took = asyncio.run(simulate(home, places, UNIT_SECONDS, ROUNDS * places))
        found[f"{places} places, units of {UNIT_SECONDS:g} s, share at work"] = round(ROUNDS * UNIT_SECONDS / took, 3)
    home = folder / "rate"
    home.mkdir()
    count = 600
    found["units a second without work, 64 places"] = round(count / asyncio.run(simulate(home, 64, 0, count)), 1)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", choices=("cost", "scale"))
    given = parser.parse_args()
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="paints-undo-cluster-") as name:
        for measure in (cost, scale):
            if given.only in (None, measure.__name__):
                found |= measure(Path(name))
    for label, value in found.items():
        print(f"{label:60} {value}")
    if given.json:
        given.json.write_text(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
