"""Run by a test: builds the docker under PyQt6 with a stand-in for Krita's module that has no document open."""

import json
from dataclasses import replace

from offscreen import application, wait
from PyQt6.QtTest import QTest
from undo_painting.background import coding
from undo_painting.controller.controller import Controller
from undo_painting.controller.session import Session
from undo_painting.core import contrast, log
from undo_painting.core.connection import ConnectionStatus, Server
from undo_painting.core.export import Export
from undo_painting.core.history import Entry, entry_of
from undo_painting.core.jobs import Job, JobState, Progress, StoredFrame
from undo_painting.core.mapping import PaintingSource, Placement, Rect
from undo_painting.core.pace import Curve
from undo_painting.core.parameters import Parameters
from undo_painting.core.purposes import Purpose
from undo_painting.core.redo import Candidate, Redo
from undo_painting.core.translate import choose
from undo_painting.net.pictures import RAW_RGB8, Pixels
from undo_painting.qt import MAJOR, Qt, QtCore, QtGui, QtWidgets
from undo_painting.ui import results
from undo_painting.ui.docker_widget import DockerWidget
from undo_painting.ui.parts import label, select, show_words
from undo_painting.ui.player import Player
from undo_painting.ui.settings_dialog import SettingsDialog
from undo_painting.ui.strip import Strip

errors = []
log.report_to(errors.append)
controller = Controller()
docker = DockerWidget(controller)
docker.setFixedWidth(250)
docker.show()
docker.expert_fold.set_open(True)
docker.expert.making_fold.set_open(True)
docker.expert.setup_fold.set_open(True)
docker.gallery_fold.set_open(True)
controller.changed()
controller.drain()
application.processEvents()
found = {"major": MAJOR, "idle": [docker.big.text().replace("&", ""), docker.big.isEnabled(), docker.words.text()]}
wide = []
for child in docker.findChildren(QtWidgets.QWidget):
    if child.isVisible() and child.mapTo(docker, child.rect().topRight()).x() > 250:
        wide.append(type(child).__name__)
found["wide"] = wide
SettingsDialog(controller, docker).show()
application.processEvents()

panel = docker.imports
found["usual"] = [str(item) for item in (panel.chosen(), panel.timeline(), panel.target())]
select(panel._which, "range")
panel._first.setValue(11)
panel._last.setValue(20)
panel._rate.setValue(24)
panel._hold.setValue(0.5)
panel._reverse.setChecked(True)
select(panel._size, "50")
chosen, timeline, target = panel.chosen(), panel.timeline(), panel.target()
found["range"] = [chosen.which, chosen.first, chosen.last]
found["timeline"] = [timeline.frames_per_second, timeline.hold_seconds, timeline.reverse]
found["target"] = [target.elsewhere, target.percent]
select(panel._which, "keyframes")
found["keyframes"] = panel.chosen().which
select(panel._which, "nth")
panel._nth.setValue(7)
found["nth"] = [panel.chosen().which, panel.chosen().nth]
files = panel.files
options = {"format": "EXPORT_FORMAT_MP4", "aspect": "ASPECT_TALL", "fill": "FILL_FOLLOW", "max_side": 1920}
phone = Purpose("phone", "For a phone", Export({**options, "duration_seconds": 45.0, "show_brush": True}))
odd = Purpose("odd", "", Export({"format": "EXPORT_FORMAT_WEBM", "frames_per_second": 9.0, "max_side": 777}))
controller.status = ConnectionStatus(server=Server(purposes=(odd, phone)))
files.refresh(None, True, False)
controller.status = ConnectionStatus()
files.refresh(None, True, False)
found["purposes"] = [files._purpose.itemText(place) for place in range(files._purpose.count())]
found["odd"] = files.export().options()
files.choose("phone")
select(files.more.length, "30")
files.more.boxes["result_first_seconds"].setChecked(True)
files.more.boxes["ping_pong"].setChecked(True)
found["export"] = files.export().options()
files.more.corrections.setChecked(True)
files.more.layers.leave_out(" sky, line art ")
listed = files.more.layers.list
listed.aboutToShow.emit()
found["list"] = [[action.text() for action in listed.actions()]]
files.more.layers.show_names(("line art", "figure", "dark red hair"))
listed.aboutToShow.emit()
found["list"].append([[action.text(), action.isChecked()] for action in listed.actions()])
listed.actions()[1].trigger()
found["list"].append(files.more.layers.out)
listed.actions()[1].trigger()
for leaves_out in (True, False):
    files.more.show_for(files.export(), leaves_out)
    options = files.export().options()
    found.setdefault("left out", []).append([options.get("omit_corrections"), options.get("omit_layers")])
files._more.set_open(True)
docker.imports.files_fold.set_open(True)
select(files.more.pace, "own")
files._show()
drawn = files.more.curve
drawn.resize(200, drawn.height())
button, right, free = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier


def at(time, work):
    """A place in the curve's widget."""
    low, high = drawn.place_of(0), drawn.place_of(len(drawn.curve.points) - 1)
    there = QtCore.QPointF(low.x() + time * (high.x() - low.x()), low.y() + work * (high.y() - low.y()))
    return there.toPoint()


QTest.mousePress(drawn, button, free, at(0.5, 0.5))
to = QtCore.QPointF(at(0.25, 0.75))
held = QtGui.QMouseEvent(QtCore.QEvent.Type.MouseMove, to, to, button, button, free)
application.sendEvent(drawn, held)
QTest.mouseRelease(drawn, button, free, at(0.25, 0.75))
found["pace"] = [files.export().options()["pace_curve"]]
QTest.mouseClick(drawn, button, free, at(0.75, 0.8))
found["pace"].append(len(Curve.of(files.export().options()["pace_curve"]).points))
QTest.keyClick(drawn, Qt.Key.Key_Delete)
QTest.mouseClick(drawn, right, free, at(0.25, 0.75))
found["pace"].append(files.export().options()["pace_curve"])
QTest.keyClick(drawn, Qt.Key.Key_PageUp)
QTest.keyClick(drawn, Qt.Key.Key_Insert)
QTest.keyClick(drawn, Qt.Key.Key_Up)
found["pace"].append(files.export().options()["pace_curve"])

strip = Strip()
changes = []
strip.changed.connect(lambda steps: changes.append(list(steps)))
strip.show_steps((100, 500), {})
strip._choose(100)
strip._add()
found["steps"] = changes[-1]
strip.show_steps(tuple(changes[-1]), {})
strip._choose(500)
strip._number.setValue(501)
found["moved"] = changes[-1]
strip.show_steps((100, 501, 750), {})
strip._choose(750)
strip._remove()
found["removed"] = changes[-1]
asked = []
strip.redo.connect(lambda step: asked.append(["redo", step]))
strip.replace.connect(lambda step: asked.append(["replace", step]))
for child in strip.findChildren(QtWidgets.QToolButton):
    if "this keyframe" in child.toolTip() and "Remove" not in child.toolTip():
        child.click()
found["asked"] = asked
strip.show()

job = Job("r", "d", "t", "procedural", Parameters(), PaintingSource("picture", Rect(0, 0, 2, 1), 2, 1))
raw = Pixels(bytes((255, 0, 10, 0, 0, 0)), RAW_RGB8, 2, 1)
image = coding.preview(raw)
colour = image.pixelColor(0, 0)
found["raw"] = [colour.red(), colour.green(), colour.blue(), colour.alpha()]
found["split_at"] = coding.layer_bytes(raw, 2, 1)[2::-2].hex()
frames = [
    (job, StoredFrame(0, 900.0, "a", 2, 1, Placement(0, 0, 2, 1))),
    (job, StoredFrame(1, 0.0, "b", 2, 1, Placement(0, 0, 2, 1), "the painting")),
]
player = Player()
player.show()
player.show_frames(frames, {"b": image}, job)
application.processEvents()
found["player"] = [player.words]
job.state = JobState.FINISHED
player.show_frames(frames, {"b": image}, job)
found["player"].append(player.words)
player.step_by(-1)
found["stepped"] = player.current()[1].index
player.play()
found["playing"] = player.playing
ended = Job("r2", "d", "t", "procedural", job.parameters, job.source, state=JobState.FINISHED)
several = [(ended, replace(frames[0][1], index=index, hash=name)) for index, name in enumerate("cde")]
ended.frames = {picture.index: picture for _, picture in several}
there = {"c": image}
player.show_frames(several, there, ended)
found["waiting"] = [player.playing, player.current()[1].index]
player._timer.setInterval(1)
wait(controller, lambda: player._waited > 2)
found["waiting"].append(player.current()[1].index)
there |= {"d": image, "e": image}
wait(controller, lambda: not player.playing)
found["waiting"].append(player.current()[1].index)
ended.state = JobState.RUNNING
player.show_frames(several, {"c": image}, ended)
player.play()
wait(controller, lambda: player.current()[1].index > 0)
found["waiting"].append(player._waited)
wait(controller, lambda: not player.playing)
ended.state = JobState.FINISHED
player.show_place(0.5)
player.show_frames(several, {"c": image.copy(0, 0, 1, 1)}, ended)
found["waiting"].append(player.picture.image.width())
buffer = QtCore.QBuffer()
buffer.open(QtCore.QIODevice.OpenModeFlag.WriteOnly)
image.scaled(12, 6).save(buffer, "PNG")
painted = Job("r3", "d", "t", "procedural", job.parameters, job.source, state=JobState.RUNNING)
painted.progress = Progress("keyframes", 1, 7, preview=buffer.data().data())
controller.active = lambda: working
working = Session("d", shown="r3", jobs={"r3": painted})
seen = found["roughly"] = []
for made in ((), (1000.0,), (1000.0, 800.0)):
    painted.keyframes = {
        index: replace(frames[0][1], index=index, operation_step=step, hash="a") for index, step in enumerate(made)
    }
    working.previews["a"] = image
    docker.refresh()
    seen.append([docker.player.picture.image.width(), docker.player.picture._words, docker.sketch.isHidden()])
del controller.active
docker.refresh()
seen.append(docker.player.isHidden() and docker.sketch.isHidden())
told = []
player.picture.pressed.connect(lambda: told.append("pressed"))
player.picture.dragged.connect(lambda: told.append("dragged"))
left, none, here = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QtCore.QPoint(20, 20)
QTest.mouseClick(player.picture, left, none, here)
QTest.mousePress(player.picture, left, none, here)
moved = QtCore.QPointF(60, 20)
event = QtGui.QMouseEvent(QtCore.QEvent.Type.MouseMove, moved, moved, left, left, none)
application.sendEvent(player.picture, event)
QTest.mouseRelease(player.picture, left, none, QtCore.QPoint(60, 20))
found["carried"] = told
session = Session("d", shown="base")
session.redo = Redo("base", 500, "state", (Candidate(1, "one"), Candidate(2, "two")))
for name in ("base", "one", "two"):
    session.jobs[name] = Job(
        name, "d", "t", "procedural", Parameters(), PaintingSource("picture", Rect(0, 0, 2, 1), 2, 1)
    )
session.jobs["two"].state, session.jobs["two"].failure = JobState.FAILED, "The disk is full."
panel = docker.moment.choice
panel.refresh(session)
found["choice"] = [
    not panel.isHidden(),
    [film.accessibleName() for film in panel.grid.films],
    panel._moment.text(),
    panel._problem.text(),
]
panel.grid.films[1].keyPressEvent(
    QtGui.QKeyEvent(QtCore.QEvent.Type.KeyPress, Qt.Key.Key_Return.value, Qt.KeyboardModifier.NoModifier)
)
session.shown = "two"
panel.refresh(session)
found["choice"].append(panel.isHidden())
found["themes"] = []
quiet, loud = label("quiet", dim=True), label("loud")
for each in (quiet, loud):
    each.setParent(docker)
show_words(loud, "loud", bad=True)
for window, text in (("#efefef", "#1e1e1e"), ("#3c3c3c", "#dcdcdc"), ("#efefef", "#1e1e1e")):
    theme = QtGui.QPalette()
    theme.setColor(QtGui.QPalette.ColorRole.Window, QtGui.QColor(window))
    theme.setColor(QtGui.QPalette.ColorRole.WindowText, QtGui.QColor(text))
    docker.setPalette(theme)
    application.processEvents()
    for each in (quiet, loud):
        colours = [each.palette().color(role) for role in (each.foregroundRole(), each.backgroundRole())]
        ratio = contrast.contrast(*((colour.red(), colour.green(), colour.blue()) for colour in colours))
        found["themes"].append(round(ratio, 1))
entry = Entry("r", "j", "t", "procedural", Parameters(), job.source, created=1795867200.0)
found["dates"] = []
for code in ("de", "fr", "ja"):
    choose(code)
    found["dates"].append(results._date(entry))
choose("en")
pair = Session("d", shown="newer")
for name, state in (("older", JobState.FINISHED), ("newer", JobState.FINISHED)):
    made = Job(name, "d", "t", "procedural", Parameters(), job.source, state=state, frames={0: frames[1][1]})
    pair.history = pair.history.put(entry_of(made))
    pair.jobs[name] = made
pair.trim()
controller.results.compare(pair, "older")
found["compared"] = [pair.shown, pair.compared, sorted(pair.jobs), pair.job is made]
found["errors"] = errors
controller.close()
print(json.dumps(found))
