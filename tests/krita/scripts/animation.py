"""Import as an animation: keyframes, rate, range, and every frame of the timeline equal to the process's."""

import os

from inside import RESULT, K, controller, docker, document, finish, pump, run_job, settled, step, wait
from undo_painting.core.choice import Choice
from undo_painting.pixels import FORMAT, content
from undo_painting.qt import QtWidgets

doc = document()
plugin = controller()
job = run_job()
session = plugin.active()
wait(lambda: all(picture.hash in session.previews for _, picture in session.frames()), "all previews")
panel = docker().imports
RESULT["told"] = plugin.importing.estimate(doc, job, Choice()).in_file
panel._hold.setValue(1.0)
active = doc.activeNode().name()
panel.import_animation()
RESULT["note"] = settled().text
pump(0.2)
RESULT["tops"] = [node.name() for node in doc.topLevelNodes()]
RESULT["active"] = [active, doc.activeNode().name()]
stands = doc.currentTime()
RESULT["after_undo"] = step("edit_undo", 1)
RESULT["stands"] = [stands, doc.currentTime()]
for _ in range(3):
    # Only the time is left to be undone: were there more steps, a redo would not come past them.
    K.action("edit_undo").trigger()
    pump(0.5)
RESULT["after_redo"] = step("edit_redo", 2)
RESULT["rate"] = doc.framesPerSecond()
RESULT["range"] = [doc.fullClipRangeStartTime(), doc.fullClipRangeEndTime()]
RESULT["played"] = [doc.playBackStartTime(), doc.playBackEndTime()]
timeline = K.activeWindow().qwindow().findChild(QtWidgets.QDockWidget, "TimelineDocker")
RESULT["shown"] = [field.value() for field in timeline.findChildren(QtWidgets.QSpinBox)]
worst = 0
for place, (_, picture) in enumerate(session.frames()):
    doc.setCurrentTime(place)
    doc.waitForDone()
    shown = doc.projection(0, 0, doc.width(), doc.height()).convertToFormat(FORMAT.Format_RGB32)
    wanted = session.previews[picture.hash].convertToFormat(FORMAT.Format_RGB32)
    worst = max(worst, sum(a != b for a, b in zip(content(shown), content(wanted), strict=True)))
RESULT["bytes_off"] = worst
RESULT["saved"] = doc.saveAs(os.environ["SAVE_AS"])
finish()
