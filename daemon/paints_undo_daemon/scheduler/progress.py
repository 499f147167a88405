"""How long a job will still take, from how long its units have taken."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from paints_undo.v1 import jobs_pb2
from paints_undo_engine.stages import Unit

_KEPT_JOBS = 1000


@dataclass(frozen=True, slots=True)
class _Running:
    begun: float
    later: int


class Forecast:
    """Remembers the running units' beginning and the mean seconds of each job's intervals."""

    def __init__(self) -> None:
        self._intervals: dict[int, tuple[int, float]] = {}
        self._running: dict[int, dict[str, _Running]] = {}

    def begin(self, job: int, unit: str, later: int) -> None:
        """A unit of the job begins now; `later` others wait for it to end."""
        self._running.setdefault(job, {})[unit] = _Running(time.monotonic(), later)

    def end(self, job: int, unit: str) -> None:
        """The job's unit has ended."""
        units = self._running.get(job, {})
        running = units.pop(unit, None)
        if not units:
            self._running.pop(job, None)
        if running is not None and Unit.parse(unit).is_interval:
            count, seconds = self._intervals.pop(job, (0, 0.0))
            self._intervals[job] = (count + 1, seconds + time.monotonic() - running.begun)
            while len(self._intervals) > _KEPT_JOBS:
                self._intervals.pop(next(iter(self._intervals)))

    def complete(self, job: int, progress: jobs_pb2.Progress) -> None:
        """Set `seconds_left` for the whole job, where it can be told."""
        units = self._running.get(job, {})
        running = units.get(progress.unit)
        if running is None or not progress.of:
            return
        done = progress.step / progress.of
        elapsed = time.monotonic() - running.begun
        unit_left = progress.seconds_left if progress.HasField("seconds_left") else elapsed / max(done, 1e-3) - elapsed
        progress.ClearField("seconds_left")
        if not Unit.parse(progress.unit).is_interval:
            return
        count, seconds = self._intervals.get(job, (0, 0.0))
        mean = seconds / count if count else elapsed + unit_left
        rounds = math.ceil(min(one.later for one in units.values()) / len(units))
        progress.seconds_left = max(0.0, unit_left + rounds * mean)
