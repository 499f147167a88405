"""What the services share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from paints_undo_daemon.cluster.node import Node
from paints_undo_daemon.metrics import Metrics
from paints_undo_daemon.scheduler.dispatcher import Dispatcher
from paints_undo_daemon.scheduler.hub import Hub
from paints_undo_daemon.settings import Settings
from paints_undo_daemon.store.database import Database
from paints_undo_daemon.store.pictures import PictureFiles

CHUNK_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class Core:
    """The parts of a running daemon. `nodes` are the hosts of a cluster, none without one. `stopping` is set when it is
    to end, `broken` when it is to start anew then."""

    settings: Settings
    database: Database
    files: PictureFiles
    hub: Hub
    dispatcher: Dispatcher
    metrics: Metrics
    nodes: Callable[[], Sequence[Node]] = tuple
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    broken: asyncio.Event = field(default_factory=asyncio.Event)

    def free_disk_bytes(self) -> int:
        """Where the store is."""
        return self.files.free_bytes()
