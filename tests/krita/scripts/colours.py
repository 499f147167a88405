"""Documents of other colour models and depths: frames line up, the painting stays as it is."""

import os

from inside import RESULT, K, docker, document, every_frame, finish, leaves, pump, run_job, settled
from undo_painting.qt import QtCore

first = document()
model, depth, profile = os.environ["SPACE"].split("|")
doc = K.createDocument(200, 160, "colours", model, depth, profile, 72.0)
K.activeWindow().addView(doc)
K.setActiveDocument(doc)
pump(0.3)
source = K.createDocument(200, 160, "source", "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", 72.0)
node = source.createNode("painting", "paintlayer")
pixels = bytearray()
for y in range(160):
    for x in range(200):
        pixels += bytes((x, y, 255 - x, 255)) if (x - 100) ** 2 + (y - 80) ** 2 > 2500 else bytes((20, 40, 200, 255))
node.setPixelData(QtCore.QByteArray(bytes(pixels)), 0, 0, 200, 160)
node.setColorSpace(model, depth, profile)
doc.rootNode().addChildNode(node.duplicate(), None)
source.close()
doc.refreshProjection()
doc.waitForDone()
before = bytes(doc.pixelData(0, 0, 200, 160))
job = run_job()
assert job.state.value == "finished", job.words()
every_frame()
docker().imports.import_layers()
RESULT["note"] = settled().text
group = doc.topLevelNodes()[-1]
last = leaves(group)[-1]
RESULT["spaces"] = sorted({f"{node.colorModel()}/{node.colorDepth()}" for node in leaves(group)})
kept = bytes(last.pixelData(0, 0, 200, 160))
RESULT["alone"] = sum(a != b for a, b in zip(before, kept, strict=True))
doc.refreshProjection()
doc.waitForDone()
pump(0.3)
after = bytes(doc.pixelData(0, 0, 200, 160))
RESULT["composed"] = sum(a != b for a, b in zip(before, after, strict=True))
finish(layers=len(leaves(group)), model=doc.colorModel(), depth=doc.colorDepth())
