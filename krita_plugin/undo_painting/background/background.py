"""What the network's thread has at hand: the connection, and all that is done with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..core.connection import Status
from ..core.installed import Model
from ..core.jobs import Job
from ..core.launch import Target
from ..net.pictures import Pixels
from ..net.supervisor import Supervisor, load
from . import coding
from .exporting import Exporting
from .following import Follower
from .installing import Installing
from .preparing import Preparing

if TYPE_CHECKING:
    from ..controller.following import Following
    from ..controller.session import Session
    from ..net.daemon import Daemon
    from ..net.loop import Loop
    from ..qt import QImage

DELETE_SECONDS = 1.0
LOAD_SECONDS = 2.0


class Background:
    """The bridge's room. `target` says where the daemon is to be looked for, `report` hears (through the bridge) of the
    connection's changes."""

    def __init__(self, loop: Loop[Background], target: Callable[[], Target], report: Callable[[Status], None]) -> None:
        self.emit, self.ask, self.in_pool = loop.emit, loop.ask, loop.in_pool
        self.target = target
        self.supervisor = Supervisor(lambda status: loop.emit(report, status))
        self.preparing = Preparing(self)
        self.exporting = Exporting(self)
        self.installing = Installing(self)

    async def daemon(self, start: bool = True) -> Daemon:
        """A connected daemon. Raises `CallError`."""
        return await self.supervisor.ensure(self.target(), start)

    async def keep_connected(self) -> None:
        """Look after the connection for ever. The client is loaded before the artist needs it: Krita's thread waits for
        moments while Python compiles it, which it does once."""
        await asyncio.sleep(LOAD_SECONDS)
        load()
        await self.supervisor.pulse(self.target)

    async def reconnect(self, start: bool) -> None:
        """Leave the old target for the new one. Raises `CallError`."""
        await self.supervisor.disconnect()
        await self.daemon(start)

    async def warm_up(self) -> None:
        """Have the embedded engine loaded, which makes the first pictures of every process. Raises `CallError`."""
        await (await self.daemon(False)).warm_up("procedural")

    def follower(self, listener: Following, session: Session, job: Job) -> Follower:
        """What follows a job at the daemon."""
        return Follower(self, listener, session, job)

    async def encode(self, image: QImage) -> tuple[str, Pixels]:
        """A picture of the artist's own as (digest, pixels)."""
        return await self.in_pool(coding.for_upload, image, False)

    async def cancel(self, job_id: str) -> None:
        """Cancel a job. Raises `CallError`."""
        await (await self.daemon()).cancel(job_id)

    async def delete(self, job_id: str, running: bool) -> None:
        """Delete a job, after cancelling it where it runs. Raises `CallError`."""
        daemon = await self.daemon(False)
        if running:
            await daemon.cancel(job_id)
            await asyncio.sleep(DELETE_SECONDS)
        await daemon.delete(job_id)

    async def models(self) -> tuple[tuple[Model, ...], int]:
        """The daemon's models, and the free bytes of its disk. Raises `CallError`."""
        return await (await self.daemon(False)).models()
