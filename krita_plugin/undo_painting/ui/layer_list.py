"""Which layers of a painting are left out, chosen from those that it has."""

from __future__ import annotations

from functools import partial

from ..core.layer_names import words
from ..core.translate import tr
from ..qt import QtCore, QtWidgets, on
from .parts import FIXED, IGNORED

Names = tuple[str, ...]


class LayerList(QtWidgets.QToolButton):
    """A button that tells what is left out; its menu has the layers, each to be left out, or put back, by a click.
    `changed` tells of such a click, `asked` that the menu opens and the names may have to be found out."""

    changed = QtCore.pyqtSignal()
    asked = QtCore.pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._names: Names | None = None
        self._out: Names = ()
        self.setSizePolicy(IGNORED, FIXED)
        self.setPopupMode(QtWidgets.QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolTip(tr("Layers of the painting that are not shown"))
        self.list = QtWidgets.QMenu(self)
        self.setMenu(self.list)
        on(self.list.aboutToShow, self._open)
        self._tell()

    @property
    def out(self) -> str:
        """The names of what is left out, as the protocol has them."""
        return ", ".join(self._out)

    def leave_out(self, names: str) -> None:
        """Leave these out, named as `out` names them."""
        self._out = tuple(filter(None, (each.strip() for each in names.split(","))))
        self._tell()

    def show_names(self, names: Names | None) -> None:
        """The painting's layers, the topmost first; None while they are not known."""
        if names != self._names:
            self._names = names
            if self.list.isVisible():
                self._fill()

    def _open(self) -> None:
        self.asked.emit()
        self._fill()

    def _fill(self) -> None:
        self.list.clear()
        if self._names is None:
            waiting = self.list.addAction("…")
            if waiting is not None:
                waiting.setEnabled(False)
        for name in dict.fromkeys((*(self._names or ()), *self._out)):
            action = self.list.addAction(words(name).replace("&", "&&"))
            if action is not None:
                action.setCheckable(True)
                action.setChecked(name in self._out)
                on(action.triggered, partial(self._switch, name))

    def _switch(self, name: str) -> None:
        self._out = tuple(each for each in self._out if each != name) if name in self._out else (*self._out, name)
        self._tell()
        self.changed.emit()

    def _tell(self) -> None:
        self.setText(", ".join(map(words, self._out)) or tr("None"))
