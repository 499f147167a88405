"""A plugin for the tests alone: runs the script that UNDO_PAINTING_SCRIPT names once Krita has a window, then quits.

An exception anywhere ends Krita at once with exit code 70 and its traceback on stderr; a hang ends it with a
traceback too.
"""

import faulthandler
import os
import runpy
import sys
import traceback
from pathlib import Path

from krita import Extension, Krita

SLOW = 600

if os.environ.get("UNDO_PAINTING_SCRIPT"):
    if "PyQt5" in sys.modules:
        from PyQt5.QtCore import QTimer
        from PyQt5.QtWidgets import QApplication
    else:
        from PyQt6.QtCore import QTimer
        from PyQt6.QtWidgets import QApplication

    sys.path.insert(0, str(Path(__file__).parent))
    faulthandler.enable()
    faulthandler.dump_traceback_later(float(os.environ.get("UNDO_PAINTING_TIMEOUT", "90")), exit=True)

    def fail(kind, value, trace):
        traceback.print_exception(kind, value, trace)
        sys.stderr.flush()
        os._exit(70)

    class Probe(Extension):
        missed = 0

        def setup(self):
            sys.excepthook = fail
            notifier = Krita.instance().notifier()
            notifier.setActive(True)
            notifier.windowCreated.connect(lambda: QTimer.singleShot(0, self.go))

        def createActions(self, window):  # noqa: N802
            pass

        def titles(self):
            return [widget.windowTitle() for widget in QApplication.topLevelWidgets() if widget.isVisible()]

        def go(self):
            if sys._getframe().f_back is not None:
                traceback.print_stack()
                sys.stderr.write("Krita lets timers fire within what only shows something\n")
                sys.stderr.flush()
                os._exit(71)
            # Krita opens its arguments after the window; a nested event loop before that would keep it from doing so.
            if os.environ.get("UNDO_PAINTING_DOCUMENT") and Krita.instance().activeDocument() is None:
                self.missed += 1
                if self.missed == SLOW:
                    sys.stderr.write(f"no document after {SLOW * 0.05:.0f} s; windows: {self.titles()}\n")
                    sys.stderr.flush()
                QTimer.singleShot(50, self.go)
                return
            try:
                runpy.run_path(os.environ["UNDO_PAINTING_SCRIPT"], run_name="__main__")
            except BaseException:
                traceback.print_exc()
                sys.stderr.flush()
                os._exit(70)

    Krita.instance().addExtension(Probe(Krita.instance()))
