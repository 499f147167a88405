"""The service over HTTP by the Connect protocol (https://connectrpc.com/docs/protocol), for every method that it has.

Nothing is repeated here: the methods, their kinds and their messages come from the descriptors of `proto/`. A call is
passed on as it came, and its status comes back with its details.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Iterator
from typing import Any

import grpc
import grpc.aio
from connectrpc.code import Code
from connectrpc.codec import Codec
from connectrpc.compat import google_protobuf_binary_codec
from connectrpc.errors import ConnectError, ErrorDetail
from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from connectrpc.request import RequestContext
from connectrpc.server import ConnectASGIApplication, Endpoint
from google.protobuf import json_format, message_factory
from google.protobuf.descriptor import FileDescriptor, MethodDescriptor
from google.rpc import status_pb2
from protobuf.wkt import Any as AnyMessage

from paints_undo.v1 import jobs_pb2, models_pb2, pictures_pb2, server_pb2
from paints_undo_daemon.client import aio_transport, wire
from paints_undo_daemon.client.errors import ClientError, connection_broke
from paints_undo_daemon.web.upstream import Upstream

FILES: tuple[FileDescriptor, ...] = tuple(
    module.DESCRIPTOR for module in (jobs_pb2, models_pb2, pictures_pb2, server_pb2)
)
MAX_MESSAGE = 4 << 20
_DETAILS_KEY = "grpc-status-details-bin"
_MAX_CONNECTION = 64

Context = RequestContext[Any, Any]


class StrictJson(Codec[Any, Any]):
    """Protobuf's JSON without spaces. A field that the message does not have is an error, not ignored."""

    def name(self) -> str:
        """The codec's name in content types."""
        return "json"

    def encode(self, message: Any) -> bytes:
        """A message as JSON."""
        return json_format.MessageToJson(message, indent=None).encode()

    def decode(self, data: bytes | bytearray, message_class: type[Any]) -> Any:
        """A message from JSON. Raises `google.protobuf.json_format.ParseError`."""
        return json_format.Parse(bytes(data), message_class(), max_recursion_depth=32)


class Gateway(ConnectASGIApplication[Upstream]):
    """An ASGI application with a route for each method, such as ``/paints_undo.v1.JobService/GetJob``."""

    def __init__(self, upstream: Upstream) -> None:
        super().__init__(
            service=upstream,
            endpoints=lambda service: dict(_endpoints(service)),
            read_max_bytes=MAX_MESSAGE,
            compressions=(),
            codecs=(google_protobuf_binary_codec(), StrictJson()),
        )

    @property
    def path(self) -> str:
        """Where the application is mounted."""
        return ""


def routes() -> frozenset[str]:
    """The paths of all methods."""
    return frozenset(_path(method) for method in _methods())


def _methods() -> Iterator[MethodDescriptor]:
    for file in FILES:
        for service in file.services_by_name.values():
            yield from service.methods


def _path(method: MethodDescriptor) -> str:
    return f"/{method.containing_service.full_name}/{method.name}"


def _endpoints(upstream: Upstream) -> Iterator[tuple[str, Any]]:
    for method in _methods():
        info, call = _info(method), _Call(upstream, method)
        match info.stream_type:
            case StreamType.CLIENT_STREAM:
                endpoint: Any = Endpoint.client_stream(method=info, function=call.send_many)
            case StreamType.SERVER_STREAM:
                endpoint = Endpoint.server_stream(method=info, function=call.receive_many)
            case _:
                endpoint = Endpoint.unary(method=info, function=call.send_one)
        yield _path(method), endpoint


def _info(method: MethodDescriptor) -> MethodInfo[Any, Any]:
    kinds = {
        (False, False): StreamType.UNARY,
        (True, False): StreamType.CLIENT_STREAM,
        (False, True): StreamType.SERVER_STREAM,
    }
    return MethodInfo(
        name=method.name,
        service_name=method.containing_service.full_name,
        input=message_factory.GetMessageClass(method.input_type),
        output=message_factory.GetMessageClass(method.output_type),
        idempotency_level=IdempotencyLevel.UNKNOWN,
        stream_type=kinds[method.client_streaming, method.server_streaming],
    )


class _Call:
    """One method, passed on to the daemon."""

    def __init__(self, upstream: Upstream, method: MethodDescriptor) -> None:
        self._upstream = upstream
        self._path = _path(method)
        self._serialize = message_factory.GetMessageClass(method.input_type).SerializeToString
        self._parse = message_factory.GetMessageClass(method.output_type).FromString

    async def send_one(self, request: Any, context: Context) -> Any:
        """One message there, one back."""
        channel = await self._channel()
        call = channel.unary_unary(self._path, self._serialize, self._parse)
        return await self._answer(call(request, **self._arguments(context, wire.LOADING_SECONDS)), channel)

    async def send_many(self, requests: AsyncIterator[Any], context: Context) -> Any:
        """A stream there, one message back."""
        channel = await self._channel()
        call = channel.stream_unary(self._path, self._serialize, self._parse)
        return await self._answer(call(requests, **self._arguments(context)), channel)

    async def _answer(self, call: Awaitable[Any], channel: grpc.aio.Channel) -> Any:
        try:
            return await aio_transport.answer(call)
        except ClientError as error:
            raise ConnectError(Code.UNAVAILABLE, str(error)) from None
        except grpc.aio.AioRpcError as error:
            raise await self._translate(error, channel) from None

    async def receive_many(self, request: Any, context: Context) -> AsyncIterator[Any]:
        """One message there, a stream back; it ends with the browser's, and when it brings nothing for too long."""
        channel = await self._channel()
        call = channel.unary_stream(self._path, self._serialize, self._parse)(request, **self._arguments(context))
        try:
            async for message in aio_transport.read_messages(call, wire.WORKING_SECONDS):
                yield message
        except ClientError as error:
            raise ConnectError(Code.UNAVAILABLE, str(error)) from None
        except grpc.aio.AioRpcError as error:
            raise await self._translate(error, channel) from None
        finally:
            call.cancel()

    async def _channel(self) -> grpc.aio.Channel:
        try:
            return await self._upstream.channel()
        except ClientError as error:
            raise ConnectError(Code.UNAVAILABLE, str(error)) from None

    def _arguments(self, context: Context, longest: float | None = None) -> dict[str, Any]:
        """`longest` is how many seconds a call may take for which the caller sets no end."""
        connection = (context.request_headers.get("paints-undo-connection") or "")[:_MAX_CONNECTION]
        left = context.timeout_ms
        return {
            "metadata": self._upstream.metadata(connection if connection.isascii() else ""),
            "timeout": longest if left is None else left / 1000,
        }

    async def _translate(self, error: grpc.aio.AioRpcError, channel: grpc.aio.Channel) -> ConnectError:
        if connection_broke(error):
            await self._upstream.broken(channel)
            if error.code() is not grpc.StatusCode.UNAVAILABLE:
                # By this status browsers and programs know that the same call may be made again.
                return ConnectError(Code.UNAVAILABLE, str(wire.ConnectionClosedError()))
        code = Code[error.code().name] if error.code().name in Code.__members__ else Code.UNKNOWN
        return ConnectError(code, error.details() or error.code().name, list(_details(error)))


def _details(error: grpc.aio.AioRpcError) -> Iterator[ErrorDetail]:
    for key, value in error.trailing_metadata() or ():
        if key == _DETAILS_KEY and isinstance(value, bytes):
            status = status_pb2.Status()
            status.ParseFromString(value)
            yield from (
                ErrorDetail(AnyMessage(type_url=detail.type_url, value=detail.value)) for detail in status.details
            )
