"""Starts a job, saves the document and closes Krita half way."""

import os

from inside import K, controller, document, finish, wait

doc = document()
plugin = controller()
K.action("undo_painting").trigger()
session = plugin.active()
wait(lambda: session.job.frames, "the first frame")
doc.setBatchmode(True)
saved = doc.saveAs(os.environ["SAVE_AS"])
finish(saved=saved, state=session.job.state.value, request=session.job.request_id, frames=len(session.job.frames))
