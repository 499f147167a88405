"""The process in a window of its own: large, resizable, full screen, led by the keyboard."""

from __future__ import annotations

from typing import Any

from ..controller.controller import Controller
from ..core.jobs import StoredFrame
from ..core.translate import tr
from ..core.view import frame_words
from ..qt import QImage, Qt, QTimer, QtWidgets, alive, on
from .carrying import Carrying
from .parts import column
from .player import Player
from .screen import Screen

SHARPEN_MS = 150
SIDE = 900
OF_THE_SCREEN = 0.9
"""How much of the screen the window takes at most, so that its slider and its frame are seen whole."""


class LargeWindow(QtWidgets.QWidget):
    """Shows what the docker's player shows. While it plays, the small pictures do; where it stands, the frame comes in
    the size of the window. F switches to full screen, Esc back, and then closes."""

    def __init__(self, controller: Controller, parent: QtWidgets.QWidget | None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._controller = controller
        self._sharp: tuple[str, QImage] | None = None
        self.setWindowTitle(tr("Undo Painting"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.player = Player(tr("Full screen (F)"))
        self._carrying = Carrying(controller, self.player)
        self._other = Screen()
        self._other.hide()
        pictures = column(self, 6)
        pictures.addWidget(self._other, 1)
        pictures.addWidget(self.player, 1)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(SHARPEN_MS)
        on(self._wait.timeout, self._fetch)
        on(self.player.moved, self._moved)
        on(self.player.pressed, self.switch)
        screen = (parent or self).screen()
        room = screen.availableGeometry().size() * OF_THE_SCREEN if screen is not None else self.maximumSize()
        self.resize(min(SIDE, room.width()), min(SIDE, room.height()))
        refresh = self.refresh
        controller.listen(refresh)
        self.destroyed.connect(lambda: controller.forget(refresh))
        self.refresh()
        self.player.setFocus()

    def refresh(self) -> None:
        """Show what is."""
        session = self._controller.active()
        self.player.set_rate(self._controller.settings.frames_per_second)
        frames = session.frames() if session is not None else []
        self.player.show_frames(frames, session.previews if session else {}, session.job if session else None)
        self._show_other()

    def _show_other(self) -> None:
        """The result that is compared, at the same share of its process."""
        session = self._controller.active()
        other = session.jobs.get(session.compared) if session is not None else None
        pictures = other.frames or other.keyframes if other is not None else {}
        self._other.setVisible(bool(pictures))
        if session is not None and pictures:
            listed = [pictures[index] for index in sorted(pictures)]
            picture = listed[round(self.player.place * (len(listed) - 1))]
            self._other.show_image(session.previews.get(picture.hash, self._other.image), frame_words(picture, False))

    def closeEvent(self, event: Any) -> None:  # noqa: N802
        session = self._controller.active()
        if session is not None:
            session.compared = ""
        super().closeEvent(event)

    def switch(self) -> None:
        """To full screen, and back."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def keyPressEvent(self, event: Any) -> None:  # noqa: N802
        if event.key() == Qt.Key.Key_F:
            self.switch()
        elif event.key() == Qt.Key.Key_Escape:
            if self.isFullScreen():
                self.switch()
            else:
                self.close()
        else:
            self.player.keyPressEvent(event)

    def resizeEvent(self, event: Any) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._wait.start()

    def _moved(self) -> None:
        self._show_other()
        current = self.player.current()
        if current is None:
            return
        if self._sharp is not None and self._sharp[0] == current[1].hash:
            self.player.picture.show_image(self._sharp[1], self.player.words)
        elif not self.player.playing:
            self._wait.start()

    def _fetch(self) -> None:
        """Fetch the frame that is shown in the window's own pixels."""
        current = self.player.current()
        if current is None or self.player.playing or (self._sharp is not None and self._sharp[0] == current[1].hash):
            return
        picture: StoredFrame = current[1]
        side = round(max(self.width(), self.height()) * self.devicePixelRatioF())
        digest = picture.hash
        self._controller.bridge.run(
            lambda background: background.large(digest, side),
            done=lambda image: self._have(digest, image),
            failed=lambda _: None,
        )

    def _have(self, digest: str, image: QImage) -> None:
        if alive(self):
            self._sharp = digest, image
            self._moved()
