"""Work that was handed over to the network's thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class BackgroundTask:
    """A coroutine that was handed over."""

    def __init__(self, order: Callable[[Callable[[Any], object]], None]) -> None:
        self._order = order
        self.cancelled = False
        self.task: Any = None

    def cancel(self) -> None:
        """End it: neither `done` nor `failed` is called then."""
        self.cancelled = True
        self._order(lambda _: self.task and self.task.cancel())
