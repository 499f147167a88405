"""A remote daemon that refuses the token: the docker says so, and what to do."""

import os

from inside import K, controller, docker, document, finish, pump, wait

doc = document()
plugin = controller()
plugin.change_settings(remote=os.environ["ADDRESS"], fingerprint=os.environ["FINGERPRINT"], token="wrong")
K.action("undo_painting").trigger()
session = plugin.active()
wait(lambda: session.job.state.ended, "the end of the job")
pump(0.2)
finish(
    state=plugin.status.state.value,
    problem=plugin.status.problem.value,
    status=docker().problem.text(),
    words=docker().problem.text(),
    layers=len(doc.topLevelNodes()),
)
