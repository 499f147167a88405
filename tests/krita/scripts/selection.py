"""A selection as the source: frames lie where the selection was."""

from inside import RESULT, controller, docker, document, every_frame, finish, leaves, pump, run_job, settled
from krita import Selection

doc = document()
plugin = controller()
selection = Selection()
selection.select(40, 30, 200, 120, 255)
doc.setSelection(selection)
doc.waitForDone()
session = plugin.active()
session.source = "selection"
job = run_job()
assert job.state.value == "finished", job.words()
rect = job.source.rect
RESULT["rect"] = [rect.x, rect.y, rect.width, rect.height]
every_frame()
docker().imports.import_layers()
RESULT["note"] = settled().text
children = leaves(doc.topLevelNodes()[-1])
bounds = [node.bounds() for node in (children[0], children[-1])]
RESULT["bounds"] = [[box.x(), box.y(), box.width(), box.height()] for box in bounds]
RESULT["same"] = bytes(children[-1].pixelData(40, 30, 200, 120)) == bytes(
    doc.topLevelNodes()[0].pixelData(40, 30, 200, 120)
)
docker().imports.import_animation()
settled()
doc.setCurrentTime(0)
doc.waitForDone()
pump(0.2)
layer = doc.topLevelNodes()[-1]
box = layer.bounds()
finish(animation=[box.x(), box.y(), box.width(), box.height()], layers=len(children))
