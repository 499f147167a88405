"""When each client last called: kept in memory, and noted in the store now and then."""

from __future__ import annotations

import asyncio
import logging
import time

from paints_undo_daemon.errors import CallError
from paints_undo_daemon.server.core import Core
from paints_undo_daemon.store import usage

log = logging.getLogger(__name__)

_NOTE_SECONDS = 60.0


class LastCalls:
    """The last call of every client since it was last noted."""

    def __init__(self) -> None:
        self._times: dict[str, float] = {}

    def note(self, client: str) -> None:
        """The client calls now."""
        self._times[client] = time.time()

    async def store(self, core: Core) -> None:
        """Write down what is new. Raises as `Database.write`."""
        times, self._times = self._times, {}
        if times:
            await core.database.write(usage.note_seen, times)

    async def store_for_ever(self, core: Core) -> None:
        """Write it down every minute; a client seen since is noted at the daemon's end."""
        while True:
            await asyncio.sleep(_NOTE_SECONDS)
            try:
                await self.store(core)
            except CallError as error:
                log.debug("When clients were seen could not be noted: %s", error)
