"""What the network's thread has at hand: the connection, and all that is done with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..core.connection import ConnectionStatus
from ..core.installed import ServedModel
from ..core.launch import Search
from ..net.pictures import Pixels
from ..net.supervisor import load
from . import coding
from .connection import ConnectionKeeper
from .files import Files
from .installing import Installing
from .jobs import Jobs
from .preparing import Preparing

if TYPE_CHECKING:
    from ..net.loop import Loop
    from ..qt import QImage

LOAD_SECONDS = 2.0


class Background:
    """What the bridge's thread owns. What Krita's own thread knows comes in as frozen orders, and what is found out
    here goes back as messages: no object is written by both."""

    def __init__(self, loop: Loop[Background], search: Search, report: Callable[[ConnectionStatus], None]) -> None:
        self.connection = ConnectionKeeper(loop, search, report)
        self.jobs = Jobs(self.connection)
        self.preparing = Preparing(self.connection)
        self.files = Files(self.connection)
        self.installing = Installing(self.connection)

    async def keep_connected(self) -> None:
        """Look after the connection for ever. The client is loaded before the artist needs it: Krita's thread waits for
        moments while Python compiles it, which it does once."""
        await asyncio.sleep(LOAD_SECONDS)
        load()
        await self.connection.supervisor.pulse(self.connection.target)

    async def connect(self, start: bool) -> None:
        """Connect to a daemon that runs, or (with `start`) to one that is started now. Raises `CallError`."""
        await self.connection.daemon(start)

    async def reconnect(self, search: Search, start: bool) -> None:
        """Leave the old target for the new one. Raises `CallError`."""
        self.connection.search = search
        await self.connection.supervisor.disconnect()
        await self.connect(start)

    async def warm_up(self) -> None:
        """Have the embedded engine loaded, which makes the first pictures of every process. Raises `CallError`."""
        await (await self.connection.daemon(False)).warm_up("procedural")

    async def encode(self, image: QImage) -> tuple[str, Pixels]:
        """A picture of the artist's own as (digest, pixels)."""
        return await self.connection.in_pool(coding.for_upload, image, False)

    async def large(self, digest: str, side: int) -> QImage:
        """A picture with at most `side` pixels on its longer side. Raises `CallError`, ValueError."""
        data = await (await self.connection.daemon(False)).picture(digest)
        return await self.connection.in_pool(coding.decode, data, lambda *size: coding.fitted(side, *size))

    async def models(self) -> tuple[tuple[ServedModel, ...], int]:
        """The daemon's models, and the free bytes of its disk. Raises `CallError`."""
        return await (await self.connection.daemon(False)).models()
