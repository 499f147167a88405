"""A cluster whose nodes are hosts of their own, as far as one kernel can make them.

    sudo python benchmarks/cluster_hosts.py [--json FILE]

The daemon with Ray's head node and three more nodes have a network namespace each, with an address of its own on one
bridge; the three have their own process numbers, host name and temporary folder as well. Two nodes begin, the third
joins while jobs run, and then one is cut off as by a pulled cable, and one is killed with everything on it. What is
expected of every picture is what a daemon without a cluster makes; the exit code is 0 only if all are that. Linux, as
root; needs the extra ray.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from daemons import Daemon, Stubs, painting, small
from soak import pictures

from paints_undo.v1 import server_pb2

NODES = 3
JOBS = 12
PORT = 6379
READY_SECONDS = 240.0
END_SECONDS = 300.0
_MEMORY = 80 * 2**20
"""Bytes of each node's store of objects."""
_RAY = (sys.executable, "-m", "ray.scripts.scripts", "start", f"--object-store-memory={_MEMORY}", "--block")
_OWN = ("unshare", "--mount", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc")
_BOOT = 'mount -t tmpfs tmpfs /tmp; hostname "$0"; exec "$@"'


def ip(*words: object) -> None:
    """Run `ip`."""
    subprocess.run(["ip", *map(str, words)], check=True)


class Network:
    """Hosts on one bridge, each a network namespace. `number` 1 is the daemon's host."""

    def __init__(self) -> None:
        self._mark = f"pu{os.getpid()}"
        self._made: list[str] = []

    def namespace(self, number: int) -> str:
        """The name of a host's namespace; 0 is the bridge's."""
        return f"{self._mark}-{number}"

    def address(self, number: int) -> str:
        """A host's address."""
        return f"10.213.7.{number}"

    def build(self, hosts: int) -> None:
        """Make the bridge and the hosts."""
        self._add(self.namespace(0))
        ip("-n", self.namespace(0), "link", "add", "bridge", "type", "bridge")
        ip("-n", self.namespace(0), "link", "set", "bridge", "up")
        for number in range(1, hosts + 1):
            name = self.namespace(number)
            self._add(name)
            ip(
                "-n",
                name,
                "link",
                "add",
                "lan",
                "type",
                "veth",
                "peer",
                "name",
                f"port{number}",
                "netns",
                self.namespace(0),
            )
            ip("-n", name, "address", "add", f"{self.address(number)}/24", "dev", "lan")
            ip("-n", name, "link", "set", "lan", "up")
            ip("-n", name, "route", "add", "default", "via", self.address(1))  # by it Ray finds the host's own address
            ip("-n", self.namespace(0), "link", "set", f"port{number}", "master", "bridge", "up")

    def cut(self, number: int) -> None:
        """Pull a host's cable."""
        ip("-n", self.namespace(0), "link", "set", f"port{number}", "down")

    def command(self, number: int) -> tuple[str, ...]:
        """What goes before a command that is to run on a host."""
        return ("ip", "netns", "exec", self.namespace(number))

    def remove(self) -> None:
        """Take everything down again."""
        for name in self._made:
            ip("netns", "del", name)

    def _add(self, name: str) -> None:
        ip("netns", "add", name)
        self._made.append(name)
        ip("-n", name, "link", "set", "lo", "up")


@contextmanager
def network(hosts: int) -> Iterator[Network]:
    """So many hosts, for the time of the block."""
    built = Network()
    try:
        built.build(hosts)
        yield built
    finally:
        built.remove()


@contextmanager
def running(log: Path, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process for the time of the block."""
    with log.open("ab") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        try:
            yield process
        finally:
            process.kill()


async def ready(stubs: Stubs, count: int) -> list[server_pb2.Node]:
    """The nodes that have run a small unit, once there are so many."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        info = await stubs.server.GetServerInfo(server_pb2.GetServerInfoRequest(), metadata=stubs.metadata)
        found = [node for node in info.nodes if node.state == server_pb2.NODE_STATE_READY]
        if len(found) >= count:
            return found
        await asyncio.sleep(0.5)
    raise RuntimeError(f"In vain: {count} nodes that are ready")


async def run_all(daemon: Daemon, paintings: list[bytes], harm: Any = None) -> tuple[list[Any], list[server_pb2.Node]]:
    """The pictures of all jobs, by index, and what the nodes did."""
    stubs = Stubs(daemon.start(), daemon.token())
    try:
        digests = [await stubs.upload(data) for data in paintings]
        jobs = [asyncio.create_task(stubs.finish(digest, parameters=small())) for digest in digests]
        if harm is not None:
            await harm(stubs)
        ended = await asyncio.wait_for(asyncio.gather(*jobs), END_SECONDS)
        info = await stubs.server.GetServerInfo(server_pb2.GetServerInfoRequest(), metadata=stubs.metadata)
        return [pictures(events) for _, events in ended], list(info.nodes)
    finally:
        await stubs.channel.close()
        daemon.stop()


def cluster(folder: Path, hosts: Network, paintings: list[bytes], started: ExitStack) -> tuple[list[Any], Any]:
    """The same jobs on a cluster that is harmed."""
    os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32), "RAY_USAGE_STATS_ENABLED": "0"}
    os.environ["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    head = f"{hosts.address(1)}:{PORT}"
    switches = ("--head", f"--port={PORT}", f"--node-ip-address={hosts.address(1)}", "--num-cpus=0")
    more = ("--include-dashboard=false", f"--temp-dir={folder / 'ray'}")
    started.enter_context(running(folder / "head.log", *hosts.command(1), *_RAY, *switches, *more))
    nodes: dict[int, subprocess.Popen[bytes]] = {}

    def join(number: int) -> None:
        boot = (*hosts.command(number), *_OWN, "sh", "-c", _BOOT, f"node-{number}")
        command = (*boot, *_RAY, f"--address={head}", "--num-cpus=1")
        nodes[number] = started.enter_context(running(folder / f"node-{number}.log", *command))

    async def harm(stubs: Stubs) -> None:
        await ready(stubs, NODES - 1)
        join(4)
        await ready(stubs, NODES)
        hosts.cut(2)
        nodes[3].kill()

    _wait_for(hosts, head)
    join(2)
    join(3)
    daemon = Daemon(folder / "home", executor="ray", ray_address=head, heartbeat_timeout_seconds=10)
    daemon.before = hosts.command(1)
    try:
        return asyncio.run(run_all(daemon, paintings, harm))
    except RuntimeError:
        print(daemon.last_words(), file=sys.stderr)
        raise


def _wait_for(hosts: Network, head: str) -> None:
    """Until the head takes connections."""
    host, _, port = head.rpartition(":")
    code = f"import socket; socket.create_connection(({host!r}, {port}), 1)"
    deadline = time.monotonic() + READY_SECONDS
    while subprocess.run([*hosts.command(1), sys.executable, "-c", code], check=False, stderr=-3).returncode:
        if time.monotonic() > deadline:
            raise RuntimeError("Ray's head node did not start.")
        time.sleep(0.5)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, default=None)
    arguments = parser.parse_args()
    paintings = [painting(seed, 640, 480) for seed in range(JOBS)]
    with tempfile.TemporaryDirectory(prefix="pu-") as name, network(NODES + 1) as hosts, ExitStack() as started:
        folder = Path(name)
        expected, _ = asyncio.run(run_all(Daemon(folder / "alone", log_level="warning"), paintings))
        made, nodes = cluster(folder, hosts, paintings, started)
    report = {
        "jobs": JOBS,
        "jobs made as one machine makes them": sum(a == b for a, b in zip(expected, made, strict=True)),
        "nodes": {
            node.name: {
                "state": server_pb2.NodeState.Name(node.state).removeprefix("NODE_STATE_").lower(),
                "units": node.units,
                "lost units": node.lost_units,
                "bytes sent": node.sent_bytes,
            }
            for node in nodes
        },
    }
    text = json.dumps(report, indent=2)
    print(text)
    if arguments.json:
        arguments.json.write_text(text + "\n", encoding="utf-8")
    return 0 if expected == made else 1


if __name__ == "__main__":
    sys.exit(main())
