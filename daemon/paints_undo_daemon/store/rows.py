"""Rows of the database, as they leave the store."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Self

from google.protobuf.message import DecodeError

from paints_undo.v1 import jobs_pb2
from paints_undo_daemon.errors import DataLossError
from paints_undo_daemon.store import sums
from paints_undo_daemon.store.messages import unpack


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job. Times are in seconds since 1970; `parameters` and `failure` are packed messages.

    `is_whole` tells whether the other values are those that were stored.
    """

    number: int
    job_id: str
    client: str
    connection: str
    request_id: str
    request_digest: bytes
    title: str
    painting_hash: str
    painting_width: int
    painting_height: int
    parameters: bytes
    engine: str
    memory_plan: str
    priority: jobs_pb2.Priority.ValueType
    state: jobs_pb2.JobState.ValueType
    failure: bytes | None
    create_time: float
    end_time: float | None
    last_sequence: int
    frame_count: int
    frames_stored: int
    unit_count: int
    tags: str | None
    base_job_id: str
    is_whole: bool

    @classmethod
    def of(cls, row: sqlite3.Row) -> Self:
        """The row of a `SELECT *`."""
        values = dict(row)
        del values["checksum"]
        return cls(**values, is_whole=sums.is_whole(row))

    def check(self) -> Self:
        """The row itself. Raises `DataLossError` when its values are not those that were stored."""
        if not self.is_whole:
            raise self._damage()
        return self

    def process_parameters(self) -> jobs_pb2.ProcessParameters:
        """What was asked for. Raises `DataLossError`."""
        try:
            return unpack(jobs_pb2.ProcessParameters, self.check().parameters)
        except DecodeError:
            raise self._damage() from None

    def _damage(self) -> DataLossError:
        return DataLossError(f"The record of the job {self.job_id} is damaged: start the job again.")
