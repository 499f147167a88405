"""The connection for asyncio: opened, mended, closed. The synchronous one is made from this file by `make client`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Any, Self, TypeVar

import grpc

from paints_undo.v1 import (
    admin_pb2_grpc,
    jobs_pb2,
    jobs_pb2_grpc,
    models_pb2_grpc,
    pictures_pb2,
    pictures_pb2_grpc,
    server_pb2_grpc,
)
from paints_undo_daemon.client import aio_transport, trust, wire
from paints_undo_daemon.client.chunks import read_in_place
from paints_undo_daemon.client.discovery import Locator
from paints_undo_daemon.client.errors import DaemonStartError, DaemonUnavailableError, connection_broke, translate

T = TypeVar("T")


class AsyncConnection:
    """Stubs on a channel, and calls that survive when it breaks; for one event loop, or one thread at a time.

    Before anything is sent, the daemon is looked for again if it may be another one by now, and has to prove itself
    again. `patience_seconds` is how long a call goes on trying. No call waits without an end.
    """

    def __init__(self, locator: Locator, patience_seconds: float = 30.0) -> None:
        self._locator = locator
        self._patience_seconds = patience_seconds
        self._connection = wire.new_id()
        self._channel: aio_transport.Channel | None = None

    async def open(self) -> Self:
        """Find the daemon and connect to it, unless that is done; a call does so by itself."""
        if self._channel is not None and not self._locator.is_current():
            await self.close()
        if self._channel is None:
            daemon = await aio_transport.run_aside(lambda: trust.prove(self._locator.locate()))
            self._channel = channel = aio_transport.open_channel(daemon)
            self._metadata = wire.metadata(daemon.token, self._connection)
            self._admin: Any = admin_pb2_grpc.AdminServiceStub(channel)
            self._jobs = read_in_place(jobs_pb2_grpc.JobServiceStub(channel), channel, jobs_pb2.DESCRIPTOR)
            self._models: Any = models_pb2_grpc.ModelServiceStub(channel)
            pictures_stub = pictures_pb2_grpc.PictureServiceStub(channel)
            self._pictures = read_in_place(pictures_stub, channel, pictures_pb2.DESCRIPTOR)
            self._server: Any = server_pb2_grpc.ServerServiceStub(channel)
        return self

    async def close(self) -> None:
        """Close the connection; jobs go on."""
        if self._channel is not None:
            await self._channel.close()
            self._channel = None

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _mend(self, patience: wire.Patience, error: grpc.RpcError | DaemonUnavailableError) -> None:
        """Wait a moment and close what is broken, unless another call has done so. Raises the error when it is none of
        the connection, or patience has ended."""
        lost = isinstance(error, DaemonUnavailableError) and not isinstance(error, DaemonStartError)
        seconds = patience.pause() if lost or connection_broke(error) else None
        if seconds is None:
            raise translate(error) from None
        await aio_transport.pause(seconds)
        if not isinstance(error, wire.ConnectionClosedError):
            await self.close()

    async def _repeat(self, call: Callable[[], Awaitable[T]]) -> T:
        patience = wire.Patience(self._patience_seconds)
        while True:
            try:
                await self.open()
                return await call()
            except (grpc.RpcError, DaemonUnavailableError) as error:
                await self._mend(patience, error)

    async def _once(
        self, method: Callable[[], Callable[..., Awaitable[T]]], request: Any, seconds: float = wire.CALL_SECONDS
    ) -> T:
        """The answer to one call, which is not repeated; `method` gives the stub's method of the present channel."""
        return await aio_transport.answer(method()(request, metadata=self._metadata, timeout=seconds))

    async def _call(
        self, method: Callable[[], Callable[..., Awaitable[T]]], request: Any, seconds: float = wire.CALL_SECONDS
    ) -> T:
        """The answer to a call that may be repeated."""
        return await self._repeat(lambda: self._once(method, request, seconds))

    async def _stream(
        self, method: Callable[[], Any], request: Any, idle_seconds: float = wire.IDLE_SECONDS
    ) -> AsyncIterator[Any]:
        """The messages of a streaming call, which is cancelled when the reader stops early.

        Raises `wire.IdleError` when none has come for `idle_seconds`.
        """
        await self.open()
        call = method()(request, metadata=self._metadata)
        try:
            async for message in aio_transport.read_messages(call, idle_seconds):
                yield message
        finally:
            call.cancel()
