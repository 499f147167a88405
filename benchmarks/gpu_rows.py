"""Rows of a benchmark: measured, printed and written one by one, so that what ends the run keeps the earlier ones."""

from __future__ import annotations

import gc
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch


@dataclass(frozen=True)
class Row:
    """`share` is of the measured matrix-product rate; `note` says what the figure is, or why there is none."""

    section: str
    what: str
    seconds: float | None = None
    tflop: float | None = None
    tflop_per_second: float | None = None
    share: float | None = None
    peak_gib: float | None = None
    value: float | None = None
    note: str = ""


class Table:
    """Collects rows; measures on `device` until `end` (of the monotonic clock), and says so in the rows after it."""

    def __init__(self, device: torch.device, path: Path | None, end: float, repeats: int = 3) -> None:
        self.device = device
        self.rows: list[Row] = []
        self.rate: float | None = None
        self._path = path
        self._repeats = repeats
        self._started = time.monotonic()
        self._end = end

    @property
    def left(self) -> float:
        """Seconds until the benchmark has to end."""
        return self._end - time.monotonic()

    def add(self, row: Row) -> Row:
        """Print a row and write the table."""
        self.rows.append(row)
        figures = [f"{row.what:<58}"]
        figures.append(f"{row.seconds:9.4f} s" if row.seconds is not None else " " * 11)
        figures.append(f"{row.tflop_per_second:7.1f} TFLOP/s" if row.tflop_per_second is not None else " " * 15)
        figures.append(f"{100 * row.share:5.1f} %" if row.share is not None else " " * 7)
        figures.append(f"{row.peak_gib:6.2f} GiB" if row.peak_gib is not None else " " * 10)
        figures.append(f"{row.value:.3g}" if row.value is not None else "")
        print(f"[{time.monotonic() - self._started:5.0f}] {row.section:<11}", *figures, row.note, flush=True)
        if self._path is not None:
            temporary = self._path.with_suffix(".part")
            temporary.write_text(json.dumps([asdict(row) for row in self.rows], indent=1) + "\n", encoding="utf-8")
            temporary.replace(self._path)
        return row

    def guarded(self, section: str, what: str, work: Callable[[], object], needs: float = 0) -> None:
        """Run a part of the benchmark; what fails, or does not fit into the time that is left, becomes a row."""
        if self.left < needs:
            self.add(Row(section, what, note=f"left out: it takes about {needs:.0f} s and {self.left:.0f} s are left"))
            return
        try:
            work()
        except torch.OutOfMemoryError as error:
            self.add(Row(section, what, note=f"out of memory: {str(error).splitlines()[0]}"))
        except ModuleNotFoundError as error:
            self.add(Row(section, what, note=f"the package {error.name} is missing (--packages)"))
        except Exception as error:
            self.add(Row(section, what, note=f"failed: {type(error).__name__}: {str(error)[:200]}"))
        finally:
            gc.collect()
            self.release()

    def kernel(self, section: str, what: str, work: Callable[[], object], tflop: float | None = None) -> None:
        """Like `time`, for what not every machine has: then the row says so."""
        try:
            self.time(section, what, work, tflop)
        except RuntimeError as error:
            self.add(Row(section, what, note=f"not here: {' '.join(str(error).split())[:120]}"))
            self.release()

    def time(
        self, section: str, what: str, work: Callable[[], object], tflop: float | None = None, *, note: str = ""
    ) -> float:
        """Median seconds of `work` after a warm-up call, as a row with its rate and its peak memory."""
        self.release()
        with torch.inference_mode():
            seconds, peak = self._measure(work)
        rate = None if tflop is None else tflop / seconds
        share = None if rate is None or self.rate is None else rate / self.rate
        self.add(Row(section, what, seconds, tflop, rate, share, peak, note=note))
        return seconds

    def _measure(self, work: Callable[[], object]) -> tuple[float, float | None]:
        if self._repeats > 1:
            work()
            self.wait()
        self.reset_peak()
        found: list[float] = []
        while len(found) < self._repeats or (self._repeats > 1 and sum(found) < 0.5 and len(found) < 20):
            started = time.perf_counter()
            work()
            self.wait()
            found.append(time.perf_counter() - started)
            if sum(found) > 5:
                break
        return statistics.median(found), self.peak()

    def reset_peak(self) -> None:
        """Let `peak` count from here."""
        if self.device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(self.device)

    def peak(self) -> float | None:
        """GiB that were allocated at most since the last reset."""
        return torch.cuda.max_memory_allocated(self.device) / 2**30 if self.device.type == "cuda" else None

    def wait(self) -> None:
        """Until the device has done everything."""
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)

    def release(self) -> None:
        """Give back what nothing uses."""
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
