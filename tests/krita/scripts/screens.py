"""Pictures of the docker in each state, several sizes, both themes and three languages, into the folder SCREENS."""

import os
from dataclasses import replace
from pathlib import Path

from inside import controller, document, finish, pump, run_job, wait
from undo_painting.background import coding
from undo_painting.core import contrast, gallery, jobs
from undo_painting.core.connection import ConnectionState, ConnectionStatus, Problem
from undo_painting.core.jobs import Progress
from undo_painting.core.translate import choose
from undo_painting.qt import QtGui, QtWidgets
from undo_painting.ui.docker_widget import DockerWidget
from undo_painting.ui.film import FilmButton
from undo_painting.ui.parts import Fold
from undo_painting.ui.settings_dialog import SettingsDialog

FOLDER = Path(os.environ["SCREENS"])
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
    for child in widget.findChildren(QtWidgets.QPushButton):
        words = child.fontMetrics().horizontalAdvance(child.text().replace("&", ""))
        if child.isVisible() and words + 4 > child.width():
            found.append(child.text())
    for kind in (QtWidgets.QCheckBox, QtWidgets.QToolButton):
        for child in widget.findChildren(kind):
            if child.isVisible() and child.text() and child.sizeHint().width() > child.width() + 2:
                found.append(child.text())
    for child in widget.findChildren(QtWidgets.QLabel):
        if child.isVisible() and child.text() and child.heightForWidth(child.width()) > child.height() + 2:
            found.append(child.text())
    for child in widget.findChildren(FilmButton):
        if child.isVisible() and child._screen.cut_off:
            found.append(child._title)
    for child in widget.findChildren(QtWidgets.QWidget):
        right = child.mapTo(widget, child.rect().topRight()).x()
        if child.isVisible() and right > widget.width():
            found.append(f"{type(child).__name__} reaches {right}")
    return found


def pale(widget):
    """Words whose contrast to their ground is below 4.5 : 1."""
    found = []
    for child in widget.findChildren((QtWidgets.QLabel, QtWidgets.QAbstractButton)):
        if child.isVisible() and child.isEnabled() and child.text():
            colours = child.palette()
            both = (colours.color(role) for role in (child.foregroundRole(), child.backgroundRole()))
            ratio = contrast.contrast(*((each.red(), each.green(), each.blue()) for each in both))
            if ratio < 4.5:
                found.append(f"{child.text()[:40]} {ratio:.1f}:1")
    return found


def nameless(widget):
    """What can be used, but has no name for a screen reader."""
    kinds = (QtWidgets.QAbstractButton, QtWidgets.QComboBox, QtWidgets.QAbstractSpinBox, QtWidgets.QAbstractSlider)
    buddies = [each.buddy() for each in widget.findChildren(QtWidgets.QLabel)]
    return [
        type(child).__name__
        for child in widget.findChildren((*kinds, FilmButton, QtWidgets.QListWidget))
        if child.isVisible()
        and not isinstance(child, QtWidgets.QScrollBar)
        and not isinstance(child.parent(), (QtWidgets.QAbstractSpinBox, QtWidgets.QComboBox))
        and not (child.accessibleName() or getattr(child, "text", str)() or child in buddies)
    ]


doc = document()
plugin = controller()
problems = {}
SIZES = [(width, height) for width in (250, 400) for height in (155, 400, 760)]
SCALE = os.environ.get("QT_SCALE_FACTOR", "1")


def shoot(frame, name, sizes):
    """Pictures of what the docker shows now; what is cut off is noted."""
    for width, height in sizes:
        frame.setFixedSize(width, height)
        frame.show()
        plugin.changed()
        pump(0.15)
        for dark in (False, True):
            frame.setPalette(palette(dark))
            frame.setAutoFillBackground(True)
            pump(0.05)
            kind = "dark" if dark else "light"
            frame.grab().save(str(FOLDER / f"{name}-{width}x{height}-{kind}-{LANGUAGE}-{SCALE}x.png"))
            faint = pale(frame)
            if faint:
                problems[f"{name} {kind} {LANGUAGE}"] = faint
        found = cut_off(frame) + nameless(frame)
        if found:
            problems[f"{name} {width}x{height} {LANGUAGE}"] = found


def photograph(widget, name):
    """One picture of a window or menu; what is cut off is noted."""
    for dark in (False, True):
        widget.setPalette(palette(dark))
        widget.setAutoFillBackground(True)
        pump(0.05)
        kind = "dark" if dark else "light"
        widget.grab().save(str(FOLDER / f"{name}-{kind}-{LANGUAGE}-{SCALE}x.png"))
        faint = pale(widget)
        if faint:
            problems[f"{name} {kind} {LANGUAGE}"] = faint
    found = cut_off(widget) + nameless(widget)
    if found:
        problems[f"{name} {LANGUAGE}"] = found


def windows(frame):
    """What opens beside the docker: the large window, the menu of jobs, the settings."""
    frame.show_large()
    for width, height in ((420, 420), (900, 760)):
        frame._large.setFixedSize(width, height)
        frame._large.player.show_place(0.45)
        pump(1.0)
        photograph(frame._large, f"large-{width}x{height}")
    frame._large.close()
    frame.queue.fill()
    frame.queue.menu.adjustSize()
    photograph(frame.queue.menu, "queue")
    dialog = SettingsDialog(plugin, frame)
    dialog.show()
    pump(0.2)
    photograph(dialog, "settings")
    dialog.close()
    dialog.deleteLater()


def with_status(frame, name, status):
    kept, plugin.status = plugin.status, status
    shoot(frame, name, SIZES[:2])
    plugin.status = kept


def states(session, job):
    """One docker, in every state."""
    frame = DockerWidget(plugin)
    kept = session.shown
    session.shown = ""
    shoot(frame, "idle", SIZES)
    with_status(frame, "error", ConnectionStatus(ConnectionState.FAILED, Problem.TOKEN, address="box:50551"))
    plugin.setup.running, plugin.setup.text, plugin.setup.done, plugin.setup.of = True, "…", 1, 4
    shoot(frame, "set-up", SIZES[:2])
    plugin.setup.running, plugin.setup.text = False, ""
    shown = {index: picture for index, picture in job.frames.items() if index < 60}
    running = replace(job, state=jobs.JobState.RUNNING, units_finished=5, frames=shown, request_id="running")
    running.progress = Progress("interpolation", 9, 15, "interval-3", 41.0)
    session.jobs["running"] = running
    session.shown = "running"
    shoot(frame, "running", SIZES)
    running.state, running.frames, running.progress = jobs.JobState.UPLOADING, {}, None
    shoot(frame, "sending", SIZES[:2])
    running.state, running.keyframes = jobs.JobState.RUNNING, {0: replace(job.keyframes[0], operation_step=1000.0)}
    rough = session.previews[job.frames[30].hash].scaledToWidth(200)
    running.progress = Progress("keyframes", 1, 7, "keyframes", 3.0, preview=coding.png(rough))
    shoot(frame, "planning", SIZES)
    running.keyframes = {}
    windows(frame)
    del session.jobs["running"]
    session.shown = kept
    shoot(frame, "finished", SIZES)
    frame.player.stop()
    frame.player.show_place(0.45)
    shoot(frame, "half-way", SIZES)
    frame.moment.redo.click()
    wait(lambda: all(session.jobs[each.request_id].state.ended for each in session.redo.candidates), "candidates")
    pump(0.5)
    shoot(frame, "candidates", SIZES)
    frame.moment.choice.cancel.click()
    plugin.change_settings(memory_limit=2_000_000)
    frame.imports.import_layers()
    shoot(frame, "much-memory", SIZES[:2])
    plugin.change_settings(memory_limit=0)
    plugin.note(session, "")
    folds = {
        "gallery": frame.gallery_fold,
        "export": frame.imports.files_fold,
        "options": frame.imports.options_fold,
        "history": frame.results_fold,
    }
    for name, fold in folds.items():
        fold.set_open(True)
        if name == "export":
            frame.imports.files.choose("square")
        shoot(frame, name, [(250, 760), (400, 760)])
        fold.set_open(False)
    frame.expert_fold.set_open(True)
    frame.expert.making_fold.set_open(True)
    frame.expert.setup_fold.set_open(True)
    for each in frame.expert.findChildren(Fold):
        each.set_open(True)
    shoot(frame, "expert", [(250, 1900)])
    frame.hide()
    plugin.forget(frame.refresh)


session = plugin.active()
job = run_job()
wait(lambda: all(picture.hash in session.previews for _, picture in session.frames()), "all previews")
plugin.gallery.make(doc)
wait(lambda: all(session.jobs[each.request_id].state.ended for each in session.gallery), "the gallery")
pump(0.5)
for LANGUAGE in os.environ.get("LANGUAGES", "en de ja").split():
    choose(LANGUAGE)
    named = gallery.variants(session.parameters)
    session.gallery = tuple(
        replace(each, title=known.title) for each, known in zip(session.gallery, named, strict=True)
    )
    states(session, job)
choose("en")
finish(problems=problems)
