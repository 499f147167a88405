"""What the synchronous connection does in its own way; `aio_transport.py` does the same for asyncio."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from typing import Any, ParamSpec, TypeVar

import grpc

from paints_undo_daemon.client import trust, wire

T = TypeVar("T")
P = ParamSpec("P")

Channel = grpc.Channel

_MOST_AHEAD = 2
"""Messages that are received before they are asked for."""
_END = object()


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


def read_messages(call: Any, idle_seconds: float) -> Iterator[Any]:
    """The messages of a streaming call, the next ones received while the reader works on the last.

    Raises `wire.IdleError` when none has come for `idle_seconds`.
    """
    arrived: SimpleQueue[Any] = SimpleQueue()
    room = threading.Semaphore(_MOST_AHEAD)
    threading.Thread(target=_receive, args=(call, arrived, room), name="paints-undo-stream", daemon=True).start()
    try:
        while True:
            message = arrived.get(timeout=idle_seconds)
            if message is _END:
                return
            if isinstance(message, Exception):
                raise message
            room.release()
            yield message
    except Empty:
        raise wire.IdleError(idle_seconds) from None
    finally:
        call.cancel()
        room.release()


def _receive(call: Any, arrived: SimpleQueue[Any], room: threading.Semaphore) -> None:
    """Receive until the stream ends or is cancelled."""
    try:
        while room.acquire():
            arrived.put(next(call))
    except StopIteration:
        arrived.put(_END)
    except Exception as error:
        arrived.put(error)
