"""A database of which any page is destroyed goes on, without the rows of that page alone."""

from __future__ import annotations

import os
import shutil
import sqlite3
import struct
from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any, cast

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st

from paints_undo.v1 import jobs_pb2
from paints_undo_daemon.store import history, opening, pages, rebuilding, sums
from paints_undo_daemon.store.database import Database, connect
from paints_undo_daemon.store.messages import unpack
from paints_undo_daemon.store.pictures import PictureFiles
from paints_undo_daemon.store.problems import StoreError

from .conftest import RunningDaemon, few, fuzz, small_painting

PAGE = 4096


@dataclass(frozen=True)
class Job:
    """What a client can see of a job."""

    state: int
    failure: str
    parameters: bytes
    events: tuple[bytes, ...]
    frames: tuple[bytes, ...]


@dataclass(frozen=True)
class Stored:
    """A store that no daemon runs on, and what is in it."""

    folder: Path
    database: bytes
    jobs: dict[str, Job]
    owned: set[tuple[str, str]]

    def put(self, data: bytes) -> None:
        for path in self.folder.glob("jobs.sqlite3*"):
            path.unlink()
        (self.folder / "identity.json").unlink(missing_ok=True)
        (self.folder / "jobs.sqlite3").write_bytes(data)


def jobs_of(connection: sqlite3.Connection) -> dict[str, Job]:
    """Every job; one whose records are refused when they are read counts as named."""
    return {row["job_id"]: job_of(connection, row) for row in connection.execute("SELECT * FROM jobs")}


def job_of(connection: sqlite3.Connection, row: sqlite3.Row) -> Job:
    number = row["number"]
    try:
        failure = unpack(jobs_pb2.JobFailure, row["failure"]).code if row["failure"] else ""
        events = tuple(event.SerializeToString() for event in history.after(connection, number, 0, 10**6))
        frames = tuple(
            frame.SerializeToString()
            for keyframes in (False, True)
            for frame in history.pictures(connection, number, keyframes=keyframes)
        )
    except DecodeError:
        return Job(row["state"], "DATA_LOSS", row["parameters"], (), ())
    if not sums.is_whole(row):
        return Job(row["state"], "DATA_LOSS", row["parameters"], (), ())
    return Job(row["state"], failure, row["parameters"], events, frames)


def owned_of(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    return {(row["client"], row["hash"]) for row in connection.execute("SELECT client, hash FROM owned_pictures")}


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    running = RunningDaemon(tmp_path_factory.mktemp("rebuilding")).start()
    client = running.client()
    paintings = [client.upload(small_painting(number)) for number in range(2)]
    for painting in paintings:
        client.finish(painting, parameters=few())
    for number in range(8):  # several pages of jobs, one of them with a row that goes on elsewhere
        tags = jobs_pb2.TagsParameters(text=f"{number} " + "hair, " * (680 if number == 3 else 200))
        client.finish(paintings[0], parameters=few(tags=tags, stop_after=jobs_pb2.STAGE_TAGS))
    assert running.stop() == 0
    folder = running.home / "store"
    connection = connect(folder / "jobs.sqlite3")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    found = Stored(folder, (folder / "jobs.sqlite3").read_bytes(), jobs_of(connection), owned_of(connection))
    connection.close()
    return found


def opened(stored: Stored) -> tuple[dict[str, Job], set[tuple[str, str]]]:
    """What the daemon finds after it has opened the store."""
    files, database = opening.open_store(stored.folder, "account")
    try:
        assert set(files.all())
        return database.run_first(jobs_of), database.run_first(owned_of)
    finally:
        database.close()


def kinds_of_pages(database: Path) -> dict[int, tuple[str, str]]:
    """The table or index that a page belongs to, and whether it is a leaf, where SQLite tells it."""
    connection = sqlite3.connect(database)
    try:
        return {
            number: (name, kind)
            for number, name, kind in connection.execute("SELECT pageno, name, pagetype FROM dbstat")
        }
    except sqlite3.OperationalError:
        return {}
    finally:
        connection.close()


def zeros() -> bytes:
    return bytes(PAGE)


def noise() -> bytes:
    return os.urandom(PAGE)


@pytest.mark.parametrize("filling", [zeros, noise])
def test_any_page_may_be_destroyed(stored: Stored, filling: Callable[[], bytes]) -> None:
    stored.put(stored.database)
    kinds = kinds_of_pages(stored.folder / "jobs.sqlite3")
    assert len(stored.database) // PAGE > 20
    for number in range(len(stored.database) // PAGE):
        start = number * PAGE
        stored.put(stored.database[:start] + filling() + stored.database[start + PAGE :])
        name, kind = kinds.get(number + 1, ("jobs", "leaf"))
        jobs, owned = opened(stored)
        whole = {job_id for job_id, job in stored.jobs.items() if jobs.get(job_id) == job}
        named = {job_id for job_id, job in jobs.items() if job.failure == "DATA_LOSS"}
        gone = set(stored.jobs) - set(jobs)
        assert set(stored.jobs) == whole | named | gone, (number, name, kind)
        if name != "jobs" or kind == "internal":
            assert not gone, (number, name, kind)
        if name not in ("jobs", "events"):
            assert not named, (number, name, kind)
        if name != "owned_pictures":
            assert stored.owned <= owned, (number, name, kind)
        assert len(whole) >= len(stored.jobs) - 4 or name == "events", (number, name, kind)


@pytest.mark.parametrize("bytes_kept", [0, 1, 100, PAGE, 5 * PAGE + 17])
def test_a_database_that_was_cut_off_goes_on_or_says_why_not(stored: Stored, bytes_kept: int) -> None:
    stored.put(stored.database[:bytes_kept])
    if bytes_kept == 0:
        with pytest.raises(StoreError, match="no database"):
            opened(stored)
        return
    jobs, _ = opened(stored)
    assert set(jobs) <= set(stored.jobs)


def test_a_rebuilding_that_was_ended_in_the_middle_is_finished(stored: Stored) -> None:
    stored.put(stored.database)
    rebuilding.rebuild(PictureFiles(stored.folder), stored.folder / "jobs.sqlite3", "account")
    (stored.folder / "jobs.sqlite3").rename(stored.folder / "jobs.sqlite3.new")
    jobs, owned = opened(stored)
    assert jobs == stored.jobs
    assert owned == stored.owned


def retitle(connection: sqlite3.Connection) -> None:
    for row in connection.execute("SELECT number FROM jobs").fetchall():
        sums.change(connection, "jobs", row["number"], title="a later title")


def test_what_only_the_journal_holds_is_found_without_the_header(stored: Stored, tmp_path: Path) -> None:
    stored.put(stored.database)
    database = Database(stored.folder / "jobs.sqlite3")
    try:
        database.run_first(retitle)
        for path in stored.folder.glob("jobs.sqlite3*"):
            shutil.copy(path, tmp_path)
    finally:
        database.close()
    with (tmp_path / "jobs.sqlite3").open("r+b") as file:
        file.write(bytes(PAGE))
    titles = [
        record.values[6]
        for record in pages.records(tmp_path / "jobs.sqlite3")
        if record.rowid and len(record.values) > 20
    ]
    assert titles == ["a later title"] * len(stored.jobs)


def test_rows_from_before_a_column_was_added_are_found(stored: Stored) -> None:
    stored.put(stored.database)
    file = stored.folder / "jobs.sqlite3"
    connection = connect(file)
    connection.execute("PRAGMA foreign_keys=OFF")
    (added,) = list(connection.execute("PRAGMA table_info(jobs)"))[-1:]
    kind = f"{added['type']} NOT NULL DEFAULT {added['dflt_value']}"
    connection.execute(f"ALTER TABLE jobs DROP COLUMN {added['name']}")
    connection.execute(f"ALTER TABLE jobs ADD COLUMN {added['name']} {kind}")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    stored.put(zeros() + file.read_bytes()[PAGE:])
    jobs, _ = opened(stored)
    assert jobs == stored.jobs


def test_a_database_that_acts_by_itself_is_not_believed(stored: Stored) -> None:
    stored.put(stored.database)
    connection = connect(stored.folder / "jobs.sqlite3")
    connection.execute("CREATE TRIGGER spy AFTER INSERT ON marks BEGIN DELETE FROM events; END")
    connection.execute("CREATE VIEW look AS SELECT * FROM jobs")
    connection.close()
    jobs, _ = opened(stored)
    assert jobs == stored.jobs
    connection = connect(stored.folder / "jobs.sqlite3")
    assert not connection.execute("SELECT 1 FROM sqlite_master WHERE type IN ('trigger', 'view')").fetchall()
    connection.close()


JOURNALS: dict[str, Callable[[Path], object]] = {
    "noise": lambda wal: wal.write_bytes(os.urandom(300_000)),
    "a header and noise": lambda wal: wal.write_bytes(
        struct.pack(">4I", 0x377F0682, 3007000, PAGE, 0) + os.urandom(9_000)
    ),
    "of another database": lambda wal: wal.write_bytes(another_journal(wal.parent)),
    "an index of noise": lambda wal: wal.with_name("jobs.sqlite3-shm").write_bytes(os.urandom(32_768)),
    "a folder": lambda wal: wal.mkdir(),
    "a link to nothing": lambda wal: wal.symlink_to("/nowhere/at/all"),
}


def another_journal(folder: Path) -> bytes:
    connection = connect(folder / "other")
    connection.execute("CREATE TABLE other (x)")
    data = (folder / "other-wal").read_bytes()
    connection.close()
    (folder / "other").unlink()
    return data


@pytest.mark.parametrize("kind", JOURNALS)
def test_a_journal_of_any_kind_is_survived_or_told(stored: Stored, kind: str) -> None:
    stored.put(stored.database)
    wal = stored.folder / "jobs.sqlite3-wal"
    JOURNALS[kind](wal)
    try:
        jobs, _ = opened(stored)
        assert jobs == stored.jobs
    except StoreError as error:
        assert kind in ("a folder", "a link to nothing"), error
        assert "must be files" in str(error)
    finally:
        if wal.is_dir():
            wal.rmdir()


def test_a_byte_that_changes_within_a_message_is_found(stored: Stored) -> None:
    tags = stored.database.index(b"hair, hair, ")
    stored.put(stored.database[:tags] + b"H" + stored.database[tags + 1 :])
    file = stored.folder / "jobs.sqlite3"
    assert not opening.find_damage(file, 10)
    assert opening.find_damage(file, 10, thorough=True) == "damaged records in 1 of the jobs"
    jobs, _ = opened(stored)
    assert sum(job != stored.jobs[job_id] for job_id, job in jobs.items()) == 1


values = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=300),
    st.binary(max_size=300),
    st.integers(0, 20_000).map(bytes),
)


@fuzz
@given(rows=st.lists(st.tuples(values, values, values), max_size=60))
def test_pages_hold_the_same_rows_as_sqlite_reads(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[object, ...]]
) -> None:
    file = tmp_path_factory.mktemp("pages") / "database"
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE plain (a, b, c)")
    connection.execute("CREATE TABLE keyed (number INTEGER, a, b, c, PRIMARY KEY (number)) WITHOUT ROWID")
    connection.executemany("INSERT INTO plain VALUES (?, ?, ?)", rows)
    connection.executemany("INSERT INTO keyed VALUES (?, ?, ?, ?)", [(n, *row) for n, row in enumerate(rows)])
    connection.commit()
    plain = connection.execute("SELECT rowid, a, b, c FROM plain").fetchall()
    keyed = connection.execute("SELECT * FROM keyed").fetchall()
    connection.close()
    found = list(pages.records(file))
    assert sorted(((r.rowid, *r.values) for r in found if len(r.values) == 3), key=cast(Any, itemgetter(0))) == plain
    assert sorted((r.values for r in found if len(r.values) == 4), key=cast(Any, itemgetter(0))) == keyed


@fuzz
@given(data=st.binary(max_size=3 * PAGE), magic=st.booleans(), kind=st.sampled_from([2, 5, 10, 13]))
def test_bytes_of_any_kind_are_read_to_an_end(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, magic: bool, kind: int
) -> None:
    file = tmp_path_factory.mktemp("garbage") / "database"
    if magic:
        data = b"SQLite format 3\0\x10\0" + data
    file.write_bytes(data.ljust(PAGE, b"\1") + bytes([kind, 0, 0, 1, 0]) + data.ljust(PAGE - 5, b"\7"))
    file.with_name("database-wal").write_bytes(data)
    list(pages.records(file))
