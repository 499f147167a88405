"""The strip of keyframe thumbnails: choose, move, add, remove, redo, replace."""

from __future__ import annotations

from typing import Any

from ..core import steps as editing
from ..core.translate import tr
from ..pixels import scaled
from ..qt import QImage, Qt, QtCore, QtGui, QtWidgets, on, position_x
from .parts import IGNORED, column, label, number, row, tool

SIDE = 52


class ThumbnailStrip(QtWidgets.QWidget):
    """Keyframes from the first strokes (left) to the latest state (right); arrow keys or a click choose one."""

    chosen = QtCore.pyqtSignal(int)

    def __init__(self) -> None:
        super().__init__()
        self._steps: tuple[int, ...] = ()
        self._images: dict[int, QImage | None] = {}
        self._small: dict[tuple[int, int, int], QtGui.QPixmap] = {}
        self._current = 0
        self.setMinimumHeight(SIDE + 18)
        self.setSizePolicy(IGNORED, QtWidgets.QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Keyframes"))

    def show_steps(self, steps: tuple[int, ...], images: dict[int, QImage | None], current: int) -> None:
        """Show these operation steps (ascending) with the pictures that are known."""
        shown = tuple(reversed(steps)), images, current
        if shown != (self._steps, self._images, self._current):
            self._steps, self._images, self._current = shown
            self.update()

    def paintEvent(self, _event: QtGui.QPaintEvent | None) -> None:  # noqa: N802
        painter = QtGui.QPainter(self)
        font = painter.font()
        font.setPixelSize(10)
        painter.setFont(font)
        colours = self.palette()
        used = {}
        for place, step in enumerate(self._steps):
            cell = self._cell(place)
            painter.fillRect(cell, colours.color(QtGui.QPalette.ColorRole.Base))
            image = self._images.get(step)
            if image is not None:
                size = image.size().scaled(cell.size(), Qt.AspectRatioMode.KeepAspectRatio)
                target = QtCore.QRect(QtCore.QPoint(0, 0), size)
                target.moveCenter(cell.center())
                key = image.cacheKey(), size.width(), size.height()
                used[key] = self._small.get(key) or QtGui.QPixmap.fromImage(scaled(image, *key[1:]))
                painter.drawPixmap(target.topLeft(), used[key])
            if step == self._current:
                painter.setPen(QtGui.QPen(colours.color(QtGui.QPalette.ColorRole.Highlight), 3))
                painter.drawRect(cell.adjusted(1, 1, -2, -2))
            painter.setPen(colours.color(QtGui.QPalette.ColorRole.WindowText))
            if cell.width() >= 18 or step == self._current:
                below = QtCore.QRect(cell.left() - 8, cell.bottom() + 2, cell.width() + 16, 14)
                painter.drawText(below, int(Qt.AlignmentFlag.AlignCenter), str(step))
        painter.end()
        self._small = used

    def mousePressEvent(self, event: QtGui.QMouseEvent | None) -> None:  # noqa: N802
        for place, step in enumerate(self._steps):
            if self._cell(place).left() <= position_x(event) <= self._cell(place).right():
                self.chosen.emit(step)

    def keyPressEvent(self, event: Any) -> None:  # noqa: N802
        keys = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() in keys and self._current in self._steps:
            place = self._steps.index(self._current) + keys[event.key()]
            if 0 <= place < len(self._steps):
                self.chosen.emit(self._steps[place])
        else:
            super().keyPressEvent(event)

    def _cell(self, place: int) -> QtCore.QRect:
        width = self.width() / max(1, len(self._steps))
        left = round(place * width)
        return QtCore.QRect(left, 0, max(4, round((place + 1) * width) - left - 2), SIDE)


class Strip(QtWidgets.QWidget):
    """The thumbnails and the chosen one's buttons. `changed` gives the new steps; `redo` and `replace` the step."""

    changed = QtCore.pyqtSignal(tuple)
    redo = QtCore.pyqtSignal(int)
    replace = QtCore.pyqtSignal(int)

    def __init__(self) -> None:
        super().__init__()
        self._steps: tuple[int, ...] = ()
        self._images: dict[int, QImage | None] = {}
        self._current = -1
        self.thumbnails = ThumbnailStrip()
        self._number = number(0, 999, self._moved)
        self._number.setAccessibleName(tr("Operation step: 0 is the painting, 999 the first stroke"))
        self._number.setToolTip(tr("Operation step: 0 is the painting, 999 the first stroke"))
        layout = column(self)
        layout.addWidget(label(tr("Keyframes at operation steps")))
        layout.addWidget(self.thumbnails)
        line = row()
        line.addWidget(self._number, 1)
        for text, slot, tip in (
            ("+", self._add, tr("Add a keyframe in the widest gap")),
            ("−", self._remove, tr("Remove this keyframe")),
            ("⚂", lambda: self.redo.emit(self._current), tr("Redo this keyframe with another seed")),
            ("⇩", lambda: self.replace.emit(self._current), tr("Replace this keyframe by the current layer")),
        ):
            line.addWidget(tool(text, slot, tip))
        layout.addLayout(line)
        on(self.thumbnails.chosen, self._choose)

    def show_steps(self, steps: tuple[int, ...], images: dict[int, QImage | None]) -> None:
        """Show these steps; the chosen one stays chosen while it is there."""
        self._steps, self._images = steps, images
        if self._current not in steps:
            self._current = steps[-1] if steps else -1
        self._show()

    def _show(self) -> None:
        self.thumbnails.show_steps(self._steps, self._images, self._current)
        self._number.blockSignals(True)
        self._number.setValue(max(0, self._current))
        self._number.blockSignals(False)

    def _choose(self, step: int) -> None:
        self._current = step
        self._show()

    def _moved(self, value: float) -> None:
        steps = editing.move(self._steps, self._current, int(value))
        place = self._steps.index(self._current) if self._current in self._steps else 0
        self._current = steps[place]
        self.changed.emit(steps)

    def _add(self) -> None:
        steps = editing.add(self._steps)
        self._current = next(iter(set(steps) - set(self._steps)), self._current)
        self.changed.emit(steps)

    def _remove(self) -> None:
        self.changed.emit(editing.remove(self._steps, self._current))
