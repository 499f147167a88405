"""Which engine the docker says it will take, and why, in a docker of 250 pixels in every language."""

from inside import RESULT, controller, document, finish, grab, pump, wait
from undo_painting.core.translate import choose
from undo_painting.ui.docker_widget import DockerWidget

document()
plugin = controller()
plugin.connect()
wait(lambda: plugin.status.connected, "the connection")
RESULT["devices"] = list(plugin.status.server.devices)
for code in ("en", "de", "fr"):
    choose(code)
    frame = DockerWidget(plugin)
    frame.setFixedSize(250, 620)
    frame.show()
    frame.expert_fold.set_open(True)
    pump(0.3)
    label = frame.engine
    right = label.mapTo(frame, label.rect().topRight()).x()
    fits = label.isVisible() and label.heightForWidth(label.width()) <= label.height() and right <= 250
    RESULT[code] = [label.text(), fits]
    grab(frame, f"engine-{code}")
    frame.hide()
    plugin.forget(frame.refresh)
finish()
