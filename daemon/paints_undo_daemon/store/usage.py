"""What each client has in the store, for the admin: numbers alone, no titles and no pictures."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from paints_undo.v1 import jobs_pb2
from paints_undo_daemon.store import marks, owned
from paints_undo_daemon.store.jobs import LIVE

Result = TypeVar("Result")

_SEEN = "seen "


@dataclass(frozen=True, slots=True)
class Usage:
    """`jobs` that are kept and those of them that have not ended; `bytes` of pictures, each counted once for a client.

    `last_seen` is the time of its last call in seconds since 1970, to a minute; None when it has never called.
    """

    client: str
    jobs: int = 0
    jobs_waiting: int = 0
    bytes: int = 0
    last_seen: float | None = None


def note_seen(connection: sqlite3.Connection, times: Mapping[str, float]) -> None:
    """Note when clients last called."""
    for client, seconds in times.items():
        marks.put(connection, _SEEN + client, repr(seconds))


def of_clients(connection: sqlite3.Connection) -> list[Usage]:
    """The usage of every client that has a job or a picture, or has ever called, by name."""
    jobs = {
        row["client"]: (row["jobs"], row["waiting"])
        for row in connection.execute(
            "SELECT client, count(*) AS jobs, sum(state IN (?, ?)) AS waiting FROM jobs GROUP BY client", LIVE
        )
    }
    uploads = {row["client"] for row in connection.execute("SELECT DISTINCT client FROM owned_pictures")}
    seen = {
        row["name"].removeprefix(_SEEN): float(row["value"])
        for row in connection.execute("SELECT name, value FROM marks WHERE name LIKE ?", (f"{_SEEN}%",))
    }
    return [
        Usage(name, *jobs.get(name, (0, 0)), owned.client_bytes(connection, name), seen.get(name))
        for name in sorted(jobs.keys() | uploads | seen.keys())
    ]


@dataclass(frozen=True, slots=True)
class JobCount:
    """How many jobs of a client are in a state (``queued``, ``running``, ``finished``, ``cancelled``, ``failed``)."""

    client: str
    state: str
    jobs: int


def by_state(connection: sqlite3.Connection) -> list[JobCount]:
    """The kept jobs by client and state."""
    rows = connection.execute("SELECT client, state, count(*) AS jobs FROM jobs GROUP BY client, state")
    return [JobCount(row["client"], _state_word(row["state"]), row["jobs"]) for row in rows]


def _state_word(number: int) -> str:
    """The state in a word; ``damaged`` where the number in the row is none."""
    found = jobs_pb2.JobState.DESCRIPTOR.values_by_number.get(number)
    return found.name.removeprefix("JOB_STATE_").lower() if found is not None else "damaged"


def read(database: Path) -> list[Usage]:
    """The usage of every client, also while a daemon runs; nothing where there is no database.

    Raises `sqlite3.Error`.
    """
    return _read(database, of_clients)


def read_states(database: Path) -> list[JobCount]:
    """The kept jobs by client and state, as `read`. Raises `sqlite3.Error`."""
    return _read(database, by_state)


def _read(database: Path, function: Callable[[sqlite3.Connection], list[Result]]) -> list[Result]:
    if not database.exists():
        return []
    connection = sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=30)
    connection.row_factory = sqlite3.Row
    try:
        return function(connection)
    finally:
        connection.close()
