"""An end to waiting for a stream, for readers without an event loop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

_LOOKS = 4


class Watchdog:
    """Calls `cancel` once a wait has lasted for `seconds` (up to a quarter more); what is between the waits is free.

    with Watchdog(call.cancel, 60) as watchdog:
        with watchdog.waiting():
            message = next(call)
    """

    def __init__(self, cancel: Callable[[], object], seconds: float) -> None:
        self._cancel = cancel
        self._seconds = seconds
        self._closed = threading.Event()
        self._waiting = Waiting()
        self.fired = False
        """Whether it has called `cancel`."""

    def waiting(self) -> Waiting:
        """The block in which the time counts."""
        return self._waiting

    def __enter__(self) -> Self:
        threading.Thread(target=self._watch, name="paints-undo-watchdog", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.set()

    def _watch(self) -> None:
        while not self._closed.wait(self._seconds / _LOOKS):
            since = self._waiting.since
            if since is not None and time.monotonic() - since >= self._seconds:
                self.fired = True
                self._cancel()
                return


class Waiting:
    """A block whose beginning is known while it lasts."""

    def __init__(self) -> None:
        self.since: float | None = None

    def __enter__(self) -> None:
        self.since = time.monotonic()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.since = None
