"""Earlier results of the document."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..controller.controller import Controller
from ..core.history import state_words
from ..core.translate import tr
from ..krita_adapter import document as documents
from ..qt import Qt, QtWidgets, on
from .parts import IGNORED, button, column, row

if TYPE_CHECKING:
    from ..controller.session import Session

HEIGHT = 110


class ResultsPanel(QtWidgets.QWidget):
    """A list; choosing shows a result, so that it can be imported again."""

    def __init__(self, controller: Controller) -> None:
        super().__init__()
        self._controller = controller
        self._shown: object = None
        self._list = QtWidgets.QListWidget()
        self._list.setFixedHeight(HEIGHT)
        self._list.setSizePolicy(IGNORED, QtWidgets.QSizePolicy.Policy.Fixed)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self._list.setAccessibleName(tr("Earlier results"))
        layout = column(self)
        layout.addWidget(self._list)
        layout.addLayout(
            row(
                button(tr("Repeat"), self._repeat, tr("Take over its settings, to repeat it with changes")),
                button(tr("Delete"), self._delete, tr("Delete it here and at the daemon")),
            )
        )
        on(self._list.itemClicked, self._chosen)
        on(self._list.itemActivated, self._chosen)

    def refresh(self, session: Session | None) -> None:
        """Show the document's history."""
        key = (session.history, session.shown) if session is not None else None
        if key == self._shown:
            return
        self._shown = key
        self._list.clear()
        for entry in session.history.entries if session is not None else ():
            when = time.strftime("%d.%m. %H:%M", time.localtime(entry.created))
            state = "" if entry.state == "finished" else f"\n{state_words(entry.state)}"
            item = QtWidgets.QListWidgetItem(f"{when} · {entry.engine}{state}")
            item.setData(Qt.ItemDataRole.UserRole, entry.request_id)
            item.setToolTip(f"{when} · {entry.engine} · {state_words(entry.state)}")
            self._list.addItem(item)
            if session is not None and entry.request_id == session.shown:
                self._list.setCurrentItem(item)

    def _current(self) -> str:
        item = self._list.currentItem()
        return str(item.data(Qt.ItemDataRole.UserRole)) if item is not None else ""

    def _chosen(self) -> None:
        session = self._controller.active()
        if session is not None and self._current():
            self._controller.running.show(session, self._current())

    def _repeat(self) -> None:
        self._controller.running.repeat(documents.active(), self._current())

    def _delete(self) -> None:
        session = self._controller.active()
        if session is not None and self._current():
            self._controller.running.delete(session, self._current())
