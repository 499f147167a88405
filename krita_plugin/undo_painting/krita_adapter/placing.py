"""The docker's first place: beside Krita's layers, where there is room for it, and seen."""

from __future__ import annotations

from ..qt import QtWidgets

LAYERS = "KisLayerBox"
FLOATING = 300, 520


def place_beside_layers(docker: QtWidgets.QDockWidget) -> bool:
    """Tab the docker with the layers and bring it to the front; where Krita shows none, let it float. False while the
    window is not there yet: from Krita 5.2 on it is told of before it is shown."""
    window = docker.parentWidget()
    while window is not None and not isinstance(window, QtWidgets.QMainWindow):
        window = window.parentWidget()
    if window is None or not window.isVisible():
        return False
    found = window.findChildren(QtWidgets.QDockWidget, LAYERS)
    layers = next((each for each in found if each.isVisible() and not each.isFloating()), None)
    if layers is not None:
        docker.setFloating(False)
        window.tabifyDockWidget(layers, docker)
    else:
        docker.setFloating(True)
        docker.resize(*FLOATING)
    docker.setVisible(True)
    docker.raise_()
    return True
