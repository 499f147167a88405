"""How long Krita's own thread is held, for the benchmarks' scripts."""

import os
import sys
import time
from pathlib import Path

if "PyQt5" in sys.modules:
    from PyQt5.QtCore import QTimer
else:
    from PyQt6.QtCore import QTimer


class Holds:
    """The longest time between two ticks of a 5 ms timer while it is watched, in milliseconds; beside it what the
    thread itself worked in the worst of them, and how long it waited there for a free processor: what remains it was
    blocked, by Python's lock or the screen."""

    def __init__(self):
        waited = Path(f"/proc/self/task/{os.getpid()}/schedstat")
        # Opened once: to open it at each tick took a twentieth of a processor, beside the job that is measured.
        self._waited = waited.open("rb", buffering=0) if waited.exists() else None
        self._timer = QTimer()
        self._timer.setInterval(5)
        self._timer.timeout.connect(self._tick)
        self.gaps = []

    def __enter__(self):
        self.gaps, self._last = [], self._now()
        self._timer.start()
        return self

    def __exit__(self, *_):
        self._tick()
        self._timer.stop()

    def _now(self):
        told = os.pread(self._waited.fileno(), 64, 0) if self._waited is not None else b"0 0 0"
        waited = int(told.split()[1]) / 1e6
        return time.perf_counter() * 1000, time.thread_time() * 1000, waited

    def _tick(self):
        now = self._now()
        self.gaps.append([after - before for after, before in zip(now, self._last, strict=True)])
        self._last = now

    def told(self, name):
        wall, worked, waited = max(self.gaps)
        return {
            f"{name}: longest hold, ms": round(wall, 1),
            f"{name}: of it at work": round(worked, 1),
            f"{name}: of it waiting for a processor": round(waited, 1),
            f"{name}: most work between two ticks, ms": round(max(gap[1] for gap in self.gaps), 1),
        }
