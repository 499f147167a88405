"""The plugin's entry: the menu, the timer, the beginning and the end."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from krita import DockWidgetFactory, DockWidgetFactoryBase, Extension, Krita

from .core import actions, log, timing
from .core.actions import Command
from .docker import DOCKER_ID, UndoPaintingDocker, dockers
from .instance import controller
from .krita_adapter import check, placing
from .qt import QTimer, on

if TYPE_CHECKING:
    from krita import Window

TICK_MS = 10
LOOK_MS = 500
PLACE_MS = 200
PLACE_WAITS = 25


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
        on(notifier.imageSaved, plugin.keeping.remember_files)
        on(notifier.windowCreated, lambda: QTimer.singleShot(0, log.guarded(self._place)))
        QTimer.singleShot(LOOK_MS, log.guarded(self._look))

    def _create_actions(self, window: Window) -> None:
        for command in Command:
            menu = "tools/scripts" if command.in_menu else ""
            action = window.createAction(command.value, actions.words(command), menu)
            on(action.triggered, partial(self._run, command))

    def _look(self) -> None:
        log.LOGGER.info("Krita's start took the plugin %s", timing.words())
        controller().look()

    def _run(self, command: Command) -> None:
        """What an action does, in the docker of the window in front."""
        if command in (Command.START, Command.DOCKER, Command.VIDEO, Command.GALLERY, Command.REDO):
            self._show()
        content = next((docker.content for docker in reversed(dockers()) if docker.content is not None), None)
        if content is None:
            return
        does: dict[Command, Callable[[], object]] = {
            Command.START: content.start,
            Command.CANCEL: content.cancel,
            Command.PLAY: content.player.play,
            Command.NEXT: lambda: content.player.step_key(1),
            Command.PREVIOUS: lambda: content.player.step_key(-1),
            Command.LARGE: content.show_large,
            Command.CANVAS: content.canvas.toggle,
            Command.LAYERS: content.imports.import_layers,
            Command.ANIMATION: content.imports.import_animation,
            Command.VIDEO: lambda: content.imports.files.save(),
            Command.AGAIN: lambda: content.imports.files.save_again(),
            Command.GALLERY: content.show_gallery,
            Command.REDO: content.moment.redo_from_here,
        }
        if command in does:
            does[command]()

    def _show(self) -> None:
        for docker in dockers():
            docker.setVisible(True)
            docker.raise_()

    def _place(self, waits: int = PLACE_WAITS) -> None:
        """The first showing, once the window has its own places, for which it is waited at most so many times."""
        plugin = controller()
        shown = dockers()
        if not shown or plugin.settings.placed:
            return
        if placing.place_beside_layers(shown[-1], not waits):
            plugin.change_settings(placed=True)
        else:
            QTimer.singleShot(PLACE_MS, log.guarded(lambda: self._place(waits - 1)))

    def _close(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        controller().close()


def register() -> None:
    """Tell Krita of the extension and the docker."""
    application = Krita.instance()
    application.addExtension(UndoPaintingExtension(application))
    place = DockWidgetFactoryBase.DockPosition.DockRight
    application.addDockWidgetFactory(DockWidgetFactory(DOCKER_ID, place, UndoPaintingDocker))
