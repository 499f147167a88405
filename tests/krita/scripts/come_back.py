"""After a restart the document still knows its job: the result is picked up, imported, repeated with changes, deleted;
then the document is closed and opened again.
"""

from inside import (
    RESULT,
    K,
    accept,
    activate,
    controller,
    docker,
    document,
    every_frame,
    finish,
    leaves,
    pump,
    settled,
    wait,
)

doc = document()
plugin = controller()
session = wait(plugin.active, "the session")
job = wait(lambda: session.job, "the job of the document's history")
pump(1.5)
RESULT["opened"] = [job.state.value, doc.modified(), plugin.status.state.value, docker().remedy.isVisible()]
docker().remedy.click()
wait(lambda: job.state.ended, "the end of the job")
RESULT.update(request=job.request_id, state=job.state.value, frames=len(job.frames))
wait(lambda: docker().imports._layers.isEnabled(), "the import")
every_frame()
docker().imports.import_layers()
RESULT["note"] = settled().text
RESULT["children"] = len(leaves(doc.topLevelNodes()[-1]))
K.action("edit_undo").trigger()
doc.waitForDone()

results = docker().results
docker().results_fold.set_open(True)
pump(0.2)
results.select(job.request_id)
results._use()
docker().making._steps_changed((400,))
docker().big.click()
newer = session.job
assert newer is not job, "the repeated job is a new one"
wait(lambda: newer.state.ended, "the end of the repeated job")
pump(0.2)
RESULT["repeated"] = [newer.state.value, len(newer.frames), len(session.history.entries)]
results.select(job.request_id)
results._delete()
accept(0)
wait(lambda: len(session.history.entries) == 1, "the end of the deleted result")
path = doc.fileName()
doc.setBatchmode(True)
assert doc.save(), "the document is saved"
doc.waitForDone()
other = K.createDocument(64, 64, "other", "RGBA", "U8", "", 72.0)
K.activeWindow().addView(other)
doc.close()
wait(lambda: session.document not in plugin.sessions, "the end of the closed document's session")
again = K.openDocument(path)
K.activeWindow().addView(again)
activate(again)
back = wait(lambda: plugin.active() if plugin.active() is not session else None, "the session")
wait(lambda: back.job is not None and back.job.state.ended, "the result, told again")
wait(lambda: len(back.frames()) == len(newer.frames), "its frames")
pump(0.3)
RESULT["reopened"] = [
    [entry.request_id == newer.request_id for entry in back.history.entries],
    len(back.history.entries),
]
RESULT["settings"] = list(back.parameters.operation_steps)
docker().imports.import_layers()
wait(lambda: back.task is None, "the import")
finish(again=len(leaves(again.topLevelNodes()[-1])))
