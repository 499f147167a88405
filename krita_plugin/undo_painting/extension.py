"""The plugin's entry: the menu, the timer, the beginning and the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krita import DockWidgetFactory, DockWidgetFactoryBase, Extension, Krita

from .controller.controller import Controller
from .core import log, timing
from .core.translate import tr
from .krita_adapter import check
from .krita_adapter import document as documents
from .qt import QTimer, on

if TYPE_CHECKING:
    from krita import Window

TICK_MS = 10
LOOK_MS = 500
_controller: list[Controller] = []


def controller() -> Controller:
    """The one controller of this Krita."""
    if not _controller:
        _controller.append(Controller())
    return _controller[0]


class UndoPaintingExtension(Extension):
    """Registers the menu entry and drives the controller."""

    def __init__(self, parent: Krita) -> None:
        super().__init__(parent)
        self._timer: QTimer | None = None

    def setup(self) -> None:
        """Krita calls this once, before there is a window."""
        with timing.measured("set up"):
            log.guarded(self._setup)()

    def createActions(self, window: Window) -> None:  # noqa: N802
        """Krita calls this for each window."""
        with timing.measured("actions"):
            log.guarded(self._create_actions)(window)

    def _setup(self) -> None:
        plugin = controller()
        log.begin(plugin.folder)
        plugin.missing = check.missing()
        log.LOGGER.info("Undo Painting %s begins", plugin.version)
        self._timer = QTimer()
        self._timer.setInterval(TICK_MS)
        on(self._timer.timeout, lambda: plugin.drain() and None)
        self._timer.start()
        notifier = Krita.instance().notifier()
        notifier.setActive(True)
        on(notifier.applicationClosing, self._close)
        on(notifier.imageClosed, lambda: QTimer.singleShot(0, log.guarded(plugin.forget_closed)))
        QTimer.singleShot(LOOK_MS, log.guarded(self._look))

    def _create_actions(self, window: Window) -> None:
        start = window.createAction("undo_painting", tr("Undo Painting"), "tools/scripts")
        on(start.triggered, self._start)
        show = window.createAction("undo_painting_docker", tr("Show the Undo Painting docker"), "tools/scripts")
        on(show.triggered, self._show)

    def _look(self) -> None:
        log.LOGGER.info("Krita's start took the plugin %s", timing.words())
        controller().look()

    def _start(self) -> None:
        self._show()
        document = documents.active()
        if document is not None:
            controller().running.start(document)

    def _show(self) -> None:
        from .docker import dockers

        for docker in dockers():
            docker.setVisible(True)
            docker.raise_()

    def _close(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        controller().close()


def register() -> None:
    """Tell Krita of the extension and the docker."""
    from .docker import DOCKER_ID, UndoPaintingDocker

    application = Krita.instance()
    application.addExtension(UndoPaintingExtension(application))
    place = DockWidgetFactoryBase.DockPosition.DockRight
    application.addDockWidgetFactory(DockWidgetFactory(DOCKER_ID, place, UndoPaintingDocker))
