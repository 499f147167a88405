"""The one controller of this Krita."""

from __future__ import annotations

from .controller.controller import Controller

_controller: list[Controller] = []


def controller() -> Controller:
    """The controller, made when it is first asked for."""
    if not _controller:
        _controller.append(Controller())
    return _controller[0]
