"""The loopback port on which Prometheus reads the metrics, and a container host the health."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app

_HOSTS = ("127.0.0.1", "localhost")
_READ_SECONDS = 5.0
"""From a request's connection to its end."""
_PLACES = 16


class _Handler(WSGIRequestHandler):
    timeout = _READ_SECONDS

    def log_message(self, *_: Any) -> None:
        """Nothing: it would go to standard error."""


class _Server(ThreadingMixIn, WSGIServer):
    """Any account of the machine may connect: at most 16 requests are answered at a time, for five seconds each, and
    others turned away, so that nobody takes the daemon's threads and files here."""

    daemon_threads = True

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._places = threading.BoundedSemaphore(_PLACES)
        super().__init__(*arguments, **options)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Give a connection a thread, or close it."""
        if not self._places.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except Exception:  # no thread began, so none will give the place back
            self._places.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer in a thread."""
        end = threading.Timer(_READ_SECONDS, _cut, [request])
        end.daemon = True
        try:
            end.start()
            super().process_request_thread(request, client_address)
        except RuntimeError:  # no timer: a request that could last for ever is not answered
            self.shutdown_request(request)
        finally:
            end.cancel()
            self._places.release()


def _cut(request: socket.socket) -> None:
    """End a connection under the thread that waits for it."""
    with contextlib.suppress(OSError):
        request.shutdown(socket.SHUT_RDWR)


def open_port(registry: CollectorRegistry, port: int, is_serving: Callable[[], bool]) -> WSGIServer:
    """Serve the metrics in a thread until `shutdown`; 0 takes a free port.

    ``/health`` answers with one word and 200 or 503, what `is_serving` tells.

    Only requests that name this machine as the host are answered: a page in a browser that has had its own name point
    here learns nothing.
    """
    answer: Callable[..., Iterable[bytes]] = make_wsgi_app(registry)

    def application(environment: dict[str, Any], begin: Callable[..., Any]) -> Iterable[bytes]:
        if str(environment.get("HTTP_HOST", "")).partition(":")[0].lower() not in _HOSTS:
            begin("421 Misdirected Request", [("Content-Type", "text/plain")])
            return [b"This is not the host that you asked for.\n"]
        if environment.get("PATH_INFO") == "/health":
            serving = is_serving()
            begin("200 OK" if serving else "503 Service Unavailable", [("Content-Type", "text/plain")])
            return [b"SERVING\n" if serving else b"NOT_SERVING\n"]
        return answer(environment, begin)

    server = make_server("127.0.0.1", port, application, _Server, _Handler)
    threading.Thread(target=server.serve_forever, name="paints-undo-metrics", daemon=True).start()
    return server
