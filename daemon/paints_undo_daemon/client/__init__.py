"""The Python client of the daemon (`docs/python.md`).

    with connect() as client:
        job = client.submit("painting.png")
        for update in client.watch(job.job_id):
            ...
        client.export(job.job_id, "process.mp4")

`connect` finds the account's daemon or starts one, `connect_async` does the same for asyncio. Events, jobs and frames
are the protocol's own messages (`docs/protocol.md`).
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from paints_undo_daemon.client.aio import AsyncClient
from paints_undo_daemon.client.discovery import find, locate, start_daemon
from paints_undo_daemon.client.errors import (
    BrokenAnswerError,
    CallRefusedError,
    ClientError,
    DaemonUnavailableError,
    JobCancelledError,
    JobFailedError,
)
from paints_undo_daemon.client.sync import Client
from paints_undo_daemon.client.wire import DownloadedFrame, DownloadedLayer, RawPicture, Target, Update

__all__ = [
    "AsyncClient",
    "BrokenAnswerError",
    "CallRefusedError",
    "Client",
    "ClientError",
    "DaemonUnavailableError",
    "DownloadedFrame",
    "DownloadedLayer",
    "JobCancelledError",
    "JobFailedError",
    "RawPicture",
    "Target",
    "Update",
    "connect",
    "connect_async",
    "find",
    "locate",
    "start_daemon",
]


def connect(
    target: Target | None = None, *, home: Path | None = None, start: bool = True, patience_seconds: float = 30.0
) -> Client:
    """A client of the daemon at `target`, or of the account's own, which is started if need be and `start` is set.

    `home` is the data folder by whose endpoint file the account's daemon is found. Raises `DaemonUnavailableError`.
    """
    where = partial(locate, home, start=start) if target is None else lambda: target
    return Client(where, patience_seconds)


def connect_async(
    target: Target | None = None, *, home: Path | None = None, start: bool = True, patience_seconds: float = 30.0
) -> AsyncClient:
    """The same for asyncio; to be entered with ``async with``."""
    where = partial(locate, home, start=start) if target is None else lambda: target
    return AsyncClient(where, patience_seconds)
