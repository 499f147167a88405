"""The order of service: a pure data structure, without clock, threads or input/output.

Interactive work goes before batch work. Within each: round the clients, then round the connections of the client, then
in the order of creation. Taking is one turn; next is whose last turn is longest ago, so that a newcomer waits for no
more than what runs, and nobody gets two turns while another waits.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Generic, TypeVar

_REMEMBERED = 4096
"""Turns of clients and connections that are remembered; connections come and go."""

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Ticket(Generic[Key]):
    """One waiting piece of work. `order` decides within a connection, the smallest first; keys are unique."""

    key: Key
    client: str
    connection: str
    order: int
    batch: bool = False


class FairQueue(Generic[Key]):
    """Waiting tickets and the turn that everybody has."""

    def __init__(self) -> None:
        self._tickets: dict[Key, Ticket[Key]] = {}
        self._levels: tuple[_Ring[Key], _Ring[Key]] = (_Ring(), _Ring())
        self._order: dict[Key, int] | None = None

    def __len__(self) -> int:
        return len(self._tickets)

    def __contains__(self, key: Key) -> bool:
        return key in self._tickets

    def add(self, ticket: Ticket[Key]) -> None:
        """Let a ticket wait. Raises `ValueError` when its key waits already."""
        if ticket.key in self._tickets:
            raise ValueError(f"{ticket.key!r} waits already.")
        self._tickets[ticket.key] = ticket
        self._levels[ticket.batch].add(ticket)
        self._order = None

    def remove(self, key: Key) -> bool:
        """Take a ticket out of the line; False when it does not wait."""
        ticket = self._tickets.pop(key, None)
        if ticket is None:
            return False
        self._levels[ticket.batch].remove(ticket)
        self._order = None
        return True

    def take(self) -> Ticket[Key] | None:
        """The next ticket to be served, None when nobody waits."""
        for level in self._levels:
            ticket = level.take()
            if ticket is not None:
                del self._tickets[ticket.key]
                self._order = None
                return ticket
        return None

    def position(self, key: Key) -> int:
        """How many tickets are served before this one, if none is added; 0 when it does not wait."""
        if self._order is None:
            self._order = {ticket.key: place for place, ticket in enumerate(self._in_order())}
        return self._order.get(key, 0)

    def _in_order(self) -> Iterator[Ticket[Key]]:
        for level in self._levels:
            copy = level.copy()
            while (ticket := copy.take()) is not None:
                yield ticket


class _Ring(Generic[Key]):
    """Clients, each with its connections; whose last turn is longest ago is next, and who never had one before all."""

    def __init__(self) -> None:
        self._clients: OrderedDict[str, OrderedDict[str, list[tuple[int, int, Ticket[Key]]]]] = OrderedDict()
        self._turns: OrderedDict[tuple[str, ...], int] = OrderedDict()
        self._count = 0

    def copy(self) -> _Ring[Key]:
        ring: _Ring[Key] = _Ring()
        ring._clients = OrderedDict(
            (client, OrderedDict((name, list(waiting)) for name, waiting in connections.items()))
            for client, connections in self._clients.items()
        )
        ring._turns, ring._count = self._turns.copy(), self._count
        return ring

    def add(self, ticket: Ticket[Key]) -> None:
        connections = self._clients.setdefault(ticket.client, OrderedDict())
        self._count += 1
        heappush(connections.setdefault(ticket.connection, []), (ticket.order, self._count, ticket))

    def remove(self, ticket: Ticket[Key]) -> None:
        connections = self._clients[ticket.client]
        waiting = connections[ticket.connection]
        connections[ticket.connection] = kept = sorted(item for item in waiting if item[2] is not ticket)
        self._tidy(ticket.client, ticket.connection, kept)

    def take(self) -> Ticket[Key] | None:
        if not self._clients:
            return None
        client = min(self._clients, key=lambda name: self._turns.get((name,), 0))
        connection = min(self._clients[client], key=lambda name: self._turns.get((client, name), 0))
        waiting = self._clients[client][connection]
        ticket = heappop(waiting)[2]
        self._tidy(client, connection, waiting)
        self._had_turn((client,))
        self._had_turn((client, connection))
        return ticket

    def _tidy(self, client: str, connection: str, waiting: list[tuple[int, int, Ticket[Key]]]) -> None:
        if not waiting:
            del self._clients[client][connection]
        if not self._clients[client]:
            del self._clients[client]

    def _had_turn(self, who: tuple[str, ...]) -> None:
        self._count += 1
        self._turns[who] = self._count
        self._turns.move_to_end(who)
        while len(self._turns) > _REMEMBERED:
            self._turns.popitem(last=False)
