"""Exports as an artist makes them: options, button and file dialog of the docker; files in the folder EXPORTS."""

import os
from pathlib import Path

from inside import RESULT, controller, docker, document, finish, pump, run_job, settled, wait
from undo_painting.qt import QtWidgets
from undo_painting.ui.parts import select

document()
controller()
job = run_job()
panel = docker().imports
wait(lambda: panel._export.isEnabled(), "the export")
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


def export(kind, name, length="0", aspect="", rate=25, hold=0.0, first=False, ping_pong=False):
    select(panel._format, kind)
    select(panel._length, length)
    select(panel._aspect, aspect)
    panel._rate.setValue(rate)
    panel._hold.setValue(hold)
    panel._result_first.setChecked(first)
    panel._ping_pong.setChecked(ping_pong)
    pump(0.1)
    panel._export.click()
    proposed = save(folder / name)
    note = settled()
    RESULT[name] = [note.text, note.bad, proposed]


export("MP4", "square.mp4", length="15", aspect="SQUARE")
export("WEBM", "tall.webm", length="30", aspect="TALL")
export("MP4", "first.mp4", first=True)
export("GIF", "there-and-back.gif", rate=20, ping_pong=True)
export("WEBP", "wide.webp", aspect="WIDE", rate=20, hold=2.0)
export("APNG", "portrait.png", length="60", aspect="PORTRAIT")
export("PNG_SEQUENCE", "frames.zip")
export("ORA", "layers.ora")
export("PSD", "layers.psd")
finish(left=sorted(path.name for path in folder.iterdir()), title=job.title)
