"""The synchronous connection: opened, mended, closed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self, TypeVar

import grpc

from paints_undo.v1 import jobs_pb2_grpc, models_pb2_grpc, pictures_pb2_grpc, server_pb2_grpc
from paints_undo_daemon.client import wire
from paints_undo_daemon.client.errors import connection_broke, translate

T = TypeVar("T")


class Connection:
    """Stubs on a channel, and calls that survive when it breaks. `locate` is asked again then: the daemon may have been
    restarted on another port; `patience_seconds` is how long a call goes on trying."""

    def __init__(self, locate: Callable[[], wire.Target], patience_seconds: float = 30.0) -> None:
        self._locate = locate
        self._patience_seconds = patience_seconds
        self._connection = wire.new_id()
        self._open()

    def _open(self) -> None:
        target = self._locate()
        options = wire.channel_options(target)
        if target.certificate is None:
            self._channel = grpc.insecure_channel(target.address, options)
        else:
            self._channel = grpc.secure_channel(
                target.address, grpc.ssl_channel_credentials(root_certificates=target.certificate), options
            )
        self._metadata = wire.metadata(target, self._connection)
        self._jobs = jobs_pb2_grpc.JobServiceStub(self._channel)
        self._models = models_pb2_grpc.ModelServiceStub(self._channel)
        self._pictures = pictures_pb2_grpc.PictureServiceStub(self._channel)
        self._server = server_pb2_grpc.ServerServiceStub(self._channel)

    def close(self) -> None:
        """Close the connection; jobs go on."""
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _reconnect(self, patience: wire.Patience, error: grpc.RpcError) -> None:
        """Wait a moment and connect anew. Raises the error when it is no broken connection or patience has ended."""
        pause = patience.pause() if connection_broke(error) else None
        if pause is None:
            raise translate(error) from None
        time.sleep(pause)
        self._channel.close()
        self._open()

    def _repeat(self, call: Callable[[], T]) -> T:
        patience = wire.Patience(self._patience_seconds)
        while True:
            try:
                return call()
            except grpc.RpcError as error:
                self._reconnect(patience, error)

    def _stream(self, call: Callable[[], Any]) -> Iterator[Any]:
        """The messages of a streaming call, which is cancelled when the reader stops early."""
        stream = call()
        try:
            yield from stream
        finally:
            stream.cancel()
