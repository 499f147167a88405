"""Errors as gRPC statuses with details: the field and the reason, and when to try again."""

from __future__ import annotations

from urllib.parse import quote

import grpc
from google.protobuf import any_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

from paints_undo_daemon.errors import CallError, InvalidArgumentError
from paints_undo_daemon.privacy import without_folders
from paints_undo_engine.errors import InvalidRequestError

_LONGEST = 600
_LONGEST_ENCODED = 2400


def from_request_error(error: InvalidRequestError, prefix: str = "") -> InvalidArgumentError:
    """The engine's refusal of a request as the call's."""
    return InvalidArgumentError(prefix + error.field, str(error))


def to_status(error: CallError) -> grpc.Status:
    """A status with `BadRequest` for a field and `RetryInfo` where waiting helps."""
    message, details = _short(without_folders(error.message)), []
    if error.field:
        bad = error_details_pb2.BadRequest()
        bad.field_violations.add(field=error.field, description=message)
        details.append(_packed(bad))
    if error.retry_after is not None:
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.FromMilliseconds(int(error.retry_after * 1000))
        details.append(_packed(retry))
    status: grpc.Status = rpc_status.to_status(
        status_pb2.Status(code=code_pb2.Code.Value(error.code.name), message=message, details=details)
    )
    return status


def _short(message: str) -> str:
    """A message that fits into HTTP/2's headers, where it stands twice and some libraries take no more than 8 kB: one
    that cites a long value loses its middle. What counts is its length in percent-encoding, as gRPC sends it."""
    kept = min(len(message), _LONGEST)
    while kept and len(quote(message[:kept] + message[-kept // 3 :])) > _LONGEST_ENCODED:
        kept = kept * 3 // 4
    return message if kept == len(message) else f"{message[:kept]} … {message[-kept // 3 :]}"


def _packed(message: error_details_pb2.BadRequest | error_details_pb2.RetryInfo) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(message)
    return packed
