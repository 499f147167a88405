"""A new database out of what can be read of a damaged one, and of the pictures that lie there.

The damaged one is set aside, never changed. A job of which something is missing fails with DATA_LOSS; whatever else
of it can be read stays.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from google.protobuf.message import DecodeError

from paints_undo.v1 import jobs_pb2
from paints_undo_daemon.store import adopting, history, identity, schema
from paints_undo_daemon.store.database import connect
from paints_undo_daemon.store.pictures import PictureFiles

_OF_A_JOB = ("events", "frames", "supplied_keyframes", "units")
_PROBES = 100_000
_LOST = "The job's record was damaged on the disk and could not be read again: start the job again."


@dataclass(slots=True)
class Rebuilt:
    """What was saved. `aside` is the folder with the damaged database."""

    aside: Path
    jobs: int = 0
    damaged_jobs: list[str] = field(default_factory=list)
    adopted: int = 0

    def sentence(self) -> str:
        """All of it in words."""
        text = f"{self.jobs} jobs were saved, {self.adopted} pictures that belong to none of them are your own now."
        if self.damaged_jobs:
            text += f" These jobs have lost something and failed: {', '.join(self.damaged_jobs)}."
        return f"{text} The damaged database lies in {self.aside}."


def rebuild(files: PictureFiles, file: Path, owner: str) -> Rebuilt:
    """Set the database aside and make a new one in its place; unclaimed pictures go to the client `owner`.

    The daemon must not run. Raises `OSError`.
    """
    aside = files.damaged / f"database-{time.strftime('%Y%m%d-%H%M%S')}-{time.time_ns() % 10**6:06}"
    aside.mkdir(parents=True, mode=0o700)
    temporary = file.with_name(f"{file.name}.new")
    for suffix in ("", "-wal", "-shm"):
        temporary.with_name(temporary.name + suffix).unlink(missing_ok=True)
        old = file.with_name(file.name + suffix)
        if old.exists():
            old.rename(aside / old.name)
    report = Rebuilt(aside)
    new = connect(temporary)
    try:
        schema.prepare(new)
        new.execute("PRAGMA foreign_keys=OFF")
        new.execute("BEGIN IMMEDIATE")
        _salvage(aside / file.name, new, report)
        report.adopted = adopting.adopt(new, files, owner)
        for table in ("frames", "supplied_keyframes", "owned_pictures"):
            new.execute(f"INSERT OR IGNORE INTO pictures SELECT hash, 0 FROM {table}")  # noqa: S608
        new.execute("COMMIT")
        new.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        new.close()
    identity.forget(files.store)
    temporary.rename(file)
    return report


def _salvage(damaged: Path, new: sqlite3.Connection, report: Rebuilt) -> None:
    try:
        old = sqlite3.connect(damaged, isolation_level=None)
        old.row_factory = sqlite3.Row
        old.execute("PRAGMA writable_schema=ON")  # a damaged description of one table does not keep others unread
        old.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except (sqlite3.Error, UnicodeDecodeError):
        return
    with_problems: set[int] = set()
    for row in _jobs(old):
        if not _insert(new, "jobs", row):
            continue
        report.jobs += 1
        for table in _OF_A_JOB:
            if not _copy(old, new, table, "job = ?", row["number"]):
                with_problems.add(row["number"])
    _copy(old, new, "owned_pictures", "? = 0", 0)
    old.close()
    for row in new.execute("SELECT number, job_id, last_sequence, parameters FROM jobs").fetchall():
        if row["number"] in with_problems or not _is_whole(new, row):
            _fail(new, row["number"])
            report.damaged_jobs.append(row["job_id"])


def _jobs(old: sqlite3.Connection) -> Iterator[sqlite3.Row]:
    """Every job that can be read: from both ends, and what lies between one by one."""
    seen: set[int] = set()
    for order in ("ASC", "DESC"):
        try:
            for row in old.execute(f"SELECT * FROM jobs ORDER BY number {order}"):  # noqa: S608
                if row["number"] not in seen:
                    seen.add(row["number"])
                    yield row
        except (sqlite3.Error, UnicodeDecodeError):
            continue
        else:
            return
    for number in range(1, min(max(seen, default=0), _PROBES)):
        if number not in seen:
            try:
                row = old.execute("SELECT * FROM jobs WHERE number = ?", (number,)).fetchone()
            except (sqlite3.Error, UnicodeDecodeError):
                continue
            if row is not None:
                yield row


def _copy(old: sqlite3.Connection, new: sqlite3.Connection, table: str, where: str, value: int) -> bool:
    """Copy rows for as long as they can be read; whether all could."""
    try:
        whole = True
        for row in old.execute(f"SELECT * FROM {table} WHERE {where}", (value,)):  # noqa: S608
            whole &= _insert(new, table, row)
        return whole
    except (sqlite3.Error, UnicodeDecodeError):
        return False


def _insert(new: sqlite3.Connection, table: str, row: sqlite3.Row) -> bool:
    columns = ", ".join(row.keys())
    places = ", ".join("?" * len(row))
    try:
        new.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", tuple(row))  # noqa: S608
    except sqlite3.Error:
        return False
    return True


def _is_whole(new: sqlite3.Connection, row: sqlite3.Row) -> bool:
    """Whether a job's messages can be read and its events have no gap."""
    job = row["number"]
    try:
        jobs_pb2.ProcessParameters.FromString(row["parameters"])
        events = history.after(new, job, 0, row["last_sequence"] + 1)
        for keyframes in (False, True):
            history.pictures(new, job, keyframes=keyframes)
        units = new.execute("SELECT count(*) FROM units WHERE job = ?", (job,)).fetchone()[0]
    except (DecodeError, sqlite3.Error, TypeError):
        return False
    return units > 0 and [event.sequence for event in events] == list(range(1, row["last_sequence"] + 1))


def _fail(new: sqlite3.Connection, job: int) -> None:
    """Leave of a job what can be shown, and give it a short history that says what has happened."""
    for row in new.execute("SELECT keyframe, number, body FROM frames WHERE job = ?", (job,)).fetchall():
        try:
            jobs_pb2.Frame.FromString(row["body"])
        except (DecodeError, TypeError):
            key = (job, row["keyframe"], row["number"])
            new.execute("DELETE FROM frames WHERE job = ? AND keyframe = ? AND number = ?", key)
    new.execute("DELETE FROM events WHERE job = ?", (job,))
    new.execute("UPDATE jobs SET last_sequence = 0, state = ? WHERE number = ?", (jobs_pb2.JOB_STATE_QUEUED, job))
    history.append(new, job, "accepted", accepted=jobs_pb2.JobAccepted())
    history.fail(new, job, jobs_pb2.JobFailure(code="DATA_LOSS", message=_LOST))
