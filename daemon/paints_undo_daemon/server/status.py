"""Errors as gRPC statuses with details: the field and the reason, and when to try again."""

from __future__ import annotations

import grpc
from google.protobuf import any_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

from paints_undo_daemon.errors import CallError, InvalidArgumentError
from paints_undo_engine.errors import InvalidRequestError


def from_request_error(error: InvalidRequestError, prefix: str = "") -> InvalidArgumentError:
    """The engine's refusal of a request as the call's."""
    return InvalidArgumentError(prefix + error.field, str(error))


def to_status(error: CallError) -> grpc.Status:
    """A status with `BadRequest` for a field and `RetryInfo` where waiting helps."""
    details = []
    if error.field:
        bad = error_details_pb2.BadRequest()
        bad.field_violations.add(field=error.field, description=error.message)
        details.append(_packed(bad))
    if error.retry_after is not None:
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.FromMilliseconds(int(error.retry_after * 1000))
        details.append(_packed(retry))
    status: grpc.Status = rpc_status.to_status(
        status_pb2.Status(code=code_pb2.Code.Value(error.code.name), message=error.message, details=details)
    )
    return status


def _packed(message: error_details_pb2.BadRequest | error_details_pb2.RetryInfo) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(message)
    return packed
