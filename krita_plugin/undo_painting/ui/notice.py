"""A line for the artist, with what is offered about it as buttons."""

from __future__ import annotations

from functools import partial

from ..controller.controller import Controller
from ..controller.session import Note, Session
from ..qt import QtWidgets
from .parts import button, column, label, show_words, words_width

ACROSS, DOWN = QtWidgets.QBoxLayout.Direction.LeftToRight, QtWidgets.QBoxLayout.Direction.TopToBottom
MOST = 3
SPACING = 4


class Notice(QtWidgets.QWidget):
    """Shows a session's note. Offers stand side by side where there is room for their words."""

    def __init__(self, controller: Controller) -> None:
        super().__init__()
        self._controller = controller
        self._shown: Note | None = None
        self._width = 0
        self.words = label()
        self.offers = [button("", partial(self._accept, place)) for place in range(MOST)]
        self._line = QtWidgets.QWidget()
        self._layout = QtWidgets.QBoxLayout(ACROSS, self._line)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(SPACING)
        for each in self.offers:
            self._layout.addWidget(each)
        layout = column(self)
        layout.addWidget(self.words)
        layout.addWidget(self._line)

    def refresh(self, session: Session | None, width: int) -> None:
        """Show the session's note in a docker of this width."""
        note = session.note if session is not None else Note()
        show_words(self.words, note.text, note.bad)
        self._line.setVisible(bool(note.offers))
        self.setVisible(bool(note.text or note.offers))
        if (note, width) == (self._shown, self._width):
            return
        self._shown, self._width = note, width
        for place, each in enumerate(self.offers):
            shown = place < len(note.offers)
            each.setVisible(shown)
            if shown:
                each.setText(note.offers[place].text)
                each.setToolTip(note.offers[place].text)
        needed = [words_width(each) for each in self.offers[: len(note.offers)]]
        for place, words in enumerate(needed):
            self._layout.setStretch(place, words)
        self._layout.setDirection(ACROSS if sum(needed) + SPACING * (len(needed) - 1) <= width else DOWN)

    def _accept(self, place: int) -> None:
        note = self._shown
        if note is not None and place < len(note.offers):
            note.offers[place].accept()
            self._controller.changed()
