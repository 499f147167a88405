"""The docker's first place: beside Krita's layers, where there is room for it, and seen."""

from __future__ import annotations

from ..qt import QtWidgets

LAYERS = "KisLayerBox"
FLOATING = 300, 520


def place_beside_layers(docker: QtWidgets.QDockWidget) -> None:
    """Tab the docker with the layers and bring it to the front; where Krita shows none, let it float."""
    window = docker.window()
    found = window.findChildren(QtWidgets.QDockWidget, LAYERS) if window is not None else []
    layers = next((each for each in found if each.isVisible() and not each.isFloating()), None)
    if layers is not None and isinstance(window, QtWidgets.QMainWindow):
        docker.setFloating(False)
        window.tabifyDockWidget(layers, docker)
    else:
        docker.setFloating(True)
        docker.resize(*FLOATING)
    docker.setVisible(True)
    docker.raise_()
