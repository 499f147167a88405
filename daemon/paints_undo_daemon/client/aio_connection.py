"""The connection for asyncio: opened, mended, closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Any, Self, TypeVar

import grpc
import grpc.aio

from paints_undo.v1 import jobs_pb2_grpc, models_pb2_grpc, pictures_pb2_grpc, server_pb2_grpc
from paints_undo_daemon.client import wire
from paints_undo_daemon.client.errors import connection_broke, translate

T = TypeVar("T")


class AsyncConnection:
    """The same as `Connection`, for one event loop; to be entered before it is used."""

    def __init__(self, locate: Callable[[], wire.Target], patience_seconds: float = 30.0) -> None:
        self._locate = locate
        self._patience_seconds = patience_seconds
        self._connection = wire.new_id()

    async def _open(self) -> None:
        target = await asyncio.to_thread(self._locate)
        options = wire.channel_options(target)
        if target.certificate is None:
            self._channel = grpc.aio.insecure_channel(target.address, options)
        else:
            self._channel = grpc.aio.secure_channel(
                target.address, grpc.ssl_channel_credentials(root_certificates=target.certificate), options
            )
        self._metadata = wire.metadata(target, self._connection)
        self._jobs: Any = jobs_pb2_grpc.JobServiceStub(self._channel)
        self._models: Any = models_pb2_grpc.ModelServiceStub(self._channel)
        self._pictures: Any = pictures_pb2_grpc.PictureServiceStub(self._channel)
        self._server: Any = server_pb2_grpc.ServerServiceStub(self._channel)

    async def close(self) -> None:
        """Close the connection; jobs go on."""
        await self._channel.close()

    async def __aenter__(self) -> Self:
        await self._open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _reconnect(self, patience: wire.Patience, error: grpc.aio.AioRpcError) -> None:
        pause = patience.pause() if connection_broke(error) else None
        if pause is None:
            raise translate(error) from None
        await asyncio.sleep(pause)
        await self._channel.close()
        await self._open()

    async def _repeat(self, call: Callable[[], Awaitable[T]]) -> T:
        patience = wire.Patience(self._patience_seconds)
        while True:
            try:
                return await call()
            except grpc.aio.AioRpcError as error:
                await self._reconnect(patience, error)

    async def _stream(self, call: Callable[[], Any]) -> AsyncIterator[Any]:
        stream = call()
        try:
            async for message in stream:
                yield message
        finally:
            stream.cancel()
