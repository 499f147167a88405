"""The docker that Krita makes, one for each window."""

from __future__ import annotations

from typing import Any

from krita import DockWidget

from .core import log
from .core.translate import tr
from .extension import controller
from .ui.docker_widget import DockerWidget

DOCKER_ID = "undo_painting_docker"


class UndoPaintingDocker(DockWidget):  # type: ignore[misc]
    """Holds the docker's widget."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle(tr("Undo Painting"))
        self.content: DockerWidget | None = None
        log.guarded(self._fill)()

    def _fill(self) -> None:
        self.content = DockerWidget(controller())
        self.setWidget(self.content)

    def canvasChanged(self, canvas: Any) -> None:  # noqa: N802, ARG002
        """Krita calls this when another document becomes active; the canvas is None when the last one closes."""
        log.guarded(controller().documents_changed)()
