"""A store of another form is refused, with a sentence, and left alone."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from paints_undo_daemon.store import schema
from paints_undo_daemon.store.problems import StoreError


@pytest.mark.parametrize(("change", "words"), [(1, "a newer daemon"), (-1, "an unreleased daemon")])
def test_a_store_of_another_form_is_refused_and_left_alone(tmp_path: Path, change: int, words: str) -> None:
    other = sqlite3.connect(tmp_path / "jobs.sqlite3", isolation_level=None)
    other.executescript(f"CREATE TABLE another (x); PRAGMA user_version = {schema.SCHEMA_VERSION + change};")
    with pytest.raises(StoreError, match=words):
        schema.prepare(other)
    assert [row[0] for row in other.execute("SELECT name FROM sqlite_master")] == ["another"]
    other.close()
