"""Real strokes of the brush on the canvas: while a job runs, while an import is prepared, and with the pen down while
it arrives. None may be lost, and undo takes back one thing after the other.
"""

from inside import RESULT, K, controller, docker, document, every_frame, finish, play, until
from undo_painting.krita_adapter import reading
from undo_painting.qt import Qt, QtCore, QtGui, QtWidgets

doc = document()
plugin = controller()
mine = doc.createNode("mine", "paintlayer")
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
    yield 0.02


def press(y):
    yield from pen(KINDS.MouseMove, -100, y, UP, UP)
    yield from pen(KINDS.MouseButtonPress, -100, y, DOWN, DOWN)


def drag(y, begin, end):
    for x in range(begin, end, 10):
        yield from pen(KINDS.MouseMove, x, y, UP, DOWN)


def lift(y):
    yield from pen(KINDS.MouseButtonRelease, 100, y, DOWN, UP)
    yield from settle()


def paint(y):
    yield from press(y)
    yield from drag(y, -100, 100)
    yield from lift(y)


def settle():
    doc.waitForDone()
    yield 0.2
    doc.waitForDone()


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
    active = doc.activeNode()
    tops = doc.topLevelNodes()
    return [rows(), [node.name().split(":")[0] for node in tops], active.name().split(":")[0] if active else ""]


def steps(action, strokes, groups):
    """Undo or redo until there are so many strokes and groups; gives what was there after each step that changed that.

    Krita drops an undo while it still draws, so there may be more of them than steps.
    """
    seen = []
    for _ in range(20):
        K.action(action).trigger()
        yield from settle()
        lengths, tops, _ = state()
        now = [len(lengths), tops.count("Undo Painting")]
        if now not in seen[-1:]:
            seen.append(now)
        if now == [strokes, groups]:
            break
    return seen


def meanwhile(session, name, button, y):
    """Press an import's button, put the pen down while it is prepared, and lift it when it could arrive."""
    yield from until(button.isEnabled, "the button")
    tops = len(doc.topLevelNodes())
    button.click()
    assert session.task is not None, "the import has begun"
    yield from press(y)
    yield from drag(y, -100, 0)
    yield from until(
        lambda: session.task is None or "stroke" in session.task.text, f"the {name} to wait for the pen", 60
    )
    assert session.task is not None, f"the {name} waits for the pen"
    yield 0.3
    words = docker().words.text()
    RESULT[f"{name} waits"] = [words, len(doc.topLevelNodes()) - tops]
    yield from drag(y, 0, 100)
    yield from lift(y)
    yield from until(lambda: session.task is None, f"the end of the {name}", 60)
    yield from settle()
    RESULT[name] = state()
    RESULT[f"{name} note"] = session.note.text


def scene():
    doc.rootNode().addChildNode(mine, None)
    yield 0.5
    doc.setActiveNode(mine)
    K.action("KritaShape/KisToolBrush").trigger()
    yield 0.5
    RESULT["start"] = state()
    K.action("undo_painting").trigger()
    session = plugin.active()
    yield from until(lambda: session.job.frames, "the first frame")
    yield from paint(-120)
    RESULT["while it runs"] = [session.job.state.value, *state()]
    yield from until(lambda: session.job.state.ended, "the end of the job", 120)
    panel = docker().imports
    every_frame()
    yield from until(panel._layers.isEnabled, "the import")
    panel._layers.click()
    yield from press(-60)
    RESULT["prepared busy"] = session.task is not None
    yield from drag(-60, -100, 100)
    yield from lift(-60)
    yield from until(lambda: session.task is None, "the end of the import", 60)
    yield from settle()
    RESULT["prepared"] = state()
    yield from meanwhile(session, "layers", panel._layers, 0)
    yield from meanwhile(session, "animation", panel._animation, 60)
    RESULT["undo"] = yield from steps("edit_undo", 1, 0)
    RESULT["redo"] = yield from steps("edit_redo", 4, 3)
    reading.PATIENCE = 1.0
    before = session.shown
    yield from press(110)
    yield from drag(110, -100, 0)
    plugin.running.start(doc)
    yield from until(lambda: session.note.bad, "the end of the patience")
    RESULT["a stroke without an end"] = [session.note.text, session.shown == before]
    yield from drag(110, 0, 100)
    yield from lift(110)
    finish()


play(scene())
