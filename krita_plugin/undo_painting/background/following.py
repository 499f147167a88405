"""Following a job at the daemon: create, watch, fetch previews, however often the connection is lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from ..core.jobs import Job, Picture, Progress, State
from ..net import convert
from ..net.errors import CallError
from . import coding

if TYPE_CHECKING:
    from ..controller.following import Following
    from ..controller.session import Session
    from ..qt import QImage
    from .background import Background

PREVIEWS_AT_ONCE = 4
FIRST_DELAY = 0.2
LONGEST_DELAY = 5.0
ATTEMPTS = 30
FETCHES = 3
FETCH_PAUSE = 0.5


class Follower:
    """One job of one session; `listener` hears of everything in Krita's own thread."""

    def __init__(self, background: Background, listener: Following, session: Session, job: Job) -> None:
        self._background = background
        self._listener = listener
        self._session = session
        self._job = job

    async def begin(self, image: QImage | None, earlier: Job | None = None) -> None:
        """Send the painting (None: the daemon has the job's), create the job, and follow it. It builds on the `earlier`
        one if that is of the same painting.
        """
        background, session, job, listener = self._background, self._session, self._job, self._listener
        daemon = await background.daemon()
        engine, _ = background.supervisor.status.server.choose(job.parameters.engine)
        background.emit(listener.update, job, {"engine": engine, "state": State.UPLOADING})
        if image is not None:
            digest, data = await background.in_pool(coding.for_upload, image, daemon.endpoint.local)
            small = await background.in_pool(coding.preview_of_image, image)
            background.emit(listener.have_preview, session, digest, small)
            background.emit(listener.update, job, {"painting_hash": digest})
            await daemon.upload(digest, data)
            job.painting_hash = digest
            if earlier is not None and earlier.painting_hash == digest:
                job.base_job_id = earlier.job_id
        for picture in list(session.own_pictures.values()):
            await daemon.upload(*picture)
        job.engine = engine
        if engine == "diffusion" and not job.describes:
            await background.ask(listener.begin_preview, session, job)  # which is so the first at the daemon
        await self.create()

    async def create(self) -> None:
        """Create the job at the daemon, and follow it; a lost connection is made anew, and the call repeated."""
        delay = FIRST_DELAY
        for attempt in range(ATTEMPTS):
            try:
                daemon = await self._background.daemon()
                message = await daemon.create(self._job, self._job.parameters)
                break
            except CallError as error:
                if error.status == "NOT_FOUND" and self._job.base_job_id:
                    self._job.base_job_id = ""
                    continue
                if not error.transient or attempt == ATTEMPTS - 1:
                    raise
                delay = await self._pause(delay)
        await self._follow(message)

    async def find_again(self) -> None:
        """Follow a job that the document's history knows."""
        job = self._job
        daemon = await self._background.daemon()
        await self._follow(await daemon.get(job.job_id) if job.job_id else await daemon.create(job, job.parameters))

    async def _pause(self, delay: float) -> float:
        """Wait before the connection is made anew; returns the next wait."""
        self._background.supervisor.lost()
        await asyncio.sleep(delay)
        return min(delay * 2, LONGEST_DELAY)

    async def _follow(self, message: Any) -> None:
        """Take in the job's events until it has ended, however often the connection is lost."""
        background, session, job, listener = self._background, self._session, self._job, self._listener
        background.emit(convert.fill_job, job, message)
        background.emit(listener.created, session, job)
        after, delay = 0, FIRST_DELAY
        gate = asyncio.Semaphore(PREVIEWS_AT_ONCE)
        fetches: set[asyncio.Task[None]] = set()
        while True:
            try:
                daemon = await background.daemon()
                async for item in daemon.watch(message.job_id, after):
                    delay = FIRST_DELAY
                    if isinstance(item, Progress):
                        background.emit(listener.progress, job, item)
                        continue
                    after = item.sequence
                    background.emit(listener.event, session, job, item)
                    if item.picture is not None:
                        fetch = asyncio.ensure_future(self._fetch_preview(item.picture, gate))
                        fetches.add(fetch)
                        fetch.add_done_callback(fetches.discard)
                    if item.kind in ("cancelled", "failed", "finished"):
                        await asyncio.gather(*fetches, return_exceptions=True)
                        return
                raise CallError("UNAVAILABLE", "The stream ended early.")
            except CallError as error:
                if not error.transient:
                    raise
                delay = await self._pause(delay)

    async def _fetch_preview(self, picture: Picture, gate: asyncio.Semaphore) -> None:
        background, session = self._background, self._session
        if picture.hash in session.previews:
            return
        async with gate:
            for _ in range(FETCHES):
                try:
                    data = await (await background.daemon()).picture(picture.hash)
                    small = await background.in_pool(coding.preview, data)
                    background.emit(self._listener.have_preview, session, picture.hash, small)
                    return
                except CallError as error:
                    if not error.transient:
                        return
                    await asyncio.sleep(FETCH_PAUSE)
                except ValueError:
                    return
