"""The connection as everything in the network's thread uses it: the daemon, the pool, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..core.connection import ConnectionStatus
from ..core.launch import DaemonTarget, Search
from ..net.supervisor import Supervisor

if TYPE_CHECKING:
    from ..net.daemon import Daemon
    from ..net.loop import Loop


class ConnectionKeeper:
    """`search` says where a daemon is to be looked for, `report` hears (in Krita's own thread) of every change of the
    status. `emit`, `ask` and `in_pool` are the loop's."""

    def __init__(self, loop: Loop[Any], search: Search, report: Callable[[ConnectionStatus], None]) -> None:
        self.emit, self.ask, self.in_pool = loop.emit, loop.ask, loop.in_pool
        self.search = search
        self.supervisor = Supervisor(lambda status: loop.emit(report, status))

    def target(self) -> DaemonTarget:
        """Where the daemon is, as the disk says now."""
        return self.search.target()

    async def daemon(self, start: bool = True) -> Daemon:
        """A connected daemon. Raises `CallError`."""
        return await self.supervisor.ensure(self.target(), start)
