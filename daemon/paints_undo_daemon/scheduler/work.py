"""What waits in a lane: the next unit of a job, or a task that a call waits for."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field

from paints_undo.v1 import jobs_pb2, pictures_pb2
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.store import history, owned
from paints_undo_daemon.store.owned import OwnedPicture


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """The next unit of a job, ready to be sent to a worker."""

    job: int
    job_id: str
    unit: str
    task: worker_pb2.RunUnit
    parameters: jobs_pb2.ProcessParameters
    memory_plan: str


@dataclass(eq=False, slots=True)
class CallTask:
    """A task that a call waits for. `on_report` is called in the event loop; `cancelled` once nobody waits any more."""

    task: worker_pb2.Task
    on_report: Callable[[worker_pb2.Report], None]
    finished: Callable[[BaseException | None], None]
    cancelled: bool = field(default=False)


def next_unit(connection: sqlite3.Connection, job: int) -> UnitPlan | None:
    """What a job does next; None when it has ended or is gone."""
    row = connection.execute("SELECT * FROM jobs WHERE number = ?", (job,)).fetchone()
    if row is None or not history.is_live(connection, job):
        return None
    unit = history.next_unit(connection, job)
    if unit is None:
        return None
    parameters = jobs_pb2.ProcessParameters.FromString(row["parameters"])
    if row["memory_plan"]:
        parameters.execution.memory_plan = row["memory_plan"]
    task = worker_pb2.RunUnit(
        unit=unit,
        parameters=parameters,
        painting=stored_picture(connection, row["client"], row["painting_hash"]),
        tags=row["tags"] or "",
        keyframes=_needed(history.pictures(connection, job, keyframes=True), unit),
    )
    if unit == "keyframes":
        for item in parameters.keyframes.own:
            task.supplied.add(
                operation_step=item.operation_step,
                picture=stored_picture(connection, row["client"], item.picture_hash),
            )
    return UnitPlan(job, row["job_id"], unit, task, parameters, row["memory_plan"])


def _needed(keyframes: list[jobs_pb2.Frame], unit: str) -> list[jobs_pb2.Frame]:
    if unit.startswith("interval-"):
        interval = int(unit.removeprefix("interval-"))
        return [frame for frame in keyframes if frame.index in (interval, interval + 1)]
    return keyframes if unit == "keyframes" else []


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
