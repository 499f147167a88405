"""Opening a store: checked, and never begun anew where there was one."""

from __future__ import annotations

import logging
import sqlite3
import time
from pathlib import Path

from paints_undo_daemon.durable import is_disk_full
from paints_undo_daemon.store import identity, sums
from paints_undo_daemon.store.database import Database, look_into
from paints_undo_daemon.store.faults import is_damaged, is_full
from paints_undo_daemon.store.messages import is_whole
from paints_undo_daemon.store.pictures import PictureFiles
from paints_undo_daemon.store.problems import StoreError
from paints_undo_daemon.store.rebuilding import finish_interrupted, rebuild
from paints_undo_daemon.store.reserve import Reserve
from paints_undo_daemon.store.schema import SCHEMA_VERSION

log = logging.getLogger(__name__)

DATABASE = "jobs.sqlite3"
_CHECK_SECONDS = 1.0
_STEPS = 10_000


def open_store(store: Path, owner: str) -> tuple[PictureFiles, Database]:
    """Open the store for the daemon; a damaged database is set aside and what can be read of it goes on.

    `owner` is the client that pictures go to of which nobody knows whose they are. Raises `StoreError` when the store
    was written by a newer daemon, when its database is gone or cannot be opened, or when the disk is full; `OSError`.
    """
    try:
        try:
            return _open(store, owner)
        except (sqlite3.Error, OSError) as error:
            full = is_full(error) or is_disk_full(error)
            if not (full and Reserve(store).give_up()):
                raise
            return _open(store, owner)
    except sqlite3.Error as error:
        if is_full(error):
            raise StoreError("The disk is full: make room, then start the daemon again.") from error
        raise StoreError(
            f"The database {store / DATABASE} cannot be opened ({error}). It and what lies beside it must be files "
            "that this account may write to, on a disk of this machine."
        ) from error


def _open(store: Path, owner: str) -> tuple[PictureFiles, Database]:
    files = PictureFiles(store)
    files.prepare()
    file = store / DATABASE
    finish_interrupted(file)
    check_is_there(files)
    problem = find_damage(file, _CHECK_SECONDS)
    if problem:
        log.error("The database is damaged (%s): what can be read of it is taken over into a new one.", problem)
        log.error("%s", rebuild(files, file, owner).sentence())
    database = Database(file)
    try:
        database.run_first(identity.note_opening, store)
    except BaseException:
        database.close()
        raise
    return files, database


def check_is_there(files: PictureFiles) -> None:
    """Raise `StoreError` when there are pictures, but no database that could know whose they are."""
    file = files.store / DATABASE
    if (not file.exists() or file.stat().st_size == 0) and files.any():
        raise StoreError(
            f"{files.store} holds pictures but no database ({DATABASE}), so nobody knows whose they are. Put the "
            "database back from a backup; or run `paints-undo store adopt`, which makes a new one in which the "
            "pictures are your own; or delete the folder."
        )


def find_damage(file: Path, seconds: float, *, thorough: bool = False) -> str:
    """What is wrong with the database file, in words; empty when nothing was found within `seconds`."""
    if not file.exists():
        return ""
    deadline = time.monotonic() + seconds
    try:
        connection = look_into(file)
        try:
            if foreign := _foreign_schema(connection):
                return foreign
            connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
            check = "integrity_check" if thorough else "quick_check"
            found = str(connection.execute(f"PRAGMA {check}(1)").fetchone()[0])
            if thorough and found == "ok":
                found = _damaged_records(connection)
        finally:
            connection.close()
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        return str(error) if is_damaged(error) else ""
    return "" if found == "ok" else found


def _foreign_schema(connection: sqlite3.Connection) -> str:
    """As `find_damage`, of a schema that no daemon has made."""
    found = connection.execute("SELECT type, name FROM sqlite_master").fetchall()
    if any(row["type"] in ("trigger", "view") for row in found):
        return "it holds triggers or views, which no daemon made"
    if found and not any(row["name"] == "jobs" for row in found):
        return "it, or the journal beside it, is another program's"
    return ""


def _damaged_records(connection: sqlite3.Connection) -> str:
    """As `find_damage`, of the rows and messages in a database whose trees are whole."""
    connection.create_function("whole", 1, is_whole)
    queries = (
        "SELECT job FROM events WHERE NOT whole(body)",
        "SELECT job FROM frames WHERE NOT whole(body)",
        "SELECT number FROM jobs WHERE NOT whole(parameters) OR (failure IS NOT NULL AND NOT whole(failure))",
    )
    jobs = {row[0] for query in queries for row in connection.execute(query)}
    if connection.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION:
        jobs |= {row["number"] for row in connection.execute("SELECT * FROM jobs") if not sums.is_whole(row)}
        jobs |= {row["job"] for row in connection.execute("SELECT * FROM units") if not sums.is_whole(row)}
    return f"damaged records in {len(jobs)} of the jobs" if jobs else "ok"
