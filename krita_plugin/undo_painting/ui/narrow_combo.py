"""A combo box that tells where its words do not fit."""

from __future__ import annotations

from ..qt import Qt, QtCore, QtGui, QtWidgets

COMBO = QtWidgets.QStyle.ComplexControl.CC_ComboBox
WORDS = QtWidgets.QStyle.SubControl.SC_ComboBoxEditField
LABEL = QtWidgets.QStyle.ControlElement.CE_ComboBoxLabel
PAD = 4


class NarrowCombo(QtWidgets.QComboBox):
    """Words that are longer than the field end in "…", and are read whole under the pointer; Qt's own cuts them."""

    def paintEvent(self, event: QtGui.QPaintEvent | None) -> None:  # noqa: N802, ARG002
        painter = QtWidgets.QStylePainter(self)
        option = self._option()
        option.currentText = self._fitting(option)
        painter.drawComplexControl(COMBO, option)
        painter.drawControl(LABEL, option)

    def event(self, event: QtCore.QEvent | None) -> bool:
        if isinstance(event, QtGui.QHelpEvent) and event.type() == QtCore.QEvent.Type.ToolTip:
            whole = self.currentText()
            if self._fitting(self._option()) != whole:
                QtWidgets.QToolTip.showText(event.globalPos(), whole, self)
                return True
        return super().event(event)

    def _option(self) -> QtWidgets.QStyleOptionComboBox:
        option = QtWidgets.QStyleOptionComboBox()
        self.initStyleOption(option)
        return option

    def _fitting(self, option: QtWidgets.QStyleOptionComboBox) -> str:
        style = self.style()
        if style is None:
            return self.currentText()
        room = style.subControlRect(COMBO, option, WORDS, self).width() - PAD
        return self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room)
