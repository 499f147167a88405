"""For scripts that tests run: the packed plugin (first argument) under PyQt6 without a screen, beside a stand-in for
Krita's module that has no document open."""

import importlib.machinery
import sys
import time
import types

sys.path.insert(0, sys.argv[1])


class Krita:
    """No document, no window."""

    @staticmethod
    def instance():
        return Krita()

    def activeDocument(self):  # noqa: N802
        return None

    def documents(self):
        return []

    def views(self):
        return []

    def version(self):
        return "6"


import undo_painting  # noqa: E402, F401 - before the stand-in, so that it does not register itself

stand_in = types.ModuleType("krita")
stand_in.Krita = Krita
stand_in.__spec__ = importlib.machinery.ModuleSpec("krita", None)
sys.modules["krita"] = stand_in

from undo_painting.qt import QtWidgets  # noqa: E402

application = QtWidgets.QApplication([])


def wait(controller, condition, seconds=60.0):
    """Let the controller work until something holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, [controller.status, controller.setup.text, controller.setup.models]
        controller.drain()
        application.processEvents()
        time.sleep(0.01)
