"""Workers that end before they begin anything: when to try again, and when it is hopeless.

A start that somebody else cut short (a signal from outside, the machine's own memory guard) says nothing about the
worker and is repeated for as long as it takes. Only a worker that keeps ending by its own error is given up.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from paints_undo_daemon.workers.executor import WorkerDiedError

_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 10.0
_FEWEST = 3


class Starts:
    """The failed starts in a row of one worker's place. `patience` is how many seconds they may go on."""

    def __init__(self, patience: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._patience = patience
        self._clock = clock
        self.went_well()

    def went_well(self) -> None:
        """A worker has begun its task."""
        self.pause = 0.0
        self._own = 0
        self._since: float | None = None

    def failed(self, died: WorkerDiedError) -> bool:
        """A start has failed, the next is after `pause` seconds; true when it is hopeless (then all is forgotten)."""
        self.pause = min(max(2 * self.pause, _FIRST_PAUSE), _LONGEST_PAUSE)
        if died.from_outside:
            return False
        now = self._clock()
        self._since = now if self._since is None else self._since
        self._own += 1
        if self._own < _FEWEST or now - self._since < self._patience:
            return False
        self.went_well()
        return True
