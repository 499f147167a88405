"""The Python client of the daemon (`docs/python.md`).

    with connect() as client:
        job = client.submit("painting.png")
        for update in client.watch(job.job_id):
            ...
        client.export(job.job_id, "process.mp4")

`connect` finds the account's daemon or starts one, `connect_async` does the same for asyncio. Jobs, news and frames are
plain values (`results.py`) that keep the protocol's own messages (`docs/protocol.md`); so are the daemon, its engines
and models (`descriptions.py`).
"""

from __future__ import annotations

from pathlib import Path

from paints_undo_daemon.client.aio import AsyncClient
from paints_undo_daemon.client.descriptions import (
    ClientJob,
    ClientUsage,
    EngineInfo,
    ModelProgress,
    ServedModel,
    ServerInfo,
)
from paints_undo_daemon.client.discovery import GivenDaemon, Locator, OwnDaemon, find, locate, start_daemon
from paints_undo_daemon.client.errors import (
    BrokenAnswerError,
    CallRefusedError,
    CertificateError,
    ClientError,
    DaemonStartError,
    DaemonUnavailableError,
    JobCancelledError,
    JobFailedError,
)
from paints_undo_daemon.client.pictures import DownloadedLayer, RawPicture
from paints_undo_daemon.client.results import DownloadedFrame, Failure, Job, StoredFrame, Update, UpdateKind
from paints_undo_daemon.client.sync import Client
from paints_undo_daemon.client.wire import DaemonAddress
from paints_undo_daemon.states import EngineState, JobState, NodeState
from paints_undo_engine.checkpoints.library import ModelState
from paints_undo_engine.contract import Operation
from paints_undo_engine.export.estimate import FileEstimate

__all__ = [
    "AsyncClient",
    "BrokenAnswerError",
    "CallRefusedError",
    "CertificateError",
    "Client",
    "ClientError",
    "ClientJob",
    "ClientUsage",
    "DaemonAddress",
    "DaemonStartError",
    "DaemonUnavailableError",
    "DownloadedFrame",
    "DownloadedLayer",
    "EngineInfo",
    "EngineState",
    "Failure",
    "FileEstimate",
    "Job",
    "JobCancelledError",
    "JobFailedError",
    "JobState",
    "ModelProgress",
    "ModelState",
    "NodeState",
    "Operation",
    "RawPicture",
    "ServedModel",
    "ServerInfo",
    "StoredFrame",
    "Update",
    "UpdateKind",
    "connect",
    "connect_async",
    "find",
    "locate",
    "locator",
    "start_daemon",
]


def connect(
    daemon: DaemonAddress | None = None,
    *,
    home: Path | None = None,
    start: bool = True,
    patience_seconds: float = 30.0,
) -> Client:
    """A client of the given daemon, or of the account's own, which is started if need be and `start` is set.

    `home` is the data folder by whose endpoint file the account's daemon is found. Raises `DaemonUnavailableError`,
    and `CertificateError` when the daemon does not prove to be the one that is meant.
    """
    return Client(locator(daemon, home, start=start), patience_seconds).open()


def connect_async(
    daemon: DaemonAddress | None = None,
    *,
    home: Path | None = None,
    start: bool = True,
    patience_seconds: float = 30.0,
) -> AsyncClient:
    """The same for asyncio; to be entered with ``async with``."""
    return AsyncClient(locator(daemon, home, start=start), patience_seconds)


def locator(daemon: DaemonAddress | None = None, home: Path | None = None, *, start: bool = True) -> Locator:
    """What finds the given daemon, or the account's own, again and again; for `connect` and the like."""
    return OwnDaemon(home, start=start) if daemon is None else GivenDaemon(daemon)
