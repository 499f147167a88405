"""Set up, models, repair, uninstall."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..controller.controller import Controller
from ..core.translate import tr
from ..qt import QtWidgets
from .parts import Bar, button, column, label, row, show_words

if TYPE_CHECKING:
    from ..controller.session import Session


class SetupPanel(QtWidgets.QWidget):
    """Buttons, a bar and a line."""

    def __init__(self, controller: Controller) -> None:
        super().__init__()
        self._controller = controller
        setup = controller.setup
        self._set_up = button(tr("Set up"), setup.set_up, tr("Install what is needed into your own data folder"))
        self._models = button(
            tr("Add the Paints-Undo models"), setup.add_models, tr("PyTorch for your card and some 7 GB of models")
        )
        self._uninstall = button(tr("Uninstall"), setup.uninstall, tr("Your results and models are kept"))
        self._cancel = button(tr("Cancel"), setup.cancel)
        self._bar = Bar()
        self._words = label()
        self._list = label(dim=True)
        layout = column(self)
        layout.addLayout(row(self._set_up, self._uninstall))
        layout.addWidget(self._models)
        layout.addWidget(self._list)
        layout.addWidget(self._bar)
        layout.addWidget(self._words)
        layout.addWidget(self._cancel)

    def refresh(self, _session: Session | None = None) -> None:
        """Show what is installed, and how far it is."""
        setup, offers = self._controller.setup, self._controller.setup.offers()
        self._set_up.setText(offers.set_up)
        self._set_up.setEnabled(offers.can_set_up)
        self._models.setText(offers.models_text)
        self._models.setEnabled(bool(offers.models))
        self._uninstall.setEnabled(offers.can_uninstall)
        self._cancel.setVisible(setup.running)
        self._bar.setVisible(setup.running)
        self._bar.show_part(*((setup.done, setup.of) if setup.done < setup.of else (0, 0)))
        show_words(self._words, f"{setup.text}\n{setup.detail}".strip(), setup.bad)
        lines = list(offers.lines)
        if offers.models and self._controller.status.server.only_processor:
            lines.append(tr("Without a graphics card for them, one picture takes them hours."))
        show_words(self._list, "\n".join(lines))
