"""Krita's end of the network's thread: work goes over by `run`, and what comes back is called by `drain`.

Importing this loads neither asyncio nor the client: the thread does (`loop.py`), when the first work is handed over.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..core import log
from .work import BackgroundTask

if TYPE_CHECKING:
    from .loop import Loop

Call = Callable[[], object]
Owned = TypeVar("Owned")
Result = TypeVar("Result")


class Bridge(Generic[Owned]):
    """Starts the thread with the first work; `close` ends it.

    `make` makes, in that thread, the object on which the work is done. Coroutines run in that thread too. Whatever
    they hand over (`done`, `failed`, `emit`) is only queued; `drain` calls it, in the thread that calls `drain`
    (Krita's own, from a timer, a few milliseconds at a time).
    """

    def __init__(self, make: Callable[[Loop[Owned]], Owned]) -> None:
        self._make = make
        self._calls: deque[Call] = deque()
        self._orders: deque[Callable[[Loop[Owned]], object]] = deque()
        self._wake: Callable[[], object] = lambda: None
        self._thread: threading.Thread | None = None
        self._closed = False

    def run(
        self,
        work: Callable[[Owned], Coroutine[Any, Any, Result]],
        done: Callable[[Result], object] | None = None,
        failed: Callable[[Exception], object] | None = None,
    ) -> BackgroundTask:
        """Have a coroutine made and run in the thread. One of `done` and `failed` is called, unless it is cancelled."""
        if self._closed:
            raise RuntimeError("the plugin is closing")
        handle = BackgroundTask(self._order)
        self._order(lambda loop: loop.begin(handle, work, done, failed))
        return handle

    def tell(self, word: Callable[[Owned], object]) -> None:
        """Have a short call made in the thread."""
        self._order(lambda loop: word(loop.owned))

    def emit(self, function: Callable[..., object], *arguments: Any) -> None:
        """Queue a call for the thread that drains; may be called from any thread."""
        self._calls.append(lambda: function(*arguments))

    def drain(self, budget: float = 0.008) -> int:
        """Make the queued calls, until none is left or `budget` seconds are over. Returns how many were made."""
        end = time.monotonic() + budget
        count = 0
        while self._calls:
            log.guarded(self._calls.popleft())()
            count += 1
            if time.monotonic() >= end:
                break
        return count

    def close(self, timeout: float = 2.0) -> None:
        """Cancel what runs and end the thread; what is still queued is dropped."""
        if self._thread is not None:
            self._order(lambda loop: loop.stop())
            self._closed = True
            self._thread.join(timeout)
        self._closed = True

    def _order(self, order: Callable[[Loop[Owned]], object]) -> None:
        if self._closed:
            return
        self._orders.append(order)
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="undo-painting-net", daemon=True)
            self._thread.start()
        self._wake()

    def _work(self) -> None:
        try:
            from .loop import Loop

            Loop(self._make, self.emit).serve(self._orders, self._woken_by)
        except Exception as error:
            self.emit(log.error, error)

    def _woken_by(self, wake: Callable[[], object]) -> None:
        self._wake = wake
