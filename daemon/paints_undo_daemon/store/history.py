"""A job's history: its numbered events, and what they tell of.

Every function here runs in a transaction, changes nothing of a job that has ended, tells nothing twice, and returns
the events that are new. Those that change a job raise `DataLossError` when its row is damaged.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from typing import Any

from google.protobuf.message import DecodeError

from paints_undo.v1 import jobs_pb2
from paints_undo_daemon.errors import DataLossError
from paints_undo_daemon.store import clock, sums
from paints_undo_daemon.store.messages import pack, unpack
from paints_undo_daemon.store.pictures import PictureFiles
from paints_undo_engine.stages import Unit

ENDED = (jobs_pb2.JOB_STATE_FINISHED, jobs_pb2.JOB_STATE_CANCELLED, jobs_pb2.JOB_STATE_FAILED)

Events = list[jobs_pb2.Event]


class PictureGoneError(ValueError):
    """A worker told of a picture whose file is not there."""


def append(connection: sqlite3.Connection, job: int, key: str, **kind: Any) -> Events:
    """Add one event, unless the job has one of this key."""
    if connection.execute("SELECT 1 FROM events WHERE job = ? AND key = ?", (job, key)).fetchone():
        return []
    sequence = connection.execute("SELECT last_sequence FROM jobs WHERE number = ?", (job,)).fetchone()[0] + 1
    event = jobs_pb2.Event(sequence=sequence, **kind)
    event.time.GetCurrentTime()
    connection.execute("INSERT INTO events VALUES (?, ?, ?, ?)", (job, sequence, key, pack(event)))
    sums.change(connection, "jobs", job, last_sequence=sequence)
    return [event]


def after(connection: sqlite3.Connection, job: int, sequence: int, limit: int) -> Events:
    """The events that follow number `sequence`. Raises `DecodeError` when one is damaged or missing."""
    rows = connection.execute(
        "SELECT body FROM events WHERE job = ? AND sequence > ? ORDER BY sequence LIMIT ?", (job, sequence, limit)
    )
    events = [unpack(jobs_pb2.Event, row["body"]) for row in rows]
    if [event.sequence for event in events] != list(range(sequence + 1, sequence + 1 + len(events))):
        raise DecodeError("An event is missing.")
    return events


def pictures(connection: sqlite3.Connection, job: int, *, keyframes: bool) -> list[jobs_pb2.Frame]:
    """A job's stored frames or keyframes, in order. Raises `DecodeError` when one is damaged."""
    rows = connection.execute(
        "SELECT number, hash, body FROM frames WHERE job = ? AND keyframe = ? ORDER BY number", (job, int(keyframes))
    ).fetchall()
    frames = [unpack(jobs_pb2.Frame, row["body"]) for row in rows]
    if [(row["number"], row["hash"]) for row in rows] != [(frame.index, frame.picture_hash) for frame in frames]:
        raise DecodeError("The row of a frame is not the frame's.")
    return frames


def is_live(connection: sqlite3.Connection, job: int) -> bool:
    """Whether the job exists and has not ended."""
    row = connection.execute("SELECT state FROM jobs WHERE number = ?", (job,)).fetchone()
    return row is not None and row["state"] not in ENDED


def units_left(connection: sqlite3.Connection, job: int) -> list[str]:
    """The units that are not finished, in the order of the process. Raises `DataLossError`."""
    return [
        unit.name
        for unit in sorted(Unit.parse(row["unit"]) for row in unit_rows(connection, job) if not row["finished"])
    ]


def unit_rows(connection: sqlite3.Connection, job: int) -> list[sqlite3.Row]:
    """The rows of a job's units, in no order. Raises `DataLossError`."""
    rows = connection.execute("SELECT * FROM units WHERE job = ?", (job,)).fetchall()
    if not all(map(sums.is_whole, rows)):
        raise DataLossError("The record of the job's units is damaged: start the job again.")
    return rows


def begin_unit(connection: sqlite3.Connection, job: int, unit: str) -> Events | None:
    """A worker begins a unit; None when the job has ended."""
    if not is_live(connection, job):
        return None
    _count(connection, job, unit, "attempts")
    sums.change(connection, "jobs", job, state=jobs_pb2.JOB_STATE_RUNNING)
    return append(connection, job, "started", started=jobs_pb2.JobStarted())


def store_painting_size(connection: sqlite3.Connection, job: int, width: int, height: int) -> Events:
    """The painting has been decoded."""
    sums.change(connection, "jobs", job, painting_width=width, painting_height=height)
    connection.execute(
        "UPDATE owned_pictures SET width = ?, height = ? WHERE width = 0 AND (client, hash) ="
        " (SELECT client, painting_hash FROM jobs WHERE number = ?)",
        (width, height, job),
    )
    return []


def store_tags(connection: sqlite3.Connection, job: int, tags: str) -> Events:
    """The tags are known."""
    if not is_live(connection, job):
        return []
    events = append(connection, job, "tags", tags_stored=jobs_pb2.TagsStored(tags=tags))
    if events:
        sums.change(connection, "jobs", job, tags=tags)
    return events


def store_frames(
    connection: sqlite3.Connection, job: int, made: Sequence[jobs_pb2.Frame], files: PictureFiles, *, keyframes: bool
) -> Events:
    """Keyframes or frames are stored; those that were told before are not told again. Raises `PictureGoneError`."""
    if not is_live(connection, job):
        return []
    row = connection.execute("SELECT last_sequence, frames_stored FROM jobs WHERE number = ?", (job,)).fetchone()
    last: int = row["last_sequence"]
    events: Events = []
    pictures, rows, kept = [], [], []
    for frame in _untold(connection, job, made, keyframes=keyframes):
        size = files.size(frame.picture_hash)
        if size is None:
            raise PictureGoneError(f"The picture {frame.picture_hash} is not in the store.")
        event = jobs_pb2.Event(sequence=last + len(events) + 1)
        if keyframes:
            event.keyframe_stored.keyframe.CopyFrom(frame)
        else:
            event.frame_stored.frame.CopyFrom(frame)
        event.time.GetCurrentTime()
        events.append(event)
        key = f"{'keyframe' if keyframes else 'frame'}-{frame.index}"
        pictures.append((frame.picture_hash, size))
        rows.append((job, event.sequence, key, pack(event)))
        kept.append((job, int(keyframes), frame.index, frame.picture_hash, pack(frame)))
    connection.executemany("INSERT OR IGNORE INTO pictures VALUES (?, ?)", pictures)
    connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?)", rows)
    connection.executemany("INSERT INTO frames VALUES (?, ?, ?, ?, ?)", kept)
    stored = row["frames_stored"] + (0 if keyframes else len(events))
    sums.change(connection, "jobs", job, last_sequence=last + len(events), frames_stored=stored)
    return events


def _untold(
    connection: sqlite3.Connection, job: int, made: Sequence[jobs_pb2.Frame], *, keyframes: bool
) -> list[jobs_pb2.Frame]:
    """Those of which the job has no row yet, each once."""
    indices = [frame.index for frame in made]
    rows = connection.execute(
        "SELECT number FROM frames WHERE job = ? AND keyframe = ? AND number BETWEEN ? AND ?",
        (job, int(keyframes), min(indices), max(indices)),
    )
    told = {row["number"] for row in rows}
    return list({frame.index: frame for frame in reversed(made) if frame.index not in told}.values())[::-1]


def record(connection: sqlite3.Connection, job: int, unit: str) -> jobs_pb2.UnitRecord:
    """How a finished unit ran; an empty record for one that is not finished."""
    row = connection.execute("SELECT body FROM events WHERE job = ? AND key = ?", (job, f"unit-{unit}")).fetchone()
    return unpack(jobs_pb2.Event, row["body"]).unit_finished.record if row else jobs_pb2.UnitRecord()


def warn(connection: sqlite3.Connection, job: int, text: str) -> Events:
    """Something the artist should know; the same words are told once."""
    if not is_live(connection, job):
        return []
    key = "warning-" + hashlib.sha256(text.encode()).hexdigest()[:16]
    return append(connection, job, key, warning=jobs_pb2.Warning(message=text))


def memory_plan(connection: sqlite3.Connection, job: int) -> str:
    """The plan that runs; empty before any was told."""
    row = connection.execute("SELECT memory_plan FROM jobs WHERE number = ?", (job,)).fetchone()
    return str(row["memory_plan"]) if row is not None else ""


def change_plan(connection: sqlite3.Connection, job: int, change: jobs_pb2.PlanChanged) -> Events:
    """Another memory plan runs from here on."""
    if not is_live(connection, job) or memory_plan(connection, job) == change.memory_plan:
        return []
    sums.change(connection, "jobs", job, memory_plan=change.memory_plan)
    last = connection.execute("SELECT last_sequence FROM jobs WHERE number = ?", (job,)).fetchone()[0]
    return append(connection, job, f"plan-{last}", plan_changed=change)


def finish_unit(connection: sqlite3.Connection, job: int, record: jobs_pb2.UnitRecord) -> Events:
    """A unit is complete; with the last one the job is finished."""
    if not is_live(connection, job):
        return []
    row = connection.execute("SELECT attempts FROM units WHERE job = ? AND unit = ?", (job, record.unit)).fetchone()
    record.attempts = row["attempts"]
    sums.change(connection, "units", job, record.unit, finished=1)
    events = append(connection, job, f"unit-{record.unit}", unit_finished=jobs_pb2.UnitFinished(record=record))
    if not units_left(connection, job):
        events += append(connection, job, "end", finished=jobs_pb2.JobFinished())
        _end(connection, job, jobs_pb2.JOB_STATE_FINISHED)
    return events


def strike(connection: sqlite3.Connection, job: int, unit: str) -> int:
    """A unit has killed its worker; returns how often it has."""
    return _count(connection, job, unit, "strikes")


def _count(connection: sqlite3.Connection, job: int, unit: str, name: str) -> int:
    """Add one to what is counted of a unit; the new number, 0 when the job is gone."""
    row = connection.execute("SELECT * FROM units WHERE job = ? AND unit = ?", (job, unit)).fetchone()
    if row is None:
        return 0
    number = int(row[name]) + 1
    sums.change(connection, "units", job, unit, **{name: number})
    return number


def fail(connection: sqlite3.Connection, job: int, failure: jobs_pb2.JobFailure) -> Events:
    """The job ends with a failure, also one whose own row is damaged: that one stays so, and is shown as such."""
    if not is_live(connection, job):
        return []
    if not sums.is_whole(connection.execute("SELECT * FROM jobs WHERE number = ?", (job,)).fetchone()):
        end = (jobs_pb2.JOB_STATE_FAILED, pack(failure), clock.stamp(connection), job)
        connection.execute("UPDATE jobs SET state = ?, failure = ?, end_time = ? WHERE number = ?", end)
        return []
    sums.change(connection, "jobs", job, failure=pack(failure))
    events = append(connection, job, "end", failed=jobs_pb2.JobFailed(failure=failure))
    _end(connection, job, jobs_pb2.JOB_STATE_FAILED)
    return events


def cancel(connection: sqlite3.Connection, job: int) -> Events:
    """The job ends here; nothing more of it is recorded."""
    if not is_live(connection, job):
        return []
    events = append(connection, job, "end", cancelled=jobs_pb2.JobCancelled())
    _end(connection, job, jobs_pb2.JOB_STATE_CANCELLED)
    return events


def _end(connection: sqlite3.Connection, job: int, state: int) -> None:
    sums.change(connection, "jobs", job, state=state, end_time=clock.stamp(connection))
