"""The button that plays and pauses, drawn in the theme's own colour: Qt's symbols are black in dark themes, too."""

from __future__ import annotations

from typing import Any

from ..core.translate import tr
from ..qt import QtCore, QtGui, QtWidgets

PAD = 10


class PlayButton(QtWidgets.QToolButton):
    """Checked while it plays; shows what a click does."""

    def __init__(self) -> None:
        super().__init__()
        self.setCheckable(True)
        self.setToolTip(tr("Play and pause (Space)"))
        self.setAccessibleName(tr("Play and pause (Space)"))

    def sizeHint(self) -> QtCore.QSize:  # noqa: N802
        side = self.fontMetrics().height() + PAD
        return QtCore.QSize(side, side)

    def paintEvent(self, event: Any) -> None:  # noqa: N802
        super().paintEvent(event)
        half = self.fontMetrics().height() * 0.3
        middle = QtCore.QRectF(self.rect()).center()
        left, top = middle.x() - half, middle.y() - half
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setPen(QtCore.Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(QtGui.QPalette.ColorRole.ButtonText))
        if self.isChecked():
            for x in (left, left + half * 1.25):
                painter.drawRect(QtCore.QRectF(x, top, half * 0.75, half * 2))
        else:
            tip = QtCore.QPointF(middle.x() + half, middle.y())
            corners = [QtCore.QPointF(left, top), tip, QtCore.QPointF(left, top + half * 2)]
            painter.drawPolygon(QtGui.QPolygonF(corners))
        painter.end()
