"""Small facts about the store itself, by name: when it was last swept, how often it was opened."""

from __future__ import annotations

import sqlite3


def get(connection: sqlite3.Connection, name: str) -> str | None:
    """A fact, None when it was never noted."""
    row = connection.execute("SELECT value FROM marks WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row["value"])


def put(connection: sqlite3.Connection, name: str, value: str) -> None:
    """Note a fact in place of what was noted before."""
    connection.execute("INSERT OR REPLACE INTO marks VALUES (?, ?)", (name, value))
