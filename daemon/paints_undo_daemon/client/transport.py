"""What the synchronous connection does in its own way; `aio_transport.py` does the same for asyncio."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, ParamSpec, TypeVar

import grpc

from paints_undo_daemon.client import trust, wire
from paints_undo_daemon.client.watchdog import Watchdog

T = TypeVar("T")
P = ParamSpec("P")

Channel = grpc.Channel


def open_channel(daemon: trust.ProvenDaemon) -> Channel:
    """A channel to a daemon that has proved itself."""
    options = wire.channel_options(daemon.server_name)
    if daemon.over_socket:
        return grpc.insecure_channel(daemon.target, options)
    credentials = grpc.ssl_channel_credentials(root_certificates=daemon.roots)
    return grpc.secure_channel(daemon.target, credentials, options)


def run_aside(function: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
    """Run a function that blocks."""
    return function(*args, **options)


def pause(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)


def answer(message: T) -> T:
    """The answer to a call, which has come by then."""
    return message


def read_messages(call: Any, idle_seconds: float) -> Iterator[Any]:
    """The messages of a streaming call. Raises `wire.IdleError` when none has come for `idle_seconds`."""
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
