"""Menu, progress, import as layers in one undo step, undo and redo."""

from inside import (
    RESULT,
    colour,
    controller,
    docker,
    document,
    every_frame,
    finish,
    leaves,
    pump,
    run_job,
    settled,
    step,
    wait,
)

POINTS = ((5, 5), (160, 100), (310, 190))

doc = document()
plugin = controller()
own = doc.createNode("the artist's own", "paintlayer")
doc.rootNode().addChildNode(own, None)
doc.waitForDone()
before = [colour(doc, *point) for point in POINTS]
wait(lambda: docker() is not None, "the docker")
seen, costs = set(), set()
words = docker().words


def cost_told():
    """Whether the docker has told what an import would take."""
    return "of memory" in docker().imports._layers.toolTip()


def listener():
    seen.add(words.text())
    if plugin.active().running:
        costs.add(cost_told())


plugin.listen(listener)
job = run_job()
session = plugin.active()
plugin.forget(listener)
wait(lambda: all(picture.hash in session.previews for _, picture in session.frames()), "all previews")
RESULT.update(state=job.state.value, progress=sorted(seen), engine=job.engine, frames=len(job.frames))
RESULT["cost told"] = [sorted(costs), wait(cost_told, "what an import takes")]
RESULT["untouched"] = [node.name() for node in doc.topLevelNodes()]
active = doc.activeNode().name()
every_frame()
docker().imports.import_layers()
RESULT["note"] = settled().text
pump(0.2)
RESULT["active"] = [active, doc.activeNode().name()]
tops = doc.topLevelNodes()
children = leaves(tops[-1])
RESULT["groups"] = [[node.name(), node.colorLabel()] for node in tops[-1].childNodes()]
RESULT["tops"] = [node.name() for node in tops]
RESULT["names"] = [node.name() for node in children]
RESULT["visible"] = [node.name() for node in children if node.visible()]
RESULT["same"] = [colour(doc, *point) for point in POINTS] == before
first = children[0]
pixels = bytes(first.pixelData(0, 0, 320, 200))
RESULT["first_opaque"] = set(pixels[3::4]) == {255}
RESULT["first_white"] = sum(min(pixels[i : i + 3]) > 250 for i in range(0, len(pixels), 4)) / (320 * 200)
last = children[-1]
RESULT["last_is_painting"] = bytes(last.pixelData(0, 0, 320, 200)) == bytes(tops[0].pixelData(0, 0, 320, 200))
RESULT["after_undo"] = step("edit_undo", 2)
step("edit_redo", 3)
RESULT["after_redo"] = len(leaves(doc.topLevelNodes()[-1]))
step("edit_undo", 2)
finish(after_undo_twice=step("edit_undo", 1))
