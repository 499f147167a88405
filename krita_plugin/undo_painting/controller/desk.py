"""What the artist's commands share: the settings, the connection, the sessions of the open documents.

Everything in this folder runs in Krita's own thread; what waits for the network is handed over through the bridge.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core import home, log, parameters, settings
from ..core.connection import ConnectionState, ConnectionStatus
from ..core.jobs import Job
from ..core.launch import Search
from ..core.settings import PluginSettings
from ..krita_adapter import document as documents
from ..net.bridge import Bridge
from ..net.work import BackgroundTask
from .session import Note, Offer, Session

if TYPE_CHECKING:
    from krita import Document

    from ..background.background import Background
    from ..net.loop import Loop

PACKAGE = Path(__file__).resolve().parent.parent


class Desk:
    """`opened` is called with each new session, `connected` with each new connection."""

    def __init__(self) -> None:
        self.home = home.home_folder()
        self.folder = home.plugin_folder(self.home)
        self.settings_file = self.folder / "settings.json"
        self.settings: PluginSettings = settings.load(self.settings_file)
        self.facts = build_facts()
        self.version = self.facts.get("version", "0")
        self.status = ConnectionStatus()
        self.sessions: dict[str, Session] = {}
        self.opened: list[Callable[[Session, Document], object]] = []
        self.connected: list[Callable[[], object]] = []
        self.dirty = False
        self._search = self.search()
        self.bridge: Bridge[Background] = Bridge(self._background)
        self._pulse: BackgroundTask | None = None

    def changed(self) -> None:
        """Something changed, and is to be shown soon."""
        self.dirty = True

    def note(
        self,
        session: Session,
        text: str,
        bad: bool = False,
        offers: tuple[Offer, ...] = (),
        holds: Callable[[], bool] | None = None,
    ) -> None:
        """Show a line with what is offered; one with `holds` goes as soon as that is false."""
        session.note = Note(text, bad, offers, holds)
        self.changed()

    def session(self, document: Document | None) -> Session | None:
        """The session of an open document, made when it is first asked for."""
        if document is None:
            return None
        key = documents.key(document)
        if key not in self.sessions:
            kept = parameters.from_json(self.settings.parameters)
            session = self.sessions[key] = Session(key, parameters=kept)
            for listener in self.opened:
                listener(session, document)
        return self.sessions[key]

    def active(self) -> Session | None:
        """The session of the active document."""
        return self.session(documents.active())

    def find(self, request_id: str) -> tuple[Session, Job] | None:
        """A job with its session, unless it was dropped meanwhile."""
        for session in self.sessions.values():
            if request_id in session.jobs:
                return session, session.jobs[request_id]
        return None

    def trim(self, session: Session) -> None:
        """Drop the ended jobs that are not shown."""
        self.leave(session.trim())

    def leave(self, request_ids: list[str]) -> None:
        """Follow these jobs no more; they go on at the daemon."""
        if request_ids:
            self.bridge.tell(lambda background: background.jobs.leave(*request_ids))

    def search(self) -> Search:
        """Where a daemon is to be looked for."""
        chosen = self.settings
        launcher, version = PACKAGE / "launcher.json", f"krita-plugin {self.version}"
        return Search(self.home, chosen.remote, chosen.token, chosen.fingerprint, chosen.program, launcher, version)

    def look(self) -> None:
        """See whether a daemon runs, without starting one."""
        if self._pulse is None:
            self._pulse = self.bridge.run(lambda background: background.keep_connected())
        self.bridge.run(lambda background: background.connect(False), failed=ignore)

    def connect(self) -> None:
        """Connect now, starting a daemon where none runs."""
        self.bridge.run(lambda background: background.connect(True), failed=ignore)

    def change_settings(self, **values: Any) -> None:
        """Change settings and keep them; a changed connection is made anew."""
        self.settings = replace(self.settings, **values)
        try:
            settings.save(self.settings, self.settings_file)
        except OSError as error:
            log.LOGGER.warning("settings: %s", error)
        search = self.search()
        if search != self._search:
            self._search = search
            start = bool(search.remote)
            self.bridge.run(
                lambda background: background.reconnect(search, start),
                failed=lambda error: log.LOGGER.info("connection: %s", error),
            )
        self.changed()

    def _background(self, loop: Loop[Background]) -> Background:
        """Called in the network's thread, which so loads all that the network needs."""
        from ..background.background import Background

        return Background(loop, self._search, self._set_status)

    def _set_status(self, status: ConnectionStatus) -> None:
        if status.state is ConnectionState.FAILED:
            log.LOGGER.warning("connection: %s %s", status.problem, status.detail)
        came = status.connected and not self.status.connected
        self.status = status
        for listener in self.connected if came else ():
            listener()
        self.changed()


def build_facts() -> dict[str, str]:
    """What the packer wrote about this build."""
    try:
        data = json.loads((PACKAGE / "build.json").read_text(encoding="utf-8"))
        return {str(key): str(value) for key, value in data.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def ignore(_: Exception) -> None:
    """The status says what is wrong."""
