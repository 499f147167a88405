"""A small film, which plays under the pointer and is chosen by a click."""

from __future__ import annotations

from typing import Any

from ..qt import QImage, Qt, QtCore, QTimer, QtWidgets, on
from .parts import column
from .screen import Screen, clickable

HEIGHT = 104
WIDTH = 110
PLAY_MS = 110
SLOW_MS = 700
FEW = 3
"""Up to so many pictures are shown in turns, slowly."""


class FilmButton(QtWidgets.QWidget):
    """A click, Enter or Space chooses it. It stands still at `still`, 0 to 1 of its length; `tip` says what a click
    does."""

    chosen = QtCore.pyqtSignal()

    def __init__(self, title: str, tip: str, still: float) -> None:
        super().__init__()
        self._images: list[QImage] = []
        self._place = 0
        self._title = title
        self._still = still
        self.setAccessibleName(tip)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._screen = clickable(Screen(), tip)
        self._screen.set_height(HEIGHT)
        column(self).addWidget(self._screen)
        self._timer = QTimer(self)
        self._timer.setInterval(PLAY_MS)
        on(self._timer.timeout, self._tick)
        on(self._screen.pressed, self.chosen.emit)

    def show_images(self, images: list[QImage]) -> None:
        """Show these pictures, as far as they are there."""
        if list(map(QImage.cacheKey, images)) != list(map(QImage.cacheKey, self._images)):
            self._images = images
            self._timer.setInterval(SLOW_MS if len(images) <= FEW else PLAY_MS)
            if not self._timer.isActive():
                self._place = self._resting_place()
            self._show()

    def enterEvent(self, event: Any) -> None:  # noqa: N802
        super().enterEvent(event)
        self._place = 0
        self._timer.start()

    def leaveEvent(self, event: Any) -> None:  # noqa: N802
        super().leaveEvent(event)
        self._timer.stop()
        self._place = self._resting_place()
        self._show()

    def focusInEvent(self, event: Any) -> None:  # noqa: N802
        super().focusInEvent(event)
        self._timer.start()

    def focusOutEvent(self, event: Any) -> None:  # noqa: N802
        super().focusOutEvent(event)
        self._timer.stop()

    def keyPressEvent(self, event: Any) -> None:  # noqa: N802
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit()
        else:
            super().keyPressEvent(event)

    @property
    def playing(self) -> bool:
        """Whether it plays."""
        return self._timer.isActive()

    @property
    def images(self) -> list[QImage]:
        """The pictures that are there."""
        return self._images

    def _resting_place(self) -> int:
        return round(self._still * max(0, len(self._images) - 1))

    def _tick(self) -> None:
        self._place = (self._place + 1) % max(1, len(self._images))
        self._show()

    def _show(self) -> None:
        shown = self._images[self._place] if self._place < len(self._images) else None
        self._screen.show_image(shown, self._title)


class FilmGrid(QtWidgets.QWidget):
    """Films side by side, in as many columns as the width has room for."""

    chosen = QtCore.pyqtSignal(int)

    def __init__(self) -> None:
        super().__init__()
        self.films: list[FilmButton] = []
        self._columns = 0
        self._grid = QtWidgets.QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(4)

    def show_films(self, films: list[FilmButton]) -> None:
        """Show these in place of the ones before; `chosen` tells the place of one that is clicked."""
        for film in self.films:
            film.setParent(None)
            film.deleteLater()
        self.films = films
        for place, film in enumerate(films):
            on(film.chosen, lambda place=place: self.chosen.emit(place))
        self._columns = 0
        self._arrange()

    def resizeEvent(self, event: Any) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        columns = max(2, self.width() // WIDTH)
        if columns != self._columns:
            self._columns = columns
            for place, film in enumerate(self.films):
                self._grid.addWidget(film, place // columns, place % columns)
