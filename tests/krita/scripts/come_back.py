"""After a restart the document still knows its job; the result is picked up and imported."""

from inside import RESULT, controller, docker, document, finish, settled, wait

doc = document()
plugin = controller()
session = wait(plugin.active, "the session")
job = wait(lambda: session.job, "the job of the document's history")
wait(lambda: job.state.ended, "the end of the job", 180)
RESULT.update(request=job.request_id, state=job.state.value, frames=len(job.frames))
wait(lambda: docker().imports._layers.isEnabled(), "the import")
docker().imports.import_layers()
RESULT["note"] = settled().text
finish(children=len(doc.topLevelNodes()[-1].childNodes()), history=len(session.history.entries))
