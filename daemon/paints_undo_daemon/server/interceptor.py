"""What every call goes through: the token, the limits, the errors, the counts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager
from inspect import iscoroutinefunction
from typing import Any, TypeAlias, cast

import grpc
from google.protobuf.message import DecodeError

from paints_undo_daemon.access.tokens import Holder, TokenBook
from paints_undo_daemon.durable import is_disk_full
from paints_undo_daemon.errors import (
    CallError,
    DataLossError,
    DeadlineExceededError,
    InvalidArgumentError,
    NotFoundError,
    ResourceExhaustedError,
    UnauthenticatedError,
)
from paints_undo_daemon.metrics import Metrics
from paints_undo_daemon.server.audit import BROKEN_OFF, DONE, Audit, outcome_of
from paints_undo_daemon.server.caller import Caller, caller
from paints_undo_daemon.server.passes import Pass
from paints_undo_daemon.server.places import Places
from paints_undo_daemon.server.refusals import Refusals
from paints_undo_daemon.server.seen import LastCalls
from paints_undo_daemon.server.status import to_status
from paints_undo_daemon.server.strangers import Strangers
from paints_undo_daemon.store.pictures import PictureLostError

log = logging.getLogger(__name__)

_MAX_CONNECTION = 64
_PARTING_SECONDS = 1.0
_SOCKET_PEER = "unix:"

Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


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


def _serialize(response: Any) -> bytes:
    """A message, or what stands for one (`ChunkMessage`)."""
    return bytes(response.SerializeToString())


def _checked(request: Any, entry: Pass, stall_seconds: float) -> Any:
    """The request, or the stream of requests, if they are messages. Raises `InvalidArgumentError`."""
    if hasattr(request, "__aiter__"):
        return _checked_stream(aiter(request), entry, stall_seconds)
    if request is _MALFORMED:
        raise InvalidArgumentError("", "The bytes of the request are not the message that this method takes.")
    return request


async def _checked_stream(requests: AsyncIterator[Any], entry: Pass, stall_seconds: float) -> AsyncIterator[Any]:
    while True:
        try:
            async with asyncio.timeout(stall_seconds):
                request = await anext(requests)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise DeadlineExceededError(f"Nothing has come for {stall_seconds:.0f} seconds.") from None
        entry.check()
        yield _checked(request, entry, stall_seconds)


def _peer_of(context: Context, connection: str) -> str:
    """The other end of a call's connection. On a Unix socket all ends have one name, so that what the client says of
    itself tells them apart; there only this account is, and gRPC's own limit of calls holds for each connection."""
    peer = str(context.peer())
    return connection if peer == _SOCKET_PEER else peer


class Gate(grpc.aio.ServerInterceptor):
    """Checks the token of every call, known or not, and turns what the services raise into statuses.

    A client that sends or takes nothing for `stall_seconds` loses its call.
    """

    def __init__(
        self, tokens: TokenBook, streams: Places, metrics: Metrics, stall_seconds: float, seen: LastCalls, audit: Audit
    ) -> None:
        self._seen = seen
        self._audit = audit
        self._tokens = tokens
        self._streams = streams
        self._metrics = metrics
        self._stall_seconds = stall_seconds
        self._refusals = Refusals()
        self._strangers = Strangers()

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        """Wrap the handler; without a valid token nothing of the request is read, but for health (`Strangers`)."""
        method = str(handler_call_details.method).rsplit("/", 1)[-1]
        metadata = dict(handler_call_details.invocation_metadata or ())
        if self._strangers.may(str(handler_call_details.method), metadata):
            check = await continuation(handler_call_details)
            return check and self._strangers.handler(check)
        entry = Pass(self._tokens, metadata)
        holder = entry.holder
        if holder is None or entry.problem:
            return grpc.stream_stream_rpc_method_handler(self._refusal(method, entry))
        handler: Any = await continuation(handler_call_details)
        if handler is None:
            return None
        if handler.response_streaming:
            behaviour = handler.stream_stream if handler.request_streaming else handler.unary_stream
            wrap = self._answering if iscoroutinefunction(behaviour) else self._streaming
            make: Any = (
                grpc.stream_stream_rpc_method_handler
                if handler.request_streaming
                else grpc.unary_stream_rpc_method_handler
            )
        else:
            behaviour = handler.stream_unary if handler.request_streaming else handler.unary_unary
            wrap = self._answering
            make = (
                grpc.stream_unary_rpc_method_handler
                if handler.request_streaming
                else grpc.unary_unary_rpc_method_handler
            )
        wrapped = wrap(behaviour, entry, holder, method)
        return cast("Handler", make(wrapped, _tolerant(handler.request_deserializer), _serialize))

    def _refusal(self, method: str, entry: Pass) -> Callable[..., Awaitable[None]]:
        async def run(_: Any, context: Context) -> None:
            try:
                await self._refusals.refuse(context.peer(), method, entry.problem)
            except UnauthenticatedError as error:
                self._audit.note(context, method, entry.holder.client if entry.holder else "", error.code.name)
                self._metrics.refused.labels(error.code.name).inc()
                await context.abort_with_status(to_status(error))

        return run

    def _answering(
        self, behaviour: Callable[..., Awaitable[Any]], entry: Pass, holder: Holder, method: str
    ) -> Callable[..., Awaitable[Any]]:
        async def run(request: Any, context: Context) -> Any:
            try:
                with self._entered(holder, context, method):
                    answer = await behaviour(_checked(request, entry, self._stall_seconds), context)
            except asyncio.CancelledError:
                self._audit.note(context, method, holder.client, BROKEN_OFF, request)
                raise
            except Exception as error:
                self._audit.note(context, method, holder.client, outcome_of(error), request)
                await self._abort(error, context, method)
            else:
                self._audit.note(context, method, holder.client, DONE, request, answer)
                return answer

        return run

    def _streaming(
        self, behaviour: Callable[..., AsyncIterator[Any]], entry: Pass, holder: Holder, method: str
    ) -> Callable[..., Awaitable[None]]:
        async def run(request: Any, context: Context) -> None:
            try:
                with self._entered(holder, context, method):
                    responses = behaviour(_checked(request, entry, self._stall_seconds), context)
                    async with aclosing(responses):  # type: ignore[type-var]
                        async for response in responses:
                            entry.check()
                            await self._write(context, response)
            except asyncio.CancelledError:
                self._audit.note(context, method, holder.client, BROKEN_OFF, request)
                raise
            except Exception as error:
                self._audit.note(context, method, holder.client, outcome_of(error), request)
                await self._abort(error, context, method)
            else:
                self._audit.note(context, method, holder.client, DONE, request)

        return run

    async def _write(self, context: Context, response: Any) -> None:
        try:
            async with asyncio.timeout(self._stall_seconds):
                await context.write(response)
        except TimeoutError:
            raise DeadlineExceededError(f"Nothing was taken for {self._stall_seconds:.0f} seconds.") from None

    @contextmanager
    def _entered(self, holder: Holder, context: Context, method: str) -> Iterator[None]:
        """A place for the call. Raises `ResourceExhaustedError`."""
        metadata = dict(context.invocation_metadata() or ())
        connection = str(metadata.get("paints-undo-connection") or context.peer())[:_MAX_CONNECTION]
        who = Caller(holder.client, connection, holder.rights, _peer_of(context, connection))
        caller.set(who)
        self._seen.note(holder.client)
        with self._streams.taken(who):
            try:
                yield
            finally:
                self._metrics.calls.labels(method).inc()

    async def _abort(self, error: Exception, context: grpc.aio.ServicerContext[Any, Any], method: str) -> None:
        if isinstance(error, grpc.aio.AbortError):
            raise error
        if is_disk_full(error):
            error = ResourceExhaustedError("The disk is full: free some space, then try again.")
        if isinstance(error, PictureLostError):
            error = DataLossError(str(error))
        if isinstance(error, CallError):
            self._metrics.refused.labels(error.code.name).inc()
            level = logging.DEBUG if isinstance(error, NotFoundError) else logging.INFO  # clients ask what is there
            who = {"peer": context.peer(), "client": caller.get().client}
            log.log(level, "%s is refused (%s): %s", method, error.code.name, error.message, extra=who)
            await self._end(context, error)
        log.error("%s failed unexpectedly.", method, exc_info=error)
        await context.abort(grpc.StatusCode.INTERNAL, "An unexpected error; the daemon's log has the details.")

    async def _end(self, context: Context, error: CallError) -> None:
        """Send the status. To a client that takes nothing it cannot be sent before that one goes on or goes away; the
        call does not wait for that."""
        seconds = _PARTING_SECONDS if isinstance(error, DeadlineExceededError) else None
        try:
            async with asyncio.timeout(seconds):
                await context.abort_with_status(to_status(error))
        except TimeoutError:
            raise grpc.aio.AbortError(error.message) from None
