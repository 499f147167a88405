"""Jobs: start, follow, cancel, find again after a restart."""

from __future__ import annotations

import asyncio
import secrets
import time
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


class Running:
    """The jobs of all sessions."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller
        self._bridge = controller.bridge

    def start(self, document: Any, parameters: Parameters | None = None, base: str = "") -> Job | None:
        """Start a job for a document with what the docker is set to; None when it could not be read."""
        controller = self._controller
        session = controller.session(document)
        if session is None:
            return None
        wanted = parameters or session.parameters
        problem = wanted.problem()
        if problem:
            controller.note(session, problem, bad=True)
            return None
        try:
            image, source = documents.read(document, session.source, tr)
        except documents.ReadError as error:
            controller.note(session, str(error), bad=True)
            return None
        if not session.lock_seeds and parameters is None:
            wanted = replace(wanted, seed=secrets.randbits(32), interpolation_seed=secrets.randbits(32))
            session.parameters = wanted
        engine, _ = controller.status.server.choose(wanted.engine)
        job = Job(
            request_id=jobs.new_request_id(),
            document=session.document,
            title=documents.title(document),
            engine=engine,
            parameters=wanted,
            source=source,
            created=time.time(),
            base_job_id=base,
        )
        job.describes = wanted.stop_after == "tags"
        session.jobs[job.request_id] = job
        session.shown = session.shown if job.describes else job.request_id
        session.note = Note(tr("Describing the painting …") if job.describes else "")
        session.futures[job.request_id] = self._bridge.run(
            self._run(session, job, image), failed=lambda error: self._failed(session, job, error)
        )
        if not job.describes:
            kept = replace(session.parameters, tags=None, own_keyframes=(), keyframe_seeds=()).as_json()
            controller.change_settings(parameters=kept, source=session.source)
        controller.changed()
        return job

    def describe(self, document: Any) -> Job | None:
        """Fill the tags from the tagger."""
        session = self._controller.session(document)
        if session is None:
            return None
        return self.start(document, replace(session.parameters, tags=None, stop_after="tags"))

    def redo_keyframe(self, document: Any, step: int) -> Job | None:
        """Make one keyframe anew with another seed; the tags and the other keyframes are taken over."""
        session = self._controller.session(document)
        if session is None:
            return None
        changed = self._explicit_steps(session)
        seeds = {**dict(changed.keyframe_seeds), step: secrets.randbits(32)}
        session.parameters = replace(changed, keyframe_seeds=tuple(sorted(seeds.items())))
        return self.start(document, base=session.job.job_id if session.job is not None else "")

    def replace_keyframe(self, document: Any, step: int) -> Job | None:
        """Take the active layer as the keyframe at `step`."""
        session = self._controller.session(document)
        if session is None:
            return None
        try:
            image, _ = documents.read(document, "layer", tr)
            if session.job is not None:
                rect = session.job.source.rect
                image = image.copy(rect.x, rect.y, rect.width, rect.height)
        except documents.ReadError as error:
            self._controller.note(session, str(error), bad=True)
            return None
        digest, data = pixels.for_upload(image, False)
        session.own_pictures[step] = (digest, data)
        changed = self._explicit_steps(session)
        own = {**dict(changed.own_keyframes), step: digest}
        session.parameters = replace(changed, own_keyframes=tuple(sorted(own.items())))
        return self.start(document, base=session.job.job_id if session.job is not None else "")

    def repeat(self, document: Any, request_id: str) -> None:
        """Take an earlier result's settings over, to be changed before the next start."""
        session = self._controller.session(document)
        entry = session.history.find(request_id) if session is not None else None
        if session is not None and entry is not None:
            session.parameters, session.source = entry.parameters, entry.source.kind
            self._controller.note(
                session, tr("Its settings are taken over; change what you like and press the big button.")
            )

    def _explicit_steps(self, session: Session) -> Parameters:
        """The parameters with the operation steps written out, so that single keyframes can be named."""
        engine = session.job.engine if session.job is not None else session.parameters.engine
        return replace(session.parameters, operation_steps=session.parameters.steps_for(engine))

    def cancel(self, session: Session, job: Job) -> None:
        """Cancel a job; what is finished stays."""
        for each in (job, session.preview_job):
            if each is None or each.state.ended:
                continue
            if each.job_id:
                self._bridge.run(
                    self._cancel(each.job_id), failed=lambda error: self._controller.note(session, str(error), bad=True)
                )
            else:
                future = session.futures.pop(each.request_id, None)
                if future is not None:
                    future.cancel()
                each.state = State.CANCELLED
        self._controller.changed()

    def delete(self, session: Session, request_id: str) -> None:
        """Take a result out of the document's history and delete it at the daemon."""
        entry = session.history.find(request_id)
        job = session.jobs.pop(request_id, None)
        future = session.futures.pop(request_id, None)
        if future is not None:
            future.cancel()
        if session.shown == request_id:
            session.shown = ""
        self._keep(session, session.history.remove(request_id))
        job_id = job.job_id if job is not None else entry.job_id if entry is not None else ""
        if job_id:
            self._bridge.run(self._delete(job_id, job is not None and not job.state.ended), failed=lambda _: None)

    def show(self, session: Session, request_id: str) -> None:
        """Show an earlier result, fetching what the daemon knows of it."""
        entry = session.history.find(request_id)
        if request_id not in session.jobs and entry is not None:
            job = history.job_of(entry, session.document)
            session.jobs[request_id] = job
            session.futures[request_id] = self._bridge.run(
                self._find_again(session, job), failed=lambda error: self._failed(session, job, error)
            )
        session.shown = request_id
        session.note = Note()
        self._controller.changed()

    def resume(self, session: Session, file_name: str) -> None:
        """Take up what the document was left with: the newest result is shown, unfinished ones are followed."""
        if not session.history.entries:
            kept = (
                history.load(self._controller.settings.jobs.get(file_name, "").encode())
                if file_name
                else history.History()
            )
            session.history = kept
        newest = session.history.entries[:1]
        if newest:
            self.show(session, newest[0].request_id)

    def _keep(self, session: Session, entries: history.History) -> None:
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

    async def _run(self, session: Session, job: Job, image: Any) -> None:
        controller, emit = self._controller, self._bridge.emit
        daemon = await controller.daemon()
        server = controller.supervisor.status.server
        engine, _ = server.choose(job.parameters.engine)
        emit(self._update, job, {"engine": engine, "state": State.UPLOADING})
        digest, data = await self._bridge.in_pool(pixels.for_upload, image, daemon.endpoint.local)
        emit(self._have_preview, session, digest, await self._bridge.in_pool(pixels.preview_of_image, image))
        emit(self._update, job, {"painting_hash": digest})
        await daemon.upload(digest, data)
        for picture in list(session.own_pictures.values()):
            await daemon.upload(*picture)
        job.engine, job.painting_hash = engine, digest
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
        after, delay, misses = 0, 0.2, 0
        gate = asyncio.Semaphore(PREVIEWS_AT_ONCE)
        fetches: set[asyncio.Task[None]] = set()
        while True:
            try:
                daemon = await self._controller.daemon()
                async for item in daemon.watch(job_id, after):
                    delay, misses = 0.2, 0
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
                misses += 1
                if not error.transient or misses > ATTEMPTS:
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

    async def _cancel(self, job_id: str) -> None:
        await (await self._controller.daemon()).cancel(job_id)

    async def _delete(self, job_id: str, running: bool) -> None:
        daemon = await self._controller.daemon(False)
        if running:
            await daemon.cancel(job_id)
            await asyncio.sleep(1.0)
        await daemon.delete(job_id)

    def _update(self, job: Job, values: dict[str, Any]) -> None:
        for name, value in values.items():
            setattr(job, name, value)
        self._controller.changed()

    def _created(self, session: Session, job: Job, message: Any) -> None:
        convert.fill_job(job, message)
        if not job.auxiliary:
            self._keep(session, session.history.put(history.entry_of(job, self._controller.status.address)))
        self._controller.changed()

    def _event(self, session: Session, job: Job, event: Event) -> None:
        if job.apply(event):
            if job.state.ended and not job.auxiliary:
                self._keep(session, session.history.put(history.entry_of(job, self._controller.status.address)))
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
