"""A rough picture of what an engine is making right now, as its progress tells it."""

from __future__ import annotations

from ..core.translate import tr
from ..qt import Qt, QtGui, QtWidgets
from .parts import FIXED, IGNORED

HEIGHT = 72
LARGEST = 65536
"""Bytes of a picture that a daemon sends with progress."""


class Sketch(QtWidgets.QLabel):
    """Hidden while there is none."""

    def __init__(self) -> None:
        super().__init__()
        self._shown = b""
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setSizePolicy(IGNORED, FIXED)
        self.setToolTip(tr("What is being painted, roughly"))
        self.setAccessibleName(tr("What is being painted, roughly"))
        self.hide()

    def show_png(self, data: bytes) -> None:
        """Show a PNG; nothing for no bytes and for what is none."""
        if data == self._shown:
            return
        self._shown = data
        image = QtGui.QImage.fromData(data, "PNG") if 0 < len(data) <= LARGEST else QtGui.QImage()
        if not image.isNull():
            smooth = Qt.TransformationMode.SmoothTransformation
            self.setPixmap(QtGui.QPixmap.fromImage(image).scaledToHeight(HEIGHT, smooth))
        self.setVisible(not image.isNull())
