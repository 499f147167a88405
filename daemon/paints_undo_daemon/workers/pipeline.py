"""Encoding and writing pictures beside the engine, in the order in which they were made."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

Made = TypeVar("Made")
Stored = TypeVar("Stored")

_IN_FLIGHT = 4


class Pipeline(Generic[Made, Stored]):
    """Runs `store` on what `put` gets, in threads; hands the results to `deliver` in order, on the caller's thread."""

    def __init__(
        self, pool: ThreadPoolExecutor, store: Callable[[Made], Stored], deliver: Callable[[Made, Stored], None]
    ) -> None:
        self._pool = pool
        self._store = store
        self._deliver = deliver
        self._waiting: deque[tuple[Made, Future[Stored]]] = deque()

    def put(self, made: Made) -> None:
        """Begin to store `made`; hand on what is complete; wait while too much is in flight. Raises like `store`."""
        self._waiting.append((made, self._pool.submit(self._store, made)))
        while self._waiting and (len(self._waiting) > _IN_FLIGHT or self._waiting[0][1].done()):
            self._deliver_first()

    def flush(self) -> None:
        """Wait for all that is in flight and hand it on."""
        while self._waiting:
            self._deliver_first()

    def drop(self) -> None:
        """Forget what is in flight, after it has ended."""
        for _, future in self._waiting:
            future.cancel()
        for _, future in self._waiting:
            if not future.cancelled():
                future.exception()
        self._waiting.clear()

    def _deliver_first(self) -> None:
        made, future = self._waiting.popleft()
        self._deliver(made, future.result())
