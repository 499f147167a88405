"""Jobs: creating, reading, listing and deleting them."""

from __future__ import annotations

import hashlib
import logging
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from google.protobuf.message import DecodeError

from paints_undo.v1 import jobs_pb2
from paints_undo_daemon.convert import masks, request_from_proto, request_to_proto
from paints_undo_daemon.errors import (
    AlreadyExistsError,
    DataLossError,
    FailedPreconditionError,
    InvalidArgumentError,
    NotFoundError,
    ResourceExhaustedError,
)
from paints_undo_daemon.store import history, inheritance, joining, owned, sums
from paints_undo_daemon.store.faults import is_damaged
from paints_undo_daemon.store.messages import pack, unpack
from paints_undo_daemon.store.rows import JobRow
from paints_undo_engine.errors import InvalidRequestError
from paints_undo_engine.process import frame_count, units
from paints_undo_engine.request import ProcessRequest

log = logging.getLogger(__name__)

LIVE = (jobs_pb2.JOB_STATE_QUEUED, jobs_pb2.JOB_STATE_RUNNING)
_RETRY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class NewJob:
    """What `create` needs: the caller, the message, and the request that was read from it."""

    client: str
    connection: str
    message: jobs_pb2.CreateJobRequest
    request: ProcessRequest
    supplied: dict[int, str]

    def pictures(self) -> list[tuple[str, str]]:
        """The pictures that it needs, each behind the field that names it."""
        own = [("parameters.keyframes.own.picture_hash", digest) for digest in self.supplied.values()]
        return [("painting_hash", self.message.painting_hash), *own, *self._masks()]

    @property
    def given(self) -> list[str]:
        """The hashes of the pictures that it is given beside the painting: own keyframes and masks."""
        return [*self.supplied.values(), *(digest for _, digest in self._masks())]

    def _masks(self) -> list[tuple[str, str]]:
        named = masks(self.message.parameters)
        return [("parameters.procedural.branches.mask_hash", digest) for digest in named]


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """How many jobs may wait, for one client and in all."""

    per_client: int
    total: int


def create(connection: sqlite3.Connection, new: NewJob, limits: QueueLimits) -> tuple[JobRow, list[jobs_pb2.Event]]:
    """Accept a job, or return the one that the same request made before (then without events).

    Raises `NotFoundError` for a picture, `AlreadyExistsError`, `InvalidArgumentError` for the base job and
    `ResourceExhaustedError` when the queue is full.
    """
    digest = hashlib.sha256(new.message.SerializeToString(deterministic=True)).digest()
    found = connection.execute(
        "SELECT * FROM jobs WHERE client = ? AND request_id = ?", (new.client, new.message.request_id)
    ).fetchone()
    if found is not None:
        earlier = JobRow.of(found).check()
        if earlier.request_digest != digest:
            raise AlreadyExistsError(
                f"The request id {new.message.request_id} was used for a job with other content: choose a new one.",
                field="request_id",
            )
        return earlier, []
    _check_queue(connection, new.client, limits)
    base = _base(connection, new)
    if base is not None:
        with _told_if_damaged(base):
            request, supplied = joining.joined(connection, base, new.request, new.supplied)
        new = replace(new, request=request, supplied=supplied)
    _check_pictures(connection, new)
    job_id = secrets.token_hex(8)
    number = connection.execute(
        "INSERT INTO jobs (job_id, client, connection, request_id, request_digest, title, painting_hash, parameters,"
        " engine, priority, state, create_time, frame_count, unit_count, base_job_id)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            job_id,
            new.client,
            new.connection,
            new.message.request_id,
            digest,
            new.message.title,
            new.message.painting_hash,
            pack(request_to_proto(new.request, new.supplied)),
            new.request.engine,
            new.message.priority or jobs_pb2.PRIORITY_INTERACTIVE,
            jobs_pb2.JOB_STATE_QUEUED,
            time.time(),
            frame_count(new.request),
            len(units(new.request)),
            new.message.base_job_id,
        ),
    ).lastrowid
    sums.seal(connection, "jobs", number)
    for unit in units(new.request):
        connection.execute("INSERT INTO units (job, unit) VALUES (?, ?)", (number, unit.name))
        sums.seal(connection, "units", number, unit.name)
    connection.executemany(
        "INSERT OR IGNORE INTO supplied_keyframes VALUES (?, ?)", [(number, digest) for digest in new.given]
    )
    row = get(connection, new.client, job_id)
    events = history.append(connection, row.number, "accepted", accepted=jobs_pb2.JobAccepted())
    if base is not None:
        with _told_if_damaged(base):
            events += inheritance.take_over(connection, base, row)
    return get(connection, new.client, job_id), events


def _check_queue(connection: sqlite3.Connection, client: str, limits: QueueLimits) -> None:
    waiting = "SELECT count(*) FROM jobs WHERE state IN (?, ?)"
    if connection.execute(waiting + " AND client = ?", (*LIVE, client)).fetchone()[0] >= limits.per_client:
        raise ResourceExhaustedError(
            f"{limits.per_client} of your jobs wait already, which is the most: try again when one has ended.",
            retry_after=_RETRY_SECONDS,
        )
    if connection.execute(waiting, LIVE).fetchone()[0] >= limits.total:
        raise ResourceExhaustedError("The queue is full: try again later.", retry_after=_RETRY_SECONDS)


def _check_pictures(connection: sqlite3.Connection, new: NewJob) -> None:
    for field, digest in new.pictures():
        owned.require(connection, new.client, digest, field)
        owned.use(connection, new.client, digest)


def _base(connection: sqlite3.Connection, new: NewJob) -> JobRow | None:
    """The job that a new one comes from, once its record is known to be whole; None where nothing is taken from it."""
    if not new.message.base_job_id:
        return None
    try:
        base = find(connection, new.client, new.message.base_job_id)
    except NotFoundError as error:
        raise NotFoundError(error.message, field="base_job_id") from None
    try:
        with _told_if_damaged(base):
            if base.check().painting_hash != new.message.painting_hash:
                raise InvalidArgumentError("base_job_id", "The base job has another painting.")
            request_from_proto(base.process_parameters())
    except InvalidRequestError:
        log.info("The job %s is of an earlier release and nothing is taken over from it.", base.job_id)
        return None
    return base


@contextmanager
def _told_if_damaged(base: JobRow) -> Iterator[None]:
    try:
        yield
    except (DecodeError, DataLossError):
        raise DataLossError(
            f"The record of the job {base.job_id} is damaged: start without it (base_job_id).", field="base_job_id"
        ) from None


def get(connection: sqlite3.Connection, client: str, job_id: str) -> JobRow:
    """A client's job. Raises `NotFoundError`, `DataLossError`."""
    return find(connection, client, job_id).check()


def find(connection: sqlite3.Connection, client: str, job_id: str) -> JobRow:
    """A client's job, damaged or not. Raises `NotFoundError`."""
    row = connection.execute("SELECT * FROM jobs WHERE client = ? AND job_id = ?", (client, job_id)).fetchone()
    if row is None:
        raise NotFoundError("There is no such job.", field="job_id")
    return JobRow.of(row)


def live(connection: sqlite3.Connection) -> list[JobRow]:
    """All jobs that have not ended, oldest first."""
    rows = connection.execute("SELECT * FROM jobs WHERE state IN (?, ?) ORDER BY number", LIVE)
    return [JobRow.of(row) for row in rows]


_PAGE_BYTES = 3 * 2**20
"""A page ends earlier when it becomes larger: gRPC clients take messages of 4 MiB unless they are told otherwise."""


def page(
    connection: sqlite3.Connection, client: str, request: jobs_pb2.ListJobsRequest, size: int
) -> tuple[list[jobs_pb2.Job], str]:
    """One page of a client's jobs, newest first, and the next page's token."""
    where, values = ["client = ?"], [client]
    if request.page_token:
        where.append("number < ?")
        values.append(request.page_token)
    if request.painting_hash:
        where.append("painting_hash = ?")
        values.append(request.painting_hash)
    if request.states:
        where.append(f"state IN ({','.join('?' * len(request.states))})")
        values += [str(int(state)) for state in request.states]
    rows = connection.execute(
        f"SELECT * FROM jobs WHERE {' AND '.join(where)} ORDER BY number DESC LIMIT {size + 1}",  # noqa: S608
        values,
    ).fetchall()
    found: list[jobs_pb2.Job] = []
    bytes_left = _PAGE_BYTES
    for row in rows[:size]:
        job = to_proto(connection, JobRow.of(row))
        bytes_left -= job.ByteSize()
        if found and bytes_left < 0:
            break
        found.append(job)
    token = str(rows[len(found) - 1]["number"]) if len(rows) > len(found) else ""
    return found, token


@dataclass(frozen=True, slots=True)
class Deleted:
    """A job that is gone, and the pictures that perhaps nobody needs any more."""

    number: int
    pictures: list[str]


def delete(connection: sqlite3.Connection, client: str, job_id: str) -> Deleted:
    """Delete a job that has ended or is damaged, and its client's claim on the pictures that no other job of the
    client's needs.

    Raises `NotFoundError`, `FailedPreconditionError`.
    """
    row = find(connection, client, job_id)
    if row.is_whole and row.state not in history.ENDED:
        raise FailedPreconditionError("The job has not ended: cancel it first.", field="job_id")
    query = "SELECT hash FROM supplied_keyframes WHERE job = ?"
    own = [row.painting_hash, *(found["hash"] for found in connection.execute(query, (row.number,)))]
    made = [found["hash"] for found in connection.execute("SELECT hash FROM frames WHERE job = ?", (row.number,))]
    connection.execute("DELETE FROM jobs WHERE number = ?", (row.number,))
    for digest in own:
        if not owned.jobs_with(connection, client, digest):
            connection.execute("DELETE FROM owned_pictures WHERE client = ? AND hash = ?", (client, digest))
    busy = connection.execute(
        "SELECT 1 FROM jobs WHERE painting_hash = ? AND state IN (?, ?)", (row.painting_hash, *LIVE)
    ).fetchone()
    return Deleted(row.number, [] if busy else list(dict.fromkeys([*own, *made])))


def to_proto(connection: sqlite3.Connection, row: JobRow) -> jobs_pb2.Job:
    """A job as the service shows it (the queue position is the scheduler's).

    A job whose record is damaged is shown as one that failed with DATA_LOSS, so that it costs nothing but itself.
    """
    try:
        return _shown(connection, row)
    except (DecodeError, DataLossError, sqlite3.DatabaseError) as error:
        if not (isinstance(error, DataLossError) or is_damaged(error)):
            raise
        failure = jobs_pb2.JobFailure(code="DATA_LOSS", message="The job's record is damaged: start the job again.")
        return jobs_pb2.Job(
            job_id=row.job_id,
            request_id=row.request_id if row.is_whole else "",
            title=row.title if row.is_whole else "",
            painting_hash=row.painting_hash if row.is_whole else "",
            state=jobs_pb2.JOB_STATE_FAILED,
            last_sequence=row.last_sequence if row.is_whole else 0,
            failure=failure,
        )


def _shown(connection: sqlite3.Connection, row: JobRow) -> jobs_pb2.Job:
    finished = sum(unit["finished"] for unit in history.unit_rows(connection, row.number))
    message = jobs_pb2.Job(
        job_id=row.job_id,
        request_id=row.request_id,
        title=row.title,
        painting_hash=row.painting_hash,
        painting_width=row.painting_width,
        painting_height=row.painting_height,
        parameters=row.process_parameters(),
        priority=row.priority,
        state=row.state,
        last_sequence=row.last_sequence,
        frame_count=row.frame_count,
        frames_stored=row.frames_stored,
        unit_count=row.unit_count,
        units_finished=finished,
        tags=row.tags or "",
        keyframes=history.pictures(connection, row.number, keyframes=True),
        base_job_id=row.base_job_id,
    )
    message.create_time.FromNanoseconds(int(row.create_time * 1e9))
    if row.failure is not None:
        message.failure.CopyFrom(unpack(jobs_pb2.JobFailure, row.failure))
    if row.end_time is not None:
        message.end_time.FromNanoseconds(int(row.end_time * 1e9))
    return message
