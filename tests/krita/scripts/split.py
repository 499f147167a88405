"""The layer split composes exactly to the original."""

from inside import RESULT, controller, docker, document, finish, run_job, settled, wait
from undo_painting.pixels import content

doc = document()
plugin = controller()
before = content(doc.projection(0, 0, doc.width(), doc.height()))
run_job()
wait(docker().imports._split.isEnabled, "the offer of the layer split")
docker().imports._import_split()
RESULT["note"] = settled().text
tops = doc.topLevelNodes()
children = tops[-1].childNodes()
RESULT["names"] = [node.name() for node in children]
for node in tops[:-1]:
    node.setVisible(False)
doc.refreshProjection()
doc.waitForDone()
after = content(doc.projection(0, 0, doc.width(), doc.height()))
finish(worst=max(abs(a - b) for a, b in zip(before, after, strict=True)), layers=len(children))
