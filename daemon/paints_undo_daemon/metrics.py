"""Prometheus metrics, on an opt-in loopback port."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry


class _Counter:
    def labels(self, *_: str) -> _Counter:
        return self

    def inc(self, amount: float = 1) -> None:
        """Nobody asks."""


class Metrics:
    """Counts; without a port nothing is imported and nothing is kept."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._server: Any = None
        self._registry: CollectorRegistry | None = None
        self.calls: Any = _Counter()
        self.events: Any = _Counter()
        self.units: Any = _Counter()
        self.sent_bytes: Any = _Counter()
        if port >= 0:
            self._prepare()

    def _prepare(self) -> None:
        from prometheus_client import CollectorRegistry, Counter

        self._registry = CollectorRegistry()
        self.calls = Counter("paints_undo_calls", "Calls that have ended.", ["method"], registry=self._registry)
        self.events = Counter("paints_undo_events", "Events recorded.", registry=self._registry)
        self.units = Counter("paints_undo_units", "Units that have ended.", ["result"], registry=self._registry)
        self.sent_bytes = Counter("paints_undo_sent_bytes", "Picture bytes sent.", registry=self._registry)

    def gauge(self, name: str, text: str, read: Callable[[], float]) -> None:
        """A value that is read when it is asked for."""
        if self._registry is not None:
            from prometheus_client import Gauge

            Gauge(f"paints_undo_{name}", text, registry=self._registry).set_function(read)

    def start(self) -> None:
        """Serve on the loopback port; 0 takes a free one, which `port` then names."""
        if self._registry is not None:
            from paints_undo_daemon.metrics_port import open_port

            self._server = open_port(self._registry, self.port)
            self.port = self._server.server_port

    def stop(self) -> None:
        """Close the port."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
