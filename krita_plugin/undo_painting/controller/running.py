"""The artist's commands: start a job, change a keyframe, cancel; show, repeat and delete earlier results."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..core import history, jobs
from ..core.jobs import Job, State
from ..core.parameters import Parameters, new_seed
from ..core.translate import tr
from ..krita_adapter import document as documents
from ..net.pictures import Pixels
from .following import Following
from .session import Note, Session

if TYPE_CHECKING:
    from .controller import Controller


class Running:
    """The jobs of all sessions."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller
        self._bridge = controller.bridge
        self._following = Following(controller)

    def start(self, document: Any, parameters: Parameters | None = None, base: Job | None = None) -> Job | None:
        """Start a job for a document with what the docker is set to; None when it could not be read. With a `base`, the
        painting is that job's, whatever was painted since.
        """
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
            image, source = (None, base.source) if base else documents.read(document, session.source, tr)
        except documents.ReadError as error:
            controller.note(session, str(error), bad=True)
            return None
        if not session.lock_seeds and parameters is None:
            wanted = replace(wanted, seed=new_seed(), interpolation_seed=new_seed())
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
            painting_hash=base.painting_hash if base else "",
            base_job_id=base.job_id if base else "",
        )
        job.describes = wanted.stop_after == "tags"
        earlier = None if job.describes else self._base(session)
        session.jobs[job.request_id] = job
        session.shown = session.shown if job.describes else job.request_id
        session.trim()
        session.note = Note(tr("Describing the painting …") if job.describes else "")
        self._following.begin(session, job, image, earlier)
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
        seeds = {**dict(changed.keyframe_seeds), step: new_seed()}
        session.parameters = replace(changed, keyframe_seeds=tuple(sorted(seeds.items())))
        return self.start(document, base=self._base(session))

    def replace_keyframe(self, document: Any, step: int) -> None:
        """Take the active layer as the keyframe at `step`."""
        session = self._controller.session(document)
        if session is None:
            return
        try:
            image, _ = documents.read(document, "layer", tr)
            if session.job is not None:
                rect = session.job.source.rect
                image = image.copy(rect.x, rect.y, rect.width, rect.height)
        except documents.ReadError as error:
            self._controller.note(session, str(error), bad=True)
            return
        self._bridge.run(
            lambda background: background.encode(image), done=lambda picture: self._replaced(session, step, picture)
        )

    def _replaced(self, session: Session, step: int, picture: tuple[str, Pixels]) -> None:
        document = documents.find(session.document)
        if document is None:
            return
        session.own_pictures[step] = picture
        changed = self._explicit_steps(session)
        own = {**dict(changed.own_keyframes), step: picture[0]}
        session.parameters = replace(changed, own_keyframes=tuple(sorted(own.items())))
        self.start(document, base=self._base(session))

    def repeat(self, document: Any, request_id: str) -> None:
        """Take an earlier result's settings over, to be changed before the next start."""
        session = self._controller.session(document)
        entry = session.history.find(request_id) if session is not None else None
        if session is not None and entry is not None:
            session.parameters, session.source = entry.parameters, entry.source.kind
            self._controller.note(
                session, tr("Its settings are taken over; change what you like and press the big button.")
            )

    def _base(self, session: Session) -> Job | None:
        """The shown job, when the daemon has it and its painting."""
        job = session.job
        return job if job is not None and job.job_id and job.painting_hash else None

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
                self._cancel_at_daemon(session, each.job_id)
            else:
                work = session.works.pop(each.request_id, None)
                if work is not None:
                    work.cancel()
                each.state = State.CANCELLED
        self._controller.changed()

    def _cancel_at_daemon(self, session: Session, job_id: str) -> None:
        self._bridge.run(
            lambda background: background.cancel(job_id),
            failed=lambda error: self._controller.note(session, str(error), bad=True),
        )

    def delete(self, session: Session, request_id: str) -> None:
        """Take a result out of the document's history and delete it at the daemon."""
        entry = session.history.find(request_id)
        job = session.jobs.pop(request_id, None)
        work = session.works.pop(request_id, None)
        if work is not None:
            work.cancel()
        if session.shown == request_id:
            session.shown = ""
        session.trim()
        self._following.keep(session, session.history.remove(request_id))
        job_id = job.job_id if job is not None else entry.job_id if entry is not None else ""
        if job_id:
            running = job is not None and not job.state.ended
            self._bridge.run(lambda background: background.delete(job_id, running), failed=lambda _: None)

    def show(self, session: Session, request_id: str) -> None:
        """Show an earlier result, fetching what the daemon knows of it."""
        entry = session.history.find(request_id)
        if request_id not in session.jobs and entry is not None:
            job = history.job_of(entry, session.document)
            session.jobs[request_id] = job
            self._following.find_again(session, job)
        session.shown = request_id
        session.trim()
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
