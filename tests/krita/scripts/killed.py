"""The daemon is killed half way and comes back: every event once, nothing lost."""

import json
import os
import signal

from inside import RESULT, K, controller, document, finish, wait
from undo_painting.core.home import home_folder

doc = document()
plugin = controller()
K.action("undo_painting").trigger()
session = plugin.active()
wait(lambda: session.job.frames, "the first frame")
pid = json.loads((home_folder() / "endpoint.json").read_text())["pid"]
os.kill(pid, signal.SIGKILL)
RESULT["frames_at_kill"] = len(session.job.frames)
again = []
plugin.connected.append(lambda: again.append(plugin.status.address))
wait(lambda: session.job.state.ended, "the end of the job")
RESULT["pid_changed"] = json.loads((home_folder() / "endpoint.json").read_text())["pid"] != pid
finish(
    state=session.job.state.value,
    frames=sorted(session.job.frames),
    connections=len(again),
    failure=session.job.failure,
)
