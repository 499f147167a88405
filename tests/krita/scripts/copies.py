"""A job changes no document; an import goes into the document in front, also where that is a copy of another."""

from inside import RESULT, K, activate, controller, docker, document, finish, pump, run_job, settled, step, wait


def annotated(doc):
    return "undo_painting/history" in doc.annotationTypes()


original = document()
plugin = controller()
job = run_job()
first = plugin.active()
pump(0.6)
RESULT["after the job"] = [job.state.value, original.modified(), annotated(original)]

copy = original.clone()
K.activeWindow().addView(copy)
activate(copy)
second = wait(lambda: plugin.active() if plugin.active() is not first else None, "the copy's own session")
RESULT["same root"] = copy.rootNode().uniqueId() == original.rootNode().uniqueId()
run_job()
wait(lambda: all(picture.hash in second.previews for _, picture in second.frames()), "all previews")
docker().imports.import_layers()
RESULT["note"] = settled().text
pump(0.3)
RESULT["tops"] = [len(original.topLevelNodes()), len(copy.topLevelNodes())]
RESULT["originals"] = [original.modified(), len(first.jobs)]
step("edit_undo", 1)
wait(lambda: not second.note.text, "the end of the note that is no longer true")
activate(original)
finish(back=plugin.active() is first)
