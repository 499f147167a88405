"""The docker's room: what does not fit is scrolled to."""

from __future__ import annotations

from ..qt import Qt, QtCore, QTimer, QtWidgets, alive

VIEW_MS = 150
"""After that time a part that was opened has its place in the docker."""


class Area(QtWidgets.QScrollArea):
    """Scrolls a widget up and down, never across."""

    def __init__(self, content: QtWidgets.QWidget) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(content)

    def show_top(self) -> None:
        """Scroll to the beginning, once Qt has gone after the keyboard: what is used no longer hands that on."""
        QTimer.singleShot(VIEW_MS, lambda: self._scroll(0) if alive(self) else None)

    def show_part(self, part: QtWidgets.QWidget) -> None:
        """Scroll to a part that was just opened, once it has its place."""
        QTimer.singleShot(VIEW_MS, lambda: self._show_part(part) if alive(self) else None)

    def _show_part(self, part: QtWidgets.QWidget) -> None:
        """As far as needed to see the whole part, and of one that is higher than the docker its beginning."""
        content, viewport, bar = self.widget(), self.viewport(), self.verticalScrollBar()
        if content is not None and viewport is not None and bar is not None:
            top = part.mapTo(content, QtCore.QPoint(0, 0)).y()
            lower = top + part.height() - viewport.height()
            self._scroll(min(top, max(lower, bar.value())))

    def _scroll(self, place: int) -> None:
        bar = self.verticalScrollBar()
        if bar is not None:
            bar.setValue(place)
