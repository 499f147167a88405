"""The nodes of the cluster and the scheduler's places on them: nodes that join are used, nodes that leave are not."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterable
from typing import Any

from paints_undo_daemon.cluster.connecting import connect, disconnect
from paints_undo_daemon.cluster.executor import RayExecutor
from paints_undo_daemon.cluster.node import Node, ready_engines
from paints_undo_daemon.scheduler.dispatcher import Dispatcher
from paints_undo_daemon.settings import Settings
from paints_undo_daemon.states import NodeState
from paints_undo_daemon.store.pictures import PictureFiles
from paints_undo_daemon.workers.subprocess_executor import WorkerSettings
from paints_undo_engine import __version__
from paints_undo_engine.descriptions import ENGINES, Description

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0
_REMEMBERED = 64
"""Nodes that have left and are still listed."""

MakeSettings = Callable[[str, str], WorkerSettings]
"""The settings of a worker for an engine on a device."""


class Cluster:
    """Follows a Ray cluster for a dispatcher. Raises `ClusterError` when there is none that can be used."""

    def __init__(
        self, settings: Settings, dispatcher: Dispatcher, files: PictureFiles, make_settings: MakeSettings
    ) -> None:
        connect(settings.ray_address)
        self._settings = settings
        self._dispatcher = dispatcher
        self._files = files
        self._make_settings = make_settings
        self._name = secrets.token_hex(8)
        self._nodes: dict[str, Node] = {}
        self._without_places: set[str] = set()

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes that have places for work, or had, in the order in which they joined."""
        return tuple(self._nodes.values())

    def ready_engines(self) -> dict[str, bool]:
        """The engines that can run on some node, and whether they can finish branches there."""
        return ready_engines(self.nodes)

    async def follow(self) -> None:
        """Look at the cluster every second, for ever."""
        import ray

        while True:
            try:
                await self._take_over(await asyncio.to_thread(ray.nodes))
            except Exception:
                log.exception("The cluster could not be looked at.")
            await asyncio.sleep(_LOOK_SECONDS)

    async def _take_over(self, listed: Iterable[dict[str, Any]]) -> None:
        alive = {item["NodeID"]: item for item in listed if item["Alive"]}
        for node in self.nodes:
            if node.node_id not in alive and not node.lost.is_set():
                log.warning("The node %s has left the cluster.", node.name)
                node.lost.set()
                node.state, node.message = NodeState.LOST, "It has left the cluster."
                node.engines.clear()
                await self._dispatcher.remove_slots(node)
        for node_id, item in alive.items():
            if node_id not in self._nodes and node_id not in self._without_places:
                processors, accelerators = (int(item["Resources"].get(name, 0)) for name in ("CPU", "GPU"))
                self._join(Node(node_id, item["NodeManagerAddress"], processors, accelerators))
        self._without_places &= alive.keys()
        for node in [node for node in self.nodes if node.lost.is_set()][:-_REMEMBERED]:
            del self._nodes[node.node_id]

    def _join(self, node: Node) -> None:
        """Give a new node its places; one that has none, as a head without processors, is not listed."""
        places = [(engine.name, device) for engine in ENGINES for device in self._devices(node, engine)]
        if not places:
            log.info("A node at %s has joined the cluster; it offers nothing to work with.", node.address)
            self._without_places.add(node.node_id)
            return
        log.info("A node at %s has joined the cluster.", node.address)
        self._nodes[node.node_id] = node
        for engine, device in places:
            settings = self._make_settings(engine, device)
            executor = RayExecutor(node, engine, settings, self._files, self._name, self._problem)
            self._dispatcher.add_slot(engine, executor, device, node)

    def _devices(self, node: Node, engine: Description) -> tuple[str, ...]:
        """The devices of the workers that an engine has on a node; Ray shows each actor its own GPU as the first."""
        if not engine.needs_accelerator:
            return ("cpu",) * min(self._settings.procedural_workers, node.processors)
        if self._settings.devices == ("cpu",):
            return ("cpu",) * min(1, node.processors)
        return ("cuda:0",) * node.accelerators

    def _problem(self, node: Node, engine: str) -> str:
        """Why a node must not run an engine: another version, something missing, or other models than the first had."""
        facts = node.facts
        if facts is None:
            return "It has told nothing of itself."
        if facts.version != __version__:
            return f"It has version {facts.version} of this program, the daemon has {__version__}."
        if engine in facts.obstacles:
            return facts.obstacles[engine]
        digests = {
            other.facts.models.get(engine)
            for other in self.nodes
            if other is not node and other.facts is not None and engine in other.engines
        }
        if digests and facts.models.get(engine) not in digests:
            return f"Its models for the engine {engine} are not those of the other nodes: their digests differ."
        return ""

    async def close(self) -> None:
        """Leave the cluster; the actors end with that."""
        for node in self.nodes:
            node.lost.set()
        await asyncio.to_thread(disconnect)
