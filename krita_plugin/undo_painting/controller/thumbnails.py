"""Small pictures of earlier results, by which an artist tells them apart; kept as files beside the settings."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

from ..core.jobs import Job, JobState
from ..qt import QImage, Qt, QtGui
from .desk import Desk
from .session import Session

MOMENTS = (0.2, 0.5, 0.75)
SIDE = 64
MOST = 400


class VariantThumbnails:
    """Three moments of each process, side by side."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._made: set[str] = set()

    def keep(self, session: Session) -> None:
        """Keep the shown result's, once all its pictures are there."""
        job = session.job
        if job is None or job.state is not JobState.FINISHED or job.request_id in self._made or job.auxiliary:
            return
        images = _moments(job, session)
        if images is None:
            return
        self._made.add(job.request_id)
        path = self._path(job.request_id)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _beside(images).save(str(path), "PNG")
            self._sweep(path.parent)

    def load(self, request_id: str) -> QImage | None:
        """A result's thumbnail, if there is one."""
        image = QImage(str(self._path(request_id)))
        return None if image.isNull() else image

    def forget(self, request_id: str) -> None:
        """A result is gone."""
        with contextlib.suppress(OSError):
            self._path(request_id).unlink(missing_ok=True)

    def _path(self, request_id: str) -> Path:
        """Ids come from files, too: nothing in them may lead out of the folder."""
        return self._desk.folder / "thumbnails" / f"{re.sub('[^A-Za-z0-9-]', '_', request_id)[:80]}.png"

    def _sweep(self, folder: Path) -> None:
        """The oldest go when there are too many."""
        found = sorted(folder.glob("*.png"), key=lambda path: path.stat().st_mtime)
        for path in found[:-MOST]:
            path.unlink(missing_ok=True)


def _moments(job: Job, session: Session) -> list[QImage] | None:
    """The pictures at `MOMENTS`, or None while one is missing."""
    pictures = job.frames or job.keyframes
    listed = [pictures[index] for index in sorted(pictures)]
    if not listed:
        return None
    found = [session.previews.get(listed[round(moment * (len(listed) - 1))].hash) for moment in MOMENTS]
    images = [image for image in found if image is not None]
    return images if len(images) == len(MOMENTS) else None


def _beside(images: list[QImage]) -> QImage:
    strip = QImage(SIDE * len(images), SIDE, QImage.Format.Format_RGB32)
    strip.fill(QtGui.QColor(255, 255, 255))
    painter = QtGui.QPainter(strip)
    for place, image in enumerate(images):
        small = image.scaled(SIDE, SIDE, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
        painter.drawImage(place * SIDE + (SIDE - small.width()) // 2, (SIDE - small.height()) // 2, small)
    painter.end()
    return strip
