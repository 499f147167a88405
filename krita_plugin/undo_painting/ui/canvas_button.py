"""The button that shows the process over the canvas."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ..controller.controller import Controller
from ..core.mapping import frame_rect
from ..core.translate import tr
from ..krita_adapter import document as documents
from ..qt import on
from .parts import tool
from .player import Player

if TYPE_CHECKING:
    from ..controller.session import Session
    from ..krita_adapter.overlay import CanvasPreview


class CanvasButton:
    """Puts its button beside the player's slider; what the player shows lies over the canvas until it is switched off,
    or another document is in front."""

    def __init__(self, controller: Controller, player: Player) -> None:
        self._controller = controller
        self._player = player
        self._of: Session | None = None
        self.button = tool("◧", self.toggle, tr("Show it on the canvas; your document is not touched"))
        self.button.setCheckable(True)
        player.add_tool(self.button)
        on(player.moved, self.refresh)

    @cached_property
    def preview(self) -> CanvasPreview:
        """What lies over the canvas."""
        from ..krita_adapter.overlay import CanvasPreview

        return CanvasPreview()

    def toggle(self) -> None:
        """Show the process over the canvas, or no more."""
        if self.preview.shown:
            self._switch_off()
        else:
            self._of = self._controller.active()
            self.refresh()
        self.button.setChecked(self.preview.shown)

    def refresh(self) -> None:
        """Show the player's frame where its source lies in the document in front."""
        if self._of is None:
            return
        session, document, current = self._controller.active(), documents.active(), self._player.current()
        if session is not self._of or document is None or current is None:
            self._switch_off()
            return
        job, picture = current
        rect = frame_rect(job.source, picture.placement, document.width(), document.height())
        self.preview.show(self._player.picture.image, rect)

    def _switch_off(self) -> None:
        self.preview.hide()
        self._of = None
        self.button.setChecked(False)
