"""At the docker beside making and importing: select, copy out, compare, apply, crop; and a deletion that fails."""

import os
from pathlib import Path

from inside import RESULT, K, accept, controller, docker, document, finish, grab, leaves, pump, run_job, settled, wait
from krita import Selection
from undo_painting.core.export import Export
from undo_painting.docker import dockers
from undo_painting.qt import QtGui
from undo_painting.ui.large_window import LargeWindow

GIF = Export({"format": "EXPORT_FORMAT_GIF", "duration_seconds": 2.0, "max_side": 160})

doc = document()
plugin = controller()
session = plugin.active()
widget = docker()
dock = dockers()[-1]
dock.setFloating(True)
dock.resize(300, 900)


def chip():
    """What the chip says, once the docker has looked; None while it is not there."""
    pump(0.6)
    return widget.chip.text() if widget.chip.isVisible() else None


def whole():
    return all(picture.hash in session.previews for _, picture in session.frames())


RESULT["chip"] = [chip()]
selected = Selection()
selected.select(10, 20, 100, 80, 255)
doc.setSelection(selected)
RESULT["chip"].append(chip())
widget.chip.click()
RESULT["chip"].append(chip())
widget.chip.click()
RESULT["chip"].append(chip())
K.action("deselect").trigger()
RESULT["chip"].append(chip())

older = run_job()
wait(whole, "all previews")
widget.player.stop()
widget.player.show_place(0.5)
menu = widget.carrying.menu()
RESULT["copied"] = [action.text() for action in menu.actions()]
menu.actions()[0].trigger()
wait(lambda: session.note.text == "The picture is on the clipboard.", "the picture")
image = QtGui.QGuiApplication.clipboard().image()
RESULT["picture"] = [image.width(), image.height()]
RESULT["dragged"] = [widget.carrying.content().hasImage(), widget.carrying.content().hasUrls()]
file = Path(os.environ["EXPORTS"]) / "process.gif"
plugin.exporting.export(session, older, GIF, file)
settled()
RESULT["copied"] += [action.text() for action in widget.carrying.menu().actions()]
widget.carrying.menu().actions()[1].trigger()
RESULT["file"] = [url.toLocalFile() for url in QtGui.QGuiApplication.clipboard().mimeData().urls()] == [str(file)]
RESULT["dragged"].append([url.toLocalFile() for url in widget.carrying.content().urls()] == [str(file)])
said = session.note.text
file.unlink()
wait(lambda: session.note.text != said, "the end of the note on a file that is gone", 20)

session.parameters = session.parameters.set({"keyframes.operation_steps": (300, 700)})
newer = run_job()
wait(whole, "all previews")
widget.results_fold.set_open(True)
pump(0.3)
results = widget.results
results.select(older.request_id)
results._compare()
wait(lambda: session.jobs[older.request_id].state.ended, "the older result")
large = wait(
    lambda: widget.window().findChildren(LargeWindow) or K.activeWindow().qwindow().findChildren(LargeWindow), ""
)[0]
old = session.jobs[older.request_id]
wait(lambda: all(each.hash in session.previews for each in old.frames.values()), "its previews")
shown = large.player.current()
RESULT["compared"] = [session.shown == newer.request_id, large._other.isVisible()]
RESULT["beside"] = [shown is not None and shown[0] is newer, large.player.picture.image is not None]
seen = []
for share in (0.2, 0.8):
    large.player.show_place(share)
    pump(0.2)
    listed = [old.frames[index] for index in sorted(old.frames)]
    beside = session.previews[listed[round(large.player.place * (len(listed) - 1))].hash]
    seen.append(large._other.image is beside)
RESULT["together"] = seen
grab(large, "compared")
large.close()
pump(0.3)
RESULT["closed"] = session.compared == ""

plugin.change_settings(remote="127.0.0.1:9", token="x", fingerprint="")
results.select(newer.request_id)
results._delete()
accept(0)
wait(lambda: session.note.bad, "the sentence about the deletion")
RESULT["not deleted"] = [session.note.text.split(":")[0], len(session.history.entries)]
plugin.change_settings(remote="", token="")
wait(lambda: plugin.status.connected or plugin.look() or plugin.status.connected, "the connection")

results.select(older.request_id)
results._apply()
wait(lambda: session.shown == older.request_id, "the older result")
wait(lambda: session.task is not None or leaves(doc.topLevelNodes()[-1])[1:], "its import")
RESULT["applied"] = [settled().text, len(leaves(doc.topLevelNodes()[-1]))]
K.action("edit_undo").trigger()
doc.waitForDone()
wait(lambda: not session.note.text, "the end of the note that is no longer true")

doc.crop(0, 0, 160, 200)
doc.waitForDone()
wait(lambda: K.activeDocument().width() == 160, "the crop")
widget.imports.import_layers()
pump(0.3)
RESULT["cropped"] = [session.note.text, [offer.text for offer in session.note.offers], len(doc.topLevelNodes())]
grab(widget, "cropped")
documents = len(K.documents())
accept(0)
RESULT["elsewhere"] = [settled().text, len(K.documents()) - documents]
new = wait(lambda: next((each for each in K.documents() if each != doc), None), "the new document")
RESULT["its size"] = [new.width(), new.height()]
finish()
