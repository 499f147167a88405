"""One picture, fitted into whatever room there is, with words on it."""

from __future__ import annotations

from ..core.lines import in_lines
from ..qt import QImage, Qt, QtCore, QtGui, QtWidgets
from .parts import IGNORED

LEAST = 48
"""Height in which a docker of 155 pixels has room for the rest of a running job also with a font of high lines."""
PAD = 4
DARKER = 135
"""Percent."""


class Screen(QtWidgets.QWidget):
    """`pressed` tells of a click, `dragged` that the picture is to be carried elsewhere. The words stand at the lower
    edge, on a ground of their own."""

    pressed = QtCore.pyqtSignal()
    dragged = QtCore.pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._image: QImage | None = None
        self._words = ""
        self._held: QtCore.QPoint | None = None
        self.setMinimumHeight(LEAST)
        self.setSizePolicy(IGNORED, QtWidgets.QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QtCore.QSize:  # noqa: N802
        return QtCore.QSize(200, LEAST)

    @property
    def height_set(self) -> int:
        """How high it is to be."""
        return self.minimumHeight()

    def set_height(self, height: int) -> None:
        """Be this high."""
        if self.minimumHeight() != height or self.maximumHeight() != height:
            self.setFixedHeight(height)

    @property
    def image(self) -> QImage | None:
        """What is shown."""
        return self._image

    def show_image(self, image: QImage | None, words: str = "") -> None:
        """Show a QImage, or nothing."""
        if image is not self._image or words != self._words:
            self._image, self._words = image, words
            self.update()

    def picture_rect(self) -> QtCore.QRect:
        """Where the picture lies."""
        if self._image is None:
            return self.rect()
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QtCore.QRect(QtCore.QPoint(0, 0), size)
        place.moveCenter(self.rect().center())
        return place

    def mousePressEvent(self, event: QtGui.QMouseEvent | None) -> None:  # noqa: N802
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._held = event.pos()

    def mouseMoveEvent(self, event: QtGui.QMouseEvent | None) -> None:  # noqa: N802
        if event is None or self._held is None or self._image is None:
            return
        if (event.pos() - self._held).manhattanLength() >= QtWidgets.QApplication.startDragDistance():
            self._held = None
            self.dragged.emit()

    def mouseReleaseEvent(self, event: QtGui.QMouseEvent | None) -> None:  # noqa: N802
        if event is not None and event.button() == Qt.MouseButton.LeftButton and self._held is not None:
            self._held = None
            self.pressed.emit()

    def paintEvent(self, _event: QtGui.QPaintEvent | None) -> None:  # noqa: N802
        painter = QtGui.QPainter(self)
        # Darker than the window in every theme: on a light one's own white a sheet of paper would have no edge.
        painter.fillRect(self.rect(), self.palette().color(QtGui.QPalette.ColorRole.Window).darker(DARKER))
        if self._image is not None:
            painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
            place = self.picture_rect()
            painter.fillRect(place, Qt.GlobalColor.white)
            painter.drawImage(place, self._image)
        if self._words:
            self._draw_words(painter)
        painter.end()

    def lines(self) -> list[str]:
        """The words as they stand there: two lines take half of the height at most."""
        metrics = self.fontMetrics()
        if 2 * (2 * metrics.height() + PAD) > self.height():
            return [self._words]
        return in_lines(self._words, metrics.horizontalAdvance, self._room)

    @property
    def cut_off(self) -> bool:
        """Whether the words do not fit."""
        return any(self.fontMetrics().horizontalAdvance(line) > self._room for line in self.lines())

    @property
    def _room(self) -> int:
        return self.width() - 4 * PAD

    def _draw_words(self, painter: QtGui.QPainter) -> None:
        metrics = painter.fontMetrics()
        # One pixel more: a line's width is rounded, and `elidedText` does not round it.
        lines = [metrics.elidedText(line, Qt.TextElideMode.ElideRight, self._room + 1) for line in self.lines()]
        width, height = max(map(metrics.horizontalAdvance, lines)), len(lines) * metrics.height() + PAD
        ground = QtCore.QRect(0, self.height() - height, width + 2 * PAD, height)
        painter.fillRect(ground, QtGui.QColor(0, 0, 0, 190))
        painter.setPen(QtGui.QColor(255, 255, 255))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(ground.adjusted(PAD, 0, 0, 0), int(flags), "\n".join(lines))


def clickable(screen: Screen, tip: str) -> Screen:
    """A screen that does something when it is clicked, and says what."""
    screen.setCursor(QtGui.QCursor(Qt.CursorShape.PointingHandCursor))
    screen.setToolTip(tip)
    return screen
