"""A rough picture of what an engine is making right now, as its progress tells it."""

from __future__ import annotations

import functools

from ..core.jobs import Job
from ..core.translate import tr
from ..qt import QImage, Qt, QtGui, QtWidgets
from .parts import FIXED, IGNORED

HEIGHT = 72
LARGEST = 65536
"""Bytes of a picture that a daemon sends with progress."""
KEPT = 16


def rough(job: Job | None) -> QImage | None:
    """What is being made of a job; None when its progress tells no picture."""
    return _decoded(job.progress.preview) if job is not None and job.progress is not None else None


@functools.lru_cache(KEPT)
def _decoded(data: bytes) -> QImage | None:
    image = QtGui.QImage.fromData(data, "PNG") if 0 < len(data) <= LARGEST else QtGui.QImage()
    return None if image.isNull() else image


class Sketch(QtWidgets.QLabel):
    """Hidden while there is none."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: QImage | None = None
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setSizePolicy(IGNORED, FIXED)
        self.setToolTip(tr("What is being painted, roughly"))
        self.setAccessibleName(tr("What is being painted, roughly"))
        self.hide()

    def show_image(self, image: QImage | None) -> None:
        """Show a picture, or nothing."""
        if image is self._shown:
            return
        self._shown = image
        if image is not None:
            smooth = Qt.TransformationMode.SmoothTransformation
            self.setPixmap(QtGui.QPixmap.fromImage(image).scaledToHeight(HEIGHT, smooth))
        self.setVisible(image is not None)
