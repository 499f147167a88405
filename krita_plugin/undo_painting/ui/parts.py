"""Small widgets that the others are made of."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from ..core import contrast
from ..core.mnemonics import letter
from ..qt import Qt, QtCore, QtGui, QtWidgets, on
from .narrow_combo import NarrowCombo

IGNORED = QtWidgets.QSizePolicy.Policy.Ignored
PREFERRED = QtWidgets.QSizePolicy.Policy.Preferred
FIXED = QtWidgets.QSizePolicy.Policy.Fixed
EXPANDING = QtWidgets.QSizePolicy.Policy.Expanding
MARGIN = 6
LIST_PAD = 32
BUTTON_PAD = 16


def column(parent: QtWidgets.QWidget, margin: int = 0, spacing: int = 4) -> QtWidgets.QVBoxLayout:
    """A column layout."""
    layout = QtWidgets.QVBoxLayout(parent)
    layout.setContentsMargins(margin, margin, margin, margin)
    layout.setSpacing(spacing)
    return layout


def row(*widgets: QtWidgets.QWidget) -> QtWidgets.QHBoxLayout:
    """Widgets side by side that share the width; buttons by the length of what is on them."""
    layout = QtWidgets.QHBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(4)
    for widget in widgets:
        layout.addWidget(widget, share(widget))
    return layout


def share(widget: QtWidgets.QWidget) -> int:
    """How much of a row's width a widget takes beside others."""
    return words_width(widget) if isinstance(widget, QtWidgets.QPushButton) else 100


def words_width(widget: QtWidgets.QPushButton) -> int:
    """The least width in which a button's words are read whole; its own hint is never less than 80 pixels."""
    return widget.fontMetrics().horizontalAdvance(widget.text().replace("&", "")) + BUTTON_PAD


def label(text: str = "", dim: bool = False) -> QtWidgets.QLabel:
    """A line of text that wraps, and never asks for more width than there is."""
    widget = Words(text)
    widget.setWordWrap(True)
    widget.setSizePolicy(IGNORED, PREFERRED)
    widget.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    widget.setProperty("dim", dim)
    return widget


def button(text: str, clicked: Callable[[], object], tip: str = "") -> QtWidgets.QPushButton:
    """A button that may become narrow."""
    widget = QtWidgets.QPushButton(text)
    widget.setSizePolicy(IGNORED, FIXED)
    widget.setToolTip(tip or text)
    on(widget.clicked, lambda: clicked())
    return widget


def tool(text: str, clicked: Callable[[], object], tip: str) -> QtWidgets.QToolButton:
    """A small square button."""
    widget = QtWidgets.QToolButton()
    widget.setText(text)
    widget.setToolTip(tip)
    widget.setAccessibleName(tip)
    on(widget.clicked, lambda: clicked())
    return widget


def choice(entries: list[tuple[str, str]], changed: Callable[[str], object]) -> QtWidgets.QComboBox:
    """A combo box of (value, text shown); it may become narrow."""
    widget = NarrowCombo()
    widget.setSizePolicy(IGNORED, FIXED)
    widget.setMinimumContentsLength(4)
    fill(widget, entries)
    on(widget.activated, lambda: changed(widget.currentData()))
    return widget


def fill(widget: QtWidgets.QComboBox, entries: list[tuple[str, str]]) -> None:
    """Give a combo box other entries, as (value, text shown)."""
    widget.clear()
    for value, text in entries:
        widget.addItem(text, value)
    listed = widget.view()
    if listed is not None and entries:
        # The field may be narrow; what it is chosen from is read whole.
        longest = max(widget.fontMetrics().horizontalAdvance(text) for _, text in entries)
        listed.setMinimumWidth(longest + LIST_PAD)


def select(widget: QtWidgets.QComboBox, value: str) -> None:
    """Show a value in a combo box."""
    place = widget.findData(value)
    if place >= 0:
        widget.setCurrentIndex(place)


def number(
    low: float, high: float, changed: Callable[[float], object], decimals: int = 0, value: float | None = None
) -> QtWidgets.QDoubleSpinBox:
    """A spin box; whole numbers unless `decimals`. Seeds are too large for an integer one, so all are doubles."""
    widget = QtWidgets.QDoubleSpinBox()
    widget.setDecimals(decimals)
    widget.setRange(low, high)
    widget.setSingleStep(1.0 if decimals == 0 else 0.5)
    widget.setSizePolicy(IGNORED, FIXED)
    widget.setKeyboardTracking(False)
    if value is not None:
        widget.setValue(value)
    on(widget.valueChanged, lambda value: changed(value))
    return widget


def main_window(widget: QtWidgets.QWidget) -> QtWidgets.QWidget:
    """Krita's window that a widget belongs to: a floating docker is a window too, and what it owns goes with it when it
    is docked."""
    window = widget.window() or widget
    while (parent := window.parentWidget()) is not None:
        window = parent.window() or parent
    return window


def menu_letters(widget: QtWidgets.QWidget) -> set[str]:
    """The letters that Alt opens Krita's menus with, which nothing in the docker may take."""
    windows = (widget.window(), *QtWidgets.QApplication.topLevelWidgets())
    bars = (window.menuBar() for window in windows if isinstance(window, QtWidgets.QMainWindow))
    return {letter(action.text()) for bar in bars if bar is not None for action in bar.actions()} - {""}


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


def show_words(widget: QtWidgets.QLabel, text: str, bad: bool = False) -> None:
    """Show a line, if there is one. What is bad has a sign before it and a colour, which is the palette's: with a style
    sheet Qt would forget the docker's font."""
    widget.setText(f"⚠ {text}" if bad and text else text)
    if bool(widget.property("bad")) != bad:
        widget.setProperty("bad", bad)
        _recolour(widget)
    widget.setVisible(bool(text))


def _recolour(widget: QtWidgets.QLabel) -> None:
    """The label's colour for what it says: that of the theme, an alarm, or a quiet one."""
    parent = widget.parentWidget()
    palette = parent.palette() if parent is not None else QtWidgets.QApplication.palette()
    role = QtGui.QPalette.ColorRole.WindowText
    text, ground = _rgb(palette.color(role)), _rgb(palette.color(QtGui.QPalette.ColorRole.Window))
    own = QtGui.QPalette()
    if widget.property("bad"):
        own.setColor(role, QtGui.QColor(*contrast.alarm(ground)))
    elif widget.property("dim"):
        own.setColor(role, QtGui.QColor(*contrast.dim(text, ground)))
    else:
        widget.setPalette(own)
        return
    if widget.palette().color(role) != own.color(role):
        widget.setPalette(own)


def _rgb(colour: QtGui.QColor) -> contrast.Colour:
    return colour.red(), colour.green(), colour.blue()


RECOLOURING = (
    QtCore.QEvent.Type.ParentChange,
    QtCore.QEvent.Type.Polish,
    QtCore.QEvent.Type.StyleChange,
    QtCore.QEvent.Type.PaletteChange,
    QtCore.QEvent.Type.ApplicationPaletteChange,
)


class Words(QtWidgets.QLabel):
    """A label that follows the theme with its alarm's and its quiet colour."""

    def event(self, event: QtCore.QEvent | None) -> bool:
        if event is not None and event.type() in RECOLOURING and (self.property("bad") or self.property("dim")):
            _recolour(self)
        return super().event(event)


class FormRow:
    """A row of a form, which can be hidden."""

    def __init__(self, *widgets: QtWidgets.QWidget) -> None:
        self._widgets = widgets

    def set_visible(self, visible: bool) -> None:
        """Show the row, or hide it."""
        for widget in self._widgets:
            widget.setVisible(visible)


class Form(QtWidgets.QGridLayout):
    """Labels on the left, fields on the right, in fixed shares of a narrow width."""

    def __init__(self, labels: int = 2, fields: int = 3) -> None:
        super().__init__()
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(4)
        self.setColumnStretch(0, labels)
        self.setColumnStretch(1, fields)

    def add(self, text: str, field: QtWidgets.QWidget | QtWidgets.QLayout) -> FormRow:
        """A row: a widget or a layout with its label, which also names it for assistive programs."""
        place = self.rowCount()
        name = label(text)
        name.setToolTip(text)
        self.addWidget(name, place, 0)
        if isinstance(field, QtWidgets.QLayout):
            items = (field.itemAt(number) for number in range(field.count()))
            widgets = [item.widget() for item in items if item is not None]
            shown = QtWidgets.QWidget()
            shown.setLayout(field)
        else:
            widgets, shown = [field], field
        self.addWidget(shown, place, 1)
        name.setBuddy(widgets[0])
        for widget in widgets:
            if widget is not None and not widget.accessibleName():
                widget.setAccessibleName(text)
        return FormRow(name, shown)

    def add_wide(self, widget: QtWidgets.QWidget) -> None:
        """A widget across both columns."""
        self.addWidget(widget, self.rowCount(), 0, 1, 2)


class Fold(QtWidgets.QWidget):
    """A heading that folds its content away. Closed at first."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._head = QtWidgets.QToolButton()
        self.title = title
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

    def text(self) -> str:
        """The heading, with its letter."""
        return self._head.text()

    def setText(self, text: str) -> None:  # noqa: N802
        """Give the heading a letter."""
        self._head.setText(text)

    def set_open(self, opened: bool) -> None:
        """Fold open or closed."""
        self._head.setChecked(opened)

    def _toggled(self, opened: bool) -> None:
        """Show what is inside, or hide it."""
        self._head.setArrowType(Qt.ArrowType.DownArrow if opened else Qt.ArrowType.RightArrow)
        self.body.setVisible(opened)


def tab_through(first: QtWidgets.QWidget, made: QtWidgets.QWidget) -> None:
    """Tab goes from `first` into what was made late, not to it after everything that was there before."""
    place, inside = made.nextInFocusChain(), list[QtWidgets.QWidget]()
    while place is not None and made.isAncestorOf(place):
        if place.focusPolicy() != Qt.FocusPolicy.NoFocus and place.focusProxy() is None:
            inside.append(place)
        place = place.nextInFocusChain()
    for before, after in itertools.pairwise([first, *inside]):
        QtWidgets.QWidget.setTabOrder(before, after)


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
            tab_through(self._head, self.made)
        return self.made

    def _toggled(self, opened: bool) -> None:
        if opened:
            self.content()
        super()._toggled(opened)
