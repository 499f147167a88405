"""Small widgets that the others are made of."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from ..core.mnemonics import letter
from ..qt import Qt, QtWidgets, on

IGNORED = QtWidgets.QSizePolicy.Policy.Ignored
PREFERRED = QtWidgets.QSizePolicy.Policy.Preferred
FIXED = QtWidgets.QSizePolicy.Policy.Fixed
EXPANDING = QtWidgets.QSizePolicy.Policy.Expanding
MARGIN = 6
BAD = "color: #d9534f;"


def column(parent: Any, margin: int = 0, spacing: int = 4) -> Any:
    """A column layout."""
    layout = QtWidgets.QVBoxLayout(parent)
    layout.setContentsMargins(margin, margin, margin, margin)
    layout.setSpacing(spacing)
    return layout


def row(*widgets: Any) -> Any:
    """Widgets side by side that share the width."""
    layout = QtWidgets.QHBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(4)
    for widget in widgets:
        layout.addWidget(widget, 1)
    return layout


def label(text: str = "", dim: bool = False) -> Any:
    """A line of text that wraps, and never asks for more width than there is."""
    widget = QtWidgets.QLabel(text)
    widget.setWordWrap(True)
    widget.setSizePolicy(IGNORED, PREFERRED)
    widget.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if dim:
        widget.setEnabled(False)
    return widget


def button(text: str, clicked: Any, tip: str = "") -> Any:
    """A button that may become narrow."""
    widget = QtWidgets.QPushButton(text)
    widget.setSizePolicy(IGNORED, FIXED)
    widget.setToolTip(tip or text)
    on(widget.clicked, lambda: clicked())
    return widget


def tool(text: str, clicked: Any, tip: str) -> Any:
    """A small square button."""
    widget = QtWidgets.QToolButton()
    widget.setText(text)
    widget.setToolTip(tip)
    widget.setAccessibleName(tip)
    on(widget.clicked, lambda: clicked())
    return widget


def choice(entries: list[tuple[str, str]], changed: Any) -> Any:
    """A combo box of (value, text shown); it may become narrow."""
    widget = QtWidgets.QComboBox()
    widget.setSizePolicy(IGNORED, FIXED)
    widget.setMinimumContentsLength(4)
    for value, text in entries:
        widget.addItem(text, value)
    on(widget.activated, lambda: changed(widget.currentData()))
    return widget


def select(widget: Any, value: str) -> None:
    """Show a value in a combo box."""
    place = widget.findData(value)
    if place >= 0:
        widget.setCurrentIndex(place)


def number(low: float, high: float, changed: Any, decimals: int = 0) -> Any:
    """A spin box; whole numbers unless `decimals`. Seeds are too large for an integer one, so all are doubles."""
    widget = QtWidgets.QDoubleSpinBox()
    widget.setDecimals(decimals)
    widget.setRange(low, high)
    widget.setSingleStep(1.0 if decimals == 0 else 0.5)
    widget.setSizePolicy(IGNORED, FIXED)
    widget.setKeyboardTracking(False)
    on(widget.valueChanged, lambda value: changed(value))
    return widget


def menu_letters(widget: Any) -> set[str]:
    """The letters that Alt opens Krita's menus with, which nothing in the docker may take."""
    windows = (widget.window(), *QtWidgets.QApplication.topLevelWidgets())
    bars = (window.menuBar() for window in windows if isinstance(window, QtWidgets.QMainWindow))
    return {letter(action.text()) for bar in bars for action in bar.actions()} - {""}


class Bar(QtWidgets.QProgressBar):
    """A thin bar. Qt's own is painted at once with every value and waits for the screen each time; this one waits for
    the window's next painting."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextVisible(False)
        self.setFixedHeight(8)

    def show_part(self, done: int, of: int) -> None:
        """Show `done` of `of`; a bar without an end when `of` is 0."""
        if of == self.maximum() and (of == 0 or done == self.value()):
            return
        self.setUpdatesEnabled(False)
        self.setRange(0, of)
        self.setValue(done)
        self.setUpdatesEnabled(True)


def show_words(widget: Any, text: str, bad: bool = False) -> None:
    """Show a line, if there is one; styles are set anew only when they change, since that lays the docker out again."""
    widget.setText(text)
    style = BAD if bad else ""
    if widget.styleSheet() != style:
        widget.setStyleSheet(style)
    widget.setVisible(bool(text))


class Form(QtWidgets.QGridLayout):
    """Labels on the left, fields on the right, in fixed shares of a narrow width."""

    def __init__(self) -> None:
        super().__init__()
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(4)
        self.setColumnStretch(0, 2)
        self.setColumnStretch(1, 3)

    def add(self, text: str, field: Any) -> None:
        """A row: a widget or a layout with its label, which also names it for assistive programs."""
        place = self.rowCount()
        name = label(text)
        name.setToolTip(text)
        self.addWidget(name, place, 0)
        name.setBuddy(field.itemAt(0).widget() if isinstance(field, QtWidgets.QLayout) else field)
        if isinstance(field, QtWidgets.QLayout):
            self.addLayout(field, place, 1)
            for widget in filter(None, (field.itemAt(number).widget() for number in range(field.count()))):
                if not widget.accessibleName():
                    widget.setAccessibleName(text)
        else:
            field.setAccessibleName(text)
            self.addWidget(field, place, 1)

    def add_wide(self, widget: Any) -> None:
        """A widget across both columns."""
        self.addWidget(widget, self.rowCount(), 0, 1, 2)


class Fold(QtWidgets.QWidget):
    """A heading that folds its content away. Closed at first."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._head = QtWidgets.QToolButton()
        self._head.setText(title)
        self._head.setCheckable(True)
        self._head.setArrowType(Qt.ArrowType.RightArrow)
        self._head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._head.setAutoRaise(True)
        self._head.setSizePolicy(EXPANDING, FIXED)
        self.body = QtWidgets.QWidget()
        self.inside = column(self.body)
        self.inside.setContentsMargins(MARGIN, 0, 0, MARGIN)
        self.body.hide()
        layout = column(self, spacing=2)
        layout.addWidget(self._head)
        layout.addWidget(self.body)
        on(self._head.toggled, self._toggled)

    def set_open(self, opened: bool) -> None:
        """Fold open or closed."""
        self._head.setChecked(opened)

    def _toggled(self, opened: bool) -> None:
        """Show what is inside, or hide it."""
        self._head.setArrowType(Qt.ArrowType.DownArrow if opened else Qt.ArrowType.RightArrow)
        self.body.setVisible(opened)


class LateFold(Fold):
    """A fold whose content is made when it is first needed: most artists open none, and Krita starts sooner."""

    def __init__(self, title: str, make: Callable[[], Any]) -> None:
        super().__init__(title)
        self._make = make
        self.made: Any = None

    def content(self) -> Any:
        """What is inside, made now unless it is there."""
        if self.made is None:
            self.made = self._make()
            self.inside.addWidget(self.made)
            self._tab_through()
        return self.made

    def _tab_through(self) -> None:
        """Tab goes from the heading into what is inside, not to it after everything that was there before."""
        place, inside = self.made.nextInFocusChain(), []
        while self.made.isAncestorOf(place):
            if place.focusPolicy() != Qt.FocusPolicy.NoFocus and place.focusProxy() is None:
                inside.append(place)
            place = place.nextInFocusChain()
        for before, after in itertools.pairwise([self._head, *inside]):
            QtWidgets.QWidget.setTabOrder(before, after)

    def _toggled(self, opened: bool) -> None:
        if opened:
            self.content()
        super()._toggled(opened)
