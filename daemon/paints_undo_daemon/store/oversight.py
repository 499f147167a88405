"""Jobs of all clients, as an administrator sees them: how they go, and nothing of what they show."""

from __future__ import annotations

import sqlite3

from paints_undo.v1 import admin_pb2
from paints_undo_daemon.errors import NotFoundError
from paints_undo_daemon.store.rows import JobRow


def page(
    connection: sqlite3.Connection, request: admin_pb2.ListClientJobsRequest, size: int
) -> tuple[list[admin_pb2.ClientJob], str]:
    """One page of everybody's jobs, newest first, and the next page's token."""
    where, values = ["1"], list[str | int]()
    if request.page_token:
        where.append("number < ?")
        values.append(int(request.page_token))
    if request.client:
        where.append("client = ?")
        values.append(request.client)
    if request.states:
        where.append(f"state IN ({','.join('?' * len(request.states))})")
        values += [int(state) for state in request.states]
    rows = connection.execute(
        f"SELECT * FROM jobs WHERE {' AND '.join(where)} ORDER BY number DESC LIMIT {size + 1}",  # noqa: S608
        values,
    ).fetchall()
    token = str(rows[size - 1]["number"]) if len(rows) > size else ""
    return [to_proto(JobRow.of(row)) for row in rows[:size]], token


def owner(connection: sqlite3.Connection, job_id: str) -> str:
    """The client whose job it is. Raises `NotFoundError`."""
    row = connection.execute("SELECT client FROM jobs WHERE job_id = ?", (job_id,)).fetchone()
    if row is None:
        raise NotFoundError("There is no such job.", field="job_id")
    return str(row["client"])


def to_proto(row: JobRow) -> admin_pb2.ClientJob:
    """A job without its title, tags, painting and parameters; of one whose row is damaged, its id and client alone."""
    if not row.is_whole:
        return admin_pb2.ClientJob(job_id=row.job_id, client=row.client)
    message = admin_pb2.ClientJob(
        job_id=row.job_id,
        client=row.client,
        state=row.state,
        engine=row.engine,
        priority=row.priority,
        frame_count=row.frame_count,
        frames_stored=row.frames_stored,
    )
    message.create_time.FromNanoseconds(int(row.create_time * 1e9))
    if row.end_time is not None:
        message.end_time.FromNanoseconds(int(row.end_time * 1e9))
    return message
