"""The chip beside the big button: that there is a selection, and whether it alone is painted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..controller.controller import Controller
from ..core.translate import tr
from ..krita_adapter import document as documents
from ..qt import QtWidgets, on

if TYPE_CHECKING:
    from ..controller.session import Session


class Chip(QtWidgets.QToolButton):
    """Shown while something is selected; a click takes the whole picture, another one the selection again."""

    def __init__(self, controller: Controller) -> None:
        super().__init__()
        self._controller = controller
        on(self.clicked, self._switch)

    def refresh(self, session: Session | None) -> None:
        """Show what is selected now."""
        document = documents.active()
        found = documents.selected(document) if document is not None and session is not None else None
        shown = found is not None and session is not None and session.source in ("auto", "picture")
        self.setVisible(shown)
        if shown and found is not None and session is not None:
            whole = session.source == "picture"
            tip = (
                tr("The whole picture is used; click for the selection alone")
                if whole
                else tr("Only the selection is used; click for the whole picture")
            )
            self.setToolTip(tip)
            self.setAccessibleName(tip)
            self.setText(tr("Whole picture") if whole else f"⬚ {found.width} × {found.height}")

    def _switch(self) -> None:
        session = self._controller.active()
        if session is not None:
            session.source = "auto" if session.source == "picture" else "picture"
            self._controller.changed()
