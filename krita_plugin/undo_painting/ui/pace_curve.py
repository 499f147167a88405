"""The curve by which an export shares out its time, drawn and moved by hand."""

from __future__ import annotations

from typing import Any

from ..core.pace import Curve
from ..core.translate import tr
from ..qt import Qt, QtCore, QtGui, QtWidgets
from .parts import FIXED, IGNORED

HEIGHT = 96
EDGE = 7
NEAR = 12
STEP = 0.02


class PaceCurve(QtWidgets.QWidget):
    """Across: the time; up: the work that is shown by then. A point is dragged; a click elsewhere makes one, and a
    click with the right button takes one away. By the keyboard: Page Up and Page Down choose a point, the arrow keys
    move it, Insert makes one behind it, Delete takes it away. `changed` tells of another curve."""

    changed = QtCore.pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.curve = Curve()
        self._chosen = 1
        self._held = False
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(IGNORED, FIXED)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Pace"))
        self.setToolTip(
            tr(
                "Across: the film's time. Up: how much of the work is done. "
                "Drag a point, click for a new one, right-click it away."
            )
        )

    def place_of(self, number: int) -> QtCore.QPointF:
        """Where a point of the curve lies in the widget."""
        time, work = self.curve.points[number]
        return QtCore.QPointF(EDGE + time * self._across, HEIGHT - EDGE - work * self._up)

    def mousePressEvent(self, event: Any) -> None:  # noqa: N802
        found = self._near(event)
        if event.button() == Qt.MouseButton.RightButton:
            self._remove(found)
        elif event.button() == Qt.MouseButton.LeftButton:
            if found < 0:
                curve, found = self.curve.added(*self._shares(event))
                self.show_curve(curve)
            self._chosen, self._held = max(found, 0), found > 0
            self.update()

    def mouseMoveEvent(self, event: Any) -> None:  # noqa: N802
        if self._held:
            self.show_curve(self.curve.moved(self._chosen, *self._shares(event)))

    def mouseReleaseEvent(self, _event: Any) -> None:  # noqa: N802
        self._held = False

    def keyPressEvent(self, event: Any) -> None:  # noqa: N802
        key, keys = event.key(), Qt.Key
        moves = {keys.Key_Left: (-1, 0), keys.Key_Right: (1, 0), keys.Key_Up: (0, 1), keys.Key_Down: (0, -1)}
        if key in moves:
            (time, work), (across, up) = self.curve.points[self._chosen], moves[key]
            self.show_curve(self.curve.moved(self._chosen, time + across * STEP, work + up * STEP))
        elif key in (keys.Key_PageUp, keys.Key_PageDown):
            last = len(self.curve.points) - 1
            self._chosen = min(max(self._chosen + (1 if key == keys.Key_PageDown else -1), 0), last)
            self.update()
        elif key == keys.Key_Insert:
            self._insert()
        elif key in (keys.Key_Delete, keys.Key_Backspace):
            self._remove(self._chosen)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: Any) -> None:  # noqa: N802
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        roles = QtGui.QPalette.ColorRole
        palette = self.palette()
        painter.fillRect(self.rect(), palette.color(roles.Base))
        faint = palette.color(roles.Text)
        faint.setAlpha(60)
        painter.setPen(faint)
        corners = QtCore.QRectF(EDGE, EDGE, self._across, self._up)
        painter.drawRect(corners)
        painter.drawLine(corners.bottomLeft(), corners.topRight())
        places = [self.place_of(number) for number in range(len(self.curve.points))]
        painter.setPen(QtGui.QPen(palette.color(roles.Text), 2))
        painter.drawPolyline(QtGui.QPolygonF(places))
        for number, place in enumerate(places):
            own = number == self._chosen and self.hasFocus()
            painter.setBrush(palette.color(roles.Highlight if own else roles.Text))
            painter.drawEllipse(place, 4, 4)
        painter.end()

    @property
    def _across(self) -> float:
        return float(max(1, self.width() - 2 * EDGE))

    @property
    def _up(self) -> float:
        return float(HEIGHT - 2 * EDGE)

    def _shares(self, event: Any) -> tuple[float, float]:
        """Time and work below the pointer."""
        place = event.pos()
        return (place.x() - EDGE) / self._across, (HEIGHT - EDGE - place.y()) / self._up

    def _near(self, event: Any) -> int:
        """The point below the pointer, or -1."""
        found = QtCore.QPointF(event.pos())
        far = [(self.place_of(number) - found).manhattanLength() for number in range(len(self.curve.points))]
        nearest = min(range(len(far)), key=far.__getitem__)
        return nearest if far[nearest] <= NEAR else -1

    def _insert(self) -> None:
        """A point half way to the next."""
        after = min(self._chosen + 1, len(self.curve.points) - 1)
        (a, b), (c, d) = self.curve.points[after - 1], self.curve.points[after]
        curve, place = self.curve.added((a + c) / 2, (b + d) / 2)
        if place > 0:
            self._chosen = place
            self.show_curve(curve)

    def _remove(self, place: int) -> None:
        curve = self.curve.removed(place)
        self._chosen = min(self._chosen, len(curve.points) - 1)
        self.show_curve(curve)

    def show_curve(self, curve: Curve) -> None:
        if curve != self.curve:
            self.curve = curve
            self.changed.emit()
        self.update()
