"""What the network's side tells of jobs, taken into the sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core import history, jobs, log
from ..core.connection import ConnectionState as Connection
from ..core.jobs import Accepted, Event, Job, JobOrder, JobState, Progress
from ..core.parameters import FRAMES, STEPS, TAGS, Parameters
from ..core.translate import tr
from ..net.errors import CallError
from .desk import Desk
from .keeping import Keeping
from .session import Note, Session

if TYPE_CHECKING:
    from ..qt import QImage


class JobListener:
    """A message about a job that was cancelled, has ended, or was dropped changes nothing: what was still queued when
    the artist cancelled never brings a job back."""

    def __init__(self, desk: Desk, keeping: Keeping) -> None:
        self._desk = desk
        self._keeping = keeping

    def _open(self, request_id: str) -> tuple[Session, Job] | tuple[None, None]:
        """A job that has not ended, and its session."""
        found = self._desk.find(request_id)
        return (None, None) if found is None or found[1].state.ended else found

    def sending(self, request_id: str, engine: str) -> None:
        """The painting is on its way."""
        _, job = self._open(request_id)
        if job is not None:
            job.engine, job.state = engine, JobState.UPLOADING
            self._desk.changed()

    def preview_order(self, request_id: str, painting_hash: str) -> JobOrder | None:
        """The quick preview of a slow job, from the painting that the daemon has."""
        session, main = self._open(request_id)
        if session is None or main is None or main.variant or main.parameters.branches:
            return None
        steps = main.parameters.steps_for("diffusion")
        preview = Job(
            request_id=jobs.new_request_id(),
            document=session.document,
            title=main.title,
            engine="procedural",
            parameters=Parameters("procedural").set({STEPS: steps, FRAMES: main.parameters.chosen(FRAMES)}),
            source=main.source,
            painting_hash=painting_hash,
            created=main.created,
            preview_for=request_id,
        )
        session.jobs[preview.request_id] = preview
        return preview.order(session.previews)

    def accepted(self, request_id: str, accepted: Accepted) -> None:
        """The daemon has accepted a job, or has found it again."""
        session, job = self._open(request_id)
        if session is not None and job is not None:
            job.accept(accepted)
            self._keep(session, job)
            self._desk.changed()

    def event(self, request_id: str, event: Event) -> None:
        """One numbered event of a job."""
        session, job = self._open(request_id)
        if session is None or job is None:
            return
        try:
            new = job.apply(event)
        except ValueError as error:
            log.LOGGER.warning("events of %s: %s; watching again", job.job_id, error)
            self.watch_again(session, job, start=True)
            return
        if new:
            self._take(session, job, event)
            self._desk.changed()

    def progress(self, request_id: str, progress: Progress) -> None:
        """How far a job is."""
        _, job = self._open(request_id)
        if job is not None:
            job.advance(progress)
            self._desk.changed()

    def picture(self, request_id: str, digest: str, image: QImage, density: float) -> None:
        """A small picture is there; those of ended jobs may come a moment later."""
        found = self._desk.find(request_id)
        if found is not None:
            found[0].previews[digest] = image
            if density:
                found[0].densities[digest] = density
            self._desk.changed()

    def failed(self, request_id: str, error: Exception) -> None:
        """A job could not be made or followed."""
        session, job = self._open(request_id)
        if session is None or job is None:
            return
        if job.state is JobState.KEPT:
            log.LOGGER.info("an earlier result: %s", error)
            if isinstance(error, CallError) and error.status == "NOT_FOUND":
                job.state, job.failure = JobState.FAILED, self._words(error)
        elif self._desk.status.state is Connection.NOT_INSTALLED:
            self._not_installed(session, job)
        else:
            job.state, job.failure = JobState.FAILED, self._words(error)
            if job.describes:
                session.note = Note(job.failure, bad=True)
        self._desk.changed()

    def cancel_failed(self, request_id: str, error: Exception) -> None:
        """The daemon was not told that a job is cancelled."""
        session, job = self._open(request_id)
        if session is not None and job is not None:
            job.cancelling = False
            self._desk.note(session, str(error), bad=True)

    def watch_again(self, session: Session, job: Job, start: bool) -> None:
        """Follow a job from the last event that was taken in."""
        order = job.order(session.previews)
        self._desk.bridge.tell(lambda background: background.jobs.find_again(self, order, start))

    def _take(self, session: Session, job: Job, event: Event) -> None:
        if job.state.ended:
            self._keep(session, job)
        if job.describes and event.kind == "tags_stored":
            session.parameters = session.parameters.set({TAGS: event.text})
            session.note = Note(tr("The tags are filled in."))
        elif job.describes and job.state is JobState.FAILED:
            session.note = Note(job.failure, bad=True)

    def _keep(self, session: Session, job: Job) -> None:
        if not job.auxiliary:
            self._keeping.put(session, history.entry_of(job))

    def _not_installed(self, session: Session, job: Job) -> None:
        """Nothing is there yet that could do it: the big button says what to do, and the job never was."""
        del session.jobs[job.request_id]
        if session.shown == job.request_id:
            session.shown = ""

    def _words(self, error: Exception) -> str:
        if not isinstance(error, CallError):
            log.error(error)
            return f"{type(error).__name__}: {error}"
        if error.status == "NOT_FOUND":
            return tr("This result is no longer kept. Repeat it to make it again.")
        return str(error) if self._desk.status.connected else self._desk.status.words()
