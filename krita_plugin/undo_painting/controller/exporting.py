"""Results into files, made by the daemon."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ..core.export import Export, claim_of
from ..core.jobs import Job, StoredFrame
from ..core.translate import tr
from ..net.errors import is_refusal
from ..qt import QImage, QtCore, QtGui
from .desk import Desk, ignore
from .session import Note, Offer, Session, Task

WHOLE = 1 << 15
"""Longer side of a picture that is not made smaller, in pixels."""
SIZES = 200
"""So many answers about sizes are held."""


class Exporting:
    """Exports of all sessions; one at a time for each. `last` is what was made last, for the next time."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.last: tuple[Export, Path] | None = None
        self._made: dict[str, Path] = {}
        self._sizes: dict[object, int | str] = {}
        self._layers: dict[str, tuple[str, ...]] = {}

    def size(self, job: Job, export: Export) -> int | str:
        """About how many bytes a file would have, or why the daemon would refuse it; 0 until it has answered."""
        job_id, options = job.job_id, export.options()
        key = job_id, len(job.frames), tuple(sorted(options.items()))
        if key not in self._sizes:
            if len(self._sizes) >= SIZES:
                self._sizes.clear()
            self._sizes[key] = 0
            self._desk.bridge.run(
                lambda background: background.files.size(job_id, options),
                done=lambda size: self._told(key, size),
                failed=lambda error: self._told(key, str(error)) if is_refusal(error) else None,
            )
        return self._sizes[key]

    def _told(self, key: object, told: int | str) -> None:
        self._sizes[key] = told
        self._desk.changed()

    def name_layers(self, job: Job, told: Callable[[tuple[str, ...]], object]) -> None:
        """Tell the names of a painting's layers, as soon as the daemon has answered."""
        job_id = job.job_id
        known = self._layers.get(job_id)
        if known is not None:
            told(known)
            return

        def keep(names: tuple[str, ...]) -> None:
            self._layers = {job_id: names}
            told(names)

        self._desk.bridge.run(lambda background: background.files.layer_names(job_id), done=keep, failed=ignore)

    def files_of(self, job: Job) -> list[Path]:
        """The file that was last made of a job, while it is there, and the claim beside it."""
        path = self._made.get(job.request_id)
        return with_claim(path) if path is not None and path.exists() else []

    def copy_picture(self, session: Session, picture: StoredFrame) -> None:
        """Put a frame on the clipboard, in the size that it was made in."""
        digest = picture.hash
        self._desk.bridge.run(
            lambda background: background.large(digest, WHOLE),
            done=lambda image: self._copied(session, mime_data(image)),
            failed=lambda error: self._desk.note(session, str(error), bad=True),
        )

    def copy_file(self, job: Job) -> None:
        """Put the file that was last made of a job on the clipboard."""
        files = self.files_of(job)
        if files:
            _copy(mime_data(files=files))

    def _copied(self, session: Session, data: QtCore.QMimeData) -> None:
        _copy(data)
        self._desk.note(session, tr("The picture is on the clipboard."))

    def export(self, session: Session, job: Job, export: Export, path: Path) -> bool:
        """Have the daemon make a file, and write it to `path`, which appears only when it is complete."""
        if session.task is not None:
            return False
        session.note = Note()
        session.task = Task(tr("Saving {name} …", name=path.name), imports=False)
        job_id, options = job.job_id, export.options()
        session.task.work = self._desk.bridge.run(
            lambda background: background.files.export(
                job_id, options, path, lambda step, of: self._step(session, step, of)
            ),
            done=lambda encoder: self._done(session, job, export, path, encoder),
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

    def _done(self, session: Session, job: Job, export: Export, path: Path, encoder: str) -> None:
        session.task = None
        self.last = export, path
        self._made[job.request_id] = path
        offers = (
            Offer(tr("Show in folder"), lambda: _open(path.parent)),
            Offer(tr("Play"), lambda: _open(path)),
            Offer(tr("Copy"), lambda: self.copy_file(job)),
        )
        names = " + ".join(each.name for each in with_claim(path)) + (encoder and f" ({encoder})")
        self._desk.note(session, tr("Saved: {name}", name=names), offers=offers, holds=path.exists)

    def _failed(self, session: Session, error: Exception) -> None:
        session.task = None
        self._desk.note(session, str(error), bad=True)


def with_claim(path: Path) -> list[Path]:
    """A file, and the signed claim beside it, which is to go wherever the file goes."""
    claim = claim_of(path)
    return [path, claim] if claim.exists() else [path]


def free_name(path: Path) -> Path:
    """A name beside `path` that no file has."""
    number = 2
    while (found := path.with_name(f"{path.stem}-{number}{path.suffix}")).exists():
        number += 1
    return found


def _open(path: Path) -> None:
    """Hand a file or folder to the program that the system uses for it."""
    QtGui.QDesktopServices.openUrl(QtCore.QUrl.fromLocalFile(str(path)))


def mime_data(image: QImage | None = None, files: Sequence[Path] = ()) -> QtCore.QMimeData:
    """A picture as other programs take it, or, where there are some, files: for chats and file managers."""
    data = QtCore.QMimeData()
    if files:
        data.setUrls([QtCore.QUrl.fromLocalFile(str(file)) for file in files])
    elif image is not None:
        data.setImageData(image)
    return data


def _copy(data: QtCore.QMimeData) -> None:
    clipboard = QtGui.QGuiApplication.clipboard()
    if clipboard is not None:
        clipboard.setMimeData(data)
