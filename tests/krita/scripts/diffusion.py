"""The engine diffusion with small checkpoints: which and why, preview, tags, keyframes redone and replaced."""

from inside import RESULT, K, controller, docker, document, every_frame, finish, leaves, pump, settled, shown, wait
from undo_painting.qt import QtCore

STEPS = (400, 600)
FRAMES = 10
doc = document()
own = doc.createNode("own", "paintlayer")
own.setPixelData(QtCore.QByteArray(bytes((20, 30, 220, 255)) * (80 * 40)), 10, 10, 80, 40)
doc.rootNode().addChildNode(own, None)
doc.refreshProjection()
doc.waitForDone()
plugin = controller()
plugin.connect()
wait(lambda: plugin.status.connected, "the connection")
shown()
server = plugin.status.server
RESULT["devices"] = list(server.devices)
RESULT["ready"] = [engine.name for engine in server.engines if engine.ready]
RESULT["auto"] = docker().engine.text()
session = plugin.active()
making = docker().making
making._engine_chosen("diffusion")
making.set_values({"keyframes.steps": 3, "interpolation.steps": 1, "interpolation.frames": 4})
making._steps_changed(STEPS)
shown()
RESULT["chosen"] = docker().engine.text()

K.action("undo_painting").trigger()
main = session.job
preview = wait(lambda: session.preview_job, "the preview")
wait(lambda: session.frames(), "the first picture")
RESULT["first"] = sorted({job.engine for job, _ in session.frames()})
RESULT["overtaken"] = bool(main.frames or main.keyframes)
wait(lambda: preview.state.ended, "the end of the preview")
wait(lambda: len(session.frames()) == FRAMES, "the preview's frames")
shown()
RESULT["engine_while"] = docker().engine.text()
every_frame()
docker().imports.import_layers()
RESULT["note_preview"] = settled().text
pump(0.2)
RESULT["preview_layers"] = len(leaves(doc.topLevelNodes()[-1]))
K.action("edit_undo").trigger()
doc.waitForDone()
pump(0.2)
RESULT["after_undo"] = [node.name() for node in doc.topLevelNodes()]

wait(lambda: main.state.ended, "the end of the job", 700)
wait(lambda: all(picture.hash in session.previews for _, picture in session.frames()), "all previews")
shown()
RESULT.update(state=main.state.value, words=main.words(), tags=main.tags)
RESULT["owners"] = sorted({job.engine for job, _ in session.frames()})
RESULT["frames"] = len(session.frames())
RESULT["player"] = docker().player.words
docker().imports.import_layers()
RESULT["note"] = settled().text
pump(0.2)
RESULT["layers"] = len(leaves(doc.topLevelNodes()[-1]))
K.action("edit_undo").trigger()
doc.waitForDone()


def hashes(job):
    return {round(picture.operation_step): picture.hash for picture in job.keyframes.values()}


def again(begin, what):
    before = session.job
    begin()
    wait(lambda: session.job is not before and session.job.state.ended, what, 200)
    assert session.job.state.value == "finished", session.job.words()
    return session.job


making.set_values({"stop_after": "keyframes"})
docker().expert_fold.set_open(True)
docker().expert.making_fold.set_open(True)


def thumbnails():
    """The operation steps that the strip shows pictures of."""
    return sorted(step for step, image in making.strip._images.items() if image is not None)


wait(lambda: len(thumbnails()) >= len(STEPS) + 2, "the thumbnails")
RESULT["thumbnails"] = thumbnails()
first = hashes(main)
redone = hashes(again(lambda: making.strip.redo.emit(600), "the keyframe with another seed"))
RESULT["redone"] = sorted(step for step in STEPS if redone[step] != first[step])
RESULT["seeds"] = [step for step, _ in session.parameters.keyframe_seeds]

doc.setActiveNode(doc.nodeByName("own"))
wait(lambda: doc.activeNode().name() == "own", "the own layer to be active")
job = again(lambda: making.strip.replace.emit(600), "the keyframe that is the artist's own")
replaced = hashes(job)
RESULT["replaced"] = sorted(step for step in STEPS if replaced[step] != redone[step])
image = wait(lambda: session.previews.get(replaced[600]), "the own keyframe")
seen = [image.pixelColor(round(x * image.width()), round(y * image.height())) for x, y in ((0.15, 0.15), (0.5, 0.5))]
RESULT["own"] = [[colour.red(), colour.green(), colour.blue()] for colour in seen]

making._describe()
wait(lambda: session.parameters.tags, "the tags")
shown()
RESULT["described"] = making.tags.toPlainText()
making.tags.setPlainText("1girl, a disc of her own")
making.tags.done.emit()
job = again(lambda: docker().big.click(), "the job with tags of the artist's own")
finish(own_tags=job.tags, sent_tags=job.parameters.tags)
