"""A job's end: one line in the log and one count in the metrics, with what it took."""

from __future__ import annotations

import logging
import sqlite3
from dataclasses import dataclass

from google.protobuf.message import DecodeError

from paints_undo.v1 import jobs_pb2
from paints_undo_daemon.errors import CallError
from paints_undo_daemon.metrics import Metrics
from paints_undo_daemon.store.database import Database
from paints_undo_daemon.store.messages import unpack

log = logging.getLogger(__name__)

_WORDS = {
    jobs_pb2.JOB_STATE_FINISHED: "finished",
    jobs_pb2.JOB_STATE_CANCELLED: "cancelled",
    jobs_pb2.JOB_STATE_FAILED: "failed",
}


@dataclass(frozen=True, slots=True)
class JobEnd:
    """`seconds` from its acceptance to its end, `work_seconds` the sum of its units' (several may run at a time)."""

    job_id: str
    client: str
    engine: str
    state: str
    seconds: float
    work_seconds: float
    failure: str


async def tell_end(database: Database, metrics: Metrics, job: int) -> None:
    """Log and count the end of a job that has just ended. Its outcome is durable: nothing here can change it."""
    try:
        end = await database.read(_read, job)
    except (CallError, DecodeError) as error:
        log.warning("Job %d has ended; its record cannot be read: %s", job, error)
        return
    if end is None:
        return
    metrics.jobs.labels(end.state, end.client).inc()
    extra = {
        "job_id": end.job_id,
        "client": end.client,
        "engine": end.engine,
        "state": end.state,
        "seconds": round(end.seconds, 3),
        "work_seconds": round(end.work_seconds, 3),
    }
    reason = f": {end.failure}" if end.failure else "."
    level = logging.WARNING if end.failure else logging.INFO
    log.log(level, "The job is %s after %.1f seconds%s", end.state, end.seconds, reason, extra=extra)


def _read(connection: sqlite3.Connection, job: int) -> JobEnd | None:
    row = connection.execute(
        "SELECT job_id, client, engine, state, failure, create_time, end_time FROM jobs"
        " WHERE number = ? AND end_time IS NOT NULL",
        (job,),
    ).fetchone()
    if row is None:
        return None
    bodies = connection.execute("SELECT body FROM events WHERE job = ? AND key LIKE 'unit-%'", (job,))
    work = sum(unpack(jobs_pb2.Event, found["body"]).unit_finished.record.seconds for found in bodies)
    failure = unpack(jobs_pb2.JobFailure, row["failure"]).message if row["failure"] is not None else ""
    seconds = max(0.0, row["end_time"] - row["create_time"])
    return JobEnd(row["job_id"], row["client"], row["engine"], _WORDS[row["state"]], seconds, work, failure)
