"""The process on the canvas: where it lies at several zooms, and that neither document nor undo learns of it."""

from inside import RESULT, K, controller, docker, document, finish, pump, run_job, wait
from undo_painting.qt import QtWidgets

doc = document()
plugin = controller()
run_job()
session = plugin.active()
wait(lambda: all(picture.hash in session.previews for _, picture in session.frames()), "all previews")
pump(0.3)
widget = docker()
widget.player.stop()
widget.player.show_place(0.0)
window = K.activeWindow()
canvas = window.activeView().canvas()
undo = K.action("edit_undo").isEnabled()
before = bytes(doc.pixelData(0, 0, 320, 200))


def shown(x, y):
    """The colour on the screen where a pixel of the document lies, as Krita itself places it."""
    glass = widget.canvas.preview._glass
    target = glass.target()
    image = window.qwindow().grab().toImage()
    ratio = image.devicePixelRatio()
    place = glass.mapTo(window.qwindow(), glass.rect().topLeft())
    across = place.x() + target.x() + (x + 0.5) * target.width() / 320
    down = place.y() + target.y() + (y + 0.5) * target.height() / 200
    return image.pixelColor(round(across * ratio), round(down * ratio))


seen = []
for resolution in (72.0, 300.0):
    doc.setResolution(int(resolution))
    for zoom in (0.5, 1.0, 2.0):
        canvas.setZoomLevel(zoom)
        pump(0.4)
        without = shown(160, 100).name() if widget.canvas.preview.shown else ""
        widget.canvas.button.click()
        pump(0.4)
        middle = shown(160, 100)
        beside = widget.canvas.preview._glass.target()
        widget.canvas.button.click()
        pump(0.3)
        seen.append([resolution, zoom, middle.lightness(), round(beside.width()), without])
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
