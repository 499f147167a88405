"""The menu of what waits and works, each to be cancelled, and of the settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..controller.controller import Controller
from ..core.translate import tr
from ..qt import QtWidgets, on
from .parts import tool


class QueueButton:
    """A tool button whose menu is filled whenever it opens, in the order in which the jobs get their turn."""

    def __init__(self, controller: Controller, open_settings: Callable[[], object]) -> None:
        self._controller = controller
        self._open_settings = open_settings
        self.button = tool("⋯", lambda: None, tr("Jobs and settings"))
        self.button.setPopupMode(QtWidgets.QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QtWidgets.QMenu(self.button)
        on(self.menu.aboutToShow, self.fill)
        self.button.setMenu(self.menu)

    def fill(self) -> None:
        """List the jobs as they stand now."""
        self.menu.clear()
        running = self._controller.running
        listed = running.in_turn()
        for session, job in listed:
            name = tr("Cancel: {title} ({words})", title=job.title or tr("untitled"), words=job.words())
            self._add(name, lambda session=session, job=job: running.cancel(session, job))
        if len(listed) > 1:
            self._add(tr("Cancel all"), running.cancel_all)
        if not listed:
            nothing = self.menu.addAction(tr("Nothing is being made"))
            if nothing is not None:
                nothing.setEnabled(False)
        self.menu.addSeparator()
        self._add(tr("Settings …"), self._open_settings)

    def _add(self, text: str, slot: Any) -> None:
        action = self.menu.addAction(text.replace("&", "&&"))
        if action is not None:
            on(action.triggered, lambda: slot())
