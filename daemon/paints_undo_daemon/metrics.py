"""Prometheus metrics, on an opt-in loopback port."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client.registry import Collector


_UNIT_SECONDS = (0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000)


class _Counter:
    def labels(self, *_: str) -> _Counter:
        return self

    def inc(self, amount: float = 1) -> None:
        """Nobody asks."""

    def observe(self, amount: float) -> None:
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
        self.unit_seconds: Any = _Counter()
        self.jobs: Any = _Counter()
        self.refused: Any = _Counter()
        self.sent_bytes: Any = _Counter()
        if port >= 0:
            self._prepare()

    def _prepare(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Histogram

        self._registry = CollectorRegistry()
        self.calls = Counter("paints_undo_calls", "Calls that have ended.", ["method"], registry=self._registry)
        self.events = Counter("paints_undo_events", "Events recorded.", registry=self._registry)
        self.units = Counter("paints_undo_units", "Units that have ended.", ["result"], registry=self._registry)
        self.unit_seconds = Histogram(
            "paints_undo_unit_seconds",
            "Wall-clock seconds of finished units.",
            ["engine", "stage"],
            buckets=_UNIT_SECONDS,
            registry=self._registry,
        )
        self.jobs = Counter(
            "paints_undo_jobs_ended", "Jobs that have ended.", ["state", "client"], registry=self._registry
        )
        self.refused = Counter(
            "paints_undo_refused_calls", "Calls that were refused.", ["code"], registry=self._registry
        )
        self.sent_bytes = Counter(
            "paints_undo_sent_bytes", "Bytes of pictures and exports sent.", registry=self._registry
        )

    def gauge(self, name: str, text: str, read: Callable[[], float]) -> None:
        """A value that is read when it is asked for."""
        if self._registry is not None:
            from prometheus_client import Gauge

            Gauge(f"paints_undo_{name}", text, registry=self._registry).set_function(read)

    def collect(self, collector: Collector) -> None:
        """Values with labels that are read when they are asked for."""
        if self._registry is not None:
            self._registry.register(collector)

    def start(self, is_serving: Callable[[], bool]) -> None:
        """Serve on the loopback port; 0 takes a free one, which `port` then names. `is_serving` is called by threads of
        its own."""
        if self._registry is not None:
            from paints_undo_daemon.metrics_port import open_port

            self._server = open_port(self._registry, self.port, is_serving)
            self.port = self._server.server_port

    def stop(self) -> None:
        """Close the port."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
