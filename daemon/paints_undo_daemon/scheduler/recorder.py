"""From a worker's reports to durable events: in order, published after the commit.

What arrives together, or while a commit runs, is committed together.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from itertools import groupby

from paints_undo.v1 import jobs_pb2
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.scheduler.hub import Hub
from paints_undo_daemon.store import history
from paints_undo_daemon.store.database import Database
from paints_undo_daemon.store.pictures import PictureFiles


class Recorder:
    """Records the reports of one unit. `add` is called in the event loop; `finish` waits until all is durable;
    then `job_ended` tells whether that was the job's last unit."""

    def __init__(self, database: Database, files: PictureFiles, hub: Hub, job: int) -> None:
        self._database = database
        self._files = files
        self._hub = hub
        self._job = job
        self._waiting: list[worker_pb2.Report] = []
        self._changed = asyncio.Event()
        self._closed = False
        self.job_ended = False
        self._task = asyncio.create_task(self._record_all())

    def add(self, report: worker_pb2.Report) -> None:
        """Take a report that tells something durable."""
        self._waiting.append(report)
        self._changed.set()

    async def finish(self) -> None:
        """Wait for what was added. Raises what recording raised."""
        self._closed = True
        self._changed.set()
        await self._task

    async def _record_all(self) -> None:
        while not (self._closed and not self._waiting):
            await self._changed.wait()
            self._changed.clear()
            reports, self._waiting = self._waiting, []
            if reports:
                events = await self._database.write(record, self._job, reports, self._files)
                self.job_ended |= any(event.HasField("finished") for event in events)
                self._hub.publish(self._job, events)


def record(
    connection: sqlite3.Connection, job: int, reports: Sequence[worker_pb2.Report], files: PictureFiles
) -> list[jobs_pb2.Event]:
    """Record reports in one transaction; returns the events that are new."""
    events: list[jobs_pb2.Event] = []
    for kind, group in groupby(reports, lambda report: report.WhichOneof("kind")):
        if kind in ("frame", "keyframe"):
            made = [getattr(report, kind) for report in group]
            events += history.store_frames(connection, job, made, files, keyframes=kind == "keyframe")
        else:
            for report in group:
                events += _record_one(connection, job, report)
    return events


def _record_one(connection: sqlite3.Connection, job: int, report: worker_pb2.Report) -> list[jobs_pb2.Event]:
    match report.WhichOneof("kind"):
        case "painting_read":
            read = report.painting_read
            return history.store_painting_size(connection, job, read.width, read.height)
        case "tags":
            return history.store_tags(connection, job, report.tags)
        case "warning":
            return history.warn(connection, job, report.warning)
        case "plan_changed":
            return history.change_plan(connection, job, report.plan_changed)
        case "done":
            return history.finish_unit(connection, job, report.done)
        case _:
            return []
