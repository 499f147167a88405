"""What every call goes through: the token, the limits, the errors, the counts."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from inspect import iscoroutinefunction
from typing import Any, TypeAlias

import grpc
from google.protobuf.message import DecodeError

from paints_undo_daemon.access.tokens import TokenBook
from paints_undo_daemon.durable import is_disk_full
from paints_undo_daemon.errors import (
    CallError,
    DataLossError,
    InvalidArgumentError,
    ResourceExhaustedError,
    UnauthenticatedError,
)
from paints_undo_daemon.metrics import Metrics
from paints_undo_daemon.server.caller import Caller, caller
from paints_undo_daemon.server.status import to_status
from paints_undo_daemon.settings import Settings
from paints_undo_daemon.store.pictures import PictureLostError

log = logging.getLogger(__name__)

_MAX_CONNECTION = 64
_RETRY_SECONDS = 1.0

Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"


_MALFORMED = object()


def _tolerant(deserialize: Callable[[bytes], Any] | None) -> Callable[[bytes], Any] | None:
    """Let bytes that are no message through as a mark, so that the call ends with a status of ours."""
    if deserialize is None:
        return None

    def run(data: bytes) -> Any:
        try:
            return deserialize(data)
        except DecodeError:
            return _MALFORMED

    return run


def _checked(request: Any) -> Any:
    """The request, or the stream of requests, if they are messages. Raises `InvalidArgumentError`."""
    if hasattr(request, "__aiter__"):
        return _checked_stream(request)
    if request is _MALFORMED:
        raise InvalidArgumentError("", "The bytes of the request are not the message that this method takes.")
    return request


async def _checked_stream(requests: AsyncIterator[Any]) -> AsyncIterator[Any]:
    async for request in requests:
        yield _checked(request)


class Streams:
    """How many calls run, for each client and in all."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._counts: Counter[str] = Counter()
        self.last_active = time.monotonic()

    @property
    def total(self) -> int:
        """Calls that run now."""
        return self._counts.total()

    def enter(self, client: str) -> None:
        """Count a call. Raises `ResourceExhaustedError`."""
        settings = self._settings
        if self._counts[client] >= settings.max_streams_per_client or self.total >= settings.max_streams:
            raise ResourceExhaustedError(
                "Too many calls run at the same time: close some, then try again.", retry_after=_RETRY_SECONDS
            )
        self._counts[client] += 1

    def leave(self, client: str) -> None:
        """A call has ended."""
        self._counts[client] -= 1
        if not self._counts[client]:
            del self._counts[client]
        self.last_active = time.monotonic()


class Gate(grpc.aio.ServerInterceptor):
    """Checks the token of every call and turns what the services raise into statuses."""

    def __init__(self, tokens: TokenBook, streams: Streams, metrics: Metrics) -> None:
        self._tokens = tokens
        self._streams = streams
        self._metrics = metrics

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        """Wrap the handler."""
        handler: Any = await continuation(handler_call_details)
        if handler is None:
            return handler
        method = str(handler_call_details.method).rsplit("/", 1)[-1]
        if handler.response_streaming:
            behaviour = handler.stream_stream if handler.request_streaming else handler.unary_stream
            wrap = self._unary if iscoroutinefunction(behaviour) else self._streaming
            wrapped: Any = wrap(behaviour, method)
            make = (
                grpc.stream_stream_rpc_method_handler
                if handler.request_streaming
                else (grpc.unary_stream_rpc_method_handler)
            )
        else:
            behaviour = handler.stream_unary if handler.request_streaming else handler.unary_unary
            wrapped = self._unary(behaviour, method)
            make = (
                grpc.stream_unary_rpc_method_handler
                if handler.request_streaming
                else (grpc.unary_unary_rpc_method_handler)
            )
        return make(wrapped, _tolerant(handler.request_deserializer), handler.response_serializer)

    def _unary(self, behaviour: Callable[..., Awaitable[Any]], method: str) -> Callable[..., Awaitable[Any]]:
        async def run(request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
            client = ""
            try:
                client = self._enter(context)
                return await behaviour(_checked(request), context)
            except Exception as error:
                await self._abort(error, context, method)
            finally:
                self._leave(client, method)

        return run

    def _streaming(
        self, behaviour: Callable[..., AsyncIterator[Any]], method: str
    ) -> Callable[..., AsyncIterator[Any]]:
        async def run(request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> AsyncIterator[Any]:
            client = ""
            try:
                client = self._enter(context)
                async for response in behaviour(_checked(request), context):
                    yield response
            except Exception as error:
                await self._abort(error, context, method)
            finally:
                self._leave(client, method)

        return run

    def _enter(self, context: grpc.aio.ServicerContext[Any, Any]) -> str:
        metadata = dict(context.invocation_metadata() or ())
        scheme, _, token = str(metadata.get("authorization", "")).partition(" ")
        client = self._tokens.client(token.strip()) if scheme.lower() == "bearer" else None
        if client is None:
            raise UnauthenticatedError("The call carries no valid token: send `authorization: Bearer TOKEN`.")
        self._streams.enter(client)
        caller.set(Caller(client, str(metadata.get("paints-undo-connection", ""))[:_MAX_CONNECTION]))
        return client

    def _leave(self, client: str, method: str) -> None:
        if client:
            self._streams.leave(client)
            self._metrics.calls.labels(method).inc()

    async def _abort(self, error: Exception, context: grpc.aio.ServicerContext[Any, Any], method: str) -> None:
        if isinstance(error, grpc.aio.AbortError):
            raise error
        if is_disk_full(error):
            error = ResourceExhaustedError("The disk is full: free some space, then try again.")
        if isinstance(error, PictureLostError):
            error = DataLossError(str(error))
        if isinstance(error, CallError):
            log.debug("%s is refused: %s", method, error.message)
            await context.abort_with_status(to_status(error))
        log.error("%s failed unexpectedly.", method, exc_info=error)
        await context.abort(grpc.StatusCode.INTERNAL, "An unexpected error; the daemon's log has the details.")
