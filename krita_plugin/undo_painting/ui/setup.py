"""Set up, models, repair, uninstall."""

from __future__ import annotations

from ..controller.controller import Controller
from ..core import memory
from ..core.translate import tr
from ..qt import QtWidgets
from .parts import button, column, label, row


class SetupPanel(QtWidgets.QWidget):
    """Buttons, a bar and a line."""

    def __init__(self, controller: Controller) -> None:
        super().__init__()
        self._controller = controller
        setup = controller.setup
        self._set_up = button(tr("Set up"), setup.set_up, tr("Install the daemon into your own data folder"))
        self._models = button(
            tr("Add the Paints-Undo models"), setup.add_diffusion, tr("PyTorch for your card and some 7 GB of models")
        )
        self._uninstall = button(tr("Uninstall"), setup.uninstall, tr("Your results are kept"))
        self._cancel = button(tr("Cancel"), setup.cancel)
        self._bar = QtWidgets.QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(8)
        self._words = label()
        self._list = label(dim=True)
        layout = column(self)
        layout.addLayout(row(self._set_up, self._uninstall))
        layout.addWidget(self._models)
        layout.addWidget(self._list)
        layout.addWidget(self._bar)
        layout.addWidget(self._words)
        layout.addWidget(self._cancel)

    def refresh(self) -> None:
        """Show what is installed, and how far it is."""
        setup = self._controller.setup
        busy, has_bundle = setup.running, setup.bundle is not None
        self._set_up.setText(tr("Repair") if setup.installed else tr("Set up"))
        self._set_up.setEnabled(has_bundle and not busy)
        self._models.setEnabled(has_bundle and setup.installed and not busy)
        self._uninstall.setEnabled(setup.installed and not busy)
        self._cancel.setVisible(busy)
        self._bar.setVisible(busy)
        self._bar.setRange(0, setup.of if setup.done < setup.of else 0)
        self._bar.setValue(setup.done)
        self._words.setText(setup.text)
        self._words.setStyleSheet("color: #d9534f;" if setup.bad else "")
        self._words.setVisible(bool(setup.text))
        lines = [
            f"{model.model_id}: "
            + (tr("ready") if model.ready else f"{memory.words(model.size)} / {memory.words(model.total)}")
            for model in setup.models
        ]
        if setup.free_disk:
            lines.append(tr("{free} free on the disk", free=memory.words(setup.free_disk)))
        self._list.setText("\n".join(lines))
        self._list.setVisible(bool(lines))
