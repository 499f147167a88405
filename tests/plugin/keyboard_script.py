"""Run by a test: walks the docker and the settings dialog with the Tab key, and looks at their names."""

import itertools
import json

from offscreen import application, wait
from undo_painting.controller.controller import Controller
from undo_painting.core.mnemonics import letter
from undo_painting.core.translate import choose
from undo_painting.qt import Qt, QtWidgets
from undo_painting.ui.docker_widget import DockerWidget
from undo_painting.ui.settings_dialog import SettingsDialog

try:
    from PyQt6.QtTest import QTest
except ImportError:
    from PyQt5.QtTest import QTest

INPUTS = (
    QtWidgets.QAbstractButton,
    QtWidgets.QComboBox,
    QtWidgets.QAbstractSpinBox,
    QtWidgets.QLineEdit,
    QtWidgets.QPlainTextEdit,
    QtWidgets.QAbstractSlider,
    QtWidgets.QAbstractItemView,
)


def described(widget):
    text = widget.text() if isinstance(widget, QtWidgets.QAbstractButton) else ""
    label = widget.window().findChildren(QtWidgets.QLabel)
    buddies = [item.text() for item in label if item.buddy() is widget]
    return text or widget.accessibleName() or "".join(buddies)


def inputs(top):
    """What the artist can use: visible, enabled, and no part of another input."""
    found = []
    for widget in top.findChildren(QtWidgets.QWidget):
        inside = isinstance(widget.parent(), (QtWidgets.QAbstractSpinBox, QtWidgets.QComboBox))
        scroll = isinstance(widget, QtWidgets.QScrollBar)
        if isinstance(widget, INPUTS) and widget.isVisible() and widget.isEnabled() and not inside and not scroll:
            found.append(widget)
    return found


def walked(top):
    """Everything that takes the keyboard while Tab is pressed once round."""
    top.activateWindow()
    top.setFocus()
    application.processEvents()
    seen = []
    for _ in range(200):
        QTest.keyClick(application.focusWidget() or top, Qt.Key.Key_Tab)
        application.processEvents()
        now = application.focusWidget()
        if now in seen:
            break
        seen.append(now)
    return seen


def letters(top):
    """The letters for Alt of what is visible, and the captions that have none although they name something."""
    captions = [item for item in top.findChildren(QtWidgets.QLabel) if item.buddy() is not None]
    named = [item.text() for item in (*captions, *top.findChildren(QtWidgets.QPushButton)) if item.isVisible()]
    return [letter(text) for text in named if letter(text)], [text for text in named if not letter(text)]


def jumps(order):
    """Where Tab goes up: pairs of inputs of which the later lies above the earlier."""
    places = [(item, item.mapTo(item.window(), item.rect().topLeft()).y()) for item in order]
    return [
        f"{described(earlier)} > {described(later)}"
        for (earlier, above), (later, below) in itertools.pairwise(places)
        if below < above - 12
    ]


def report(top):
    everything, reached = inputs(top), walked(top)
    missed = [f"{type(item).__name__} {described(item)}" for item in everything if item not in reached]
    nameless = [
        f"{type(item).__name__} in {type(item.parent()).__name__}" for item in everything if not described(item)
    ]
    return {"count": len(everything), "missed": missed, "nameless": nameless, "jumps": jumps(reached)}


controller = Controller()
docker = DockerWidget(controller)
docker.resize(250, 2000)
docker.show()
docker.expert_fold.set_open(True)
for fold in (docker.expert.making_fold, docker.expert.setup_fold):
    fold.set_open(True)
docker.making.setEnabled(True)
docker.imports.setVisible(True)
wait(controller, lambda: docker.isVisible())
found = {"docker": report(docker)}
docker.big.setEnabled(True)
docker.big.setFocus()
pressed = []
docker.big.clicked.connect(lambda: pressed.append(True))
QTest.keyClick(docker.big, Qt.Key.Key_Space)
found["pressed"] = pressed
docker.open_settings()
application.processEvents()
dialog = next(item for item in application.topLevelWidgets() if isinstance(item, SettingsDialog))
found["settings"] = report(dialog)
QTest.keyClick(dialog, Qt.Key.Key_Escape)
application.processEvents()
found["letters"] = {}
for code in ("en", "de", "fr"):
    choose(code)
    other = SettingsDialog(controller, None)
    other.show()
    application.processEvents()
    first = next(item for item in other.findChildren(QtWidgets.QLabel) if item.buddy() is not None)
    QTest.keyClick(other, getattr(Qt.Key, f"Key_{letter(first.text()).upper()}"), Qt.KeyboardModifier.AltModifier)
    application.processEvents()
    found["letters"][code] = [*letters(other), first.buddy().hasFocus()]
    other.close()
choose("en")
application.processEvents()
found["closed"] = not [
    item for item in application.topLevelWidgets() if isinstance(item, SettingsDialog) and item.isVisible()
]
controller.close()
print(json.dumps(found))
