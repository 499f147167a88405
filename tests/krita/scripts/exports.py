"""Exports from the docker's options, each a real file in the folder EXPORTS."""

import os
from pathlib import Path

from inside import RESULT, controller, docker, document, finish, run_job, settled
from undo_painting.ui.parts import select

doc = document()
plugin = controller()
run_job()
session = plugin.active()
panel = docker().imports
folder = Path(os.environ["EXPORTS"])


def export(kind, name, length="0", aspect="", first=False, ping_pong=False):
    select(panel._format, kind)
    select(panel._length, length)
    select(panel._aspect, aspect)
    panel._result_first.setChecked(first)
    panel._ping_pong.setChecked(ping_pong)
    assert plugin.exporting.export(session, session.job, panel.export_options(), folder / name)
    note = settled()
    RESULT[name] = [note.text, note.bad]


panel._hold.setValue(0)
export("MP4", "square.mp4", length="15", aspect="1_1")
panel._rate.setValue(20)
export("GIF", "there-and-back.gif", ping_pong=True)
panel._rate.setValue(25)
export("MP4", "first.mp4", first=True)
export("ORA", "layers.ora")
export("PNG_SEQUENCE", "frames.zip")
finish(left=sorted(path.name for path in folder.iterdir()))
