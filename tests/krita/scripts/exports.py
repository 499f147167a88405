"""Exports as an artist makes them: options, button and file dialog of the docker; files in the folder EXPORTS."""

import gc
import os
from pathlib import Path

from inside import RESULT, K, controller, docker, document, finish, run_job, settled, wait
from undo_painting.qt import Qt, QtCore, QtGui, QtWidgets
from undo_painting.ui.parts import select

document()
plugin = controller()
plugin.connect()
wait(lambda: plugin.status.connected, "the connection")
session = plugin.active()
session.parameters = session.parameters.set({"procedural.method": "painter"})  # late states differ visibly
job = run_job()
panel = docker().imports
docker().imports._files.click()
files = panel.files
wait(lambda: files._save.isEnabled(), "the export")
folder = Path(os.environ["EXPORTS"])
RESULT["told"] = {}


def save(path):
    """Type a path into the file dialog that the button has opened, and press Save; returns what it proposed."""
    dialogs = K.activeWindow().qwindow().findChildren
    dialog = wait(lambda: [each for each in dialogs(QtWidgets.QFileDialog) if each.isVisible()], "the file dialog")[0]
    line = dialog.findChild(QtWidgets.QLineEdit)
    proposed = line.text()
    line.setText(str(path))
    buttons = dialog.findChild(QtWidgets.QDialogButtonBox)
    buttons.button(QtWidgets.QDialogButtonBox.StandardButton.Save).click()
    wait(lambda: not dialog.isVisible(), "the end of the file dialog")
    QtWidgets.QApplication.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete)
    assert not dialogs(QtWidgets.QFileDialog), "a file dialog goes when it is done"
    return proposed


def export(purpose, name, fit="BLUR", length=None, side=None, rate=25, hold=0.0, drawn=None, boxes=(), without=0):
    files.choose(purpose)
    select(files.more.fit, fit)
    if length is not None:
        select(files.more.length, length)
    if side is not None:
        select(files.more.side, side)
    panel._rate.setValue(rate)
    panel._hold.setValue(hold)
    if drawn is not None:
        select(files.more.pace, "own")
        drag(*drawn)
    for box in boxes:
        files.more.boxes[box].setChecked(True)
    for place in range(without):
        listed[place].trigger()
    told = wait(lambda: plugin.exporting.size(job, files.export()), "the size")
    wait(lambda: "≈" in files._facts.text(), "the size where it is read")
    wait(files._save.isEnabled, "the button, once what was saved before has ended")
    files._save.click()
    gc.collect()  # an artist takes seconds to find a name
    proposed = save(folder / name)
    note = settled()
    assert (folder / name).exists(), f"{name} was not made: {note.text}"
    RESULT["told"][name] = told / (folder / name).stat().st_size
    RESULT[name] = [note.text, note.bad, proposed, [offer.text for offer in note.offers]]


def drag(time, work):
    """Take the curve's middle point by the mouse, and leave it there."""
    curve = files.more.curve
    begin, (low, high) = curve.place_of(1), (curve.place_of(place) for place in (0, len(curve.curve.points) - 1))
    end = QtCore.QPointF(low.x() + time * (high.x() - low.x()), low.y() + work * (high.y() - low.y()))
    kinds, left = QtCore.QEvent.Type, Qt.MouseButton.LeftButton
    way = [begin + (end - begin) * share for share in (0.25, 0.5, 0.75, 1.0)]
    mouse(curve, kinds.MouseButtonPress, begin, left, left)
    for place in way:
        mouse(curve, kinds.MouseMove, place, Qt.MouseButton.NoButton, left)
    mouse(curve, kinds.MouseButtonRelease, end, left, Qt.MouseButton.NoButton)


def mouse(widget, kind, place, button, held):
    there = QtCore.QPointF(widget.mapToGlobal(place.toPoint()))
    event = QtGui.QMouseEvent(kind, place, there, button, held, Qt.KeyboardModifier.NoModifier)
    QtWidgets.QApplication.sendEvent(widget, event)


def layers():
    """The layers that the painting has, as the list offers them."""
    menu = files.more.layers.list
    menu.aboutToShow.emit()
    wait(lambda: files.more.layers._names, "the names of the layers")
    menu.aboutToShow.emit()
    return menu.actions()


listed = layers()
RESULT["layers"] = [action.text() for action in listed]
export("square", "square.mp4", fit="CROP", side="0")
export("phone", "upright.mp4", length="30", side="0")
export("video", "first.mp4", boxes=("result_first_seconds",))
export("chat", "there-and-back.gif", length="0", side="0", rate=20, boxes=("ping_pong",))
export("wide", "wide.mp4", fit="CROP", length="0", side="0", rate=20, hold=2.0, drawn=(0.6, 0.2))
RESULT["curve"] = files.export().options()["pace_curve"]
export("video", "told.mp4", length="6", boxes=("show_operation", "show_progress", "zoom_seconds", "wipe_seconds"))
export("sheet", "sheet.png")
files.choose("sheet")
select(files.more.side, "3840")
wait(lambda: isinstance(plugin.exporting.size(job, files.export()), str), "the refusal")
wait(lambda: "are too much" in files._facts.text(), "the refusal where it is read")
assert not files._save.isEnabled(), "what is refused cannot be asked for"
RESULT["refused"] = files._facts.text()
export("sheet", "without.png", without=1)
export("pictures", "frames.zip")
export("openraster", "layers.ora")
export("layers", "layers.psd")
plugin.exporting.copy_file(job)
RESULT["copied"] = [url.fileName() for url in QtGui.QGuiApplication.clipboard().mimeData().urls()]
plugin.exporting.again(plugin.active(), job)
settled()
finish(left=sorted(path.name for path in folder.iterdir()), title=job.title)
