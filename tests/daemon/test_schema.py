"""A store of every earlier version that is supported opens with this one and holds what it held."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from paints_undo_daemon.store import schema
from paints_undo_daemon.store.problems import StoreError

from .conftest import RunningDaemon, few, kinds, small_painting

SCHEMAS = Path(__file__).with_name("schemas")
OLDER = range(4, schema.SCHEMA_VERSION)


def tables(connection: sqlite3.Connection) -> dict[str, object]:
    """Tables, columns and indices, however they came to be."""
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")]
    found: dict[str, object] = {}
    for name in sorted(names):
        columns = connection.execute(f"PRAGMA table_xinfo({name})").fetchall()
        index = connection.execute(f"PRAGMA index_xinfo({name})").fetchall()
        keys = connection.execute(f"PRAGMA foreign_key_list({name})").fetchall()
        found[name] = [sorted(column[1:] for column in map(tuple, columns)), [*map(tuple, index)], [*map(tuple, keys)]]
    return found


def opened(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.row_factory = sqlite3.Row
    return connection


def of_version(file: Path, version: int) -> None:
    connection = opened(file)
    connection.executescript((SCHEMAS / f"version-{version}.sql").read_text())
    connection.close()


def test_every_earlier_version_is_at_hand() -> None:
    assert [path.name for path in sorted(SCHEMAS.iterdir())] == [f"version-{number}.sql" for number in OLDER]


@pytest.mark.parametrize("version", OLDER)
def test_an_earlier_schema_becomes_the_present_one(tmp_path: Path, version: int) -> None:
    of_version(tmp_path / "old", version)
    old, new = opened(tmp_path / "old"), opened(tmp_path / "new")
    schema.prepare(old)
    schema.prepare(new)
    assert tables(old) == tables(new)
    assert (tmp_path / f"old.version-{version}").stat().st_size > 0


@pytest.mark.parametrize("version", OLDER)
def test_jobs_of_an_earlier_version_are_still_there(tmp_path: Path, version: int) -> None:
    running = RunningDaemon(tmp_path / "home").start()
    client = running.client()
    painting = client.upload(small_painting())
    done, events = client.finish(painting, parameters=few())
    assert running.stop() == 0
    file = running.home / "store" / "jobs.sqlite3"
    shutil.move(file, tmp_path / "new")
    of_version(file, version)
    old = opened(file)
    old.execute("ATTACH ? AS new", (str(tmp_path / "new"),))
    for name in ("pictures", "owned_pictures", "jobs", "events", "frames", "supplied_keyframes", "units"):
        columns = [row["name"] for row in old.execute(f"PRAGMA main.table_info({name})")]
        listed = ", ".join(columns)
        old.execute(f"INSERT INTO main.{name} ({listed}) SELECT {listed} FROM new.{name}")
    old.close()
    client = running.start().client()
    try:
        assert list(client.watch(done.job_id)) == events
        assert len(client.frames(done.job_id)) == done.frame_count
        assert kinds(client.finish(painting, parameters=few())[1])[-1] == "finished"
    finally:
        running.stop()


@pytest.mark.parametrize(
    ("version", "reason"), [(schema.SCHEMA_VERSION + 1, "newer daemon"), (min(OLDER) - 1, "before the first release")]
)
def test_a_store_that_cannot_be_read_is_refused_and_left_alone(tmp_path: Path, version: int, reason: str) -> None:
    foreign = opened(tmp_path / "jobs.sqlite3")
    foreign.executescript(f"CREATE TABLE other (x); PRAGMA user_version = {version};")
    with pytest.raises(StoreError, match=reason):
        schema.prepare(foreign)
    assert [row[0] for row in foreign.execute("SELECT name FROM sqlite_master")] == ["other"]
