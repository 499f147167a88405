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

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from paints_undo_daemon.client.aio import AsyncClient
from paints_undo_daemon.client.discovery import find, locate, start_daemon
from paints_undo_daemon.client.errors import (
    BrokenAnswerError,
    CallRefusedError,
    CertificateError,
    ClientError,
    DaemonUnavailableError,
    JobCancelledError,
    JobFailedError,
)
from paints_undo_daemon.client.pictures import DownloadedFrame, DownloadedLayer, RawPicture
from paints_undo_daemon.client.sync import Client
from paints_undo_daemon.client.trust import pinned
from paints_undo_daemon.client.wire import Target, Update

__all__ = [
    "AsyncClient",
    "BrokenAnswerError",
    "CallRefusedError",
    "CertificateError",
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
    "locator",
    "start_daemon",
]


def connect(
    target: Target | None = None, *, home: Path | None = None, start: bool = True, patience_seconds: float = 30.0
) -> Client:
    """A client of the daemon at `target`, or of the account's own, which is started if need be and `start` is set.

    `home` is the data folder by whose endpoint file the account's daemon is found. Raises `DaemonUnavailableError`,
    and `CertificateError` when the daemon does not show the certificate of the target's fingerprint.
    """
    return Client(locator(target, home, start=start), patience_seconds)


def connect_async(
    target: Target | None = None, *, home: Path | None = None, start: bool = True, patience_seconds: float = 30.0
) -> AsyncClient:
    """The same for asyncio; to be entered with ``async with``."""
    return AsyncClient(locator(target, home, start=start), patience_seconds)


def locator(target: Target | None = None, home: Path | None = None, *, start: bool = True) -> Callable[[], Target]:
    """What finds the daemon at `target`, or the account's own, each time that it is called; for `connect` and the like.

    It raises what `connect` raises.
    """
    if target is None:
        return partial(locate, home, start=start)
    return cache(partial(pinned, target)) if target.fingerprint else lambda: target
