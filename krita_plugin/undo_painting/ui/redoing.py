"""The choice of another way on: candidates as pictures, of which a click takes one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..controller.controller import Controller
from ..core import phases, redo
from ..core.jobs import Job
from ..core.redo import Redo
from ..core.translate import tr
from ..krita_adapter import document as documents
from ..qt import QtWidgets, on
from .film import FilmButton, FilmGrid
from .parts import button, column, label, number, row, show_words, words_width

if TYPE_CHECKING:
    from ..controller.session import Session


class RedoPanel(QtWidgets.QWidget):
    """Shown while a choice is open. Under the pointer a candidate changes places with the moment that it leaves."""

    def __init__(self, controller: Controller) -> None:
        super().__init__()
        self._controller = controller
        self._choice: Redo | None = None
        self._selection = False
        self._moment = label()
        self.area = QtWidgets.QToolButton()
        on(self.area.clicked, lambda: self._change_area())
        self._problem = label()
        self.grid = FilmGrid()
        on(self.grid.chosen, lambda place: self._choose(place))
        self.count = number(1, redo.MOST, lambda value: self._ask_for(int(value)))
        self.count.setAccessibleName(tr("How many to choose from"))
        self.count.setToolTip(tr("How many to choose from"))
        self.count.setMaximumWidth(self.count.sizeHint().width())
        self.cancel = button(tr("Cancel"), self._cancel, tr("Keep the process as it is"))
        self.cancel.setMinimumWidth(words_width(self.cancel))
        layout = column(self)
        head = row()
        head.addWidget(self._moment, 1)
        head.addWidget(self.area)
        layout.addLayout(head)
        for widget in (self.grid, self._problem):
            layout.addWidget(widget)
        layout.addLayout(row(label(tr("Candidates")), self.count, self.cancel))

    def refresh(self, session: Session | None) -> None:
        """Show the session's choice, if one is open for the result that is shown."""
        choice = session.redo if session is not None else None
        shown = session is not None and choice is not None and session.shown == choice.request_id
        self.setVisible(shown)
        if session is None or choice is None or not shown:
            return
        self._show_area(choice)
        if choice != self._choice:
            self._choice = choice
            base = session.jobs.get(choice.request_id)
            engine = self._controller.status.server.engine(base.engine) if base is not None else None
            self._rebuild(choice, engine.candidates if engine is not None else ())
        problems = set()
        for candidate, film in zip(choice.candidates, self.grid.films, strict=True):
            job = session.jobs.get(candidate.request_id)
            if job is not None:
                known = [session.previews.get(each) for each in redo.pictures(job, choice.step)]
                images = [image for image in known if image is not None]
                film.show_images(images if len(images) > 1 else [])
                problems.add(_problem(job))
        show_words(self._problem, " ".join(sorted(problems - {""})), bad=True)

    def _rebuild(self, choice: Redo, names: tuple[str, ...]) -> None:
        done = phases.moment(float(choice.step), "")
        show_words(self._moment, tr("From {moment}: choose how it goes on.", moment=done))
        self.count.blockSignals(True)
        self.count.setValue(len(choice.candidates) or self._controller.settings.candidates)
        self.count.blockSignals(False)
        titles = [redo.title(candidate.number, names) for candidate in choice.candidates]
        self.grid.show_films([FilmButton(title, tr("Go on this way: {title}", title=title), 1.0) for title in titles])

    def _show_area(self, choice: Redo) -> None:
        """Whether only the selection may change, for as long as there is something to choose."""
        document = documents.active()
        extent = redo.extent(choice, documents.selected(document) if document is not None else None)
        self.area.setVisible(extent is not None)
        if extent is not None:
            self._selection = extent.selection
            self.area.setText(extent.text)
            self.area.setToolTip(extent.tip)
            self.area.setAccessibleName(extent.tip)

    def _change_area(self) -> None:
        document = documents.active()
        if document is not None:
            self._controller.redoing.change_area(document, self._selection)

    def _ask_for(self, count: int) -> None:
        session = self._controller.active()
        if session is not None:
            self._controller.redoing.ask_for(session, count)

    def _choose(self, place: int) -> None:
        if self._choice is not None:
            self._controller.redoing.choose(documents.active(), self._choice.candidates[place])

    def _cancel(self) -> None:
        session = self._controller.active()
        if session is not None:
            self._controller.redoing.close(session)


def _problem(job: Job) -> str:
    """Why a candidate will not come."""
    return job.words() if job.state.ended and len(job.keyframes) < 1 else ""
