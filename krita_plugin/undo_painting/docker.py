"""The docker that Krita makes, one for each window."""

from __future__ import annotations

from typing import Any

from krita import DockWidget

from .core import log, timing
from .core.translate import tr
from .instance import controller
from .qt import alive
from .ui.docker_widget import DockerWidget

DOCKER_ID = "undo_painting_docker"
_alive: list[UndoPaintingDocker] = []


def dockers() -> list[UndoPaintingDocker]:
    """The dockers that exist, the newest last. Krita's own list (`Krita.dockers`) can crash Krita while it draws."""
    return list(_alive)


class UndoPaintingDocker(DockWidget):
    """Holds the docker's widget."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle(tr("Undo Painting"))
        self.content: DockerWidget | None = None
        with timing.measured("docker"):
            log.guarded(self._fill)()

    def _fill(self) -> None:
        self.content = DockerWidget(controller())
        self.setWidget(self.content)
        _alive.append(self)
        self.destroyed.connect(lambda: _forget_dead())

    def canvasChanged(self, canvas: Any) -> None:  # noqa: N802, ARG002
        """Krita calls this when another document becomes active; the canvas is None when the last one closes."""
        log.guarded(controller().documents_changed)()


def _forget_dead() -> None:
    _alive[:] = [docker for docker in _alive if alive(docker)]
