"""Following jobs at the daemon: create, watch, fetch previews, however often the connection is lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .. import pixels
from ..core import history, jobs, log
from ..core.jobs import Event, Job, Picture, Progress, State
from ..core.parameters import Parameters
from ..core.translate import tr
from ..krita_adapter import document as documents
from ..net import convert
from ..net.channel import CallError
from .session import Note, Session

if TYPE_CHECKING:
    from .controller import Controller

PREVIEWS_AT_ONCE = 4
LONGEST_DELAY = 5.0
ATTEMPTS = 30


class Following:
    """What the daemon tells of the jobs of all sessions, taken into the sessions and their documents' histories."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller
        self._bridge = controller.bridge

    def begin(self, session: Session, job: Job, image: Any, earlier: Job | None = None) -> None:
        """Send the painting (None: the daemon has the job's), create the job, and follow it. It builds on the `earlier`
        one if that is of the same painting.
        """
        session.futures[job.request_id] = self._bridge.run(
            self._run(session, job, image, earlier), failed=lambda error: self._failed(session, job, error)
        )

    def find_again(self, session: Session, job: Job) -> None:
        """Follow a job that the document's history knows."""
        session.futures[job.request_id] = self._bridge.run(
            self._find_again(session, job), failed=lambda error: self._failed(session, job, error)
        )

    def keep(self, session: Session, entries: history.History) -> None:
        """Keep a document's earlier results, in the document and by its file's name in the settings."""
        session.history = entries
        document = documents.find(session.document)
        if document is not None:
            documents.save_history(document, entries)
            file_name = documents.file_name(document)
            if file_name:
                recent = {file_name: history.dump(replace(entries, entries=entries.entries[:5])).decode()}
                others = {name: text for name, text in self._controller.settings.jobs.items() if name != file_name}
                self._controller.change_settings(jobs={**recent, **dict(list(others.items())[:49])})
        self._controller.changed()

    async def _run(self, session: Session, job: Job, image: Any, earlier: Job | None) -> None:
        controller, emit = self._controller, self._bridge.emit
        daemon = await controller.daemon()
        server = controller.supervisor.status.server
        engine, _ = server.choose(job.parameters.engine)
        emit(self._update, job, {"engine": engine, "state": State.UPLOADING})
        if image is not None:
            digest, data = await self._bridge.in_pool(pixels.for_upload, image, daemon.endpoint.local)
            emit(self._have_preview, session, digest, await self._bridge.in_pool(pixels.preview_of_image, image))
            emit(self._update, job, {"painting_hash": digest})
            await daemon.upload(digest, data)
            job.painting_hash = digest
            if earlier is not None and earlier.painting_hash == digest:
                job.base_job_id = earlier.job_id
        for picture in list(session.own_pictures.values()):
            await daemon.upload(*picture)
        job.engine = engine
        if engine == "diffusion" and not job.describes:
            self._bridge.emit(self._start_preview, session, job)
        await self._create(session, job)

    def _start_preview(self, session: Session, main: Job) -> None:
        steps = main.parameters.steps_for("diffusion")
        preview = Job(
            request_id=jobs.new_request_id(),
            document=session.document,
            title=main.title,
            engine="procedural",
            parameters=Parameters(engine="procedural", operation_steps=steps, frames=main.parameters.frames),
            source=main.source,
            painting_hash=main.painting_hash,
            created=main.created,
            preview_for=main.request_id,
        )
        session.jobs[preview.request_id] = preview
        session.futures[preview.request_id] = self._bridge.run(
            self._create(session, preview), failed=lambda error: self._failed(session, preview, error)
        )

    async def _create(self, session: Session, job: Job) -> None:
        """Create the job at the daemon, and follow it; a lost connection is made anew, and the call repeated."""
        delay = 0.2
        for attempt in range(ATTEMPTS):
            try:
                daemon = await self._controller.daemon()
                message = await daemon.create(job, job.parameters)
                break
            except CallError as error:
                if error.status == "NOT_FOUND" and job.base_job_id:
                    job.base_job_id = ""
                    continue
                if not error.transient or attempt == ATTEMPTS - 1:
                    raise
                self._controller.supervisor.lost()
                await asyncio.sleep(delay)
                delay = min(delay * 2, LONGEST_DELAY)
        self._bridge.emit(self._created, session, job, message)
        await self._follow(session, job, message.job_id)

    async def _find_again(self, session: Session, job: Job) -> None:
        daemon = await self._controller.daemon()
        message = await daemon.get(job.job_id) if job.job_id else await daemon.create(job, job.parameters)
        self._bridge.emit(self._created, session, job, message)
        await self._follow(session, job, message.job_id)

    async def _follow(self, session: Session, job: Job, job_id: str) -> None:
        """Take in the job's events until it has ended, however often the connection is lost."""
        after, delay = 0, 0.2
        gate = asyncio.Semaphore(PREVIEWS_AT_ONCE)
        fetches: set[asyncio.Task[None]] = set()
        while True:
            try:
                daemon = await self._controller.daemon()
                async for item in daemon.watch(job_id, after):
                    delay = 0.2
                    if isinstance(item, Progress):
                        self._bridge.emit(self._progress, job, item)
                        continue
                    after = item.sequence
                    self._bridge.emit(self._event, session, job, item)
                    if item.picture is not None:
                        fetch = asyncio.ensure_future(self._fetch_preview(session, item.picture, gate))
                        fetches.add(fetch)
                        fetch.add_done_callback(fetches.discard)
                    if item.kind in ("cancelled", "failed", "finished"):
                        await asyncio.gather(*fetches, return_exceptions=True)
                        return
                raise CallError("UNAVAILABLE", "The stream ended early.")
            except CallError as error:
                if not error.transient:
                    raise
                self._controller.supervisor.lost()
                await asyncio.sleep(delay)
                delay = min(delay * 2, LONGEST_DELAY)

    async def _fetch_preview(self, session: Session, picture: Picture, gate: asyncio.Semaphore) -> None:
        if picture.hash in session.previews:
            return
        async with gate:
            for _ in range(3):
                try:
                    data = await (await self._controller.daemon()).picture(picture.hash)
                    small = await self._bridge.in_pool(pixels.preview, data)
                    self._bridge.emit(self._have_preview, session, picture.hash, small)
                    return
                except CallError as error:
                    if not error.transient:
                        return
                    await asyncio.sleep(0.5)
                except ValueError:
                    return

    def _update(self, job: Job, values: dict[str, Any]) -> None:
        for name, value in values.items():
            setattr(job, name, value)
        self._controller.changed()

    def _created(self, session: Session, job: Job, message: Any) -> None:
        convert.fill_job(job, message)
        if not job.auxiliary:
            self.keep(session, session.history.put(history.entry_of(job, self._controller.status.address)))
        self._controller.changed()

    def _event(self, session: Session, job: Job, event: Event) -> None:
        if job.apply(event):
            if job.state.ended and not job.auxiliary:
                self.keep(session, session.history.put(history.entry_of(job, self._controller.status.address)))
            if job.describes and event.kind == "tags_stored":
                session.parameters = replace(session.parameters, tags=event.text)
                session.note = Note(tr("The tags are filled in."))
            elif job.describes and job.state is State.FAILED:
                session.note = Note(job.failure, bad=True)
            session.revision += 1
            self._controller.changed()

    def _progress(self, job: Job, progress: Progress) -> None:
        job.advance(progress)
        self._controller.changed()

    def _have_preview(self, session: Session, digest: str, image: Any) -> None:
        session.previews[digest] = image
        session.revision += 1
        self._controller.changed()

    def _failed(self, session: Session, job: Job, error: Exception) -> None:
        job.state = State.FAILED
        if isinstance(error, CallError):
            status = self._controller.status
            job.failure = str(error) if status.connected else status.words()
            if error.status == "NOT_FOUND":
                job.failure = tr("The daemon no longer has this result. Repeat it to make it again.")
        else:
            job.failure = f"{type(error).__name__}: {error}"
            log.error(error)
        if job.describes:
            session.note = Note(job.failure, bad=True)
        self._controller.changed()
