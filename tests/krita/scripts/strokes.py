"""Real strokes of the brush on the canvas: while a job runs, while an import is prepared, and with the pen down while
it arrives. None may be lost, and undo takes back one thing after the other.
"""

from inside import RESULT, K, controller, docker, document, finish, grab, pump, wait
from undo_painting.qt import Qt, QtCore, QtGui, QtWidgets

doc = document()
plugin = controller()
mine = doc.createNode("mine", "paintlayer")
doc.rootNode().addChildNode(mine, None)
doc.waitForDone()
# Krita takes note of a layer that a script adds only with what comes next; before that, it cannot be made active.
K.createDocument(8, 8, "", "RGBA", "U8", "", 72.0).close()
doc.setActiveNode(mine)
K.action("KritaShape/KisToolBrush").trigger()
pump(0.5)
canvases = K.activeWindow().qwindow().findChildren(QtWidgets.QWidget)
canvas = next(item for item in canvases if "Canvas" in type(item).__name__ or item.inherits("KisQPainterCanvas"))
KINDS = QtCore.QEvent.Type
DOWN, UP = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton


def pen(kind, x, y, button, buttons):
    """The pointer, in canvas pixels from the canvas's middle."""
    middle = canvas.rect().center()
    place = QtCore.QPointF(middle.x() + x, middle.y() + y)
    whole = QtCore.QPointF(canvas.mapToGlobal(place.toPoint()))
    event = QtGui.QMouseEvent(kind, place, whole, button, buttons, Qt.KeyboardModifier.NoModifier)
    QtWidgets.QApplication.sendEvent(canvas, event)
    pump(0.02)


def press(y):
    pen(KINDS.MouseMove, -100, y, UP, UP)
    pen(KINDS.MouseButtonPress, -100, y, DOWN, DOWN)


def drag(y, begin, end):
    for x in range(begin, end, 10):
        pen(KINDS.MouseMove, x, y, UP, DOWN)


def lift(y):
    pen(KINDS.MouseButtonRelease, 100, y, DOWN, UP)
    pump(0.2)
    doc.waitForDone()


def paint(y):
    press(y)
    drag(y, -100, 100)
    lift(y)


def rows():
    """Which strokes are on the artist's layer: for each its width in pixels."""
    data = bytes(mine.pixelData(0, 0, doc.width(), doc.height()))
    found = []
    for y in range(doc.height()):
        alpha = data[y * doc.width() * 4 + 3 : (y + 1) * doc.width() * 4 : 4]
        if any(alpha):
            count = sum(value > 0 for value in alpha)
            if found and found[-1][1] == y - 1:
                found[-1] = [max(found[-1][0], count), y]
            else:
                found.append([count, y])
    return [width for width, _ in found]


def state():
    doc.waitForDone()
    pump(0.2)
    doc.waitForDone()
    active = doc.activeNode()
    tops = doc.topLevelNodes()
    return [rows(), [node.name().split(":")[0] for node in tops], active.name().split(":")[0] if active else ""]


def steps(action, strokes, groups):
    """Undo or redo until there are so many strokes and groups; what was there after each step that changed that.

    From Krita 5.3 on the settings of the timeline are steps of their own, and Krita drops an undo while it still draws.
    """
    seen = []
    for _ in range(20):
        K.action(action).trigger()
        doc.waitForDone()
        lengths, tops, _ = state()
        now = [len(lengths), tops.count("Undo Painting")]
        if now not in seen[-1:]:
            seen.append(now)
        if now == [strokes, groups]:
            break
    return seen


def meanwhile(name, button, y):
    """Press an import's button, put the pen down while it is prepared, and lift it when it could arrive."""
    wait(button.isEnabled, "the button")
    tops = len(doc.topLevelNodes())
    button.click()
    assert session.task is not None, "the import has begun"
    press(y)
    drag(y, -100, 0)
    wait(lambda: session.task is None or "stroke" in session.task.text, f"the {name} to wait for the pen", 60)
    assert session.task is not None, f"the {name} waits for the pen"
    pump(0.3)
    words = docker().words.text()
    RESULT[f"{name} waits"] = [words, len(doc.topLevelNodes()) - tops]
    drag(y, 0, 100)
    lift(y)
    wait(lambda: session.task is None, f"the end of the {name}", 60)
    RESULT[name] = state()
    RESULT[f"{name} note"] = session.note.text


RESULT["start"] = state()
K.action("undo_painting").trigger()
session = plugin.active()
wait(lambda: session.job.frames, "the first frame")
paint(-120)
RESULT["while it runs"] = [session.job.state.value, *state()]
wait(lambda: session.job.state.ended, "the end of the job", 120)
panel = docker().imports
wait(lambda: panel._layers.isEnabled(), "the import")
panel._layers.click()
press(-60)
RESULT["prepared busy"] = session.task is not None
drag(-60, -100, 100)
lift(-60)
wait(lambda: session.task is None, "the end of the import", 60)
RESULT["prepared"] = state()
meanwhile("layers", panel._layers, 0)
meanwhile("animation", panel._animation, 60)
grab(K.activeWindow().qwindow(), "strokes")
RESULT["undo"] = steps("edit_undo", 1, 0)
RESULT["redo"] = steps("edit_redo", 4, 3)
finish()
