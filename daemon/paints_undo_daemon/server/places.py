"""How much may run at a time: in all, for each client, and for each connection of a client."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from paints_undo_daemon.access.tokens import OWN_CLIENT
from paints_undo_daemon.errors import ResourceExhaustedError
from paints_undo_daemon.server.caller import Caller

_RETRY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that may run at a time."""

    total: int
    client: int
    connection: int


class Places:
    """Counts what runs. The account itself is always let in beyond the total: no other client can lock it out."""

    def __init__(self, what: str, limits: Limits) -> None:
        self._what = what
        self._limits = limits
        self._clients: Counter[str] = Counter()
        self._connections: Counter[tuple[str, str]] = Counter()
        self.last_active = time.monotonic()

    @property
    def total(self) -> int:
        """How many run now."""
        return self._clients.total()

    @contextmanager
    def taken(self, who: Caller) -> Iterator[None]:
        """A place for the time of the block. Raises `ResourceExhaustedError`."""
        self._check(who)
        self._clients[who.client] += 1
        self._connections[who.client, who.peer] += 1
        try:
            yield
        finally:
            _decrease(self._clients, who.client)
            _decrease(self._connections, (who.client, who.peer))
            self.last_active = time.monotonic()

    def _check(self, who: Caller) -> None:
        limits = self._limits
        full = self.total >= limits.total and who.client != OWN_CLIENT
        if (
            full
            or self._clients[who.client] >= limits.client
            or self._connections[who.client, who.peer] >= limits.connection
        ):
            raise ResourceExhaustedError(
                f"Too many {self._what} run at the same time: close some, then try again.", retry_after=_RETRY_SECONDS
            )


Key = TypeVar("Key")


def _decrease(counter: Counter[Key], key: Key) -> None:
    counter[key] -= 1
    if not counter[key]:
        del counter[key]
