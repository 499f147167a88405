"""The gallery's panel: small films of the own picture, each of which plays under the pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..controller.controller import Controller
from ..core import gallery, jobs
from ..core.gallery import Variant
from ..core.jobs import Job
from ..core.translate import tr
from ..krita_adapter import document as documents
from ..qt import QImage, QtWidgets, on
from .film import FilmButton, FilmGrid
from .parts import button, column
from .sketch import rough

if TYPE_CHECKING:
    from ..controller.session import Session

SHOWN = 0.55
"""The moment at which a variant stands still."""


class GalleryPanel(QtWidgets.QWidget):
    """A grid of films that grows with the docker."""

    def __init__(self, controller: Controller) -> None:
        super().__init__()
        self._controller = controller
        self._variants: tuple[Variant, ...] = ()
        self._make = button(
            tr("Show them"),
            self.make,
            tr("Make small films of other ways to paint this picture; a click on one paints it that way"),
        )
        self._grid = FilmGrid()
        on(self._grid.chosen, lambda place: self._choose(place))
        layout = column(self)
        layout.addWidget(self._grid)
        layout.addWidget(self._make)

    @property
    def films(self) -> list[FilmButton]:
        """The films that are shown."""
        return self._grid.films

    def make(self) -> None:
        """Make the variants of the picture as it is now."""
        self._controller.gallery.make(documents.active())

    def refresh(self, session: Session | None) -> None:
        """Show the session's variants."""
        variants = session.gallery if session is not None else ()
        if variants != self._variants:
            self._variants = variants
            titles = [each.title for each in variants]
            self._grid.show_films(
                [FilmButton(title, tr("Paint it this way: {title}", title=title), SHOWN) for title in titles]
            )
        self._make.setEnabled(session is not None)
        self._make.setText(tr("Again") if variants else tr("Show them"))
        for variant, film in zip(variants, self.films, strict=True):
            job = session.jobs.get(variant.request_id) if session is not None else None
            if job is not None and session is not None:
                film.show_images(_images(job, session))

    def _choose(self, place: int) -> None:
        self._controller.gallery.choose(documents.active(), self._variants[place])


def _images(job: Job, session: Session) -> list[QImage]:
    """A variant's pictures; before the first of them what is being made."""
    made = rough(job)
    if made is not None and not jobs.begun(job):
        return [made]
    return [session.previews[digest] for digest in gallery.pictures(job) if digest in session.previews]
