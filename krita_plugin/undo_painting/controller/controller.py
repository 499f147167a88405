"""The plugin's heart: one for each Krita. Owns the settings, the connection and the sessions of all documents.

Everything in this folder runs in Krita's own thread; what waits for the network is handed over through the bridge.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core import home, launch, log, parameters, settings, timing
from ..core.connection import State, Status
from ..core.launch import Target
from ..core.translate import choose, tr
from ..krita_adapter import document as documents
from ..net.bridge import Bridge, Work
from .exporting import Exporting
from .importing import Importing
from .running import Running
from .session import Note, Session
from .setup import Setup

if TYPE_CHECKING:
    from krita import Document

    from ..background.background import Background
    from ..net.loop import Loop

SHOW_SECONDS = 0.1
WARM_SECONDS = 60.0
PACKAGE = Path(__file__).resolve().parent.parent


def build_facts() -> dict[str, str]:
    """What the packer wrote about this build."""
    try:
        data = json.loads((PACKAGE / "build.json").read_text(encoding="utf-8"))
        return {str(key): str(value) for key, value in data.items()}
    except (OSError, ValueError, AttributeError):
        return {}


class Controller:
    """Call `listen` to hear of changes, and `drain` from a timer."""

    def __init__(self) -> None:
        self.home = home.home_folder()
        self.folder = home.plugin_folder(self.home)
        self.settings_file = self.folder / "settings.json"
        self.settings = settings.load(self.settings_file)
        self.log_file = self.folder / log.FILE_NAME
        self.language = choose(self.settings.language or _system_language())
        self.facts = build_facts()
        self.version = self.facts.get("version", "0")
        self.status = Status()
        self.missing: list[str] = []
        self.bridge = Bridge(self._background)
        self.sessions: dict[str, Session] = {}
        self.running = Running(self)
        self.importing = Importing(self)
        self.exporting = Exporting(self)
        self.setup = Setup(self)
        self._listeners: list[Callable[[], None]] = []
        self._dirty = False
        self._told = 0.0
        self._warmed = -WARM_SECONDS
        self._pulse: Work | None = None
        log.report_to(self._show_error)

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every change."""
        self._listeners.append(listener)

    def forget(self, listener: Callable[[], None]) -> None:
        """Call `listener` no more."""
        self._listeners = [item for item in self._listeners if item != listener]

    def changed(self) -> None:
        """Something changed: the listeners hear of it at the end of the next `drain`."""
        self._dirty = True

    def drain(self, budget: float = 0.012) -> int:
        """Take in what the network has brought, and tell the listeners now and then. Returns how much there was."""
        count = self.bridge.drain(budget)
        now = time.monotonic()
        if self._dirty and now - self._told >= SHOW_SECONDS:
            self._dirty, self._told = False, now
            for listener in self._listeners:
                log.guarded(listener)()
        return count

    def close(self) -> None:
        """Krita is closing; the daemon and its jobs go on."""
        self.setup.close()
        self.bridge.close()

    def session(self, document: Document | None) -> Session | None:
        """The session of an open document, made when it is first asked for."""
        if document is None:
            return None
        key = documents.key(document)
        if key not in self.sessions:
            kept = parameters.from_json(self.settings.parameters)
            self.sessions[key] = Session(
                key, documents.load_history(document), parameters=kept, source=self.settings.source
            )
            self.running.resume(self.sessions[key], documents.file_name(document))
        return self.sessions[key]

    def active(self) -> Session | None:
        """The session of the active document."""
        return self.session(documents.active())

    def documents_changed(self) -> None:
        """Another document is active."""
        self.active()
        self.changed()

    def forget_closed(self) -> None:
        """Drop the sessions of documents that are closed; their jobs go on at the daemon."""
        alive = documents.open_keys()
        for key in [key for key in self.sessions if key not in alive]:
            session = self.sessions.pop(key)
            for work in session.works.values():
                work.cancel()
            if session.task is not None:
                session.task.cancel()
            self.changed()

    def target(self) -> Target:
        """Where the daemon is to be looked for."""
        chosen = self.settings
        program = launch.find_program(self.home, chosen.program, PACKAGE / "launcher.json")
        return Target(
            self.home, chosen.remote, chosen.token, chosen.fingerprint, program, f"krita-plugin {self.version}"
        )

    def look(self) -> None:
        """See whether a daemon runs, without starting one."""
        if self._pulse is None:
            self._pulse = self.bridge.run(lambda background: background.keep_connected())
        self.bridge.run(lambda background: background.daemon(False), failed=_ignore)

    def connect(self) -> None:
        """Connect now, starting a daemon where none runs."""
        self.bridge.run(lambda background: background.daemon(True), failed=_ignore)

    def warm_up(self) -> None:
        """A job may come soon: its engine is loaded meanwhile, which the daemon keeps for some minutes."""
        now = time.monotonic()
        if self.status.connected and now - self._warmed >= WARM_SECONDS:
            self._warmed = now
            self.bridge.run(lambda background: background.warm_up(), failed=_ignore)

    def change_settings(self, **values: Any) -> None:
        """Change settings and keep them; a changed connection is made anew."""
        before = self.settings
        self.settings = replace(before, **values)
        try:
            settings.save(self.settings, self.settings_file)
        except OSError as error:
            log.LOGGER.warning("settings: %s", error)
        if (before.remote, before.token, before.fingerprint, before.program) != (
            self.settings.remote,
            self.settings.token,
            self.settings.fingerprint,
            self.settings.program,
        ):
            start = bool(self.settings.remote)
            self.bridge.run(
                lambda background: background.reconnect(start),
                failed=lambda error: log.LOGGER.info("connection: %s", error),
            )
        self.changed()

    def note(self, session: Session, text: str, bad: bool = False) -> None:
        """Show a line."""
        session.note = Note(text, bad)
        self.changed()

    def diagnostics(self) -> str:
        """A text to copy into a report; holds no token and no path beyond the user's own folders."""
        from ..krita_adapter import environment

        server, program = self.status.server, self.target().program
        lines = [
            f"Undo Painting {self.version} ({self.facts.get('platform', 'unpacked')}), unofficial plugin",
            *environment.facts(),
            f"Connection: {self.status.state.value} {self.status.problem.value} {self.status.detail}".rstrip(),
            f"Address: {self.status.address}",
            f"Daemon: {server.version}, devices: {', '.join(server.devices)}",
            f"Ready engines: {', '.join(engine.name for engine in server.engines if engine.ready)}",
            f"Program: {' '.join(program.command) if program else 'none'}",
            f"Missing in this Krita: {', '.join(self.missing) or 'nothing'}",
            f"Start: {timing.words()}",
            f"Log: {self.log_file}",
        ]
        try:
            tail = self.log_file.read_text(encoding="utf-8", errors="replace").splitlines()[-30:]
        except OSError:
            tail = []
        return "\n".join([*lines, "", *tail])

    def _background(self, loop: Loop[Background]) -> Background:
        """Called in the network's thread, which so loads all that the network needs."""
        from ..background.background import Background

        return Background(loop, self.target, self._set_status)

    def _set_status(self, status: Status) -> None:
        if status.state is State.FAILED:
            log.LOGGER.warning("connection: %s %s", status.problem, status.detail)
        came = status.connected and not self.status.connected
        self.status = status
        if came:
            self.setup.list_models()
            self._warmed = -WARM_SECONDS
            self.warm_up()
        self.changed()

    def _show_error(self, text: str) -> None:
        session = self.sessions.get(self._active_key())
        if session is not None:
            self.note(session, tr("Something went wrong: {error} The log has more.", error=text), bad=True)

    def _active_key(self) -> str:
        found = documents.active()
        return documents.key(found) if found is not None else ""


def _ignore(_: Exception) -> None:
    """The status says what is wrong."""


def _system_language() -> str:
    from ..qt import QtCore

    return str(QtCore.QLocale().name())
