"""Metrics that are read when somebody asks: kept jobs by state and client, and the memory of NVIDIA devices."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from paints_undo_daemon.cluster.node import Node
from paints_undo_daemon.states import NodeState
from paints_undo_daemon.store import usage

if TYPE_CHECKING:
    from prometheus_client import Metric

_SECONDS = 5.0
_MEBIBYTE = 2**20
_QUERY = ("--query-gpu=index,memory.used,memory.total", "--format=csv,noheader,nounits")


@dataclass(frozen=True, slots=True)
class DeviceMemory:
    """Bytes in use on a device, by whatever program, and in all."""

    device: str
    used: int
    total: int


def read_devices() -> list[DeviceMemory]:
    """The memory of the NVIDIA devices as their driver tells it; nothing where it does not."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    try:
        done = subprocess.run([program, *_QUERY], check=True, capture_output=True, text=True, timeout=_SECONDS)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return []
    return parse_devices(done.stdout)


def parse_devices(text: str) -> list[DeviceMemory]:
    """Lines such as ``0, 1420, 81559`` (index, used and total in MiB); others, such as ``[N/A]``, are left out.

    >>> parse_devices("0, 2, 4")
    [DeviceMemory(device='cuda:0', used=2097152, total=4194304)]
    """
    found = []
    for line in text.splitlines():
        words = [word.strip() for word in line.split(",")]
        if len(words) == 3 and all(word.isdecimal() for word in words):
            index, used, total = map(int, words)
            found.append(DeviceMemory(f"cuda:{index}", used * _MEBIBYTE, total * _MEBIBYTE))
    return found


class MetricsCollector:
    """A collector for Prometheus' client; its database connection is its own, since another thread asks."""

    def __init__(self, database: Path, nodes: Callable[[], Sequence[Node]]) -> None:
        self._database = database
        self._nodes = nodes

    def collect(self) -> Iterator[Metric]:
        """What is asked for now; a store that cannot be read gives no value rather than an old one."""
        from prometheus_client.core import GaugeMetricFamily

        jobs = GaugeMetricFamily("paints_undo_jobs", "Jobs that are kept.", labels=["state", "client"])
        try:
            for item in usage.read_states(self._database):
                jobs.add_metric([item.state, item.client], item.jobs)
        except sqlite3.Error:
            pass
        else:
            yield jobs
        used = GaugeMetricFamily("paints_undo_device_memory_used_bytes", "Device memory in use.", labels=["device"])
        total = GaugeMetricFamily("paints_undo_device_memory_bytes", "Device memory.", labels=["device"])
        for device in read_devices():
            used.add_metric([device.device], device.used)
            total.add_metric([device.device], device.total)
        yield used
        yield total
        yield from self._of_nodes()

    def _of_nodes(self) -> Iterator[Metric]:
        """Of a cluster's hosts: whether each is given work, and what it has done."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        ready = GaugeMetricFamily("paints_undo_node_ready", "Whether a node is given work.", labels=["node", "state"])
        units = CounterMetricFamily("paints_undo_node_units", "Units given to a node.", labels=["node"])
        lost = CounterMetricFamily("paints_undo_node_lost_units", "Units that a node lost.", labels=["node"])
        sent = CounterMetricFamily("paints_undo_node_sent_bytes", "Bytes of pictures sent to a node.", labels=["node"])
        for node in self._nodes():
            name = f"{node.name} {node.node_id[:8]}"
            ready.add_metric([name, node.state], node.state is NodeState.READY)
            units.add_metric([name], node.units)
            lost.add_metric([name], node.failures)
            sent.add_metric([name], node.sent_bytes)
        yield from (ready, units, lost, sent)
