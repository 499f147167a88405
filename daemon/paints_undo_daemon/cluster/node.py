"""A node of the cluster, as the daemon knows it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from paints_undo_daemon.cluster.facts import NodeFacts
from paints_undo_daemon.states import NodeState


@dataclass(eq=False, slots=True)
class Node:
    """One host. `lost` is set once it has left; `sending` is held while pictures go there, so that each goes once."""

    node_id: str
    address: str
    processors: int
    accelerators: int
    state: NodeState = NodeState.STARTING
    message: str = ""
    facts: NodeFacts | None = None
    units: int = 0
    failures: int = 0
    sent_bytes: int = 0
    engines: set[str] = field(default_factory=set)
    lost: asyncio.Event = field(default_factory=asyncio.Event)
    sending: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def name(self) -> str:
        """The host's name, or its address until it has told it."""
        return self.facts.host if self.facts is not None else self.address


def ready_engines(nodes: Iterable[Node]) -> dict[str, bool]:
    """The engines that can run on some of the nodes, and whether all of these can finish branches with the same models:
    any of them may be given one, and what it gives must not depend on which."""
    ready = [node for node in nodes if node.state is NodeState.READY]
    found = {}
    for name in {name for node in ready for name in node.engines}:
        digests = {node.facts.redo.get(name) for node in ready if name in node.engines and node.facts is not None}
        found[name] = len(digests) == 1 and None not in digests
    return found
