"""What the tests' scripts use inside Krita: waiting without blocking, the controller, pictures of the screen.

With UNDO_PAINTING_NICE the daemon gets another priority than the plugin gives it.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from krita import Krita

if "PyQt5" in sys.modules:
    from PyQt5.QtCore import QEventLoop, Qt, QTimer
    from PyQt5.QtWidgets import QScrollArea
else:
    from PyQt6.QtCore import QEventLoop, Qt, QTimer
    from PyQt6.QtWidgets import QScrollArea

K = Krita.instance()
RESULT = {}

if "UNDO_PAINTING_NICE" in os.environ:
    from undo_painting.core import launch

    launch.YIELDING = int(os.environ["UNDO_PAINTING_NICE"])


def pump(seconds):
    """Let Krita work for a while."""
    loop = QEventLoop()
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec_() if hasattr(loop, "exec_") else loop.exec()


LONG = 300.0
"""A busy machine is only slower: nothing fails before a quiet one would have been done many times over."""


def wait(condition, what, seconds=LONG):
    """Let Krita work until something holds; returns what it gave. Fails with `what` when it never does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        pump(0.02)
    raise missed(what, seconds)


def shown():
    """Wait until the docker shows what has changed, which it does a few times a second."""
    wait(lambda: not controller().dirty, "what has changed in the docker")


def play(scene):
    """Run a generator; what it yields are the seconds that Krita may work before it goes on.

    `pump` and `wait` nest one event loop in another, and Krita 5.2 then hears of no new layer. Nothing is nested here:
    where Krita lets timers fire within one of the plugin's calls, the generator waits for that call's end.
    """

    def go_on():
        pause = 0.005 if sys._getframe().f_back is not None else next(scene, None)
        if pause is not None:
            QTimer.singleShot(int(pause * 1000), go_on)

    QTimer.singleShot(0, go_on)


def until(condition, what, seconds=LONG):
    """`wait` for a generator that is played."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise missed(what, seconds)
        yield 0.02


def missed(what, seconds):
    """What to raise when something did not come about; takes a picture of the screen."""
    subprocess.run(["import", "-window", "root", os.environ["UNDO_PAINTING_RESULT"] + ".png"], check=False)
    return AssertionError(f"not within {seconds:.0f} s: {what}; {state()}")


def controller():
    """The plugin's controller."""
    from undo_painting.instance import controller as found

    return found()


def state():
    """Where the plugin stands, for messages."""
    plugin = controller()
    session = plugin.active()
    job = session.job if session else None
    note = session.note.text if session else ""
    words = job.words() if job else ""
    return f"{plugin.status.state} {plugin.status.words()} | {job.state if job else None} {words} | {note}"


def document():
    """The active document, once there is one."""
    wait(lambda: K.activeDocument() is not None, "a document")
    return K.activeDocument()


def activate(doc):
    """Bring a document's view to the front."""
    # `Krita.setActiveDocument` needs a window manager, and `Window.showView` does not know its own views in Krita 5.1.
    for _ in K.documents():
        if K.activeDocument() != doc:
            K.action("windows_next").trigger()
            pump(0.3)
    assert K.activeDocument() == doc, "the document is in front"


def docker():
    """The docker's widget."""
    from undo_painting.docker import dockers

    return dockers()[-1].content


def accept(place):
    """Click what is offered about the session's note, once the docker shows that note."""
    notice, note = docker().notice, controller().active().note
    wait(lambda: notice._shown == note, "the note in the docker")
    notice.offers[place].click()


def every_frame():
    """Let imports take all frames as layers, not sixteen of them."""
    from undo_painting.ui.parts import select

    select(docker().imports._which, "all")


def leaves(group):
    """The layers of an imported group, those in the groups of its phases included, from the bottom."""
    return [leaf for node in group.childNodes() for leaf in (leaves(node) if node.type() == "grouplayer" else [node])]


def run_job(seconds=LONG):
    """Trigger the menu and wait until the job has ended; returns the job."""
    K.action("undo_painting").trigger()
    session = controller().active()
    assert session is not None, state()
    assert session.job is not None, state()
    wait(lambda: session.job.state.ended, "the end of the job", seconds)
    return session.job


def click_at(widget, place):
    """Click a place in a widget."""
    test = __import__(f"{QTimer.__module__.split('.')[0]}.QtTest", fromlist=["QTest"]).QTest
    test.mouseClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)


class Clicks:
    """An artist's clicks, on what can be seen and used. `made` are the words on what was clicked."""

    def __init__(self):
        self.made = []

    def click(self, button):
        """Click the middle of what is in view of a button."""
        wait(lambda: button.visibleRegion().boundingRect().height() > 8, f"{button.text()} in sight", 30)
        wait(button.isEnabled, f"{button.text()} in use", 30)
        self.made.append(button.text().replace("&", ""))
        click_at(button, button.visibleRegion().boundingRect().center())


def settled():
    """Wait until the import or export that runs has ended."""
    session = controller().active()
    wait(lambda: session.task is None, "the end of the import")
    K.activeDocument().waitForDone()
    return session.note


def step(action, tops):
    """One undo or redo; returns the names of the document's top layers once there are `tops` of them."""
    doc = K.activeDocument()
    for _ in range(5):
        # While Krita still draws what came before, it drops an undo without a word.
        doc.waitForDone()
        before = len(doc.topLevelNodes())
        K.action(action).trigger()
        doc.waitForDone()
        pump(1.0)
        if len(doc.topLevelNodes()) != before:
            break
    names = [node.name() for node in doc.topLevelNodes()]
    assert len(names) == tops, f"{tops} layers after {action}: {names}"
    return names


def colour(doc, x, y):
    """A pixel of the merged picture as (red, green, blue, alpha), 8-bit sRGB."""
    value = doc.projection(x, y, 1, 1).pixelColor(0, 0)
    return (value.red(), value.green(), value.blue(), value.alpha())


def screenshot(path):
    """A picture of the whole screen."""
    pump(0.3)
    subprocess.run(["import", "-window", "root", path], check=True)


def grab(widget, name):
    """A picture of a widget (of the docker: of all that it scrolls), beside the result."""
    pump(0.2)
    inside = widget.findChild(QScrollArea) if widget is docker() else None
    (inside.widget() if inside is not None else widget).grab().save(f"{os.environ['UNDO_PAINTING_RESULT']}.{name}.png")


def finish(**values):
    """Write the result and leave Krita."""
    RESULT.update(values)
    Path(os.environ["UNDO_PAINTING_RESULT"]).write_text(json.dumps(RESULT), encoding="utf-8")
    for doc in K.documents():
        doc.waitForDone()
    # What Krita still has queued may mark a document again, and then it would ask whether to save it.
    pump(0.5)
    for doc in K.documents():
        doc.setModified(False)
    QTimer.singleShot(0, K.action("file_quit").trigger)
