"""The scrubber: shows the process without touching the document."""

from __future__ import annotations

from ..core.jobs import Job, Picture
from ..core.translate import tr
from ..core.view import frame_words
from ..qt import QImage, Qt, QtCore, QtGui, QTimer, QtWidgets, on
from .parts import IGNORED, column, label, row

HEIGHT = 200


class Screen(QtWidgets.QWidget):
    """One picture, fitted."""

    def __init__(self) -> None:
        super().__init__()
        self._image: QImage | None = None
        self.setMinimumHeight(HEIGHT)
        self.setSizePolicy(IGNORED, QtWidgets.QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QtCore.QSize:  # noqa: N802
        return QtCore.QSize(200, HEIGHT)

    def show_image(self, image: QImage | None) -> None:
        """Show a QImage, or nothing."""
        if image is not self._image:
            self._image = image
            self.update()

    def paintEvent(self, _event: QtGui.QPaintEvent | None) -> None:  # noqa: N802
        painter = QtGui.QPainter(self)
        painter.fillRect(self.rect(), self.palette().color(QtGui.QPalette.ColorRole.Base))
        if self._image is not None:
            painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
            size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            place = QtCore.QRect(QtCore.QPoint(0, 0), size)
            place.moveCenter(self.rect().center())
            painter.fillRect(place, Qt.GlobalColor.white)
            painter.drawImage(place, self._image)
        painter.end()


class Player(QtWidgets.QWidget):
    """Screen, slider, play button and a line with the operation step."""

    def __init__(self) -> None:
        super().__init__()
        self._frames: list[tuple[Job, Picture]] = []
        self._previews: dict[str, QImage] = {}
        self._follow = True
        self._main: Job | None = None
        self._screen = Screen()
        self._slider = QtWidgets.QSlider(Qt.Orientation.Horizontal)
        self._slider.setAccessibleName(tr("Place in the process"))
        self._slider.setSizePolicy(IGNORED, QtWidgets.QSizePolicy.Policy.Fixed)
        self._play = QtWidgets.QToolButton()
        self._play.setCheckable(True)
        self._play.setToolTip(tr("Play and pause"))
        self._play.setAccessibleName(tr("Play and pause"))
        kinds = QtWidgets.QStyle.StandardPixmap
        self._icons = self._icon(kinds.SP_MediaPlay), self._icon(kinds.SP_MediaPause)
        self._play.setIcon(self._icons[0])
        self._words = label()
        layout = column(self)
        layout.addWidget(self._screen)
        line = row()
        line.addWidget(self._play)
        line.addWidget(self._slider, 1)
        layout.addLayout(line)
        layout.addWidget(self._words)
        self._timer = QTimer(self)
        self._timer.setInterval(1000 // 12)
        on(self._timer.timeout, self._tick)
        on(self._play.toggled, self._toggle)
        on(self._slider.valueChanged, self._moved)
        on(self._slider.sliderPressed, self._held)

    def set_rate(self, frames_per_second: int) -> None:
        """The speed of playing."""
        self._timer.setInterval(max(8, 1000 // max(1, frames_per_second)))

    def show_frames(self, frames: list[tuple[Job, Picture]], previews: dict[str, QImage], main: Job | None) -> None:
        """Show the process as far as it is known; the newest frame, unless the artist looks at another."""
        changed = main is not self._main
        self._frames, self._previews, self._main = frames, previews, main
        self._follow = self._follow or changed
        last = max(0, len(frames) - 1)
        self._slider.blockSignals(True)
        self._slider.setRange(0, last)
        if self._follow and not self._play.isChecked():
            self._slider.setValue(last)
        self._slider.blockSignals(False)
        self._show()

    def stop(self) -> None:
        """Stop playing."""
        self._play.setChecked(False)

    def _icon(self, kind: QtWidgets.QStyle.StandardPixmap) -> QtGui.QIcon:
        style = self.style()
        return style.standardIcon(kind) if style is not None else QtGui.QIcon()

    def _show(self) -> None:
        place = self._slider.value()
        if not 0 <= place < len(self._frames):
            self._screen.show_image(None)
            self._words.setText("")
            return
        job, picture = self._frames[place]
        image = self._previews.get(picture.hash)
        if image is not None:
            self._screen.show_image(image)
        is_preview = job is not self._main
        self._words.setText(frame_words(place, len(self._frames), picture, is_preview))

    def _held(self) -> None:
        self._follow = False

    def _moved(self) -> None:
        self._follow = self._slider.value() == self._slider.maximum()
        self._show()

    def _toggle(self, playing: bool) -> None:
        self._play.setIcon(self._icons[1 if playing else 0])
        if playing:
            if self._slider.value() == self._slider.maximum():
                self._slider.setValue(0)
            self._timer.start()
        else:
            self._timer.stop()

    def _tick(self) -> None:
        if self._slider.value() >= self._slider.maximum():
            self._play.setChecked(False)
            return
        self._slider.setValue(self._slider.value() + 1)
