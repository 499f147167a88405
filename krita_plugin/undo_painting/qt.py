"""The one place that knows which Qt binding Krita brings: PyQt5 (Krita 5) or PyQt6 (Krita 6).

Enums are written in their scoped form everywhere, which both bindings understand.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import Any

from .core import log

if "PyQt5" not in sys.modules:
    from PyQt6 import QtCore, QtGui, QtWidgets, sip

    MAJOR = 6
else:
    # Krita has loaded its own binding before any plugin; the other one, which may be installed too, is not for it.
    from PyQt5 import QtCore, QtGui, QtWidgets, sip  # type: ignore[no-redef]

    MAJOR = 5

Qt = QtCore.Qt
QTimer = QtCore.QTimer
QImage = QtGui.QImage

__all__ = ["MAJOR", "QImage", "QTimer", "Qt", "QtCore", "QtGui", "QtWidgets", "alive", "on", "position_x"]


def on(signal: Any, slot: Callable[..., Any]) -> None:
    """Connect a slot so that no exception vanishes; arguments that the slot does not take are dropped."""
    takes = _arguments(slot)
    guarded = log.guarded(slot)
    signal.connect(lambda *arguments: guarded(*arguments[:takes]) and None)


def _arguments(slot: Callable[..., Any]) -> int:
    """How many arguments a slot takes by place; Qt's own methods tell nothing and are called without."""
    try:
        parameters = inspect.signature(slot).parameters.values()
    except ValueError:
        return 0
    return sum(item.kind in (item.POSITIONAL_ONLY, item.POSITIONAL_OR_KEYWORD) for item in parameters)


def alive(thing: Any) -> bool:
    """Whether Qt has not deleted the object behind a Python one."""
    return not sip.isdeleted(thing)


def position_x(event: Any) -> int:
    """Where a mouse event happened, across."""
    return int(event.position().x() if MAJOR == 6 else event.x())
