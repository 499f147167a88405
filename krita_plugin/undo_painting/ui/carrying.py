"""Out of the docker: the frame that is shown, or the file that was made of its process, dragged or copied elsewhere."""

from __future__ import annotations

from ..controller.controller import Controller
from ..core.translate import tr
from ..krita_adapter import document as documents
from ..qt import Qt, QtCore, QtGui, QtWidgets, on
from .player import Player

ICON = 96


class Carrying:
    """Lets a player's picture be dragged out; a click with the right button copies it."""

    def __init__(self, controller: Controller, player: Player) -> None:
        self._controller = controller
        self._player = player
        player.picture.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        on(player.picture.customContextMenuRequested, lambda place: self._open_menu(place))
        on(player.picture.dragged, self._drag)

    def content(self) -> QtCore.QMimeData | None:
        """What is dragged: the shown frame, with the file that was last made of its process."""
        from ..controller.exporting import mime_data

        image, current = self._player.picture.image, self._player.current()
        if image is None or current is None:
            return None
        return mime_data(image, self._controller.exporting.files_of(current[0]))

    def menu(self) -> QtWidgets.QMenu:
        """What can be copied of what is shown."""
        menu = QtWidgets.QMenu(self._player)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        current = self._player.current()
        session = self._controller.session(documents.active())
        if current is None or session is None:
            return menu
        job, picture = current
        action = menu.addAction(tr("Copy this picture"))
        if action is not None:
            on(action.triggered, lambda: self._controller.exporting.copy_picture(session, picture))
        files = self._controller.exporting.files_of(job)
        action = menu.addAction(tr("Copy the file {name}", name=files[0].name)) if files else None
        if action is not None:
            on(action.triggered, lambda: self._controller.exporting.copy_file(job))
        return menu

    def _open_menu(self, place: QtCore.QPoint) -> None:
        self.menu().popup(self._player.picture.mapToGlobal(place))

    def _drag(self) -> None:
        data, image = self.content(), self._player.picture.image
        if data is None or image is None:
            return
        drag = QtGui.QDrag(self._player)
        drag.setMimeData(data)
        small = image.scaled(ICON, ICON, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
        drag.setPixmap(QtGui.QPixmap.fromImage(small))
        drag.exec(Qt.DropAction.CopyAction)
