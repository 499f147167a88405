"""The docker's first place: beside Krita's layers, where there is room for it, and seen."""

from __future__ import annotations

from ..qt import QtWidgets

LAYERS = "KisLayerBox"
FLOATING = 300, 520


def place_beside_layers(docker: QtWidgets.QDockWidget, waited: bool) -> bool:
    """Tab the docker with the layers and bring it to the front; where Krita shows none after one has `waited`, let it
    float. False while they are not there yet: from Krita 5.2 on a window is told of before it is shown."""
    window = docker.parentWidget()
    while window is not None and not isinstance(window, QtWidgets.QMainWindow):
        window = window.parentWidget()
    found = window.findChildren(QtWidgets.QDockWidget, LAYERS) if window is not None else []
    layers = next((each for each in found if each.isVisible() and not each.isFloating()), None)
    if layers is None and not waited:
        return False
    if window is not None and layers is not None:
        docker.setFloating(False)
        window.tabifyDockWidget(layers, docker)
    else:
        docker.setFloating(True)
        docker.resize(*FLOATING)
    docker.setVisible(True)
    docker.raise_()
    return True
