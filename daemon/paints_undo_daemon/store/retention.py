"""What is thrown away: old jobs, then what nobody refers to. Never what a job that has not ended needs.

The sweep runs in short transactions of the writing thread, so that it cannot come between a frame's file and its row.
Ages are judged by the store's own time (`clock`), pictures go to the trash for a day, and files that the database does
not know stay when they are many, or when the database is older than they are: no wrong clock and no lost database
deletes anything.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from dataclasses import dataclass

from paints_undo_daemon.store import clock, marks, trash
from paints_undo_daemon.store.clock import StoreTime
from paints_undo_daemon.store.database import Database
from paints_undo_daemon.store.pictures import PictureFiles, is_hash

log = logging.getLogger(__name__)

PROTECTED = "strays protected"
_BATCH = 200
_FEW_STRAYS = 200
_REFERENCES = """
    SELECT hash FROM owned_pictures UNION SELECT hash FROM frames UNION SELECT hash FROM supplied_keyframes
    UNION SELECT painting_hash FROM jobs
"""


@dataclass(frozen=True, slots=True)
class Keep:
    """`seconds`: how long ended jobs stay; `store_bytes`: how much stays; `grace`: pictures younger than this stay;
    `trash_seconds`: how long what was thrown away can still come back."""

    seconds: float
    store_bytes: int
    grace: float
    trash_seconds: float = trash.KEPT_SECONDS


async def sweep(database: Database, files: PictureFiles, keep: Keep) -> int:
    """Throw away what is too old or too much; returns the number of pictures that went."""
    now = await database.write(clock.tick, clock.read_clocks())
    await database.write(forget_old, now.cutoff(keep.seconds))
    gone = await _drop_unreferenced(database, files, keep.grace, now)
    while await database.read(stored_bytes) > keep.store_bytes:
        if not await database.write(forget_oldest):
            break
        gone += await _drop_unreferenced(database, files, keep.grace, now)
    gone += await _drop_strays(database, files, keep.grace, now)
    trash.empty(files, now.cutoff(keep.trash_seconds))
    if gone:
        log.info("The sweep has thrown away %d pictures.", gone)
    return gone


async def _drop_unreferenced(database: Database, files: PictureFiles, grace: float, now: StoreTime) -> int:
    gone = 0
    for digest in await database.read(unreferenced):
        gone += await database.write(drop, files, digest, grace, now)
    return gone


async def _drop_strays(database: Database, files: PictureFiles, grace: float, now: StoreTime) -> int:
    strays = []
    for folder in files.folders():
        names = [path.name for path in folder.iterdir() if is_hash(path.name)]
        for start in range(0, len(names), _BATCH):
            strays += await database.read(unknown, names[start : start + _BATCH])
    if not strays:
        return 0
    if await database.read(marks.get, PROTECTED) or len(strays) > max(_FEW_STRAYS, await database.read(count) // 10):
        log.warning("The database does not know %d of the pictures; they stay. See `paints-undo store`.", len(strays))
        return 0
    gone = 0
    for digest in strays:
        gone += await database.write(drop_stray, files, digest, grace, now)
    return gone


def forget_old(connection: sqlite3.Connection, before: float) -> list[int]:
    """Delete jobs that ended before a time, and uploads that were last used before it and that no job needs."""
    rows = connection.execute("SELECT number FROM jobs WHERE end_time < ?", (before,)).fetchall()
    connection.execute("DELETE FROM jobs WHERE end_time < ?", (before,))
    connection.execute(
        "DELETE FROM owned_pictures WHERE use_time < ?"
        " AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.client = owned_pictures.client AND painting_hash = hash)"
        " AND hash NOT IN (SELECT hash FROM supplied_keyframes)",
        (before,),
    )
    return [row["number"] for row in rows]


def forget_oldest(connection: sqlite3.Connection) -> bool:
    """Delete the job that ended first, or the upload used longest ago that no job needs; False without either."""
    row = connection.execute("SELECT number FROM jobs WHERE end_time IS NOT NULL ORDER BY end_time LIMIT 1").fetchone()
    if row is not None:
        connection.execute("DELETE FROM jobs WHERE number = ?", (row["number"],))
        return True
    cursor = connection.execute(
        "DELETE FROM owned_pictures WHERE (client, hash) = (SELECT client, hash FROM owned_pictures"
        " WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.client = owned_pictures.client AND painting_hash = hash)"
        " AND hash NOT IN (SELECT hash FROM supplied_keyframes) ORDER BY use_time LIMIT 1)"
    )
    return cursor.rowcount > 0


def stored_bytes(connection: sqlite3.Connection) -> int:
    """Bytes of all pictures that somebody has."""
    query = f"SELECT coalesce(sum(size_bytes), 0) FROM pictures WHERE hash IN ({_REFERENCES})"  # noqa: S608
    return int(connection.execute(query).fetchone()[0])


def count(connection: sqlite3.Connection) -> int:
    """How many pictures the database knows."""
    return int(connection.execute("SELECT count(*) FROM pictures").fetchone()[0])


def referenced(connection: sqlite3.Connection) -> list[str]:
    """Pictures that a client or a job has, whether or not their files are there."""
    return [row[0] for row in connection.execute(f"SELECT DISTINCT hash FROM ({_REFERENCES})")]  # noqa: S608


def unreferenced(connection: sqlite3.Connection) -> list[str]:
    """Pictures that no client and no job has any more."""
    rows = connection.execute(f"SELECT hash FROM pictures WHERE hash NOT IN ({_REFERENCES})")  # noqa: S608
    return [row["hash"] for row in rows]


def unknown(connection: sqlite3.Connection, names: list[str]) -> list[str]:
    """Those that the database does not know: a worker wrote them and ended before it could tell."""
    return [name for name in names if not _knows(connection, name)]


def drop(connection: sqlite3.Connection, files: PictureFiles, digest: str, grace: float, now: StoreTime) -> bool:
    """Throw one picture away, if still nobody has it and it was not used lately; whether it went."""
    if _is_referenced(connection, digest) or not _throw(files, digest, grace, now):
        return False
    connection.execute("DELETE FROM pictures WHERE hash = ?", (digest,))
    return True


def drop_stray(connection: sqlite3.Connection, files: PictureFiles, digest: str, grace: float, now: StoreTime) -> bool:
    """Throw away a file that the database still does not know, if it was not written lately; whether it went."""
    return not _knows(connection, digest) and _throw(files, digest, grace, now)


def erase(connection: sqlite3.Connection, files: PictureFiles, digests: list[str]) -> int:
    """Delete at once, past the trash, those of some pictures that nobody has any more; returns how many went."""
    gone = 0
    for digest in digests:
        if not _is_referenced(connection, digest) and files.erase(digest):
            connection.execute("DELETE FROM pictures WHERE hash = ?", (digest,))
            gone += 1
    return gone


def _is_referenced(connection: sqlite3.Connection, digest: str) -> bool:
    return connection.execute(f"SELECT 1 WHERE ? IN ({_REFERENCES})", (digest,)).fetchone() is not None


def _knows(connection: sqlite3.Connection, digest: str) -> bool:
    return connection.execute("SELECT 1 FROM pictures WHERE hash = ?", (digest,)).fetchone() is not None


def _throw(files: PictureFiles, digest: str, grace: float, now: StoreTime) -> bool:
    try:
        if time.time() - files.path(digest).stat().st_mtime < grace:
            return False
    except FileNotFoundError:
        return True
    return trash.throw(files, digest, now.trusted)
