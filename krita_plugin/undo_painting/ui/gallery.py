"""The gallery's panel: small films of the own picture, each of which plays under the pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..controller.controller import Controller
from ..core import gallery
from ..core.gallery import Variant
from ..core.jobs import Job
from ..core.translate import tr
from ..krita_adapter import document as documents
from ..qt import QImage, Qt, QtCore, QTimer, QtWidgets, on
from .parts import button, column
from .screen import Screen, clickable

if TYPE_CHECKING:
    from ..controller.session import Session

COLUMNS_EACH = 110
HEIGHT = 104
PLAY_MS = 110
SHOWN = 0.55
"""The moment at which a variant stands still."""


class Film(QtWidgets.QWidget):
    """One variant. A click, Enter or Space chooses it."""

    chosen = QtCore.pyqtSignal()

    def __init__(self, title: str) -> None:
        super().__init__()
        self._images: list[QImage] = []
        self._place = 0
        self._title = title
        self.setAccessibleName(title)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._screen = clickable(Screen(), tr("Paint it this way: {title}", title=title))
        self._screen.set_height(HEIGHT)
        column(self).addWidget(self._screen)
        self._timer = QTimer(self)
        self._timer.setInterval(PLAY_MS)
        on(self._timer.timeout, self._tick)
        on(self._screen.pressed, self.chosen.emit)

    def show_images(self, images: list[QImage]) -> None:
        """Show these pictures, as far as they are there."""
        if len(images) != len(self._images) or not self._images:
            self._images = images
            if not self._timer.isActive():
                self._place = round(SHOWN * max(0, len(images) - 1))
            self._show()

    def enterEvent(self, event: Any) -> None:  # noqa: N802
        super().enterEvent(event)
        self._place = 0
        self._timer.start()

    def leaveEvent(self, event: Any) -> None:  # noqa: N802
        super().leaveEvent(event)
        self._timer.stop()
        self._place = round(SHOWN * max(0, len(self._images) - 1))
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

    def _tick(self) -> None:
        self._place = (self._place + 1) % max(1, len(self._images))
        self._show()

    def _show(self) -> None:
        shown = self._images[self._place] if self._place < len(self._images) else None
        self._screen.show_image(shown, self._title)


class GalleryPanel(QtWidgets.QWidget):
    """A grid of films that grows with the docker."""

    def __init__(self, controller: Controller) -> None:
        super().__init__()
        self._controller = controller
        self._variants: tuple[Variant, ...] = ()
        self._films: list[Film] = []
        self._columns = 0
        self._make = button(
            tr("Show them"),
            self.make,
            tr("Make small films of other ways to paint this picture; a click on one paints it that way"),
        )
        self._grid = QtWidgets.QGridLayout()
        self._grid.setSpacing(4)
        layout = column(self)
        layout.addLayout(self._grid)
        layout.addWidget(self._make)

    @property
    def films(self) -> list[Film]:
        """The films that are shown."""
        return self._films

    def make(self) -> None:
        """Make the variants of the picture as it is now."""
        self._controller.gallery.make(documents.active())

    def refresh(self, session: Session | None) -> None:
        """Show the session's variants."""
        variants = session.gallery if session is not None else ()
        if variants != self._variants:
            self._variants = variants
            self._rebuild()
        self._make.setEnabled(session is not None)
        self._make.setText(tr("Others") if variants else tr("Show them"))
        for variant, film in zip(variants, self._films, strict=True):
            job = session.jobs.get(variant.request_id) if session is not None else None
            if job is not None and session is not None:
                film.show_images(_images(job, session))

    def resizeEvent(self, event: Any) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._arrange()

    def _rebuild(self) -> None:
        for film in self._films:
            film.setParent(None)
            film.deleteLater()
        self._films = [Film(variant.title) for variant in self._variants]
        for film, variant in zip(self._films, self._variants, strict=True):
            on(film.chosen, lambda variant=variant: self._choose(variant))
        self._columns = 0
        self._arrange()

    def _arrange(self) -> None:
        columns = max(2, self.width() // COLUMNS_EACH)
        if columns != self._columns:
            self._columns = columns
            for place, film in enumerate(self._films):
                self._grid.addWidget(film, place // columns, place % columns)

    def _choose(self, variant: Variant) -> None:
        self._controller.gallery.choose(documents.active(), variant)


def _images(job: Job, session: Session) -> list[QImage]:
    return [session.previews[digest] for digest in gallery.pictures(job) if digest in session.previews]
