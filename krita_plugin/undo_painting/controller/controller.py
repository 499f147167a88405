"""The plugin's heart: one for each Krita. The desk with all that the artist may do at it."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from ..core import log, timing
from ..core.mapping import Rect
from ..core.translate import choose, tr
from ..krita_adapter import document as documents
from .desk import Desk, ignore
from .job_listener import JobListener
from .keeping import Keeping
from .results import Results
from .running import Running
from .thumbnails import VariantThumbnails

if TYPE_CHECKING:
    from .exporting import Exporting
    from .gallery import Gallery
    from .importing import Importing
    from .redoing import Redoing
    from .setup import Setup

SHOW_SECONDS = 0.2
LATEST_SECONDS = 0.3
LONG_SECONDS = 0.004
LOOK_SECONDS = 0.25
WARM_SECONDS = 60.0


class Controller(Desk):
    """Call `listen` to hear of changes, and `drain` from a timer."""

    def __init__(self) -> None:
        super().__init__()
        self.log_file = self.folder / log.FILE_NAME
        self.language = choose(self.settings.language or _system_language())
        self.missing: list[str] = []
        self.keeping = Keeping(self)
        self.thumbnails = VariantThumbnails(self)
        self._listener = listener = JobListener(self, self.keeping)
        self.running = Running(self, listener)
        self.results = Results(self, self.running, lambda: self.importing, self.keeping, listener, self.thumbnails)
        self.opened = [self.results.resume]
        self.connected = [lambda: self.setup.list_models(), self._warm_up_anew, self.results.resume_all]
        self._listeners: list[Callable[[], None]] = []
        self._told = self._looked = 0.0
        self._warmed = -WARM_SECONDS
        self._selected: Rect | None = None
        log.report_to(self._show_error)

    # What no artist needs before there is a daemon or a result is loaded and made when it is first asked for: Krita
    # starts sooner.

    @cached_property
    def setup(self) -> Setup:
        """What is installed, and can be."""
        from .setup import Setup

        return Setup(self)

    @property
    def setup_made(self) -> Setup | None:
        """`setup`, once it was asked for."""
        return self.__dict__.get("setup")

    @cached_property
    def gallery(self) -> Gallery:
        """Other ways to paint a picture."""
        from .gallery import Gallery

        return Gallery(self, self.running, self._listener)

    @cached_property
    def redoing(self) -> Redoing:
        """Another way on from a moment of a process."""
        from .redoing import Redoing

        return Redoing(self, self.running, self._listener)

    @cached_property
    def importing(self) -> Importing:
        """Results into the document."""
        from .importing import Importing

        return Importing(self)

    @cached_property
    def exporting(self) -> Exporting:
        """Results into files."""
        from .exporting import Exporting

        return Exporting(self)

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every change."""
        self._listeners.append(listener)

    def forget(self, listener: Callable[[], None]) -> None:
        """Call `listener` no more."""
        self._listeners = [item for item in self._listeners if item != listener]

    def drain(self, budget: float = 0.012) -> int:
        """Take in what the network has brought, look at the documents, and tell the listeners now and then: by the next
        call where the first took long already. Returns how much there was."""
        begin = time.monotonic()
        count = self.bridge.drain(budget)
        now = time.monotonic()
        if now - begin > LONG_SECONDS and now - self._told < LATEST_SECONDS:
            return count
        if now - self._looked >= LOOK_SECONDS:
            self._looked = now
            log.guarded(self._look_at_documents)()
        if self.dirty and now - self._told >= SHOW_SECONDS:
            self.dirty, self._told = False, now
            for listener in self._listeners:
                log.guarded(listener)()
        return count

    def close(self) -> None:
        """Krita is closing; the daemon and its jobs go on."""
        if self.setup_made is not None:
            self.setup_made.close()
        self.bridge.close()

    def documents_changed(self) -> None:
        """Another document is active."""
        self.active()
        self.changed()

    def forget_closed(self) -> None:
        """Drop the sessions of documents that are closed; their jobs go on at the daemon."""
        alive = documents.open_keys()
        for key in [key for key in self.sessions if key not in alive]:
            session = self.sessions.pop(key)
            self.leave(list(session.jobs))
            if session.task is not None:
                session.task.cancel()
            self.changed()

    def warm_up(self) -> None:
        """A job may come soon: its engine is loaded meanwhile, which the daemon keeps for some minutes."""
        now = time.monotonic()
        if self.status.connected and now - self._warmed >= WARM_SECONDS:
            self._warmed = now
            self.bridge.run(lambda background: background.warm_up(), failed=ignore)

    def _warm_up_anew(self) -> None:
        self._warmed = -WARM_SECONDS
        self.warm_up()

    def _look_at_documents(self) -> None:
        """What the artist does may make a note untrue, or select something else to paint."""
        document = documents.active()
        selected = documents.selected(document) if document is not None else None
        if selected != self._selected:
            self._selected = selected
            self.changed()
        for session in self.sessions.values():
            self.thumbnails.keep(session)
            self.results.apply_waiting(session)
            if session.note.holds is not None and not session.note.holds():
                self.note(session, "")

    def diagnostics(self) -> str:
        """A text to copy into a report; holds no token and no path beyond the user's own folders."""
        from ..krita_adapter import environment

        server, program = self.status.server, self.search().target().program
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

    def _show_error(self, text: str) -> None:
        session = self.sessions.get(self._active_key())
        if session is not None:
            self.note(session, tr("Something went wrong: {error} The log has more.", error=text), bad=True)

    def _active_key(self) -> str:
        found = documents.active()
        return documents.key(found) if found is not None else ""


def _system_language() -> str:
    from ..qt import QtCore

    return str(QtCore.QLocale().name())
