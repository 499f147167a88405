"""The pictures of a unit whose worker keeps its rights: each is decoded by a confined worker before.

What an accelerator's driver needs cannot be taken from its worker, so that it must not parse what strangers have made.
It is given the same pixels as PNG of the store's own making, and reads nothing else (`workers.loading.Pictures`).
"""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable

from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.raw_pixels import CHANNELS
from paints_undo_daemon.store.claims import ClaimedUnit
from paints_undo_daemon.store.database import Database
from paints_undo_daemon.store.pictures import PictureFiles
from paints_undo_engine.descriptions import describe

_KEPT = 256
"""Pictures of which the normalised ones are remembered; others are decoded again, to the same bytes."""

CallReader = Callable[[worker_pb2.Task, Callable[[worker_pb2.Report], None]], Awaitable[None]]
"""Runs a task on a confined worker. Raises `ResourceExhaustedError`, `UnavailableError` when it died."""


class NotNormalisedError(Exception):
    """A picture could not be decoded; the worker's failure says why."""

    def __init__(self, failure: worker_pb2.Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class Normaliser:
    """Puts normalised pictures into units. They belong to the unit's job, as its other pictures do."""

    def __init__(self, database: Database, files: PictureFiles, call_reader: CallReader) -> None:
        self._database = database
        self._files = files
        self._call_reader = call_reader
        self._known: OrderedDict[tuple[str, int], worker_pb2.StoredPicture] = OrderedDict()

    async def normalise(self, plan: ClaimedUnit) -> None:
        """Put normalised pictures in the place of a unit's uploads, unless its engine's workers are confined.

        Raises `NotNormalisedError`, `UnavailableError` when the worker died, `ResourceExhaustedError`.
        """
        if describe(plan.parameters.engine).is_confined:
            return
        uploads = [picture for picture in _uploads(plan.task) if picture.encoding not in CHANNELS]
        sizes = {}
        for picture in uploads:
            normalised, size = await self._normalised(picture, plan.job_id)
            sizes[normalised.hash] = size
            sent_hash = picture.hash
            picture.CopyFrom(normalised)
            picture.sent_hash = sent_hash
        if sizes:
            await self._database.write(_note, plan.job, sizes)

    def has_lost(self, plan: ClaimedUnit) -> bool:
        """Whether a normalised picture of a unit was found damaged since: the next time it is made anew."""
        return any(upload.sent_hash and self._files.size(upload.hash) is None for upload in _uploads(plan.task))

    async def _normalised(self, picture: worker_pb2.StoredPicture, job_id: str) -> tuple[worker_pb2.StoredPicture, int]:
        """A normalised picture, which counts as used now, and its size in bytes."""
        key = picture.hash, picture.encoding
        known = self._known.get(key)
        size = self._files.size(known.hash) if known is not None else None
        if known is None or size is None or not self._files.touch(known.hash, size):
            known = await self._read(picture, job_id)
            size = self._files.size(known.hash) or 0
        self._known[key] = known
        self._known.move_to_end(key)
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return known, size

    async def _read(self, picture: worker_pb2.StoredPicture, job_id: str) -> worker_pb2.StoredPicture:
        reports: list[worker_pb2.Report] = []
        task = worker_pb2.Task(job_id=job_id, normalise_picture=worker_pb2.NormalisePicture(picture=picture))
        await self._call_reader(task, reports.append)
        for report in reports:
            if report.HasField("failure"):
                raise NotNormalisedError(report.failure)
            if report.HasField("normalised"):
                return report.normalised
        raise NotNormalisedError(worker_pb2.Failure(code="INTERNAL", message="The worker has decoded no picture."))


def _uploads(task: worker_pb2.RunUnit) -> Iterable[worker_pb2.StoredPicture]:
    yield task.painting
    yield from (item.picture for item in task.supplied)
    yield from task.masks


def _note(connection: sqlite3.Connection, job: int, sizes: dict[str, int]) -> None:
    """Let a job's normalised pictures stay and go with it."""
    if connection.execute("SELECT 1 FROM jobs WHERE number = ?", (job,)).fetchone() is None:
        return
    connection.executemany("INSERT OR IGNORE INTO pictures VALUES (?, ?)", sizes.items())
    connection.executemany("INSERT OR IGNORE INTO supplied_keyframes VALUES (?, ?)", [(job, name) for name in sizes])
