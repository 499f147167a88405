"""The process on the canvas: where it lies at several zooms, and that neither document nor undo learns of it."""

from inside import RESULT, K, controller, docker, document, finish, pump, run_job, wait
from undo_painting.qt import QtWidgets

doc = document()
plugin = controller()
plugin.connect()
wait(lambda: plugin.status.connected, "the connection")
session = plugin.active()
session.parameters = session.parameters.set({"procedural.method": "painter"})
run_job()
wait(lambda: all(picture.hash in session.previews for _, picture in session.frames()), "all previews")
pump(0.3)
widget = docker()
widget.player.stop()
widget.player.show_place(0.03)  # the ground is laid all over
window = K.activeWindow()
canvas = window.activeView().canvas()
undo = K.action("edit_undo").isEnabled()
before = bytes(doc.pixelData(0, 0, 320, 200))


def place_of(x, y):
    """Where in Krita's window a pixel of the document lies, as the preview has it."""
    glass = widget.canvas.preview._glass
    target = glass.target()
    place = glass.mapTo(window.qwindow(), glass.rect().topLeft())
    across = place.x() + target.x() + (x + 0.5) * target.width() / 320
    return across, place.y() + target.y() + (y + 0.5) * target.height() / 200


def colour_at(place):
    """The colour there now."""
    image = window.qwindow().grab().toImage()
    ratio = image.devicePixelRatio()
    return image.pixelColor(*(round(each * ratio) for each in place))


seen = []
for resolution in (72.0, 300.0):
    doc.setResolution(int(resolution))
    for zoom in (0.5, 1.0, 2.0):
        canvas.setZoomLevel(zoom)
        pump(0.4)
        widget.canvas.button.click()
        pump(0.4)
        edge, middle = place_of(118, 100), place_of(160, 100)
        lightness, width = colour_at(middle).lightness(), round(widget.canvas.preview._glass.target().width())
        widget.canvas.button.click()
        pump(0.4)
        seen.append([zoom, lightness, width, [colour_at(place).name() for place in (edge, middle)]])
RESULT["seen"] = seen
widget.canvas.button.click()
widget.player.show_place(0.5)
pump(0.3)
RESULT["on"] = [widget.canvas.preview.shown, widget.canvas.button.isChecked()]
canvas.setRotation(20.0)
pump(0.3)
RESULT["turned"] = widget.canvas.preview._glass.target() is None
canvas.setRotation(0.0)
other = K.createDocument(64, 64, "other", "RGBA", "U8", "", 72.0)
window.addView(other)
wait(lambda: not widget.canvas.preview.shown, "the end of the preview over another document")
RESULT["modified"] = [doc.modified(), K.action("edit_undo").isEnabled() == undo]
RESULT["same"] = bytes(doc.pixelData(0, 0, 320, 200)) == before
RESULT["dockers"] = [
    each.objectName()
    for each in window.qwindow().tabifiedDockWidgets(window.qwindow().findChild(QtWidgets.QDockWidget, "KisLayerBox"))
]
finish()
