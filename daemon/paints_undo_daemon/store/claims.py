"""What a job does next: the units that are left, and everything that a worker needs for one of them."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from paints_undo.v1 import jobs_pb2, pictures_pb2
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.convert import masks
from paints_undo_daemon.store import history, owned
from paints_undo_daemon.store.owned import OwnedPicture
from paints_undo_daemon.store.rows import JobRow
from paints_undo_engine.stages import Stage, Unit


@dataclass(frozen=True, slots=True)
class ClaimedUnit:
    """A unit of a job, ready to be sent to a worker. `later`: how many units wait that are not begun."""

    job: int
    job_id: str
    unit: str
    task: worker_pb2.RunUnit
    parameters: jobs_pb2.ProcessParameters
    memory_plan: str
    later: int


@dataclass(frozen=True, slots=True)
class Claim:
    """What a job has to do: a unit, and whether there is another one that can run beside it.

    Without `plan` the job has ended, or, when it `goes_on`, all that can be done is being done.
    """

    plan: ClaimedUnit | None = None
    more: bool = False
    goes_on: bool = True


def claim(connection: sqlite3.Connection, job: int, running: frozenset[str]) -> Claim:
    """What a job does next, beside its units that run already.

    Intervals need nothing but the keyframes, so they run in any order and at the same time; before them there is one
    unit at a time.
    """
    found = connection.execute("SELECT * FROM jobs WHERE number = ?", (job,)).fetchone()
    if found is None or not history.is_live(connection, job):
        return Claim(goes_on=False)
    row = JobRow.of(found)
    left = history.units_left(connection, job)
    waiting = [unit for unit in left if unit not in running]
    if not waiting or (not Unit.parse(left[0]).is_interval and running):
        return Claim()
    return Claim(
        _plan(connection, row, waiting[0], len(waiting) - 1), Unit.parse(waiting[0]).is_interval and len(waiting) > 1
    )


def plan_again(connection: sqlite3.Connection, job: int, unit: str) -> ClaimedUnit | None:
    """A unit as it ran, to be run once more for its pictures; None when the job is gone."""
    found = connection.execute("SELECT * FROM jobs WHERE number = ?", (job,)).fetchone()
    if found is None:
        return None
    plan = _plan(connection, JobRow.of(found), unit, 0)
    if not Unit.parse(unit).is_interval:
        plan.task.ClearField("keyframes")
    return plan


def _plan(connection: sqlite3.Connection, row: JobRow, unit: str, later: int) -> ClaimedUnit:
    job = row.number
    parameters = row.process_parameters()
    if row.memory_plan:
        parameters.execution.memory_plan = row.memory_plan
    task = worker_pb2.RunUnit(
        unit=unit,
        parameters=parameters,
        painting=stored_picture(connection, row.client, row.painting_hash),
        tags=row.tags or "",
        keyframes=_needed(history.pictures(connection, job, keyframes=True), unit),
        masks=stored_masks(connection, row),
    )
    if Unit.parse(unit).stage is Stage.KEYFRAMES:
        for item in parameters.keyframes.own:
            task.supplied.add(
                operation_step=item.operation_step,
                picture=stored_picture(connection, row.client, item.picture_hash),
            )
    return ClaimedUnit(job, row.job_id, unit, task, parameters, row.memory_plan, later)


def _needed(keyframes: list[jobs_pb2.Frame], unit: str) -> list[jobs_pb2.Frame]:
    """The stored keyframes that a unit starts from; the keyframes' own unit goes on from all that there are."""
    known = Unit.parse(unit)
    if known.stage is Stage.KEYFRAMES:
        return keyframes
    return [frame for frame in keyframes if frame.index in known.needs]


def earlier_ends(connection: sqlite3.Connection, row: JobRow) -> list[worker_pb2.StoredPicture]:
    """What a job's process was about to end in before each of its branches: the painting, then the ends of branches.

    Those are found in the jobs that it came from; where one is gone, its picture has no hash.
    """
    branches = list(row.process_parameters().procedural.branches)
    known = {0: stored_picture(connection, row.client, row.painting_hash)}
    seen: set[str] = set()
    while row.base_job_id and row.base_job_id not in seen:
        seen.add(row.base_job_id)
        found = connection.execute(
            "SELECT * FROM jobs WHERE client = ? AND job_id = ?", (row.client, row.base_job_id)
        ).fetchone()
        if found is None:
            break
        row = JobRow.of(found)
        before = list(row.process_parameters().procedural.branches)
        end = end_of(connection, row.number)
        if before and end is not None and before == branches[: len(before)]:
            known.setdefault(len(before), end)
    return [known.get(number, worker_pb2.StoredPicture()) for number in range(len(branches))]


def end_of(connection: sqlite3.Connection, job: int) -> worker_pb2.StoredPicture | None:
    """The stored picture that a process ends in; None before it is made."""
    made = history.pictures(connection, job, keyframes=True)
    if not made or made[-1].operation_step > 0:
        return None
    return worker_pb2.StoredPicture(hash=made[-1].picture_hash, encoding=pictures_pb2.PICTURE_ENCODING_PNG)


def stored_masks(connection: sqlite3.Connection, row: JobRow) -> list[worker_pb2.StoredPicture]:
    """The masks that a job's branches name, as a worker reads them."""
    return [stored_picture(connection, row.client, digest) for digest in masks(row.process_parameters())]


def stored_picture(connection: sqlite3.Connection, client: str, digest: str) -> worker_pb2.StoredPicture:
    """A picture as a worker reads it."""
    picture = owned.uploaded(connection, client, digest)
    if picture is None:
        return worker_pb2.StoredPicture(hash=digest, encoding=pictures_pb2.PICTURE_ENCODING_PNG)
    return to_stored(picture)


def to_stored(picture: OwnedPicture) -> worker_pb2.StoredPicture:
    """A picture as a worker reads it."""
    return worker_pb2.StoredPicture(
        hash=picture.hash,
        encoding=pictures_pb2.PictureEncoding.ValueType(picture.encoding),
        width=picture.width,
        height=picture.height,
    )
