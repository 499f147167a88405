"""What can go wrong between a client and its daemon.

PaintsUndoError
└── ClientError                 base of all below
    ├── DaemonUnavailableError    no daemon runs, it cannot be reached, or it does not answer
    │   └── DaemonStartError        it could not be started
    ├── CertificateError          what answers has not proved to be the daemon; the token was not sent
    ├── CallRefusedError          the daemon answered with a status: code, field, retry hint
    ├── BrokenAnswerError         the daemon's answer does not follow the protocol
    ├── JobFailedError            the job that was waited for failed
    └── JobCancelledError         the job that was waited for was cancelled
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

import grpc
from google.rpc import error_details_pb2, status_pb2

from paints_undo_engine.errors import PaintsUndoError

_DETAILS_KEY = "grpc-status-details-bin"
_BROKEN = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED})
_UNSENT = "Internal error from Core"
"""What grpc.aio says, with INTERNAL, of a message that it could not send since the connection had just gone."""


class ClientError(PaintsUndoError):
    """Base of every error of the client."""


class DaemonUnavailableError(ClientError):
    """No daemon runs, it cannot be reached, or it does not answer."""


class DaemonStartError(DaemonUnavailableError):
    """The daemon could not be started."""


class CertificateError(ClientError):
    """What answers has not proved to be the daemon that is meant; the token was not sent."""


class BrokenAnswerError(ClientError):
    """The daemon's answer does not follow the protocol."""


class CallRefusedError(ClientError):
    """The daemon answered with an error status.

    `code` is the status code's name (``NOT_FOUND``), `fields` the request fields that it names, `retry_seconds` when to
    try again, where the daemon says so.
    """

    def __init__(
        self, message: str, code: str, fields: tuple[str, ...] = (), retry_seconds: float | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.fields = fields
        self.retry_seconds = retry_seconds


class JobFailedError(ClientError):
    """The job failed. `code` is a status code's name, `unit` the unit that failed."""

    def __init__(self, message: str, code: str, unit: str) -> None:
        super().__init__(message)
        self.code = code
        self.unit = unit


class JobCancelledError(ClientError):
    """The job was cancelled."""


class GrpcStatus(Protocol):
    """What grpc's synchronous and asynchronous errors have in common."""

    def code(self) -> Any:
        """The status code."""

    def details(self) -> str | None:
        """The status message."""

    def trailing_metadata(self) -> Any:
        """The metadata that came with the status."""


def connection_broke(error: Any) -> bool:
    """Whether the connection is what failed, so that the same call may succeed on a new one."""
    if isinstance(error, ClientError):
        return False
    unsent = error.code() is grpc.StatusCode.INTERNAL and error.details() == _UNSENT
    return unsent or error.code() in _BROKEN


def translate(error: Any) -> ClientError:
    """The client's error for a gRPC error (a `GrpcStatus`), with the rich details that came with it."""
    if isinstance(error, ClientError):
        return error
    code: grpc.StatusCode = error.code()
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return DaemonUnavailableError("The daemon did not answer in time.")
    text = _sentence(error.details() or f"The daemon answered {code.name}")
    if connection_broke(error):
        return DaemonUnavailableError(f"The connection to the daemon broke: {text}")
    if code is grpc.StatusCode.UNAUTHENTICATED:
        text += " Check the token."
    fields: list[str] = []
    retry = None
    for detail in _details(error):
        bad, info = error_details_pb2.BadRequest(), error_details_pb2.RetryInfo()
        if detail.Unpack(bad):
            fields += [violation.field for violation in bad.field_violations]
        elif detail.Unpack(info):
            retry = info.retry_delay.seconds + info.retry_delay.nanos / 1e9
    return CallRefusedError(text, code.name, tuple(fields), retry)


def _details(error: GrpcStatus) -> Iterable[Any]:
    for key, value in error.trailing_metadata() or ():
        if key == _DETAILS_KEY and isinstance(value, bytes):
            status = status_pb2.Status()
            status.ParseFromString(value)
            return list(status.details)
    return ()


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else text + "."
