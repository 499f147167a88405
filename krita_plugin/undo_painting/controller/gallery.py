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
from ..pixels import scaled
from .desk import Desk
from .job_listener import JobListener
from .running import Running
from .session import Session

if TYPE_CHECKING:
    from krita import Document


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
            image, source = self._running.read(document, session)
        except documents.ReadError as error:
            self._desk.note(session, str(error), bad=True)
            return False
        self.forget(session)
        side = max(image.width(), image.height())
        size = (max(1, round(each * min(1.0, gallery.SMALL / side))) for each in (image.width(), image.height()))
        small = scaled(image, *size)
        made, orders = [], []
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
            orders.append(job.order(session.previews))
            made.append(replace(variant, request_id=job.request_id))
        session.gallery = tuple(made)
        self._desk.bridge.tell(lambda background: background.jobs.begin_together(self._listener, orders, small))
        self._desk.changed()
        return True

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
