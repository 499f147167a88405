"""The gallery: small variants of the own picture, to choose by looking at them."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from ..core import gallery, jobs
from ..core.gallery import Variant
from ..core.jobs import Job
from ..core.translate import tr
from ..krita_adapter import document as documents
from ..krita_adapter import reading
from .desk import Desk
from .job_listener import JobListener
from .running import Running
from .session import Session

if TYPE_CHECKING:
    from krita import Document

    from ..qt import QImage


class Gallery:
    """The variants of all sessions."""

    def __init__(self, desk: Desk, running: Running, listener: JobListener) -> None:
        self._desk = desk
        self._running = running
        self._listener = listener

    def make(self, document: Document | None) -> bool:
        """Make the variants of the picture as it is now; False when it cannot be read."""
        session = self._desk.session(document)
        if document is None or session is None:
            return False
        try:
            source = self._running.source(document, session)
        except reading.ReadError as error:
            self._desk.note(session, str(error), bad=True)
            return False
        self.forget(session)
        made = []
        for variant in gallery.variants(session.parameters):
            job = Job(
                request_id=jobs.new_request_id(),
                document=session.document,
                title=tr("Small variant"),
                engine="procedural",
                parameters=gallery.small(variant.parameters),
                source=source,
                created=time.time(),
                variant=True,
            )
            session.jobs[job.request_id] = job
            made.append(replace(variant, request_id=job.request_id))
        session.gallery = variants = tuple(made)
        self._desk.changed()
        reading.read(
            reading.painting(document, source),
            lambda: session.gallery is variants and documents.find(session.document) is not None,
            lambda image: self._begin(session, image),
            lambda reason: self._unread(session, reason),
        )
        return bool(session.gallery)

    def _begin(self, session: Session, image: QImage) -> None:
        orders = [session.jobs[variant.request_id].order(session.previews) for variant in session.gallery]
        size = gallery.small_size(image.width(), image.height())
        self._desk.bridge.tell(lambda background: background.jobs.begin_together(self._listener, orders, image, size))

    def _unread(self, session: Session, reason: str) -> None:
        self.forget(session)
        self._desk.note(session, reason, bad=True)

    def choose(self, document: Document | None, variant: Variant) -> Job | None:
        """Make this one whole."""
        session = self._desk.session(document)
        if session is None:
            return None
        session.parameters = gallery.taken(session.parameters, variant)
        return self._running.start(document)

    def forget(self, session: Session) -> None:
        """Give the variants back."""
        for variant in session.gallery:
            job = session.jobs.get(variant.request_id)
            if job is not None:
                self._running.give_back(session, job)
        session.gallery = ()
