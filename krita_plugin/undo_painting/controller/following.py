"""What the daemon tells of the jobs of all sessions, taken into the sessions and their documents' histories."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..core import history, jobs, log
from ..core.jobs import Event, Job, Progress, State
from ..core.parameters import Parameters
from ..core.translate import tr
from ..krita_adapter import document as documents
from ..net.errors import CallError
from .session import Note, Session

if TYPE_CHECKING:
    from .controller import Controller


class Following:
    """Has jobs followed, and hears of them."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller
        self._bridge = controller.bridge

    def begin(self, session: Session, job: Job, image: Any, earlier: Job | None = None) -> None:
        """Send the painting (None: the daemon has the job's), create the job, and follow it. It builds on the `earlier`
        one if that is of the same painting.
        """
        session.works[job.request_id] = self._bridge.run(
            lambda background: background.follower(self, session, job).begin(image, earlier),
            failed=lambda error: self._failed(session, job, error),
        )

    def begin_preview(self, session: Session, main: Job) -> None:
        """Have the quick preview of a job made, from the painting that the daemon has."""
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
        session.works[preview.request_id] = self._bridge.run(
            lambda background: background.follower(self, session, preview).create(),
            failed=lambda error: self._failed(session, preview, error),
        )

    def find_again(self, session: Session, job: Job) -> None:
        """Follow a job that the document's history knows."""
        session.works[job.request_id] = self._bridge.run(
            lambda background: background.follower(self, session, job).find_again(),
            failed=lambda error: self._failed(session, job, error),
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

    def update(self, job: Job, values: dict[str, Any]) -> None:
        """A job's fields are known."""
        for name, value in values.items():
            setattr(job, name, value)
        self._controller.changed()

    def created(self, session: Session, job: Job) -> None:
        """The daemon has accepted a job, or has found it again."""
        if not job.auxiliary:
            self.keep(session, session.history.put(history.entry_of(job, self._controller.status.address)))
        self._controller.changed()

    def event(self, session: Session, job: Job, event: Event) -> None:
        """One numbered event of a job."""
        if job.apply(event):
            if job.state.ended and not job.auxiliary:
                self.keep(session, session.history.put(history.entry_of(job, self._controller.status.address)))
            if job.describes and event.kind == "tags_stored":
                session.parameters = replace(session.parameters, tags=event.text)
                session.note = Note(tr("The tags are filled in."))
            elif job.describes and job.state is State.FAILED:
                session.note = Note(job.failure, bad=True)
            self._controller.changed()

    def progress(self, job: Job, progress: Progress) -> None:
        """How far a job is."""
        job.advance(progress)
        self._controller.changed()

    def have_preview(self, session: Session, digest: str, image: Any) -> None:
        """A small picture is there."""
        session.previews[digest] = image
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
