"""Pictures of the docker, 250 pixels wide, in each state, light and dark, into the folder SCREENS."""

import os
from dataclasses import replace
from pathlib import Path

from inside import controller, document, finish, pump, run_job, wait
from undo_painting.core import jobs
from undo_painting.core.connection import Problem, State, Status
from undo_painting.core.jobs import Progress
from undo_painting.qt import QtGui, QtWidgets
from undo_painting.ui.docker_widget import DockerWidget

FOLDER = Path(os.environ["SCREENS"])
WIDTH = 250
ROLES = QtGui.QPalette.ColorRole


def palette(dark):
    made = QtGui.QPalette()
    colours = ("#3c3c3c", "#dcdcdc", "#2b2b2b", "#4a4a4a") if dark else ("#efefef", "#1e1e1e", "#ffffff", "#e2e2e2")
    window, text, base, button = (QtGui.QColor(name) for name in colours)
    for role, colour in (
        (ROLES.Window, window),
        (ROLES.WindowText, text),
        (ROLES.Base, base),
        (ROLES.Text, text),
        (ROLES.Button, button),
        (ROLES.ButtonText, text),
        (ROLES.Highlight, QtGui.QColor("#5680c2")),
    ):
        made.setColor(role, colour)
    for role in (ROLES.WindowText, ROLES.ButtonText, ROLES.Text):
        made.setColor(QtGui.QPalette.ColorGroup.Disabled, role, QtGui.QColor("#8a8a8a"))
    return made


def cut_off(widget):
    """Labels and buttons whose text does not fit."""
    found = []
    for kind in (QtWidgets.QPushButton, QtWidgets.QCheckBox, QtWidgets.QToolButton):
        for child in widget.findChildren(kind):
            if child.isVisible() and child.text() and child.sizeHint().width() > child.width() + 2:
                found.append(child.text())
    for child in widget.findChildren(QtWidgets.QLabel):
        if child.isVisible() and child.text() and child.heightForWidth(child.width()) > child.height() + 2:
            found.append(child.text())
    for child in widget.findChildren(QtWidgets.QWidget):
        right = child.mapTo(widget, child.rect().topRight()).x()
        if child.isVisible() and right > WIDTH:
            found.append(f"{type(child).__name__} reaches {right}")
    return found


doc = document()
plugin = controller()
frame = DockerWidget(plugin)
frame.setWindowTitle("docker")
frame.setFixedWidth(WIDTH)
frame.show()
problems = {}


def shoot(name, height=760):
    frame.setFixedHeight(height)
    plugin.changed()
    pump(0.15)
    for dark in (False, True):
        frame.setPalette(palette(dark))
        frame.setAutoFillBackground(True)
        pump(0.1)
        frame.grab().save(str(FOLDER / f"{name}-{'dark' if dark else 'light'}.png"))
    found = cut_off(frame)
    if found:
        problems[name] = found


def with_status(name, status):
    kept, plugin.status = plugin.status, status
    shoot(name, 420)
    plugin.status = kept


session = plugin.active()
shoot("idle", 420)
with_status("no-daemon", Status(State.NOT_INSTALLED))
with_status("connecting", Status(State.CONNECTING, address="127.0.0.1:50551"))
with_status("error", Status(State.FAILED, Problem.TOKEN, address="box:50551"))
job = run_job(140)
wait(lambda: all(picture.hash in session.previews for _, picture in session.frames()), "all previews")
finished = replace(job)
shown = {index: picture for index, picture in job.frames.items() if index < 60}
running = replace(job, state=jobs.State.RUNNING, units_finished=5, frames=shown, request_id="running")
running.progress = Progress("interpolation", 9, 15, "interval-3", 41.0)
session.jobs["running"], kept = running, session.shown
session.shown = "running"
shoot("running")
session.shown = kept
shoot("finished")
plugin.change_settings(memory_limit=200_000_000)
frame.imports.import_layers()
shoot("much-memory")
plugin.change_settings(memory_limit=0)
session.note.text = session.note.action = ""
frame.results_fold.set_open(True)
shoot("history", 900)
frame.results_fold.set_open(False)
frame.making_fold.set_open(True)
shoot("making", 1250)
frame.making_fold.set_open(False)
for fold in frame.imports.findChildren(QtWidgets.QToolButton):
    if fold.isCheckable():
        fold.setChecked(True)
frame.setup_fold.set_open(True)
shoot("options", 1150)
frame.hide()
plugin.forget(frame.refresh)
finish(problems=problems)
