"""What watchers wait for: a job's latest events in memory, its progress, and an event for each watcher.

Events are published after they are durable. A watcher that is slower than the kept events reads the store instead.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from paints_undo.v1 import jobs_pb2
from paints_undo_daemon.metrics import Metrics

_KEPT = 512


class Feed:
    """One watched job."""

    def __init__(self) -> None:
        self.watchers: set[asyncio.Event] = set()
        self.progress: jobs_pb2.Progress | None = None
        self.deleted = False
        self._events: deque[jobs_pb2.Event] = deque(maxlen=_KEPT)

    def since(self, sequence: int) -> Sequence[jobs_pb2.Event] | None:
        """The events after number `sequence`, None when they are not all kept here."""
        if not self._events or self._events[-1].sequence <= sequence:
            return ()
        first = self._events[0].sequence
        if first > sequence + 1:
            return None
        return [event for event in self._events if event.sequence > sequence]

    def add(self, events: Sequence[jobs_pb2.Event]) -> None:
        """Keep new events; they are gapless, or what came before them is forgotten."""
        if self._events and self._events[-1].sequence + 1 != events[0].sequence:
            self._events.clear()
        self._events.extend(events)

    def wake_watchers(self) -> None:
        """Tell the watchers that something is new."""
        for changed in self.watchers:
            changed.set()


class Hub:
    """The feeds of all jobs that somebody watches."""

    def __init__(self, metrics: Metrics) -> None:
        self._feeds: dict[int, Feed] = {}
        self._metrics = metrics

    @property
    def watched(self) -> tuple[int, ...]:
        """The numbers of the jobs that are watched."""
        return tuple(self._feeds)

    @contextmanager
    def watch(self, job: int) -> Iterator[tuple[Feed, asyncio.Event]]:
        """A job's feed, and an event that is set by every change."""
        feed = self._feeds.setdefault(job, Feed())
        changed = asyncio.Event()
        feed.watchers.add(changed)
        try:
            yield feed, changed
        finally:
            feed.watchers.discard(changed)
            if not feed.watchers and self._feeds.get(job) is feed:
                del self._feeds[job]

    def publish(self, job: int, events: Sequence[jobs_pb2.Event]) -> None:
        """Tell of durable events."""
        self._metrics.events.inc(len(events))
        feed = self._feeds.get(job)
        if feed is not None and events:
            feed.add(events)
            feed.wake_watchers()

    def show(self, job: int, progress: jobs_pb2.Progress) -> None:
        """Tell of progress; the latest replaces what nobody has seen yet."""
        feed = self._feeds.get(job)
        if feed is not None:
            feed.progress = progress
            feed.wake_watchers()

    def delete(self, job: int) -> None:
        """The job is gone."""
        feed = self._feeds.get(job)
        if feed is not None:
            feed.deleted = True
            feed.wake_watchers()
