"""The jobs that are followed at the daemon, each by a task of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from ..core.jobs import JobOrder
from ..net.errors import CallError
from ..net.pictures import Pixels
from ..pixels import scaled_in_bands
from . import coding
from .connection import ConnectionKeeper
from .listening import JobListening
from .watching import Watcher

if TYPE_CHECKING:
    from ..qt import QImage

DELETE_ATTEMPTS = 20
DELETE_PAUSE = 0.25


class Jobs:
    """Orders come in, messages to the listener go out; both name a job by its request id."""

    def __init__(self, connection: ConnectionKeeper) -> None:
        self._connection = connection
        self._watchers: dict[str, tuple[Watcher, asyncio.Task[None]]] = {}

    def begin(
        self,
        listener: JobListening,
        order: JobOrder,
        painting: QImage | None,
        own: tuple[tuple[str, Pixels], ...] = (),
    ) -> None:
        """Make a job: send its painting (None: the daemon has it), create it, follow it."""

        async def begin_preview(preview: JobOrder) -> None:
            watcher = Watcher(self._connection, listener, preview)
            self._run(listener, watcher, watcher.create())
            await watcher.settled.wait()  # so the preview is the first at the daemon

        watcher = Watcher(self._connection, listener, order)
        self._run(listener, watcher, watcher.make(painting, own, begin_preview))

    def begin_together(
        self, listener: JobListening, orders: list[JobOrder], painting: QImage, size: tuple[int, int]
    ) -> None:
        """Make several jobs of one painting, which is sent once, in this size; the daemon gets them in their order."""
        sent: asyncio.Future[str] = asyncio.ensure_future(self._send(painting, size))
        before: Watcher | None = None
        for order in orders:
            watcher = Watcher(self._connection, listener, order)
            self._run(listener, watcher, watcher.make_of(sent, before))
            before = watcher

    async def _send(self, painting: QImage, size: tuple[int, int]) -> str:
        daemon = await self._connection.daemon()
        small = await self._connection.in_pool(scaled_in_bands, painting, *size)
        digest, data = await self._connection.in_pool(coding.for_upload, small, daemon.endpoint.local)
        await daemon.upload(digest, data)
        return digest

    def find_again(self, listener: JobListening, order: JobOrder, start: bool) -> None:
        """Follow a job that the daemon has; `start`: also when a daemon must be started for it."""
        self.leave(order.request_id)
        watcher = Watcher(self._connection, listener, order)
        self._run(listener, watcher, watcher.find_again(start))

    async def cancel(self, request_id: str, job_id: str) -> None:
        """Cancel a job, however far it has come. Raises `CallError`."""
        watcher, task = self._watchers.get(request_id, (None, None))
        if watcher is None or task is None:
            if job_id:
                await (await self._connection.daemon()).cancel(job_id)
        elif not await watcher.cancel():
            task.cancel()

    async def delete(self, request_id: str, job_id: str, running: bool) -> None:
        """Delete a job, after cancelling it where it runs. Raises `CallError`."""
        self.leave(request_id)
        daemon = await self._connection.daemon()
        if running:
            await daemon.cancel(job_id)
        for attempt in range(DELETE_ATTEMPTS):
            try:
                await daemon.delete(job_id)
                return
            except CallError as error:
                if error.status == "NOT_FOUND":
                    return
                if error.status != "FAILED_PRECONDITION" or attempt == DELETE_ATTEMPTS - 1:
                    raise
                await asyncio.sleep(DELETE_PAUSE)  # its last step still runs

    def leave(self, *request_ids: str) -> None:
        """Follow these jobs no more; they go on at the daemon."""
        for request_id in request_ids:
            _, task = self._watchers.pop(request_id, (None, None))
            if task is not None:
                task.cancel()

    def _run(self, listener: JobListening, watcher: Watcher, work: Coroutine[Any, Any, None]) -> None:
        async def follow() -> None:
            try:
                await work
            except Exception as error:
                self._connection.emit(listener.failed, watcher.request_id, error)
            finally:
                if self._watchers.get(watcher.request_id, (None,))[0] is watcher:
                    del self._watchers[watcher.request_id]

        task = asyncio.ensure_future(follow())
        task.add_done_callback(lambda _: watcher.settled.set())
        self._watchers[watcher.request_id] = watcher, task
