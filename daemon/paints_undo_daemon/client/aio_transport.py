"""What the connection for asyncio does in its own way; `transport.py` does the same for threads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

import grpc
import grpc.aio

from paints_undo_daemon.client import trust, wire

T = TypeVar("T")
P = ParamSpec("P")

Channel = grpc.aio.Channel


def open_channel(daemon: trust.ProvenDaemon) -> Channel:
    """A channel to a daemon that has proved itself."""
    options = wire.channel_options(daemon.server_name)
    if daemon.over_socket:
        return grpc.aio.insecure_channel(daemon.target, options)
    credentials = grpc.ssl_channel_credentials(root_certificates=daemon.roots)
    return grpc.aio.secure_channel(daemon.target, credentials, options)


async def run_aside(function: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
    """Run a function that blocks, and wait for what it returns."""
    return await asyncio.to_thread(function, *args, **options)


async def pause(seconds: float) -> None:
    """Wait."""
    await asyncio.sleep(seconds)


@contextmanager
def broken_if_cancelled() -> Iterator[None]:
    """Closing a channel that one call has found broken cancels the others on it, which gRPC tells as if their task had
    been cancelled. To them it is broken, too: raises `wire.ConnectionClosedError`. What cancels the task itself goes
    on.
    """
    try:
        yield
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise wire.ConnectionClosedError from None


async def answer(call: Awaitable[T]) -> T:
    """The answer to a call. Raises `wire.ConnectionClosedError` when the connection was closed for another one."""
    with broken_if_cancelled():
        return await call


async def read_messages(call: Any, idle_seconds: float) -> AsyncIterator[Any]:
    """The messages of a streaming call.

    Raises `wire.IdleError` when none has come for `idle_seconds`, `wire.ConnectionClosedError` when the connection was
    closed for another call.
    """
    try:
        while True:
            with broken_if_cancelled():
                async with asyncio.timeout(idle_seconds):
                    message = await call.read()
            if message is grpc.aio.EOF:
                return
            yield message
    except TimeoutError:
        raise wire.IdleError(idle_seconds) from None
