"""Run by a test: begins jobs of a drawn picture and cancels them at various moments of being sent and accepted."""

import json
import time

from offscreen import wait
from undo_painting.controller.controller import Controller
from undo_painting.controller.job_listener import JobListener
from undo_painting.controller.session import Session
from undo_painting.core import jobs, log
from undo_painting.core.jobs import Job, JobState
from undo_painting.core.mapping import PaintingSource, Rect
from undo_painting.core.parameters import Parameters
from undo_painting.qt import QImage, QtGui

WIDTH, HEIGHT = 640, 480
errors = []
log.report_to(errors.append)
controller = Controller()
listener = JobListener(controller, controller.keeping)
session = controller.sessions["d"] = Session("d")
source = PaintingSource("picture", Rect(0, 0, WIDTH, HEIGHT), WIDTH, HEIGHT)


def begin(number):
    """One job, of a picture that the daemon has not seen."""
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    image.fill(QtGui.QColor(200, 30, number))
    job = Job(jobs.new_request_id(), "d", f"job {number}", "procedural", Parameters(engine="procedural"), source)
    session.jobs[job.request_id], session.shown = job, job.request_id
    order = job.order()
    controller.bridge.tell(lambda background: background.jobs.begin(listener, order, image))
    return job


def work_for(seconds):
    end = time.monotonic() + seconds
    wait(controller, lambda: time.monotonic() >= end)


controller.look()
wait(controller, lambda: controller.status.connected)
moments = {"at once": 0.0, **{f"{ms} ms": ms / 1000 for ms in (1, 2, 4, 6, 8, 10, 13, 16, 20, 30, 50)}}
ended = {}
for number, (name, seconds) in enumerate(moments.items()):
    job = begin(number)
    if seconds:
        time.sleep(seconds)  # the network's thread goes on; nothing of it has been heard here
    controller.running.cancel(session, job)
    ended[name] = job
wait(controller, lambda: all(job.state.ended for job in ended.values()))
work_for(1.5)
found = {"states": {name: job.state.value for name, job in ended.items()}, "listed": len(session.history.entries)}

sending = begin(100)
wait(controller, lambda: sending.state is JobState.UPLOADING)
controller.running.cancel(session, sending)
found["while sending"] = sending.state.value
running = begin(101)
wait(controller, lambda: running.job_id)
controller.running.cancel(session, running)
found["words"] = running.words()
wait(controller, lambda: running.state.ended)
found["when accepted"] = running.state.value
found["errors"] = errors
controller.close()
print(json.dumps(found))
