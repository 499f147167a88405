"""The connection for asyncio: opened, mended, closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

import grpc
import grpc.aio

from paints_undo.v1 import admin_pb2_grpc, jobs_pb2_grpc, models_pb2_grpc, pictures_pb2_grpc, server_pb2_grpc
from paints_undo_daemon.client import trust, wire
from paints_undo_daemon.client.discovery import Locator
from paints_undo_daemon.client.errors import DaemonStartError, DaemonUnavailableError, connection_broke, translate

T = TypeVar("T")
P = ParamSpec("P")


def open_channel(daemon: trust.ProvenDaemon) -> grpc.aio.Channel:
    """A channel to a daemon that has proved itself."""
    options = wire.channel_options(daemon.server_name)
    if daemon.over_socket:
        return grpc.aio.insecure_channel(daemon.target, options)
    credentials = grpc.ssl_channel_credentials(root_certificates=daemon.roots)
    return grpc.aio.secure_channel(daemon.target, credentials, options)


class AsyncConnection:
    """Stubs on a channel, and calls that survive when it breaks; for one event loop, to be entered before it is used.

    Before anything is sent, the daemon is looked for again if it may be another one by now, and has to prove itself
    again. `patience_seconds` is how long a call goes on trying. No call waits without an end.
    """

    def __init__(self, locator: Locator, patience_seconds: float = 30.0) -> None:
        self._locator = locator
        self._patience_seconds = patience_seconds
        self._connection = wire.new_id()
        self._channel: grpc.aio.Channel | None = None

    async def _open(self) -> None:
        daemon = await asyncio.to_thread(lambda: trust.prove(self._locator.locate()))
        self._channel = open_channel(daemon)
        self._metadata = wire.metadata(daemon.token, self._connection)
        self._admin: Any = admin_pb2_grpc.AdminServiceStub(self._channel)
        self._jobs: Any = jobs_pb2_grpc.JobServiceStub(self._channel)
        self._models: Any = models_pb2_grpc.ModelServiceStub(self._channel)
        self._pictures: Any = pictures_pb2_grpc.PictureServiceStub(self._channel)
        self._server: Any = server_pb2_grpc.ServerServiceStub(self._channel)

    async def close(self) -> None:
        """Close the connection; jobs go on."""
        if self._channel is not None:
            await self._channel.close()
            self._channel = None

    async def __aenter__(self) -> Self:
        await self._open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _ensure(self) -> None:
        """Be connected to the daemon that runs now, before anything is sent."""
        if self._channel is not None and not self._locator.is_current():
            await self.close()
        if self._channel is None:
            await self._open()

    async def _mend(self, patience: wire.Patience, error: grpc.RpcError | DaemonUnavailableError) -> None:
        """Wait a moment and close what is broken. Raises the error when it is none of the connection, or patience has
        ended."""
        lost = isinstance(error, DaemonUnavailableError) and not isinstance(error, DaemonStartError)
        pause = patience.pause() if lost or connection_broke(error) else None
        if pause is None:
            raise translate(error) from None
        await asyncio.sleep(pause)
        await self.close()

    async def _repeat(self, call: Callable[[], Awaitable[T]]) -> T:
        patience = wire.Patience(self._patience_seconds)
        while True:
            try:
                await self._ensure()
                return await call()
            except (grpc.RpcError, DaemonUnavailableError) as error:
                await self._mend(patience, error)

    async def _once(
        self, method: Callable[[], Callable[..., Awaitable[T]]], request: Any, seconds: float = wire.CALL_SECONDS
    ) -> T:
        """The answer to one call, which is not repeated; `method` gives the stub's method of the present channel."""
        return await method()(request, metadata=self._metadata, timeout=seconds)

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
        await self._ensure()
        call = method()(request, metadata=self._metadata)
        try:
            while True:
                async with asyncio.timeout(idle_seconds):
                    message = await call.read()
                if message is grpc.aio.EOF:
                    return
                yield message
        except TimeoutError:
            raise wire.IdleError(idle_seconds) from None
        finally:
            call.cancel()

    async def _aside(self, function: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
        """Run a function that reads files, and wait for what it returns."""
        return await asyncio.to_thread(function, *args, **options)
