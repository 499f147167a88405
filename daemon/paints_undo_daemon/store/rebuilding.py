"""A new database out of what can be read of a damaged one, and of the pictures that lie there.

The damaged one is set aside, never changed. A job of which something is missing fails with DATA_LOSS; whatever else
of it can be read stays.
"""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from google.protobuf.message import DecodeError

from paints_undo.v1 import jobs_pb2
from paints_undo_daemon.convert import masks, request_from_proto, supplied_keyframes
from paints_undo_daemon.store import adopting, history, identity, pages, schema, sums
from paints_undo_daemon.store.database import connect
from paints_undo_daemon.store.messages import pack, unpack
from paints_undo_daemon.store.pictures import PictureFiles
from paints_undo_engine.errors import InvalidRequestError
from paints_undo_engine.process import units

_JOBS = "jobs"
_OF_A_JOB = ("events", "frames", "supplied_keyframes", "units")
_TYPES: dict[str, tuple[type, ...]] = {"INTEGER": (int,), "TEXT": (str,), "BLOB": (bytes,), "REAL": (float, int)}
"""What SQLite stores in a column of a type: whole numbers of a REAL column as integers."""
_NEW = ".new"
_PARTS = ("-shm", "-wal", "")
"""Of a database: what it has beside it goes first, so that no journal is ever found by another database."""
_NO_SUM = 0
"""What rows have that are older than the checksums."""
_NO_FAILURE = pack(jobs_pb2.JobFailure())
_LOST = "The job's record was damaged on the disk and could not be read again: start the job again."


@dataclass(slots=True)
class Rebuilt:
    """What was saved. `aside` is the folder with the damaged database."""

    aside: Path
    jobs: int = 0
    lost_jobs: int = 0
    damaged_jobs: list[str] = field(default_factory=list)
    adopted: int = 0

    def sentence(self) -> str:
        """All of it in words."""
        text = f"{self.jobs} jobs were saved, {self.adopted} pictures that belong to none of them are your own now."
        if self.damaged_jobs:
            text += f" These jobs have lost something and failed: {', '.join(self.damaged_jobs)}."
        if self.lost_jobs:
            text += f" Of {self.lost_jobs} more, only remains were found."
        return f"{text} The damaged database lies in {self.aside}."


def rebuild(files: PictureFiles, file: Path, owner: str) -> Rebuilt:
    """Set the database aside and make a new one in its place; unclaimed pictures go to the client `owner`.

    The daemon must not run. Raises `OSError`.
    """
    aside = files.damaged / f"database-{time.strftime('%Y%m%d-%H%M%S')}-{time.time_ns() % 10**6:06}"
    aside.mkdir(parents=True, mode=0o700)
    temporary = file.with_name(f"{file.name}{_NEW}")
    for suffix in _PARTS:
        temporary.with_name(temporary.name + suffix).unlink(missing_ok=True)
    report = Rebuilt(aside)
    new = connect(temporary)
    try:
        schema.prepare(new)
        new.execute("PRAGMA foreign_keys=OFF")
        new.execute("BEGIN IMMEDIATE")
        _salvage(file, new, report, journal=True)
        if not report.jobs:  # the journal beside it may be another database's
            _salvage(file, new, report, journal=False)
        report.adopted = adopting.adopt(new, files, owner)
        for table in ("frames", "supplied_keyframes", "owned_pictures"):
            new.execute(f"INSERT OR IGNORE INTO pictures SELECT hash, 0 FROM {table}")  # noqa: S608
        new.execute("COMMIT")
        new.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        new.close()
    for suffix in _PARTS:
        old = file.with_name(file.name + suffix)
        if old.exists():
            old.rename(aside / old.name)
    identity.forget(files.store)
    temporary.rename(file)
    return report


def finish_interrupted(file: Path) -> None:
    """Put the new database in its place where `rebuild` was ended between setting the old one aside and that."""
    temporary = file.with_name(f"{file.name}{_NEW}")
    if temporary.exists() and not file.exists():
        identity.forget(file.parent)
        temporary.rename(file)


def _salvage(damaged: Path, new: sqlite3.Connection, report: Rebuilt, *, journal: bool) -> None:
    """Put every record where its form says that it belongs; what is left of a job without its own row goes."""
    forms = {table: _Form.of(new, table) for table in (_JOBS, *_OF_A_JOB, "owned_pictures")}
    for record in pages.records(damaged, journal=journal):
        for table, form in forms.items():
            row = form.row(record)
            if row is not None:
                places = ", ".join("?" * len(row))
                new.execute(f"INSERT OR IGNORE INTO {table} VALUES ({places})", row)  # noqa: S608
    lost: set[int] = set()
    for table in _OF_A_JOB:
        orphaned = "job NOT IN (SELECT number FROM jobs)"
        lost |= {row[0] for row in new.execute(f"SELECT DISTINCT job FROM {table} WHERE {orphaned}")}  # noqa: S608
        new.execute(f"DELETE FROM {table} WHERE {orphaned}")  # noqa: S608
    report.lost_jobs = max(report.lost_jobs, len(lost))
    for row in new.execute("SELECT * FROM jobs ORDER BY number").fetchall():
        report.jobs += 1
        if not _mend(new, row):
            _fail(new, row["number"])
            report.damaged_jobs.append(row["job_id"])


@dataclass(frozen=True, slots=True)
class _Form:
    """What a record of a table looks like: a type for each column, whether it may be NULL, and its default."""

    kinds: tuple[tuple[type, ...], ...]
    defaults: tuple[pages.Value, ...]
    has_rowid: bool

    @classmethod
    def of(cls, connection: sqlite3.Connection, table: str) -> Self:
        columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
        kinds = tuple(
            (*_TYPES[column["type"]], *(() if column["notnull"] or column["pk"] else (type(None),)))
            for column in columns
        )
        written = ", ".join(column["dflt_value"] or "NULL" for column in columns)
        defaults = tuple(connection.execute(f"SELECT {written}").fetchone())
        return cls(kinds, defaults, has_rowid=table == _JOBS)

    def row(self, record: pages.PageRecord) -> tuple[pages.Value, ...] | None:
        """The record as a row of the table, None when it is none.

        A rowid stands outside the values, which have NULL in its column's place. Rows from before a column was added
        to the table are shorter.
        """
        values = record.values
        if self.has_rowid is (record.rowid is None):
            return None
        if record.rowid is not None:
            values = (record.rowid, *values[1:], *self.defaults[len(values) :])
        if len(values) != len(self.kinds) or not all(map(isinstance, values, self.kinds)):
            return None
        return values


def _mend(new: sqlite3.Connection, row: sqlite3.Row) -> bool:
    """Make good from a job's events what they tell of its frames and units; whether the job is whole then."""
    job = row["number"]
    for unit in new.execute("SELECT * FROM units WHERE job = ?", (job,)).fetchall():
        if not sums.is_whole(unit):
            new.execute("DELETE FROM units WHERE job = ? AND unit = ?", (job, unit["unit"]))
    if row["checksum"] == _NO_SUM:
        sums.seal(new, "jobs", job)
    elif not sums.is_whole(row):
        return False
    try:
        parameters = unpack(jobs_pb2.ProcessParameters, row["parameters"])
        unpack(jobs_pb2.JobFailure, row["failure"] or _NO_FAILURE)
        events = history.after(new, job, 0, row["last_sequence"] + 1)
        for event in events:
            _restore_told(new, job, event)
        for unit in units(request_from_proto(parameters)):
            new.execute("INSERT OR IGNORE INTO units (job, unit) VALUES (?, ?)", (job, unit.name))
            sums.seal(new, "units", job, unit.name)
        for digest in (*supplied_keyframes(parameters).values(), *masks(parameters)):
            new.execute("INSERT OR IGNORE INTO supplied_keyframes VALUES (?, ?)", (job, digest))
        counts = [len(history.pictures(new, job, keyframes=keyframes)) for keyframes in (False, True)]
    except (DecodeError, sqlite3.Error, InvalidRequestError, TypeError, ValueError):
        return False
    told = [sum(event.WhichOneof("kind") == kind for event in events) for kind in ("frame_stored", "keyframe_stored")]
    return (
        counts == told
        and counts[0] == row["frames_stored"]
        and [event.sequence for event in events] == list(range(1, row["last_sequence"] + 1))
    )


def _restore_told(new: sqlite3.Connection, job: int, event: jobs_pb2.Event) -> None:
    kind = event.WhichOneof("kind")
    if kind in ("frame_stored", "keyframe_stored"):
        frame = event.keyframe_stored.keyframe if kind == "keyframe_stored" else event.frame_stored.frame
        row = (job, int(kind == "keyframe_stored"), frame.index, frame.picture_hash, pack(frame))
        new.execute("INSERT OR IGNORE INTO frames VALUES (?, ?, ?, ?, ?)", row)
    elif kind == "unit_finished":
        record = event.unit_finished.record
        unit = (job, record.unit, record.attempts)
        new.execute("INSERT OR IGNORE INTO units (job, unit, attempts, finished) VALUES (?, ?, ?, 1)", unit)
        sums.seal(new, "units", job, record.unit)


def _fail(new: sqlite3.Connection, job: int) -> None:
    """Leave of a job what can be shown, and give it a short history that says what has happened."""
    for row in new.execute("SELECT keyframe, number, body FROM frames WHERE job = ?", (job,)).fetchall():
        try:
            unpack(jobs_pb2.Frame, row["body"])
        except (DecodeError, TypeError):
            key = (job, row["keyframe"], row["number"])
            new.execute("DELETE FROM frames WHERE job = ? AND keyframe = ? AND number = ?", key)
    new.execute("DELETE FROM events WHERE job = ?", (job,))
    new.execute("UPDATE jobs SET last_sequence = 0, state = ? WHERE number = ?", (jobs_pb2.JOB_STATE_QUEUED, job))
    sums.seal(new, "jobs", job)
    history.append(new, job, "accepted", accepted=jobs_pb2.JobAccepted())
    history.fail(new, job, jobs_pb2.JobFailure(code="DATA_LOSS", message=_LOST))
