"""A large canvas is read slice by slice, and the picture is of one moment although the artist goes on painting."""

from inside import RESULT, K, controller, document, finish, pump, wait
from krita import Selection
from undo_painting.background import coding
from undo_painting.core.mapping import Rect
from undo_painting.krita_adapter import reading
from undo_painting.qt import QtCore

WIDTH, HEIGHT = 2000, 3000

document()
doc = K.createDocument(WIDTH, HEIGHT, "large", "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", 72.0)
K.activeWindow().addView(doc)
K.setActiveDocument(doc)
pump(0.3)
layer = doc.topLevelNodes()[0]


def paint(shade):
    """Paint all of the canvas anew, in two colours."""
    upper, lower = (bytes((shade, green, 0, 255)) * WIDTH for green in (0, 255))
    fill(upper * (HEIGHT - 1) + lower)


def fill(pixels):
    layer.setPixelData(QtCore.QByteArray(pixels), 0, 0, WIDTH, HEIGHT)
    doc.refreshProjection()
    doc.waitForDone()


def read(slices, strokes):
    """The picture, and at how many places Krita could go on; at every third of them comes a stroke."""
    stops = 0
    try:
        while True:
            next(slices)
            stops += 1
            if stops % 3 == 0 and strokes:
                paint(strokes.pop(0))
    except StopIteration as end:
        return end.value, stops


def shades(image):
    """The strokes that are to be seen in the picture."""
    return sorted({image.pixelColor(10, y).blue() for y in range(0, HEIGHT, 50)})


paint(10)
source = reading.source(doc, "picture")
quiet, stops = read(reading.painting(doc, source), [])
RESULT["quiet"] = [shades(quiet), stops, quiet == doc.projection(0, 0, WIDTH, HEIGHT)]
RESULT["pieces"] = len(reading._cut(Rect(0, 0, WIDTH, HEIGHT)))
painted, stops = read(reading.painting(doc, source), [20, 30, 40])
RESULT["painted meanwhile"] = [shades(painted), painted == doc.projection(0, 0, WIDTH, HEIGHT)]
for_ever, _ = read(reading.painting(doc, source), [50 + number for number in range(100)])
RESULT["painted for ever"] = [len(shades(for_ever))]

plugin = controller()
plugin.connect()
wait(lambda: plugin.status.connected, "the connection")
session = plugin.active()
job = plugin.running.start(doc)
RESULT["at once"] = [job.state.value, plugin.running.start(doc) is job]
plugin.running.cancel(session, job)
pump(1.0)
RESULT["cancelled"] = [job.state.value, job.job_id]
before = session.shown
fill(b"\xff" * (WIDTH * HEIGHT * 4))
plugin.running.start(doc)
wait(lambda: session.note.bad, "the note")
RESULT["blank"] = [session.shown == before, len(session.jobs), "nothing to undo" in session.note.text]
paint(60)
job = plugin.running.describe(doc)
wait(lambda: job.state.ended, "the tags")
sent, _ = coding.for_upload(doc.projection(0, 0, WIDTH, HEIGHT), local=True)
RESULT["described"] = [job.state.value, job.painting_hash == sent]
selection = Selection()
selection.select(100, 200, 1500, 2500, 255)
doc.setSelection(selection)
doc.waitForDone()
slices = reading.area(doc, source)
next(slices)
doc.selection().clear()
mask, stops = read(slices, [])
edges = ((99, 1500), (100, 200), (1599, 2699), (1599, 2700), (1600, 2000))
RESULT["selected"] = [stops + 1, [mask.pixelColor(x, y).red() for x, y in edges], mask.width(), mask.height()]
slices = reading.painting(doc, source)
next(slices)
doc.resizeImage(0, 0, WIDTH - 100, HEIGHT)
doc.waitForDone()
reading.read(slices, lambda: True, RESULT.setdefault, lambda reason: RESULT.update({"resized": reason}))
wait(lambda: "resized" in RESULT, "the end of the reading")
finish()
