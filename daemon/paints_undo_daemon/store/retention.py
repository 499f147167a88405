"""What is thrown away: old jobs, then what nobody refers to. Never what a job that has not ended needs.

The sweep runs in short transactions of the writing thread, so that it cannot come between a frame's file and its row.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

from paints_undo_daemon.store.database import Database
from paints_undo_daemon.store.pictures import PictureFiles, is_hash

log = logging.getLogger(__name__)

_BATCH = 200
_REFERENCES = """
    SELECT hash FROM owned_pictures UNION SELECT hash FROM frames UNION SELECT hash FROM supplied_keyframes
    UNION SELECT painting_hash FROM jobs
"""


@dataclass(frozen=True, slots=True)
class Keep:
    """`seconds`: how long ended jobs stay; `store_bytes`: how much stays; `grace`: pictures younger than this stay."""

    seconds: float
    store_bytes: int
    grace: float


async def sweep(database: Database, files: PictureFiles, keep: Keep) -> int:
    """Throw away what is too old or too much; returns the number of pictures that went."""
    now = time.time()
    await database.write(forget_old, now - keep.seconds)
    gone = await _drop_unreferenced(database, files, keep.grace)
    while await database.read(stored_bytes) > keep.store_bytes:
        if not await database.write(forget_oldest):
            break
        gone += await _drop_unreferenced(database, files, keep.grace)
    for folder in files.folders():
        names = [path.name for path in folder.iterdir() if is_hash(path.name)]
        for start in range(0, len(names), _BATCH):
            gone += await database.write(drop_strays, files, names[start : start + _BATCH], keep.grace)
    if gone:
        log.info("The sweep has removed %d pictures.", gone)
    return gone


async def _drop_unreferenced(database: Database, files: PictureFiles, grace: float) -> int:
    gone = 0
    for digest in await database.read(unreferenced):
        gone += await database.write(drop, files, digest, grace)
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


def unreferenced(connection: sqlite3.Connection) -> list[str]:
    """Pictures that no client and no job has any more."""
    rows = connection.execute(f"SELECT hash FROM pictures WHERE hash NOT IN ({_REFERENCES})")  # noqa: S608
    return [row["hash"] for row in rows]


def drop(connection: sqlite3.Connection, files: PictureFiles, digest: str, grace: float) -> int:
    """Remove one picture, if still nobody has it and it was not used lately; returns how many went."""
    path = files.path(digest)
    if connection.execute(f"SELECT 1 WHERE ? IN ({_REFERENCES})", (digest,)).fetchone():
        return 0
    if not _remove(path, grace):
        return 0
    connection.execute("DELETE FROM pictures WHERE hash = ?", (digest,))
    return 1


def drop_strays(connection: sqlite3.Connection, files: PictureFiles, names: list[str], grace: float) -> int:
    """Remove files that the database does not know: a worker wrote them and ended before it could tell."""
    gone = 0
    for name in names:
        if not connection.execute("SELECT 1 FROM pictures WHERE hash = ?", (name,)).fetchone():
            gone += _remove(files.path(name), grace)
    return gone


def _remove(path: Path, grace: float) -> bool:
    try:
        if time.time() - path.stat().st_mtime < grace:
            return False
        path.unlink()
    except FileNotFoundError:
        return True
    except PermissionError:  # Windows: somebody is being sent it; the next sweep takes it
        return False
    return True
