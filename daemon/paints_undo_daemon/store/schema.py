"""The database's tables, and the steps from earlier forms of them to this one.

A row of `events` is a line of a job's history; its `key` names what it tells of ("frame-12", "unit-tags"), so that a
unit that runs again after a crash tells nothing twice. Messages are kept with a checksum (`messages`), and so is what
else a job and a unit consist of (`sums`).
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from paints_undo_daemon.store import sums
from paints_undo_daemon.store.problems import StoreError

SCHEMA_VERSION = 5

_TABLES = """
CREATE TABLE pictures (
    hash TEXT PRIMARY KEY,
    size_bytes INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE owned_pictures (
    client TEXT NOT NULL,
    hash TEXT NOT NULL REFERENCES pictures(hash),
    encoding INTEGER NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    create_time REAL NOT NULL,
    use_time REAL NOT NULL,
    PRIMARY KEY (client, hash)
) WITHOUT ROWID;
CREATE INDEX owned_by_hash ON owned_pictures(hash);

CREATE TABLE jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id TEXT NOT NULL UNIQUE,
    client TEXT NOT NULL,
    connection TEXT NOT NULL,
    request_id TEXT NOT NULL,
    request_digest BLOB NOT NULL,
    title TEXT NOT NULL,
    painting_hash TEXT NOT NULL,
    painting_width INTEGER NOT NULL DEFAULT 0,
    painting_height INTEGER NOT NULL DEFAULT 0,
    parameters BLOB NOT NULL,
    engine TEXT NOT NULL,
    memory_plan TEXT NOT NULL DEFAULT '',
    priority INTEGER NOT NULL,
    state INTEGER NOT NULL,
    failure BLOB,
    create_time REAL NOT NULL,
    end_time REAL,
    last_sequence INTEGER NOT NULL DEFAULT 0,
    frame_count INTEGER NOT NULL,
    frames_stored INTEGER NOT NULL DEFAULT 0,
    unit_count INTEGER NOT NULL,
    tags TEXT,
    base_job_id TEXT NOT NULL DEFAULT '',
    checksum INTEGER NOT NULL DEFAULT 0,
    UNIQUE (client, request_id)
);
CREATE INDEX jobs_by_client ON jobs(client, number);
CREATE INDEX jobs_by_state ON jobs(state);
CREATE INDEX jobs_by_painting ON jobs(painting_hash);

CREATE TABLE events (
    job INTEGER NOT NULL REFERENCES jobs(number) ON DELETE CASCADE,
    sequence INTEGER NOT NULL,
    key TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (job, sequence),
    UNIQUE (job, key)
) WITHOUT ROWID;

CREATE TABLE frames (
    job INTEGER NOT NULL REFERENCES jobs(number) ON DELETE CASCADE,
    keyframe INTEGER NOT NULL,
    number INTEGER NOT NULL,
    hash TEXT NOT NULL REFERENCES pictures(hash),
    body BLOB NOT NULL,
    PRIMARY KEY (job, keyframe, number)
) WITHOUT ROWID;
CREATE INDEX frames_by_hash ON frames(hash);

-- Pictures that a job is given beside its painting: own keyframes, and the masks of branches.
CREATE TABLE supplied_keyframes (
    job INTEGER NOT NULL REFERENCES jobs(number) ON DELETE CASCADE,
    hash TEXT NOT NULL REFERENCES pictures(hash),
    PRIMARY KEY (job, hash)
) WITHOUT ROWID;
CREATE INDEX supplied_by_hash ON supplied_keyframes(hash);

CREATE TABLE units (
    job INTEGER NOT NULL REFERENCES jobs(number) ON DELETE CASCADE,
    unit TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    strikes INTEGER NOT NULL DEFAULT 0,
    finished INTEGER NOT NULL DEFAULT 0,
    checksum INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (job, unit)
) WITHOUT ROWID;

CREATE TABLE marks (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
"""

_JOB_COLUMNS = (
    *("number", "job_id", "client", "connection", "request_id", "request_digest", "title", "painting_hash"),
    *("painting_width", "painting_height", "parameters", "engine", "memory_plan", "priority", "state", "failure"),
    *("create_time", "end_time", "last_sequence", "frame_count", "frames_stored", "unit_count", "tags", "base_job_id"),
)
_UNIT_COLUMNS = ("job", "unit", "attempts", "strikes", "finished")


def _sealed(table: str, columns: tuple[str, ...]) -> str:
    """Gives every row its checksum; `row_sum` takes names and values in turn."""
    named = ", ".join(f"'{name}', {name}" for name in columns)
    return f" UPDATE {table} SET checksum = row_sum({named});"  # noqa: S608


_STEPS = {
    4: "ALTER TABLE jobs ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;"
    " ALTER TABLE units ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;"
    + _sealed("jobs", _JOB_COLUMNS)
    + _sealed("units", _UNIT_COLUMNS),
}
"""What leads from a version to the next one."""


def prepare(connection: sqlite3.Connection) -> None:
    """Create the tables in a new database, or bring those of an earlier version up to date; what was is kept beside it.

    Raises `StoreError` when it was written by a newer daemon, or by one from before the first release.
    """
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > SCHEMA_VERSION:
        raise StoreError(
            f"The store was written by a newer daemon (format {version}, this one knows {SCHEMA_VERSION}). "
            "Update paints-undo, or choose another home folder with PAINTS_UNDO_HOME."
        )
    if version == 0:
        _run(connection, _TABLES, SCHEMA_VERSION)
    elif version < min(_STEPS):
        raise StoreError(
            f"The store has the format {version}, from before the first release, which this daemon cannot read. "
            "Move it away, or choose another home folder with PAINTS_UNDO_HOME."
        )
    elif version < SCHEMA_VERSION:
        _keep_copy(connection, version)
        connection.create_function("row_sum", -1, _row_sum)
        for step in range(version, SCHEMA_VERSION):
            _run(connection, _STEPS[step], step + 1)


def _row_sum(*named: sums.Value) -> int:
    return sums.sum_of(dict(zip(map(str, named[::2]), named[1::2], strict=True)))


def _run(connection: sqlite3.Connection, script: str, version: int) -> None:
    """Run a script as a whole or not at all."""
    try:
        connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {version}; COMMIT;")
    except sqlite3.Error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _keep_copy(connection: sqlite3.Connection, version: int) -> None:
    file = Path(connection.execute("PRAGMA database_list").fetchone()["file"])
    copy = file.with_name(f"{file.name}.version-{version}")
    copy.unlink(missing_ok=True)
    connection.execute("VACUUM INTO ?", (str(copy),))
