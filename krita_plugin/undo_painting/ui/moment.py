"""What can be done from the moment that the player shows: named buttons below the scrubber."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..controller.controller import Controller
from ..core.choice import Choice, Import, ImportTarget, Which
from ..core.jobs import StoredFrame
from ..core.translate import tr
from ..core.view import DockerView
from ..krita_adapter import document as documents
from ..qt import QtCore, QtWidgets, alive
from .parts import button, column, tab_through
from .player import Player

if TYPE_CHECKING:
    from ..controller.session import Session
    from .redoing import RedoPanel

SPACING = 4


class MomentPanel(QtWidgets.QWidget):
    """Shows only what the shown result's engine can. `opened` tells of the choice that is to be brought into view."""

    opened = QtCore.pyqtSignal(QtWidgets.QWidget)

    def __init__(self, controller: Controller, player: Player, show_gallery: Callable[[], object]) -> None:
        super().__init__()
        self._controller = controller
        self._player = player
        self.redo = button(
            tr("Redo from here"), self.redo_from_here, tr("Keep what is painted by this moment, and go on another way")
        )
        self.redo_state = button(
            tr("Redo this state"), self._redo_state, tr("Make the key state that is shown anew, differently")
        )
        self.replace = button(
            tr("Use my layer"), self._replace, tr("Replace the key state that is shown by your active layer")
        )
        self.variants = button(tr("Variants"), show_gallery, tr("See other ways to paint this picture"))
        self.elsewhere = button(
            tr("New document"), self._import_elsewhere, tr("Sixteen key states as layers of a new document")
        )
        self._buttons = (self.redo, self.redo_state, self.replace, self.variants, self.elsewhere)
        self._line = QtWidgets.QWidget()
        self._grid = QtWidgets.QGridLayout(self._line)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(SPACING)
        self._arranged: object = None
        self._choice: RedoPanel | None = None
        self._layout = column(self)
        self._layout.addWidget(self._line)

    @property
    def choice(self) -> RedoPanel:
        """The ways on to choose from, made when it is first needed."""
        if self._choice is None:
            from .redoing import RedoPanel

            self._choice = RedoPanel(self._controller)
            self._choice.hide()
            self._layout.addWidget(self._choice)
            tab_through(self.elsewhere, self._choice)
        return self._choice

    def refresh(self, session: Session | None, view: DockerView, tall: bool) -> None:
        """Show what can be done; in a low docker only a choice that is open."""
        if self._choice is not None or (session is not None and session.redo is not None):
            self.choice.refresh(session)
        chooses = self._choice is not None and not self._choice.isHidden()
        shown = {
            self.redo: view.can_redo,
            self.redo_state: view.can_change_states,
            self.replace: view.can_change_states,
            self.variants: view.can_vary,
            self.elsewhere: view.is_branch,
        }
        for each, wanted in shown.items():
            each.setVisible(wanted)
        self._line.setVisible(tall and any(shown.values()) and not chooses)
        self.setVisible(chooses or not self._line.isHidden())
        self._arrange([each for each in self._buttons if shown[each]])

    def redo_from_here(self) -> None:
        """Ask how it shall go on from the frame that is shown."""
        current, document = self._player.current(), documents.active()
        if current is None or document is None:
            return
        self._player.stop()
        server = self._controller.status.server
        engine = server.engine(current[0].engine)
        if engine is not None and engine.can_redo:
            if self._controller.redoing.begin(document, current[1], lambda: self._stands_at(current[1])):
                self.opened.emit(self.choice)
        elif engine is not None and engine.joins_keyframes:
            self._controller.running.redo_at(document, current[1].operation_step, True)

    def _stands_at(self, picture: StoredFrame) -> bool:
        """Whether the player still shows this frame."""
        current = self._player.current() if alive(self) else None
        return current is not None and current[1] == picture

    def _redo_state(self) -> None:
        current = self._player.current()
        if current is not None:
            self._controller.running.redo_at(documents.active(), current[1].operation_step, False)

    def _replace(self) -> None:
        current = self._player.current()
        if current is not None:
            self._controller.running.replace_at(documents.active(), current[1].operation_step)

    def _import_elsewhere(self) -> None:
        document, session = documents.active(), self._controller.active()
        if document is not None and session is not None and session.job is not None:
            wanted = Import(Choice(Which.STATES), ImportTarget(new_document=True))
            self._controller.importing.begin(document, session.job, wanted)

    def resizeEvent(self, event: Any) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._arranged = None
        self._arrange([each for each in self._buttons if not each.isHidden()])

    def _arrange(self, shown: list[QtWidgets.QPushButton]) -> None:
        """In one line where there is room for all words, else in two columns."""
        widths = [each.sizeHint().width() + SPACING for each in shown]
        columns = len(shown) if sum(widths) <= self.width() or len(shown) < 3 else 2
        if (shown, columns) == self._arranged:
            return
        self._arranged = shown, columns
        for each in self._buttons:
            self._grid.removeWidget(each)
        for place, each in enumerate(shown):
            alone = place == len(shown) - 1 and place % columns == 0
            self._grid.addWidget(each, place // columns, place % columns, 1, columns if alone else 1)
