"""What an artist need not know: the engines and their parameters, what is installed, the settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..controller.controller import Controller
from ..core.translate import tr
from ..qt import QtWidgets
from .making import MakingPanel
from .parts import Fold, button, column, label, show_words
from .setup import SetupPanel

if TYPE_CHECKING:
    from ..controller.session import Session


class ExpertPanel(QtWidgets.QWidget):
    """`engine_words` tells which engine it is, and why."""

    def __init__(self, controller: Controller, settings: Callable[[], object], engine_words: Callable[[], str]) -> None:
        super().__init__()
        self._engine_words = engine_words
        self.engine = label()
        self.making = MakingPanel(controller)
        self.setup = SetupPanel(controller)
        making, installed = Fold(tr("How it is made")), Fold(tr("Set up and models"))
        making.inside.addWidget(self.making)
        installed.inside.addWidget(self.setup)
        self.making_fold, self.setup_fold = making, installed
        layout = column(self)
        for widget in (self.engine, making, installed, button(tr("Settings …"), settings)):
            layout.addWidget(widget)
        layout.addWidget(label(tr("Unofficial; not made by the Krita project. Report problems to us."), dim=True))

    def refresh(self, session: Session | None) -> None:
        """Show what is."""
        show_words(self.engine, self._engine_words())
        self.making.refresh(session)
        self.setup.refresh(session)
