"""Clients of a daemon whose jobs run on three nodes of a Ray cluster, while nodes, workers and the daemon are killed.

    python benchmarks/cluster_soak.py --minutes 30 --json cluster_soak.json

As `soak.py`, with every job on a node: a node is killed (and another one joins later), hangs for a while, or loses a
worker, or the daemon is killed. What is expected of every picture is what a daemon without a cluster makes. The exit
code is 0 only if nothing that was accepted was lost, doubled or made otherwise. Linux; needs the extra ray. The nodes
are processes of this machine with one processor each.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import secrets
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from daemons import Daemon, Stubs, until
from soak import SETTLE_SECONDS, VARIANTS, Soak, pictures

NODES = 3
KILL_SECONDS = (5.0, 20.0)
AWAY_SECONDS = (2.0, 20.0)
HEARTBEAT_SECONDS = 10
_MEMORY = 80 * 2**20
"""Bytes of each node's store of objects."""
_WORKER = "paints_undo_daemon.workers"


class ClusterSoak(Soak):
    """A soak whose killer reaches the nodes as well."""

    def __init__(self, home: Path, clients: int, seed: int, cluster: Any) -> None:
        super().__init__(home, clients, NODES, seed, damage=False, disk=False)
        settings = {"unit_strikes": 1_000_000, "executor": "ray", "ray_address": cluster.address}
        self.daemon = Daemon(home, heartbeat_timeout_seconds=HEARTBEAT_SECONDS, log_level="info", **settings)
        self.cluster = cluster
        self.nodes = [self._join() for _ in range(NODES)]

    async def _learn(self) -> None:
        """What one machine gives."""
        alone = Daemon(self.daemon.home.with_name("alone"), log_level="warning")
        stubs = Stubs(alone.start(), alone.token())
        for shape, data in enumerate(self.paintings):
            digest = await stubs.upload(data)
            for variant, parameters in VARIANTS.items():
                _, events = await stubs.finish(digest, parameters=parameters)
                self.expected[shape, variant] = pictures(events)
        await stubs.channel.close()
        alone.stop()
        await asyncio.wait_for(self._nodes_ready(), SETTLE_SECONDS)

    async def _nodes_ready(self) -> None:
        log = self.daemon.home / "daemon.log"
        while log.read_text(encoding="utf-8").count("ran a small unit") < NODES:
            await asyncio.sleep(0.5)

    async def _kill(self, deadline: float) -> None:
        """Kill one thing after the other until the time is over; what is away then has come back."""
        harms = (self._kill_node, self._hang_node, self._kill_worker, self._kill_daemon)
        while time.monotonic() < deadline:
            await until(deadline, self.random.uniform(*KILL_SECONDS))
            await self.random.choice(harms)()
        self.killing = False

    async def _kill_node(self) -> None:
        """A node loses power, and another one joins later."""
        node = self.nodes.pop(self.random.randrange(len(self.nodes)))
        await asyncio.to_thread(self.cluster.remove_node, node, allow_graceful=False)
        self.counts["nodes killed"] += 1
        await asyncio.sleep(self.random.uniform(*AWAY_SECONDS))
        self.nodes.append(self._join())  # Ray sets signal handlers, which only the main thread may

    async def _hang_node(self) -> None:
        """A node stops in the middle of whatever it does, and goes on later."""
        stopped = _processes(self.random.choice(self.nodes))
        _signal(stopped, signal.SIGSTOP)
        self.counts["nodes that hung"] += 1
        try:
            await asyncio.sleep(self.random.uniform(*AWAY_SECONDS))
        finally:
            _signal(stopped, signal.SIGCONT)

    async def _kill_worker(self) -> None:
        """A node's worker ends."""
        found = [one for one in _processes(self.random.choice(self.nodes)) if _is_worker(one)]
        _signal(found, signal.SIGKILL)
        self.counts["workers killed"] += len(found)

    async def _kill_daemon(self) -> None:
        self.daemon.kill()
        self.counts["daemons killed"] += 1
        await asyncio.sleep(self.random.uniform(0, 0.5))
        await self._start_again()

    def _join(self) -> Any:
        return self.cluster.add_node(num_cpus=1, object_store_memory=_MEMORY, wait=False)


def _processes(node: Any) -> list[psutil.Process]:
    """A node's raylet and everything below it."""
    with contextlib.suppress(psutil.NoSuchProcess, KeyError, IndexError):
        raylet = psutil.Process(node.all_processes["raylet"][0].process.pid)
        return [raylet, *raylet.children(recursive=True)]
    return []


def _is_worker(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return _WORKER in process.cmdline()
    return False


def _signal(processes: list[psutil.Process], number: int) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)


@contextmanager
def ray_cluster() -> Iterator[Any]:
    """A head that computes nothing, with a token."""
    os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32), "RAY_USAGE_STATS_ENABLED": "0"}
    os.environ["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    from ray.cluster_utils import Cluster

    head = {"num_cpus": 0, "include_dashboard": False, "object_store_memory": _MEMORY}
    cluster: Any = Cluster(initialize_head=True, head_node_args=head)
    try:
        yield cluster
    finally:
        cluster.shutdown()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--clients", type=int, default=3)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--json", type=Path, default=None)
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(2**32)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="paints-undo-soak-") as folder, ray_cluster() as cluster:
        soak = ClusterSoak(Path(folder) / "home", arguments.clients, seed, cluster)
        try:
            asyncio.run(soak.run(arguments.minutes * 60))
        finally:
            if soak.daemon.process is not None and soak.daemon.process.poll() is None:
                soak.daemon.kill()
    text = json.dumps({"seed": seed, **soak.report((time.monotonic() - begun) / 60)}, indent=2)
    print(text)
    if arguments.json:
        arguments.json.write_text(text + "\n", encoding="utf-8")
    return 1 if soak.problems or not soak.accepted else 0


if __name__ == "__main__":
    sys.exit(main())
