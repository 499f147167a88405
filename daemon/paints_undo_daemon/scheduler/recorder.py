"""From a worker's reports to durable events: in order, published after the commit.

What arrives together, or while a commit runs, is committed together.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence

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
        self._bell = asyncio.Event()
        self._closed = False
        self.job_ended = False
        self._task = asyncio.create_task(self._record_all())

    def add(self, report: worker_pb2.Report) -> None:
        """Take a report that tells something durable."""
        self._waiting.append(report)
        self._bell.set()

    async def finish(self) -> None:
        """Wait for what was added. Raises what recording raised."""
        self._closed = True
        self._bell.set()
        await self._task

    async def _record_all(self) -> None:
        while not (self._closed and not self._waiting):
            await self._bell.wait()
            self._bell.clear()
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
    for report in reports:
        match report.WhichOneof("kind"):
            case "painting_read":
                events += history.store_painting_size(
                    connection, job, report.painting_read.width, report.painting_read.height
                )
            case "tags":
                events += history.store_tags(connection, job, report.tags)
            case "keyframe":
                events += history.store_frame(connection, job, report.keyframe, files, keyframe=True)
            case "frame":
                events += history.store_frame(connection, job, report.frame, files, keyframe=False)
            case "warning":
                events += history.warn(connection, job, report.warning)
            case "plan_changed":
                events += history.change_plan(connection, job, report.plan_changed)
            case "done":
                events += history.finish_unit(connection, job, report.done)
            case _:
                pass
    return events
