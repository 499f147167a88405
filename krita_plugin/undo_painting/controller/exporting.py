"""Results into files, made by the daemon."""

from __future__ import annotations

from pathlib import Path

from ..core.export import Export
from ..core.jobs import Job
from ..core.translate import tr
from ..qt import QtCore, QtGui
from .desk import Desk
from .session import Note, Offer, Session, Task


class Exporting:
    """Exports of all sessions; one at a time for each. `last` is what was made last, for the next time."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.last: tuple[Export, Path] | None = None

    def export(self, session: Session, job: Job, export: Export, path: Path) -> bool:
        """Have the daemon make a file, and write it to `path`, which appears only when it is complete."""
        if session.task is not None:
            return False
        session.note = Note()
        session.task = Task(tr("Saving {name} …", name=path.name))
        job_id, options = job.job_id, export.options()
        session.task.work = self._desk.bridge.run(
            lambda background: background.files.export(
                job_id, options, path, lambda step, of: self._step(session, step, of)
            ),
            done=lambda _: self._done(session, export, path),
            failed=lambda error: self._failed(session, error),
        )
        self._desk.changed()
        return True

    def again(self, session: Session, job: Job) -> bool:
        """Make the last file once more, from what is shown now, beside the first under a free name."""
        if self.last is None:
            return False
        export, path = self.last
        return self.export(session, job, export, free_name(path))

    def _step(self, session: Session, step: int, of: int) -> None:
        if session.task is not None:
            session.task.done, session.task.of = step, of
            self._desk.changed()

    def _done(self, session: Session, export: Export, path: Path) -> None:
        session.task = None
        self.last = export, path
        offers = (
            Offer(tr("Show in folder"), lambda: _open(path.parent)),
            Offer(tr("Play"), lambda: _open(path)),
            Offer(tr("Copy"), lambda: _copy(path)),
        )
        self._desk.note(session, tr("Saved: {name}", name=path.name), offers=offers, holds=path.exists)

    def _failed(self, session: Session, error: Exception) -> None:
        session.task = None
        self._desk.note(session, str(error), bad=True)


def free_name(path: Path) -> Path:
    """A name beside `path` that no file has."""
    number = 2
    while (found := path.with_name(f"{path.stem}-{number}{path.suffix}")).exists():
        number += 1
    return found


def _open(path: Path) -> None:
    """Hand a file or folder to the program that the system uses for it."""
    QtGui.QDesktopServices.openUrl(QtCore.QUrl.fromLocalFile(str(path)))


def _copy(path: Path) -> None:
    """Put the file itself on the clipboard, for chats and file managers."""
    clipboard = QtGui.QGuiApplication.clipboard()
    if clipboard is not None:
        data = QtCore.QMimeData()
        data.setUrls([QtCore.QUrl.fromLocalFile(str(path))])
        clipboard.setMimeData(data)
