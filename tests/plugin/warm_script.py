"""Run by a test: connects, then at each line of its input lets the pointer come to the docker."""

import sys
import threading

from offscreen import application, wait
from undo_painting.controller import controller as controllers
from undo_painting.qt import QtCore, QtGui
from undo_painting.ui.docker_widget import DockerWidget

controllers.WARM_SECONDS = 0.0
controller = controllers.Controller()
docker = DockerWidget(controller)
docker.show()
controller.look()
orders = []


def listen():
    for line in sys.stdin:
        orders.append(line)
    orders.append("")


threading.Thread(target=listen, daemon=True).start()
while True:
    wait(controller, lambda: orders)
    if not orders.pop(0):
        break
    place = QtCore.QPointF(5, 5)
    application.sendEvent(docker, QtGui.QEnterEvent(place, place, place))
controller.close()
# The widgets go before the application does: at the interpreter's end the order would be anybody's guess.
docker.close()
docker.deleteLater()
application.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete)
