"""Exports as an artist makes them: options, button and file dialog of the docker; files in the folder EXPORTS."""

import os
from pathlib import Path

from inside import RESULT, controller, docker, document, finish, pump, run_job, settled, wait
from undo_painting.qt import QtGui, QtWidgets
from undo_painting.ui.parts import select

document()
plugin = controller()
job = run_job()
panel = docker().imports
docker().imports._files.click()
files = panel.files
wait(lambda: files._save.isEnabled(), "the export")
folder = Path(os.environ["EXPORTS"])


def save(path):
    """Type a path into the file dialog that the button has opened, and press Save; returns what it proposed."""
    dialog = wait(lambda: panel.window().findChildren(QtWidgets.QFileDialog), "the file dialog")[-1]
    line = dialog.findChild(QtWidgets.QLineEdit)
    proposed = line.text()
    line.setText(str(path))
    buttons = dialog.findChild(QtWidgets.QDialogButtonBox)
    buttons.button(QtWidgets.QDialogButtonBox.StandardButton.Save).click()
    wait(lambda: not dialog.isVisible(), "the end of the file dialog")
    dialog.deleteLater()
    return proposed


def export(purpose, name, fit="fill", length=None, side=None, rate=25, hold=0.0, first=False, ping_pong=False):
    select(files._purpose, purpose)
    files._chosen()
    select(files._fit, fit)
    if length is not None:
        select(files._length, length)
    if side is not None:
        select(files._side, side)
    panel._rate.setValue(rate)
    panel._hold.setValue(hold)
    files._result_first.setChecked(first)
    files._ping_pong.setChecked(ping_pong)
    pump(0.1)
    files._save.click()
    proposed = save(folder / name)
    note = settled()
    RESULT[name] = [note.text, note.bad, proposed, [offer.text for offer in note.offers]]


export("square", "square.mp4", fit="crop", side="0")
export("upright", "upright.mp4", length="30", side="0")
export("video", "first.mp4", first=True)
export("chat", "there-and-back.gif", length="0", side="0", rate=20, ping_pong=True)
select(files._pace, "own")
files._curve._show(files._curve.curve.moved(1, 0.5, 0.0))
export("wide", "wide.mp4", fit="crop", length="0", side="0", rate=20, hold=2.0)
select(files._pace, "LINEAR")
export("sheet", "sheet.png")
export("pictures", "frames.zip")
export("ora", "layers.ora")
export("psd", "layers.psd")
plugin.exporting.copy_file(job)
RESULT["copied"] = [url.fileName() for url in QtGui.QGuiApplication.clipboard().mimeData().urls()]
plugin.exporting.again(plugin.active(), job)
settled()
finish(left=sorted(path.name for path in folder.iterdir()), title=job.title)
