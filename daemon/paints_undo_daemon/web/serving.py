"""The HTTP server: uvicorn on the loopback, with a clock on every connection's first words."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 10.0
KEEP_SECONDS = 20.0
MAX_CONNECTIONS = 128
_MAX_HEAD = 32 << 10


class TimedProtocol(H11Protocol):
    """A connection that is closed when no full head comes: within ten seconds of its beginning, and within twenty of
    the last answer, whatever else comes meanwhile.

    uvicorn bounds neither by itself: its `timeout_keep_alive` ends with the next byte.
    """

    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first head."""
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS:
            transport.close()
            return
        self._wait_for_head(HEAD_SECONDS)

    def data_received(self, data: bytes) -> None:
        """Stop waiting as soon as a request has begun."""
        super().data_received(data)
        if self._at_work:
            self._stop_waiting()

    def on_response_complete(self) -> None:
        """Begin to wait for the next head, unless it was there already."""
        super().on_response_complete()
        if not self._at_work and not self.transport.is_closing():
            self._wait_for_head(KEEP_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    @property
    def _at_work(self) -> bool:
        """Whether a request is being answered."""
        return self.cycle is not None and not self.cycle.response_complete

    def _wait_for_head(self, seconds: float) -> None:
        self._stop_waiting()
        self._head_timer = self.loop.call_later(seconds, self._close_without_head)

    def _close_without_head(self) -> None:
        if not self._at_work:
            self.transport.close()

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


def bind(port: int) -> socket.socket:
    """A socket on the loopback; port 0 chooses a free one. Raises `OSError` when the port is taken."""
    listening = socket.socket(socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen(128)
    return listening


def make_server(app: Any) -> uvicorn.Server:
    """The server of an ASGI application."""
    config = uvicorn.Config(
        app,
        http=TimedProtocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=int(KEEP_SECONDS),
        timeout_graceful_shutdown=2,
        h11_max_incomplete_event_size=_MAX_HEAD,
    )
    return uvicorn.Server(config)
