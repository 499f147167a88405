"""The artist's commands: start a job, change a keyframe, cancel."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from ..core import jobs, steps
from ..core.jobs import Job, JobState
from ..core.mapping import PaintingSource
from ..core.parameters import FRAMES_SEED, SEED, STEPS, STOP_AFTER, TAGS, Parameters, new_seed
from ..core.translate import tr
from ..krita_adapter import document as documents
from ..krita_adapter import reading
from .desk import Desk, ignore
from .job_listener import JobListener
from .session import Note, Session

if TYPE_CHECKING:
    from krita import Document

    from ..net.pictures import Pixels
    from ..qt import QImage


class Running:
    """The jobs of all sessions."""

    def __init__(self, desk: Desk, listener: JobListener) -> None:
        self._desk = desk
        self._listener = listener

    def start(
        self, document: Document | None, parameters: Parameters | None = None, base: Job | None = None
    ) -> Job | None:
        """Start a job for a document with what the docker is set to; None when it could not be read. While the shown
        one runs, a second click starts nothing. With a `base`, the painting is that job's, whatever was painted since.
        """
        desk = self._desk
        session = desk.session(document)
        if document is None or session is None:
            return None
        if session.running and base is None:
            return session.job
        wanted = parameters or session.parameters
        problem = wanted.problem(desk.status.server.schema)
        if problem:
            desk.note(session, problem, bad=True)
            return None
        try:
            source = base.source if base else self.source(document, session)
        except reading.ReadError as error:
            desk.note(session, str(error), bad=True)
            return None
        if not session.lock_seeds and parameters is None:
            wanted = wanted.set({SEED: new_seed(), FRAMES_SEED: new_seed()})
            session.parameters = wanted
        engine, _ = desk.status.server.choose(wanted.engine)
        job = Job(
            request_id=jobs.new_request_id(),
            document=session.document,
            title=documents.title(document),
            engine=engine,
            parameters=wanted,
            source=source,
            created=time.time(),
            painting_hash=base.painting_hash if base else "",
            base_job_id=base.job_id if base else "",
        )
        job.describes = wanted.chosen(STOP_AFTER) == "tags"
        earlier = None if job.describes else self._base(session)
        session.jobs[job.request_id] = job
        before = session.shown
        session.shown = before if job.describes else job.request_id
        session.note = Note(tr("Describing the painting …") if job.describes else "")
        desk.changed()
        if base:
            self._begin(session, job, None, earlier)
            return job
        reading.read(
            reading.painting(document, source),
            lambda: job.state.active and documents.find(session.document) is not None,
            lambda image: self._begin(session, job, image, earlier),
            lambda reason: self._unread(session, job, before, reason),
        )
        return session.jobs.get(job.request_id)

    def source(self, document: Document, session: Session) -> PaintingSource:
        """Where the picture that a job is made of lies. Raises `ReadError`."""
        return reading.source(document, _source(document, session))

    def _begin(self, session: Session, job: Job, image: QImage | None, earlier: Job | None) -> None:
        self._desk.trim(session)
        order, own = job.order(session.previews, earlier), session.own_pictures_of(job.parameters)
        self._desk.bridge.tell(lambda background: background.jobs.begin(self._listener, order, image, own))
        if not job.describes:
            kept = replace(session.parameters, own_keyframes=(), keyframe_seeds=()).set({TAGS: None}).as_json()
            self._desk.change_settings(parameters=kept)
        self._desk.changed()

    def _unread(self, session: Session, job: Job, before: str, reason: str) -> None:
        """There is no picture for a job: it never was, and what was shown before is shown again."""
        session.jobs.pop(job.request_id, None)
        session.shown = before if session.shown == job.request_id else session.shown
        self._desk.note(session, reason, bad=True)

    def describe(self, document: Document | None) -> Job | None:
        """Fill the tags from the tagger."""
        session = self._desk.session(document)
        if document is None or session is None:
            return None
        return self.start(document, session.parameters.set({TAGS: None, STOP_AFTER: "tags"}))

    def redo_keyframe(self, document: Document | None, step: int) -> Job | None:
        """Make one keyframe anew with another seed; the tags and the other keyframes are taken over."""
        session = self._desk.session(document)
        if document is None or session is None:
            return None
        changed = self._explicit_steps(session)
        seeds = {**dict(changed.keyframe_seeds), step: new_seed()}
        session.parameters = replace(changed, keyframe_seeds=tuple(sorted(seeds.items())))
        return self.start(document, base=self._base(session))

    def redo_at(self, document: Document | None, moment: float, onward: bool) -> Job | None:
        """Make the key state next to an operation step anew; `onward`: with all that come after it."""
        session = self._desk.session(document)
        if document is None or session is None:
            return None
        changed = self._explicit_steps(session)
        first = steps.nearest(changed.operation_steps, moment)
        redone = [step for step in changed.operation_steps if step == first or (onward and step < first)]
        seeds = {**dict(changed.keyframe_seeds), **{step: new_seed() for step in redone}}
        session.parameters = replace(changed, keyframe_seeds=tuple(sorted(seeds.items())))
        return self.start(document, base=self._base(session))

    def replace_at(self, document: Document | None, moment: float) -> None:
        """Take the active layer as the key state next to an operation step."""
        session = self._desk.session(document)
        if session is not None:
            self.replace_keyframe(document, steps.nearest(self._explicit_steps(session).operation_steps, moment))

    def active(self) -> list[tuple[Session, Job]]:
        """The jobs of all documents that wait or work, the artist's own ones."""
        sessions = self._desk.sessions.values()
        return [
            (each, job) for each in sessions for job in each.jobs.values() if job.state.active and not job.auxiliary
        ]

    def in_turn(self) -> list[tuple[Session, Job]]:
        """The same in the order in which they get their turn: what works, then by the place in the queue."""
        return sorted(self.active(), key=lambda each: each[1].turn)

    def cancel_all(self) -> None:
        """Cancel all that waits and works."""
        for session, job in self.active():
            self.cancel(session, job)

    def replace_keyframe(self, document: Document | None, step: int) -> None:
        """Take the active layer as the keyframe at `step`."""
        session = self._desk.session(document)
        if document is None or session is None:
            return
        try:
            source = reading.source(document, "layer")
        except reading.ReadError as error:
            self._desk.note(session, str(error), bad=True)
            return
        if session.job is not None:
            source = replace(source, rect=session.job.source.rect)
        reading.read(
            reading.state(document, source),
            lambda: documents.find(session.document) is not None,
            lambda image: self._encode(session, step, image),
            lambda reason: self._desk.note(session, reason, bad=True),
        )

    def _encode(self, session: Session, step: int, image: QImage) -> None:
        self._desk.bridge.run(
            lambda background: background.encode(image), done=lambda picture: self._replaced(session, step, picture)
        )

    def _replaced(self, session: Session, step: int, picture: tuple[str, Pixels]) -> None:
        document = documents.find(session.document)
        if document is None:
            return
        session.own_pictures[picture[0]] = picture[1]
        changed = self._explicit_steps(session)
        own = {**dict(changed.own_keyframes), step: picture[0]}
        session.parameters = replace(changed, own_keyframes=tuple(sorted(own.items())))
        self.start(document, base=self._base(session))

    def _base(self, session: Session) -> Job | None:
        """The shown job, when the daemon has it and its painting."""
        job = session.job
        return job if job is not None and job.job_id and job.painting_hash else None

    def _explicit_steps(self, session: Session) -> Parameters:
        """The parameters with the operation steps written out, so that single keyframes can be named."""
        engine = session.job.engine if session.job is not None else session.parameters.engine
        known = self._desk.status.server.schema
        return session.parameters.set({STEPS: session.parameters.steps_for(engine, known)})

    def cancel(self, session: Session, job: Job) -> None:
        """Cancel a job; what is finished stays. One that the daemon has not accepted yet has ended at once."""
        helpers = [each for each in session.jobs.values() if each.preview_for == job.request_id]
        for each in (job, *helpers):
            if not each.state.active:
                continue
            request_id, job_id = each.request_id, each.job_id
            if job_id:
                each.cancelling = True
            else:
                each.state = JobState.CANCELLED
            self._cancel(request_id, job_id)
        self._desk.changed()

    def _cancel(self, request_id: str, job_id: str) -> None:
        self._desk.bridge.run(
            lambda background: background.jobs.cancel(request_id, job_id),
            failed=lambda error: self._listener.cancel_failed(request_id, error),
        )

    def give_back(self, session: Session, job: Job | None) -> None:
        """Cancel a small job that served a choice, and have the daemon forget it."""
        if job is None:
            return
        if job.job_id:
            request_id, job_id, running = job.request_id, job.job_id, job.state.active
            self._desk.bridge.run(lambda background: background.jobs.delete(request_id, job_id, running), failed=ignore)
        else:
            self.cancel(session, job)
        session.jobs.pop(job.request_id, None)


def _source(document: Document, session: Session) -> str:
    """What is read: the chosen source, or by itself the selection where there is one."""
    if session.source != "auto":
        return session.source
    return "picture" if documents.selected(document) is None else "selection"
