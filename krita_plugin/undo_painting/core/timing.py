"""How long Krita's start was held by the plugin, for the diagnostics and the benchmark."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

_spent: dict[str, tuple[float, float]] = {}


@contextmanager
def measured(part: str) -> Iterator[None]:
    """Add the block's time to a part of the start; only the first pass through each part counts."""
    wall, worked = time.perf_counter(), time.thread_time()
    try:
        yield
    finally:
        _spent.setdefault(part, ((time.perf_counter() - wall) * 1000, (time.thread_time() - worked) * 1000))


def parts() -> dict[str, tuple[float, float]]:
    """Milliseconds by part: how long it took, and how much of that this thread worked (the rest it waited for the
    processor or the disk)."""
    return dict(_spent)


def words() -> str:
    """All parts in one line."""
    each = ", ".join(f"{part} {wall:.0f}" for part, (wall, _) in _spent.items())
    total = sum(wall for wall, _ in _spent.values())
    worked = sum(busy for _, busy in _spent.values())
    return f"{total:.0f} ms, {worked:.0f} of them at work ({each})"
