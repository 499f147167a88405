"""Krita's timeline docker."""

from __future__ import annotations

from krita import Krita

from ..qt import QtWidgets

TIMELINE = "TimelineDocker"


def visible() -> bool:
    """Whether the artist sees the timeline."""
    return any(docker.isVisible() for docker in _dockers())


def show() -> None:
    """Bring the timeline to the front."""
    for docker in _dockers():
        docker.setVisible(True)
        docker.raise_()


def _dockers() -> list[QtWidgets.QDockWidget]:
    window = Krita.instance().activeWindow()
    return window.qwindow().findChildren(QtWidgets.QDockWidget, TIMELINE) if window is not None else []
