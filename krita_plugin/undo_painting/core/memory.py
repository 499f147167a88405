"""What an import will hold in memory and add to the file, said before it begins, and what to offer when that is too
much."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .translate import chosen

BYTES_A_PIXEL = 4
SMALLER = (75, 50, 25)
WITH_COMMA = ("de", "es", "fr")
"""Languages that write a decimal comma."""
OVERHEAD = 1.15  # tiles are 64 x 64; a layer's border tiles are partly empty

DENSITY = 0.5
"""Bytes that a pixel takes as PNG where nothing is known of a picture."""
IN_THE_FILE = 1.3
"""What a layer takes in a Krita file, by what its picture takes as PNG."""


@dataclass(frozen=True)
class ImportEstimate:
    """Bytes that an import needs, and those that the document's file grows by, about; above `limit` the plugin offers
    every `stride`-th frame instead, or all of them in `percent` of the size (0: no size that is offered would fit).
    """

    needed: int
    limit: int
    stride: int
    percent: int
    in_file: int = 0

    @property
    def too_much(self) -> bool:
        """Whether the import must not begin without the artist's word."""
        return self.needed > self.limit


def layers(
    count: int, width: int, height: int, limit: int, percent: int = 100, densities: Sequence[float] = ()
) -> ImportEstimate:
    """The estimate for `count` layers of `percent` of `width` x `height` pixels; `densities` are the bytes a pixel of
    those pictures of which it is known."""
    full = width * height * BYTES_A_PIXEL * OVERHEAD
    one = round(full * percent * percent / 10_000)
    needed = one * count
    stride = 1
    while stride < count and one * -(-count // stride) > limit:
        stride += 1
    sizes = (smaller for smaller in SMALLER if smaller < percent)
    fitting = (smaller for smaller in sizes if full * smaller * smaller / 10_000 * count <= limit)
    density = sum(densities) / len(densities) if densities else DENSITY
    in_file = round(count * width * height * percent * percent / 10_000 * density * IN_THE_FILE)
    return ImportEstimate(needed, limit, stride, percent if needed <= limit else next(fitting, 0), in_file)


def available(default: int = 4 * 2**30) -> int:
    """Bytes of memory that are free right now where the system says so, else `default`."""
    if sys.platform == "win32":
        return _on_windows() or default
    try:
        with Path("/proc/meminfo").open(encoding="ascii") as lines:
            for line in lines:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    except (AttributeError, ValueError, OSError):
        return default


def _on_windows() -> int:
    if sys.platform != "win32":
        return 0
    import ctypes

    class Status(ctypes.Structure):
        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *((name, ctypes.c_ulonglong) for name in ("total", "free", "a", "b", "c", "d", "e")),
        )

    status = Status(length=ctypes.sizeof(Status))
    return int(status.free) if ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)) else 0


def limit(free: int) -> int:
    """The limit for an import: half of what is free, at least 256 MB."""
    return max(256 * 2**20, free // 2)


def words(size: int) -> str:
    """A size as people read it, with two digits at least and the decimal mark of the artist's language.

    >>> words(1_337_309), words(31_000_000), words(8_000_000)
    ('1.3 MB', '31 MB', '8 MB')
    """
    value, unit = float(size), "bytes"
    for larger in ("KB", "MB", "GB"):
        if value < 999.5:
            break
        value, unit = value / 1000, larger
    text = f"{value:.1f}".removesuffix(".0") if value < 9.95 and unit != "bytes" else f"{value:.0f}"
    return f"{text.replace('.', ',') if chosen()[:2] in WITH_COMMA else text} {unit}"
