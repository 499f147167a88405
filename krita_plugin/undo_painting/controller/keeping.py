"""Earlier results, kept in the document for its next saving, and by the file's name in the plugin's settings: a picture
that was only looked at is not saved, and other formats than Krita's hold no results."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from ..core import history
from ..core.history import Entry, History
from ..krita_adapter import document as documents
from .desk import Desk
from .session import Session

if TYPE_CHECKING:
    from krita import Document

FILES = 50
EACH = 20


class Keeping:
    """The histories of all sessions."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def load(self, session: Session, document: Document) -> None:
        """What the document and the settings know. Krita does not list a document yet while it opens."""
        kept = history.load(self._desk.settings.jobs.get(documents.file_name(document), "").encode())
        session.history = history.merge(documents.load_history(document), kept)

    def put(self, session: Session, entry: Entry) -> None:
        """Add a result, or replace what was known of it."""
        self._keep(session, session.history.put(entry))

    def remove(self, session: Session, request_id: str) -> None:
        """Forget a result."""
        self._keep(session, session.history.remove(request_id))

    def remember_files(self) -> None:
        """A document was saved, perhaps under another name."""
        for session in self._desk.sessions.values():
            if session.history.entries:
                self._remember(session)

    def _keep(self, session: Session, entries: History) -> None:
        if entries.entries == session.history.entries:
            return
        session.history = replace(entries, saved=time.time())
        document = documents.find(session.document)
        if document is not None:
            documents.save_history(document, session.history)
        self._remember(session)
        self._desk.changed()

    def _remember(self, session: Session) -> None:
        document = documents.find(session.document)
        name = documents.file_name(document) if document is not None else ""
        text = history.dump(replace(session.history, entries=session.history.entries[:EACH])).decode()
        known = self._desk.settings.jobs
        if name and known.get(name) != text:
            others = {other: kept for other, kept in known.items() if other != name}
            self._desk.change_settings(jobs={name: text, **dict(list(others.items())[: FILES - 1])})
