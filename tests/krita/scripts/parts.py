"""What an import takes: keyframes, every n-th frame, a range, that backwards on the timeline; imports that fail."""

from inside import RESULT, K, controller, docker, document, finish, grab, leaves, pump, run_job, settled, wait
from undo_painting.controller import importing
from undo_painting.core import choice
from undo_painting.core.choice import Choice, Which
from undo_painting.core.mnemonics import letter
from undo_painting.krita_adapter import animation
from undo_painting.krita_adapter.layers import LayerBuilder
from undo_painting.pixels import FORMAT, content
from undo_painting.qt import MAJOR, Qt
from undo_painting.ui.parts import select

if MAJOR == 6:
    from PyQt6.QtTest import QTest
else:
    from PyQt5.QtTest import QTest

doc = document()
plugin = controller()
job = run_job()
session = plugin.active()
wait(lambda: all(picture.hash in session.previews for _, picture in session.frames()), "all previews")
panel = docker().imports
wait(lambda: panel._layers.isEnabled(), "the import")
frames = [job.frames[index] for index in sorted(job.frames)]
keyframes = [job.keyframes[index] for index in sorted(job.keyframes)]


def rgb(image):
    return content(image.convertToFormat(FORMAT.Format_RGB32))


def undone():
    """The names of the layers after one undo."""
    K.action("edit_undo").trigger()
    doc.waitForDone()
    pump(0.3)
    return [node.name() for node in doc.topLevelNodes()]


def layers(name, pictures):
    """Press the button; the pictures are those that the layers should have."""
    panel._layers.click()
    note = settled().text
    pump(0.2)
    children = leaves(doc.topLevelNodes()[-1])
    shown = []
    for node in children:
        data = bytes(node.pixelData(0, 0, 320, 200))
        shown.append(b"".join(data[place : place + 3] + b"\xff" for place in range(0, len(data), 4)))
    RESULT[name] = {
        "names": [node.name() for node in children],
        "visible": [node.name() for node in children if node.visible()],
        "equal": shown == [rgb(session.previews[picture.hash]) for picture in pictures],
        "note": note,
        "undone": undone(),
    }


layers("states", [frames[index] for index in choice.frames(Choice(Which.STATES), 106)])
select(panel._which, "keyframes")
layers("keyframes", keyframes)
select(panel._which, "nth")
panel._nth.setValue(20)
layers("nth", frames[5::20])
select(panel._which, "range")
panel._first.setValue(31)
panel._last.setValue(40)
layers("range", frames[30:40])

panel._reverse.setChecked(True)
panel._rate.setValue(10)
panel._hold.setValue(1.5)
pump(0.2)
panel._animation.click()
note = settled().text
pump(0.2)
animated = [node.name() for node in doc.topLevelNodes() if node.animated()]
after_undo = undone()
K.action("edit_redo").trigger()
doc.waitForDone()
pump(0.2)
off = 0
for time in range(26):
    doc.setCurrentTime(time)
    doc.waitForDone()
    wanted = frames[39 - min(time, 9)]
    off += rgb(doc.projection(0, 0, 320, 200)) != rgb(session.previews[wanted.hash])
RESULT["timeline"] = {
    "range": [doc.fullClipRangeStartTime(), doc.fullClipRangeEndTime()],
    "rate": doc.framesPerSecond(),
    "off": off,
    "note": note,
    "animated": animated,
    "undone": after_undo,
}

documents = len(K.documents())
panel._new.setChecked(True)
attach, place = LayerBuilder.attach, animation.place


def refuse(builder, *where):
    attach(builder, *where)
    raise RuntimeError("Half way.")


def spoil(target, file, *how):
    file.write_bytes(file.read_bytes()[:1000])
    return place(target, file, *how)


def failing(name, pressed):
    before = rgb(doc.projection(0, 0, 320, 200))
    pressed.click()
    note = settled()
    pump(0.3)
    same = rgb(doc.projection(0, 0, 320, 200)) == before and K.activeDocument() == doc
    RESULT[name] = [note.text, note.bad, len(K.documents()) - documents, same]


LayerBuilder.attach = refuse
failing("failed layers", panel._layers)
LayerBuilder.attach = attach
importing.animation.place = spoil
failing("failed animation", panel._animation)
importing.animation.place = place
grab(docker(), "failed")
panel._new.setChecked(False)

bar = K.activeWindow().qwindow().menuBar()
RESULT["menus"] = sorted(letter(action.text()) for action in bar.actions())
RESULT["buttons"] = [each.text() for each in (docker().big, panel._layers, panel._animation)]
top = docker().window()
top.activateWindow()
pump(0.2)
key = getattr(Qt.Key, f"Key_{letter(panel._layers.text()).upper()}")
QTest.keyClick(K.activeWindow().qwindow(), key, Qt.KeyboardModifier.AltModifier)
wait(lambda: session.task is not None, "the import that Alt and a letter begin", 10)
settled()
finish(by_keyboard=len(leaves(doc.topLevelNodes()[-1])))
