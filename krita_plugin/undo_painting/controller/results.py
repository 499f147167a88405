"""Earlier results: taken up again, shown, applied, repeated, compared, deleted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ..core import history
from ..core.choice import Choice, Import, Which
from ..core.jobs import Job, JobState
from ..core.translate import tr
from ..krita_adapter import document as documents
from .desk import Desk
from .job_listener import JobListener
from .keeping import Keeping
from .running import Running
from .session import Note, Offer, Session
from .thumbnails import VariantThumbnails

if TYPE_CHECKING:
    from krita import Document

    from .importing import Importing


class Results:
    """What the documents' histories list."""

    def __init__(
        self,
        desk: Desk,
        running: Running,
        importing: Callable[[], Importing],
        keeping: Keeping,
        listener: JobListener,
        thumbnails: VariantThumbnails,
    ) -> None:
        self._desk = desk
        self._running = running
        self._importing = importing
        self._keeping = keeping
        self._listener = listener
        self._thumbnails = thumbnails

    def resume(self, session: Session, document: Document) -> None:
        """Take up what the document was left with: the newest result is shown, and followed where a daemon runs. None
        is started for it."""
        self._keeping.load(session, document)
        newest = session.history.entries[:1]
        if newest:
            self.show(session, newest[0].request_id, start=False)

    def resume_all(self) -> None:
        """A daemon is connected: it is asked for the results that wait for one."""
        for session in self._desk.sessions.values():
            for job in session.jobs.values():
                if job.state is JobState.KEPT:
                    self._listener.watch_again(session, job, start=False)

    def show(self, session: Session, request_id: str, start: bool = True) -> None:
        """Show an earlier result, fetching what the daemon knows of it; `start`: also when a daemon must be started."""
        self._find(session, request_id)
        session.shown = request_id
        self._desk.trim(session)
        self._fetch(session, request_id, start)
        session.note = Note()
        self._desk.changed()

    def apply(self, session: Session, request_id: str) -> None:
        """Show a result, and import its key states as layers once all of it is known here."""
        self.show(session, request_id)
        session.applying = request_id
        self.apply_waiting(session)

    def apply_waiting(self, session: Session) -> None:
        """Import what waits for that, unless another result is shown by now."""
        job = session.jobs.get(session.applying)
        if job is None or session.shown != session.applying:
            session.applying = ""
        elif job.state.ended and session.task is None:
            session.applying = ""
            document = documents.find(session.document)
            if document is not None and (job.frames or job.keyframes):
                self._importing().begin(document, job, Import(Choice(Which.STATES)))

    def repeat(self, document: Document | None, request_id: str, at_once: bool) -> Job | None:
        """Make an earlier result again, from the picture as it is now; or (not `at_once`) take its settings over, to be
        changed before the next start."""
        session = self._desk.session(document)
        entry = session.history.find(request_id) if session is not None else None
        if session is None or entry is None:
            return None
        kind = entry.source.kind
        session.parameters = replace(entry.parameters, branches=())
        session.source = kind if kind in ("visible", "layer") else "auto"
        if at_once:
            return self._running.start(document, entry.parameters)
        self._desk.note(session, tr("Its settings are taken over; change what you like, then start."))
        return None

    def compare(self, session: Session, request_id: str) -> None:
        """Put another result beside the shown one."""
        self._find(session, request_id)
        session.compared = request_id
        self._fetch(session, request_id, start=True)
        self._desk.changed()

    def _find(self, session: Session, request_id: str) -> None:
        """Take a result's job up from the history, unless it is there."""
        entry = session.history.find(request_id)
        if request_id not in session.jobs and entry is not None:
            session.jobs[request_id] = history.job_of(entry, session.document)

    def _fetch(self, session: Session, request_id: str, start: bool) -> None:
        """Ask the daemon for a result of which no more is known than that it is kept."""
        job = session.jobs.get(request_id)
        if job is not None and job.state is JobState.KEPT:
            self._listener.watch_again(session, job, start)

    def ask_to_delete(self, session: Session, request_id: str) -> None:
        """Deleting cannot be taken back: the docker asks once more."""
        offers = (
            Offer(tr("Delete it for good"), lambda: self.delete(session, request_id)),
            Offer(tr("Keep it"), lambda: self._desk.note(session, "")),
        )
        self._desk.note(session, tr("Delete this result?"), offers=offers)

    def delete(self, session: Session, request_id: str) -> None:
        """Delete a result at the daemon, and take it out of the document's history once that is done."""
        session.note = Note()
        entry, job = session.history.find(request_id), session.jobs.get(request_id)
        job_id = job.job_id if job is not None else entry.job_id if entry is not None else ""
        if not job_id:
            self._deleted(session, request_id)
            return
        running = job is not None and job.state.active
        self._desk.bridge.run(
            lambda background: background.jobs.delete(request_id, job_id, running),
            done=lambda _: self._deleted(session, request_id),
            failed=lambda error: self._desk.note(
                session, tr("It could not be deleted: {reason}", reason=str(error)), bad=True
            ),
        )

    def _deleted(self, session: Session, request_id: str) -> None:
        session.jobs.pop(request_id, None)
        if session.shown == request_id:
            session.shown = ""
        self._desk.leave([request_id])
        self._desk.trim(session)
        self._keeping.remove(session, request_id)
        self._thumbnails.forget(request_id)
        self._desk.changed()
