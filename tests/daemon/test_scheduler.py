"""The order of service as a pure data structure, and the ladder of memory plans."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paints_undo_daemon.scheduler.fair import FairQueue, Ticket
from paints_undo_engine.descriptions import describe

tickets = st.lists(
    st.builds(
        lambda client, connection, batch: (client, connection, batch),
        st.sampled_from("abc"),
        st.sampled_from("xy"),
        st.booleans(),
    ),
    max_size=40,
)


def queue_of(rows: list[tuple[str, str, bool]]) -> tuple[FairQueue[int], list[Ticket[int]]]:
    queue: FairQueue[int] = FairQueue()
    made = [
        Ticket(number, client, connection, number, batch) for number, (client, connection, batch) in enumerate(rows)
    ]
    for ticket in made:
        queue.add(ticket)
    return queue, made


def drain(queue: FairQueue[int]) -> list[Ticket[int]]:
    taken = []
    while (ticket := queue.take()) is not None:
        taken.append(ticket)
    return taken


@given(tickets)
def test_everybody_is_served_exactly_once_interactive_first(rows: list[tuple[str, str, bool]]) -> None:
    queue, made = queue_of(rows)
    positions = {ticket.key: queue.position(ticket.key) for ticket in made}
    taken = drain(queue)
    assert sorted(ticket.key for ticket in taken) == [ticket.key for ticket in made]
    assert [ticket.batch for ticket in taken] == sorted(ticket.batch for ticket in taken)
    assert [positions[ticket.key] for ticket in taken] == list(range(len(taken)))
    assert len(queue) == 0


@given(tickets)
def test_a_connection_is_served_in_its_order(rows: list[tuple[str, str, bool]]) -> None:
    queue, _ = queue_of(rows)
    taken = drain(queue)
    for who in {(ticket.client, ticket.connection, ticket.batch) for ticket in taken}:
        orders = [t.order for t in taken if (t.client, t.connection, t.batch) == who]
        assert orders == sorted(orders)


@given(tickets, st.sampled_from("abc"), st.booleans())
def test_nobody_waits_longer_than_one_round(rows: list[tuple[str, str, bool]], client: str, batch: bool) -> None:
    """Between two turns of a client that waits, every other client has at most one turn."""
    queue, _ = queue_of(rows)
    turns = [ticket.client for ticket in drain(queue) if ticket.batch == batch]
    places = [place for place, name in enumerate(turns) if name == client]
    for before, after in zip([-1, *places], places, strict=False):
        between = turns[before + 1 : after]
        assert len(between) == len(set(between))


@given(tickets)
def test_connections_of_a_client_take_turns(rows: list[tuple[str, str, bool]]) -> None:
    queue, _ = queue_of(rows)
    taken = drain(queue)
    for who in {(ticket.client, ticket.batch) for ticket in taken}:
        turns = [ticket.connection for ticket in taken if (ticket.client, ticket.batch) == who]
        both = min(turns.count("x"), turns.count("y"))
        assert all(turns[2 * i] != turns[2 * i + 1] for i in range(both))


@given(tickets, st.lists(st.integers(0, 45), max_size=10))
def test_who_leaves_is_not_served_and_changes_nothing_else(rows: list[tuple[str, str, bool]], gone: list[int]) -> None:
    queue, made = queue_of(rows)
    removed = {key for key in gone if queue.remove(key)}
    assert removed == set(gone) & {ticket.key for ticket in made}
    assert {ticket.key for ticket in drain(queue)} == {ticket.key for ticket in made} - removed


@given(st.integers(1, 20), st.integers(1, 20))
def test_a_newcomer_waits_for_one_unit_of_a_long_job(units: int, more: int) -> None:
    """A client with long jobs comes back after every unit; another's first job comes right after the running one."""
    queue: FairQueue[str] = FairQueue()
    for number in range(more):
        queue.add(Ticket(f"long-{number}", "a", "x", number))
    for _ in range(units):
        ticket = queue.take()
        assert ticket is not None
        queue.add(ticket)
    queue.add(Ticket("small", "b", "x", 1000))
    first = queue.take()
    assert first is not None
    assert first.key == "small"


def test_a_key_waits_once() -> None:
    queue, made = queue_of([("a", "x", False)])
    with pytest.raises(ValueError, match="waits already"):
        queue.add(made[0])


@pytest.mark.parametrize(
    ("plan", "fp8", "leaner"),
    [
        ("auto", False, "16gb"),
        ("resident", False, "16gb"),
        ("12gb", False, "8gb"),
        ("6gb", False, "4gb"),
        ("4gb", False, None),
        ("4gb", True, "4gb-fp8"),
        ("4gb-fp8", True, None),
    ],
)
def test_the_ladder_of_plans_never_leaves_exact_by_itself(plan: str, fp8: bool, leaner: str | None) -> None:
    assert describe("diffusion").leaner_plan(plan, allow_inexact=fp8) == leaner
    assert describe("procedural").leaner_plan(plan, allow_inexact=fp8) is None
