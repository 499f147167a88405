"""From nothing: Set up in the docker installs the daemon; then a job runs; then Repair and Uninstall."""

from pathlib import Path

from inside import RESULT, Clicks, K, controller, docker, document, finish, pump, wait
from undo_painting.qt import QtWidgets
from undo_painting.ui.large_window import LargeWindow

doc = document()
plugin = controller()
window = K.activeWindow().qwindow()
window.setGeometry(0, 0, 1280, 800)
pump(1.0)
widget = docker()
buttons = widget.setup
RESULT["before"] = [widget.words.text(), widget.big.text().replace("&", "")]
steps = []
plugin.listen(lambda: steps.append(plugin.setup.text) if plugin.setup.text not in steps else None)


def press(button, seconds=900):
    assert button.isEnabled(), [plugin.setup.offers(), plugin.status]
    button.click()
    wait(lambda: plugin.setup.running, "the beginning")
    wait(lambda: not plugin.setup.running, "the end", seconds)
    assert not plugin.setup.bad, plugin.setup.text
    pump(0.2)


walk = Clicks()
walk.click(widget.big)
wait(lambda: plugin.setup.running, "the beginning")
wait(lambda: not plugin.setup.running, "the end", 900)
assert not plugin.setup.bad, plugin.setup.text
pump(0.2)
RESULT["steps"] = [text for text in steps if text]
wait(lambda: plugin.status.connected, "the connection")
RESULT["program"] = list(plugin.search().target().program.command)
walk.click(widget.big)
job = wait(lambda: plugin.active().job, "the job")
wait(lambda: widget.player.playing, "the result, playing by itself")
RESULT["to a played result"] = walk.made
shown = [widget.moment.redo, widget.moment.variants, *widget.imports.usual, widget.big]


def in_sight():
    """The buttons of which something is seen, by their words."""
    seen = [each for each in shown if each.visibleRegion().boundingRect().height() > 8]
    return [each.text().replace("&", "") for each in seen]


wait(lambda: len(in_sight()) == len(shown), "all buttons, in sight", 60)
RESULT["in sight"] = in_sight()
widget.show_large()
large = wait(lambda: window.findChildren(LargeWindow), "the large window")[0]
wait(lambda: large.player.playing, "the result, playing large")
RESULT["large"] = [large.frameGeometry().height() <= 800, large.player.place < 1]
large.close()
walk = Clicks()
walk.click(widget.imports._files)
pump(0.3)
walk.click(widget.imports.files._save)
dialog = wait(lambda: window.findChildren(QtWidgets.QFileDialog), "the file dialog")[-1]
dialog.setDirectory(str(plugin.home))
walk.click(dialog.findChild(QtWidgets.QDialogButtonBox).button(QtWidgets.QDialogButtonBox.StandardButton.Save))
wait(lambda: plugin.active().note.text.startswith("Saved: "), "the video")
wait(lambda: widget.notice.offers[0].visibleRegion().boundingRect().height() > 8, "what to do with it, in sight")
RESULT["to a video"] = [walk.made, sorted(path.suffix for path in Path(plugin.home).glob("*.mp4"))]
RESULT.update(state=job.state.value, frames=len(job.frames), engine=job.engine)
RESULT["offered"] = [buttons._set_up.text(), buttons._models.isEnabled(), buttons._models.text()]
wait(lambda: plugin.setup.models, "the models' sizes")
pump(0.2)
RESULT["sizes"] = buttons._list.text()

mark = plugin.home / "environment" / "mark"
mark.touch()
buttons._set_up.click()
wait(lambda: plugin.setup.detail, "the installer's first words")
buttons._cancel.click()
wait(lambda: not plugin.setup.running, "the end of the cancelled repair")
RESULT["cancelled"] = [plugin.setup.text, plugin.setup.bad, mark.exists(), plugin.setup.installed]
wait(lambda: plugin.status.connected, "the connection after the cancel")
press(buttons._set_up)
RESULT["repaired"] = [mark.exists(), plugin.setup.installed]
wait(lambda: plugin.status.connected, "the connection after the repair")

press(buttons._uninstall)
RESULT["left"] = sorted(path.name for path in Path(plugin.home).iterdir())
pump(0.3)
finish(after=[widget.words.text(), widget.big.text().replace("&", ""), plugin.setup.text])
