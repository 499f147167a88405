"""Following a job at the daemon: create, watch, fetch small pictures, however often the connection is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ..core.jobs import Accepted, JobOrder, Progress, StoredFrame
from ..net.errors import CallError
from ..net.pictures import Pixels
from . import coding
from .connection import ConnectionKeeper
from .fetching import RESTS, Fetching
from .listening import JobListening

if TYPE_CHECKING:
    from ..qt import QImage

FIRST_DELAY = 0.2
LONGEST_DELAY = 5.0
ATTEMPTS = 30
FETCHES = 3
FETCH_PAUSE = 0.5
SLOW_ENGINE = "diffusion"

Begin = Callable[[JobOrder], Awaitable[object]]


class Watcher:
    """One job, from its painting to its last event. It owns its order; Krita's own thread is only told."""

    def __init__(self, connection: ConnectionKeeper, listener: JobListening, order: JobOrder) -> None:
        self._connection = connection
        self._listener = listener
        self._order = order
        self._sent = False
        self._fetching = Fetching(self._fetch_preview, order.known)
        self._own: tuple[tuple[str, Pixels], ...] = ()
        self.cancelled = False
        self.settled = asyncio.Event()
        """Set once the daemon has answered whether it accepts the job, or will never be asked."""

    @property
    def request_id(self) -> str:
        """The request that the job answers."""
        return self._order.request_id

    async def make(self, painting: QImage | None, own: tuple[tuple[str, Pixels], ...], begin: Begin) -> None:
        """Send the painting (None: the daemon has the order's) and the artist's `own` pictures, create the job, and
        follow it. `begin` begins the quick preview that a slow engine gets. Raises `CallError`."""
        connection, order = self._connection, self._order
        daemon = await connection.daemon()
        engine, _ = connection.supervisor.status.server.choose(order.parameters.engine)
        order = replace(order, engine=engine)
        connection.emit(self._listener.sending, order.request_id, engine)
        if painting is not None:
            digest, data = await connection.in_pool(coding.for_upload, painting, daemon.endpoint.local)
            small = await connection.in_pool(coding.preview_of_image, painting)
            self._tell_picture(digest, small, 0.0)
            await daemon.upload(digest, data)
            base = order.earlier[1] if order.earlier[0] == digest else ""
            order = replace(order, painting_hash=digest, base_job_id=base)
        for picture in own:
            await daemon.upload(*picture)
        self._order, self._own = order, own
        if engine == SLOW_ENGINE and not order.describes:
            preview = await connection.ask(self._listener.preview_order, order.request_id, order.painting_hash)
            if preview is not None:
                await begin(preview)
        await self.create()

    async def make_of(self, sent: asyncio.Future[str], before: Watcher | None) -> None:
        """Create the job of a painting that is being sent, after the one `before` it, and follow it. Raises
        `CallError`."""
        self._order = replace(self._order, painting_hash=await asyncio.shield(sent))
        if before is not None:
            await before.settled.wait()
        await self.create()

    async def create(self) -> None:
        """Create the job at the daemon, and follow it; a lost connection is made anew, and the call repeated. Raises
        `CallError`."""
        delay = FIRST_DELAY
        gone: tuple[tuple[str, Pixels], ...] = ()
        for attempt in range(ATTEMPTS):
            try:
                daemon = await self._connection.daemon()
                for picture in gone:  # with another job that was deleted meanwhile
                    await daemon.upload(*picture)
                self._sent = True
                accepted = replace(await daemon.create(self._order), base_job_id=self._order.base_job_id)
                break
            except CallError as error:
                if error.status == "NOT_FOUND" and self._own:
                    gone, self._own = self._own, ()
                    continue
                if error.status == "NOT_FOUND" and self._order.base_job_id:
                    self._order = replace(self._order, base_job_id="")
                    continue
                if not error.transient or attempt == ATTEMPTS - 1:
                    raise
                delay = await self._pause(delay)
        if self.cancelled:
            await (await self._connection.daemon()).cancel(accepted.job_id)
            return
        await self._follow(accepted)

    async def find_again(self, start: bool) -> None:
        """Follow a job that the document's history knows; `start`: also when a daemon must be started for it. Raises
        `CallError`."""
        daemon = await self._connection.daemon(start)
        order = self._order
        await self._follow(await daemon.get(order.job_id) if order.job_id else await daemon.create(order))

    async def cancel(self) -> bool:
        """Cancel the job; False when it has not been asked for yet, so that there is nothing to cancel at the daemon. A
        job that is being accepted just now is cancelled when the daemon has answered."""
        self.cancelled = True
        if self._order.job_id:
            await (await self._connection.daemon()).cancel(self._order.job_id)
        return self._sent or bool(self._order.job_id)

    async def _pause(self, delay: float) -> float:
        """Wait before the connection is made anew; returns the next wait."""
        self._connection.supervisor.lost()
        await asyncio.sleep(delay)
        return min(delay * 2, LONGEST_DELAY)

    async def _follow(self, accepted: Accepted) -> None:
        """Take in the job's events until it has ended, however often the connection is lost."""
        connection, listener, request_id = self._connection, self._listener, self.request_id
        self._order = replace(self._order, job_id=accepted.job_id)
        connection.emit(listener.accepted, request_id, accepted)
        self.settled.set()
        try:
            await self._take_in(accepted.job_id)
            await self._fetching.finish()
        finally:
            self._fetching.cancel()

    async def _take_in(self, job_id: str) -> None:
        connection, listener, request_id = self._connection, self._listener, self.request_id
        after, delay = self._order.after, FIRST_DELAY
        while True:
            try:
                daemon = await connection.daemon()
                self._fetching.rests = RESTS if daemon.endpoint.local else 0.0
                async for item in daemon.watch(job_id, after):
                    delay = FIRST_DELAY
                    if isinstance(item, Progress):
                        connection.emit(listener.progress, request_id, item)
                        continue
                    after = item.sequence
                    connection.emit(listener.event, request_id, item)
                    if item.picture is not None:
                        self._fetching.add(item.picture)
                    if item.kind in ("cancelled", "failed", "finished"):
                        return
                raise CallError("UNAVAILABLE", "The stream ended early.")
            except CallError as error:
                if not error.transient:
                    raise
                delay = await self._pause(delay)

    async def _fetch_preview(self, picture: StoredFrame) -> bool:
        """Show a picture; false when the daemon was out of reach for too long."""
        for _ in range(FETCHES):
            try:
                data = await (await self._connection.daemon()).picture(picture.hash)
                small = await self._connection.in_pool(coding.preview, data)
                self._tell_picture(picture.hash, small, data.density)
                return True
            except CallError as error:
                if not error.transient:
                    return True
                await asyncio.sleep(FETCH_PAUSE)
            except ValueError:
                return True
        return False

    def _tell_picture(self, digest: str, small: QImage, density: float) -> None:
        self._fetching.known.add(digest)
        self._connection.emit(self._listener.picture, self.request_id, digest, small, density)
