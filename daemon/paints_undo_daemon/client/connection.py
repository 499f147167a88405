"""The synchronous connection: opened, mended, closed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

import grpc

from paints_undo.v1 import admin_pb2_grpc, jobs_pb2_grpc, models_pb2_grpc, pictures_pb2_grpc, server_pb2_grpc
from paints_undo_daemon.client import trust, wire
from paints_undo_daemon.client.discovery import Locator
from paints_undo_daemon.client.errors import DaemonStartError, DaemonUnavailableError, connection_broke, translate
from paints_undo_daemon.client.watchdog import Watchdog

T = TypeVar("T")
P = ParamSpec("P")


class Connection:
    """The same as `AsyncConnection`, without asyncio; it is open as soon as it is made."""

    def __init__(self, locator: Locator, patience_seconds: float = 30.0) -> None:
        self._locator = locator
        self._patience_seconds = patience_seconds
        self._connection = wire.new_id()
        self._channel: grpc.Channel | None = None
        self._open()

    def _open(self) -> None:
        daemon = trust.prove(self._locator.locate())
        options = wire.channel_options(daemon.server_name)
        if daemon.over_socket:
            self._channel = grpc.insecure_channel(daemon.target, options)
        else:
            credentials = grpc.ssl_channel_credentials(root_certificates=daemon.roots)
            self._channel = grpc.secure_channel(daemon.target, credentials, options)
        self._metadata = wire.metadata(daemon.token, self._connection)
        self._admin = admin_pb2_grpc.AdminServiceStub(self._channel)
        self._jobs = jobs_pb2_grpc.JobServiceStub(self._channel)
        self._models = models_pb2_grpc.ModelServiceStub(self._channel)
        self._pictures = pictures_pb2_grpc.PictureServiceStub(self._channel)
        self._server = server_pb2_grpc.ServerServiceStub(self._channel)

    def close(self) -> None:
        """Close the connection; jobs go on."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ensure(self) -> None:
        """Be connected to the daemon that runs now, before anything is sent."""
        if self._channel is not None and not self._locator.is_current():
            self.close()
        if self._channel is None:
            self._open()

    def _mend(self, patience: wire.Patience, error: grpc.RpcError | DaemonUnavailableError) -> None:
        """Wait a moment and close what is broken. Raises the error when it is none of the connection, or patience has
        ended."""
        lost = isinstance(error, DaemonUnavailableError) and not isinstance(error, DaemonStartError)
        pause = patience.pause() if lost or connection_broke(error) else None
        if pause is None:
            raise translate(error) from None
        time.sleep(pause)
        self.close()

    def _repeat(self, call: Callable[[], T]) -> T:
        patience = wire.Patience(self._patience_seconds)
        while True:
            try:
                self._ensure()
                return call()
            except (grpc.RpcError, DaemonUnavailableError) as error:
                self._mend(patience, error)

    def _once(self, method: Callable[[], Callable[..., T]], request: Any, seconds: float = wire.CALL_SECONDS) -> T:
        """The answer to one call, which is not repeated; `method` gives the stub's method of the present channel."""
        return method()(request, metadata=self._metadata, timeout=seconds)

    def _call(self, method: Callable[[], Callable[..., T]], request: Any, seconds: float = wire.CALL_SECONDS) -> T:
        """The answer to a call that may be repeated."""
        return self._repeat(lambda: self._once(method, request, seconds))

    def _stream(
        self, method: Callable[[], Any], request: Any, idle_seconds: float = wire.IDLE_SECONDS
    ) -> Iterator[Any]:
        """The messages of a streaming call, which is cancelled when the reader stops early.

        Raises `wire.IdleError` when none has come for `idle_seconds`.
        """
        self._ensure()
        call = method()(request, metadata=self._metadata)
        with Watchdog(call.cancel, idle_seconds) as watchdog:
            try:
                while True:
                    with watchdog.waiting():
                        message = next(call, None)
                    if message is None:
                        return
                    yield message
            except grpc.RpcError:
                if watchdog.fired:
                    raise wire.IdleError(idle_seconds) from None
                raise
            finally:
                call.cancel()

    def _aside(self, function: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
        """Run a function that reads files."""
        return function(*args, **options)
