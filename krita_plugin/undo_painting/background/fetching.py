"""The small pictures of a job, fetched so that the job itself does not wait for them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from ..core.jobs import StoredFrame
from ..core.phases import STEPS

AT_ONCE = 2
"""So many, when the job has ended."""
RESTS = 15.0

Fetch = Callable[[StoredFrame], Awaitable[bool]]
"""False where the picture may come if it is fetched again."""


class Fetching:
    """Has each picture fetched once by `fetch`.

    To decode every picture while the job runs took a sixth of the processors that it runs on. So they come one by one
    until `finish`, the newest first, with a rest after each that is `rests` times as long as it took; the blank canvas
    and the painting, which the artist knows, not before. `finish` fetches those that were left out or did not come, in
    order, faster than a player shows them. `known` need not be fetched.
    """

    def __init__(self, fetch: Fetch, known: frozenset[str], rests: float = RESTS) -> None:
        self.known = set(known)
        self.rests = rests
        self._fetch = fetch
        self._waiting: list[StoredFrame] = []
        self._left: list[StoredFrame] = []
        self._ended = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._along: asyncio.Task[None] | None = None

    def add(self, picture: StoredFrame) -> None:
        """A picture of the job is stored at the daemon."""
        if picture.hash in self.known:
            return
        self.known.add(picture.hash)
        if not 0 < picture.operation_step < STEPS:
            self._left.append(picture)
            return
        self._waiting.append(picture)
        if self._along is None or self._along.done():
            self._along = self._begin(self._fetch_along())

    async def finish(self) -> None:
        """The job has ended: fetch what is left, and wait until all is there."""
        self._waiting += self._left
        self._waiting.sort(key=lambda picture: picture.index, reverse=True)
        self._ended.set()
        for _ in range(AT_ONCE):
            self._begin(self._fetch_along())
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cancel(self) -> None:
        """Fetch nothing more."""
        for task in self._tasks:
            task.cancel()

    async def _fetch_along(self) -> None:
        while self._waiting:
            begun = time.monotonic()
            picture = self._waiting.pop()
            if not await self._fetch(picture):
                self._left.append(picture)
            await self._rest(self.rests * (time.monotonic() - begun))

    async def _rest(self, seconds: float) -> None:
        """Wait so long, or until the job has ended."""
        if not self._ended.is_set():
            try:
                await asyncio.wait_for(self._ended.wait(), seconds)
            except (asyncio.TimeoutError, TimeoutError):
                return

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
