"""Errors that a call ends with: a gRPC status, a sentence, and what a client can act on.

CallError
├── InvalidArgumentError     a field is wrong: its name and the reason
├── NotFoundError            nothing of that name belongs to this client
├── AlreadyExistsError       the request id was used for something else
├── FailedPreconditionError  not in this state
├── OutOfRangeError          past the end
├── ResourceExhaustedError   a limit or quota is full; `retry_after` seconds when waiting helps
├── PermissionDeniedError    this client may not
├── UnauthenticatedError     no valid token
├── UnavailableError         not right now: try again
├── DeadlineExceededError    the client sends or takes nothing more
├── AbortedError             ended at another caller's request
└── DataLossError            something stored is damaged
"""

from __future__ import annotations

import grpc


class CallError(Exception):
    """Base of the errors that calls end with."""

    code = grpc.StatusCode.INTERNAL

    def __init__(self, message: str, *, field: str = "", retry_after: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.retry_after = retry_after


class InvalidArgumentError(CallError):
    """A field of the request is wrong."""

    code = grpc.StatusCode.INVALID_ARGUMENT

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, field=field)


class NotFoundError(CallError):
    """Nothing of that name belongs to this client."""

    code = grpc.StatusCode.NOT_FOUND


class AlreadyExistsError(CallError):
    """The name is taken by something else."""

    code = grpc.StatusCode.ALREADY_EXISTS


class FailedPreconditionError(CallError):
    """Not possible in this state."""

    code = grpc.StatusCode.FAILED_PRECONDITION


class OutOfRangeError(CallError):
    """Past the end."""

    code = grpc.StatusCode.OUT_OF_RANGE


class ResourceExhaustedError(CallError):
    """A limit or a quota is full."""

    code = grpc.StatusCode.RESOURCE_EXHAUSTED


class PermissionDeniedError(CallError):
    """This client may not do that."""

    code = grpc.StatusCode.PERMISSION_DENIED


class UnauthenticatedError(CallError):
    """The call carries no valid token."""

    code = grpc.StatusCode.UNAUTHENTICATED


class UnavailableError(CallError):
    """The daemon cannot do that right now."""

    code = grpc.StatusCode.UNAVAILABLE


class DeadlineExceededError(CallError):
    """The client sends or takes nothing more."""

    code = grpc.StatusCode.DEADLINE_EXCEEDED


class DataLossError(CallError):
    """Something stored is damaged."""

    code = grpc.StatusCode.DATA_LOSS


class AbortedError(CallError):
    """Ended at another caller's request."""

    code = grpc.StatusCode.ABORTED
