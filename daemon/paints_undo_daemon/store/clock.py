"""How much time has passed for the store, by a clock that nobody can set.

The system's clock may be wrong: a dead battery, a machine that wakes from a snapshot, a correction after the start.
Ages are therefore judged by a time of the store's own. It goes on by what the machine has certainly been through (the
time since it was started) and, over a restart, by what its clock says but a week at most. When it lies behind the
system's clock it catches up at twice the speed: a jump counts only once the clock has kept it for as long as it was.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from paints_undo_daemon.store import marks

log = logging.getLogger(__name__)

_MARK = "clock"
_MOST_WHILE_OFF = 7 * 86400.0
_JUMP = 3600.0
_BOOT, _UPTIME = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/uptime")


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What the clocks show: seconds since 1970, and seconds since the start that `boot` names."""

    wall: float
    running: float
    boot: str


@dataclass(frozen=True, slots=True)
class StoreTime:
    """The store's own time, in seconds since 1970, and the reading that it was computed from."""

    trusted: float
    reading: ClockReading

    def cutoff(self, seconds: float) -> float:
        """What is older than this is older than `seconds`, by both clocks."""
        return min(self.trusted, self.reading.wall) - seconds


def read_clocks() -> ClockReading:
    """The system's clock, and the time since the machine was started (elsewhere than on Linux: this process)."""
    try:
        return ClockReading(time.time(), float(_UPTIME.read_text().split()[0]), _BOOT.read_text().strip())
    except (OSError, ValueError):
        return ClockReading(time.time(), time.monotonic(), f"process of {time.time() - time.monotonic():.0f}")


def advance(last: StoreTime, now: ClockReading) -> StoreTime:
    """The store's time at a reading that follows `last`.

    >>> start = StoreTime(1000.0, ClockReading(1000.0, 10.0, "a"))
    >>> advance(start, ClockReading(1005.0, 15.0, "a")).trusted
    1005.0
    >>> advance(start, ClockReading(3_000_000.0, 15.0, "a")).trusted  # the clock has jumped
    1010.0
    """
    passed = _passed(last.reading, now)
    trusted = last.trusted + passed
    return StoreTime(trusted + min(passed, max(0.0, now.wall - trusted)), now)


def tick(connection: sqlite3.Connection, now: ClockReading) -> StoreTime:
    """Go on to a reading, and note it."""
    last = _parse(marks.get(connection, _MARK) or "")
    moment = StoreTime(now.wall, now) if last is None else advance(last, now)
    if last is not None and abs(now.wall - last.reading.wall - _passed(last.reading, now)) > _JUMP:
        hours = (now.wall - last.reading.wall) / 3600
        log.warning("The system's clock has jumped by %.0f hours: ages are judged without it.", hours)
    marks.put(connection, _MARK, json.dumps(asdict(moment)))
    return moment


def stamp(connection: sqlite3.Connection) -> float:
    """The time to note of what happens now and is judged by its age later, in seconds since 1970.

    The later one of the system's and the store's: what happens while the clock is behind is not old when it is right.
    """
    now, last = read_clocks(), _parse(marks.get(connection, _MARK) or "")
    return now.wall if last is None else max(now.wall, advance(last, now).trusted)


def _passed(earlier: ClockReading, later: ClockReading) -> float:
    """What the machine has certainly been through between two readings."""
    if later.boot == earlier.boot:
        return max(0.0, later.running - earlier.running)
    return min(max(0.0, later.wall - earlier.wall), _MOST_WHILE_OFF)


def _parse(text: str) -> StoreTime | None:
    try:
        data = json.loads(text)
        reading = data["reading"]
        return StoreTime(
            float(data["trusted"]),
            ClockReading(float(reading["wall"]), float(reading["running"]), str(reading["boot"])),
        )
    except (ValueError, KeyError, TypeError):
        return None
