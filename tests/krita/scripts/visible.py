"""The visible layers as the source: hidden ones are left out, and so is the margin that no layer covers."""

from inside import RESULT, K, controller, docker, document, every_frame, finish, leaves, pump, run_job, settled
from undo_painting.qt import QtCore

first = document()
doc = K.createDocument(300, 240, "parts", "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", 72.0)
for node in doc.topLevelNodes():
    node.remove()
K.activeWindow().addView(doc)
K.setActiveDocument(doc)
pump(0.3)


def patch(name, colour, x, y, width, height):
    node = doc.createNode(name, "paintlayer")
    node.setPixelData(QtCore.QByteArray(bytes(colour) * (width * height)), x, y, width, height)
    doc.rootNode().addChildNode(node, None)
    return node


patch("a", (200, 40, 20, 255), 60, 50, 128, 96)
patch("b", (20, 200, 240, 255), 120, 90, 100, 100)
patch("hidden", (0, 0, 0, 255), 0, 0, 300, 240).setVisible(False)
doc.refreshProjection()
doc.waitForDone()
plugin = controller()
session = plugin.active()
session.source = "visible"
before = bytes(doc.pixelData(0, 0, 300, 240))
job = run_job()
assert job.state.value == "finished", job.words()
rect = job.source.rect
RESULT["rect"] = [rect.x, rect.y, rect.width, rect.height]
every_frame()
docker().imports.import_layers()
RESULT["note"] = settled().text
pump(0.3)
last = leaves(doc.topLevelNodes()[-1])[-1]
box = last.bounds()
RESULT["box"] = [box.x(), box.y(), box.width(), box.height()]
for node in doc.topLevelNodes()[:-1]:
    node.setVisible(False)
doc.refreshProjection()
doc.waitForDone()
alone = bytes(doc.pixelData(0, 0, 300, 240))
off = [max(abs(a - b) for a, b in zip(before[i : i + 4], alone[i : i + 4], strict=True)) for i in range(0, 288000, 4)]
finish(worst=max(off))
