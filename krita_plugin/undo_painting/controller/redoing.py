"""Going on another way from the moment that the player shows: candidates as pictures, and the chosen one made whole."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ..core import jobs, redo
from ..core.jobs import Job, StoredFrame
from ..core.mapping import Rect
from ..core.parameters import Branch
from ..core.redo import Candidate, Redo
from ..core.translate import tr
from ..krita_adapter import document as documents
from ..krita_adapter import reading
from ..net.pictures import Pixels
from .desk import Desk
from .job_listener import JobListener
from .running import Running
from .session import Note, Session

if TYPE_CHECKING:
    from krita import Document

    from ..qt import QImage


class Redoing:
    """The open choices of all sessions, one for each."""

    def __init__(self, desk: Desk, running: Running, listener: JobListener) -> None:
        self._desk = desk
        self._running = running
        self._listener = listener

    def begin(self, document: Document | None, picture: StoredFrame, shown: Callable[[], bool] | None = None) -> bool:
        """Make candidates for the way on from a frame of the shown result, within the selection if there is one; False
        where that cannot be, which is said for as long as the frame is `shown`."""
        session = self._desk.session(document)
        job = session.job if session is not None else None
        if document is None or session is None or job is None or not job.job_id:
            return False
        step = redo.step_of(picture)
        if step is None:
            text = tr("Go to a moment between the first stroke and the finished painting.")
            self._desk.note(session, text, bad=True, holds=shown)
            return False
        self.close(session)
        session.note = Note()
        session.redo = Redo(job.request_id, step, picture.hash, waiting=True)
        self.change_area(document, session.source != "picture")
        return session.redo is not None

    def change_area(self, document: Document, selection: bool) -> None:
        """Make the candidates of the open choice anew: with `selection` only what is selected may change (everything
        where nothing is), else everything. Where the selection cannot be used, that is said, and candidates stay."""
        session = self._desk.session(document)
        choice = session.redo if session is not None else None
        base = session.jobs.get(choice.request_id) if session is not None and choice is not None else None
        if session is None or choice is None or base is None:
            return
        if not selection:
            self._begin(session, choice, None, None)
            return
        extent = documents.selected(document)
        reading.read(
            reading.area(document, base.source),
            lambda: session.redo is choice,
            lambda image: self._begin(session, choice, extent, image),
            lambda reason: self._refuse(session, choice, reason),
        )

    def _begin(self, session: Session, choice: Redo, area: Rect | None, image: QImage | None) -> None:
        """Make candidates within what is selected, of which there is an `image` unless it is everything."""
        self.close(session)
        made = Redo(choice.request_id, choice.step, choice.state, area=area, waiting=image is not None)
        session.redo = made
        if image is not None:
            self._desk.bridge.run(
                lambda background: background.encode(image), done=lambda mask: self._within(session, made, mask)
            )
        self.ask_for(session, self._desk.settings.candidates)

    def _refuse(self, session: Session, choice: Redo, reason: str) -> None:
        if not choice.candidates:
            session.redo = None
        self._desk.note(session, reason, bad=True)

    def _within(self, session: Session, waiting: Redo, mask: tuple[str, Pixels]) -> None:
        """The picture of what was selected is there: the candidates can be made."""
        if session.redo is waiting:
            session.own_pictures[mask[0]] = mask[1]
            session.redo = replace(waiting, mask=mask[0], waiting=False)
            self.ask_for(session, self._desk.settings.candidates)

    def ask_for(self, session: Session, count: int) -> bool:
        """Have `count` candidates to choose from, 1 to 8: more are made, fewer are given back."""
        count = min(max(1, count), redo.MOST)
        choice = session.redo
        if choice is None:
            return False
        if count != self._desk.settings.candidates:
            self._desk.change_settings(candidates=count)
        self._desk.changed()
        if choice.waiting:
            return True
        for candidate in choice.candidates:
            if candidate.number > count:
                self._running.give_back(session, session.jobs.get(candidate.request_id))
                choice = choice.without(candidate)
        base = session.jobs.get(choice.request_id)
        try:
            made = [self._make(session, base, choice, number) for number in choice.missing(count)] if base else []
        except ValueError:
            session.redo = None
            self._desk.note(
                session, tr("This process has gone another way too often; choose an earlier one."), bad=True
            )
            return False
        session.redo = replace(choice, candidates=(*choice.candidates, *made))
        return True

    def choose(self, document: Document | None, candidate: Candidate) -> Job | None:
        """Make the process of this one whole; it is shown, and is a result like any other."""
        session = self._desk.session(document)
        choice = session.redo if session is not None else None
        base = session.jobs.get(choice.request_id) if session is not None and choice is not None else None
        if session is None or choice is None or base is None:
            return None
        wanted = redo.parameters_of(base, Branch(choice.step, candidate.number, choice.mask))
        made = self._running.start(document, wanted, base)
        if made is not None:
            self.close(session)
        return made

    def close(self, session: Session) -> None:
        """Give the candidates back, and go on as before."""
        for candidate in session.redo.candidates if session.redo is not None else ():
            self._running.give_back(session, session.jobs.get(candidate.request_id))
        session.redo = None
        self._desk.changed()

    def _make(self, session: Session, base: Job, choice: Redo, number: int) -> Candidate:
        wanted = redo.parameters_of(base, Branch(choice.step, number, choice.mask))
        engine = self._desk.status.server.engine(base.engine)
        state = "" if engine is not None and engine.joins_keyframes else choice.state
        job = Job(
            request_id=jobs.new_request_id(),
            document=session.document,
            title=tr("Candidate"),
            engine=base.engine,
            parameters=redo.shown_by(wanted, choice.step, state),
            source=base.source,
            created=time.time(),
            painting_hash=base.painting_hash,
            base_job_id=base.job_id,
            variant=True,
        )
        session.jobs[job.request_id] = job
        order, own = job.order(session.previews), session.own_pictures_of(wanted)
        self._desk.bridge.tell(lambda background: background.jobs.begin(self._listener, order, None, own))
        return Candidate(number, job.request_id)
