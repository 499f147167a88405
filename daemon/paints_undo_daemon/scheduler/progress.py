"""How long a job will still take, from how long its units have taken."""

from __future__ import annotations

import time

from paints_undo.v1 import jobs_pb2

_KEPT_JOBS = 1000


class Forecast:
    """Remembers the running units' beginning and the mean seconds of each job's intervals."""

    def __init__(self) -> None:
        self._intervals: dict[int, tuple[int, float]] = {}
        self._begun: dict[int, float] = {}

    def begin(self, job: int) -> None:
        """A unit of the job begins now."""
        self._begun[job] = time.monotonic()

    def end(self, job: int, unit: str) -> None:
        """The job's unit has ended."""
        begun = self._begun.pop(job, None)
        if begun is not None and unit.startswith("interval-"):
            count, seconds = self._intervals.pop(job, (0, 0.0))
            self._intervals[job] = (count + 1, seconds + time.monotonic() - begun)
            while len(self._intervals) > _KEPT_JOBS:
                self._intervals.pop(next(iter(self._intervals)))

    def complete(self, job: int, progress: jobs_pb2.Progress, intervals: int) -> None:
        """Set `seconds_left` for the whole job, where it can be told. `intervals`: how many the job has."""
        begun = self._begun.get(job)
        if begun is None or not progress.of:
            return
        done = progress.step / progress.of
        elapsed = time.monotonic() - begun
        unit_left = progress.seconds_left if progress.HasField("seconds_left") else elapsed / max(done, 1e-3) - elapsed
        progress.ClearField("seconds_left")
        if not progress.unit.startswith("interval-"):
            return
        later = intervals - 1 - int(progress.unit.removeprefix("interval-"))
        count, seconds = self._intervals.get(job, (0, 0.0))
        mean = seconds / count if count else elapsed + unit_left
        progress.seconds_left = max(0.0, unit_left + later * mean)
