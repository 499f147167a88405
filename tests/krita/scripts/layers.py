"""Menu, progress, import as layers in one undo step, undo and redo."""

from inside import K, RESULT, colour, controller, docker, document, finish, pump, run_job, settled, undo_steps, wait

doc = document()
plugin = controller()
before = [colour(doc, x, y) for x, y in ((5, 5), (160, 100), (310, 190))]
seen = set()
plugin.listen(lambda: seen.add(docker().words.text()))
job = run_job()
assert job.state.value == "finished", job.words()
session = plugin.active()
wait(lambda: all(picture.hash in session.previews for _, picture in session.frames()), "all previews")
RESULT["progress"] = sorted(seen)
RESULT["engine"] = job.engine
RESULT["frames"] = len(job.frames)
RESULT["steps_before"] = undo_steps()
docker().imports.import_layers()
RESULT["note"] = settled().text
doc.waitForDone()
pump(0.2)
tops = doc.topLevelNodes()
group = tops[-1]
children = group.childNodes()
RESULT["tops"] = [node.name() for node in tops]
RESULT["names"] = [node.name() for node in children]
RESULT["visible"] = [node.name() for node in children if node.visible()]
RESULT["steps_after"] = undo_steps()
RESULT["same"] = [colour(doc, x, y) for x, y in ((5, 5), (160, 100), (310, 190))] == before
for node in children:
    node.setVisible(node.name() == children[0].name())
tops[0].setVisible(False)
doc.refreshProjection()
doc.waitForDone()
RESULT["first"] = colour(doc, 160, 100)
tops[0].setVisible(True)
K.action("edit_undo").trigger()
doc.waitForDone()
pump(0.3)
RESULT["after_undo"] = [node.name() for node in doc.topLevelNodes()]
K.action("edit_redo").trigger()
doc.waitForDone()
pump(0.3)
RESULT["after_redo"] = len(doc.topLevelNodes()[-1].childNodes())
finish(active=doc.activeNode().name())
