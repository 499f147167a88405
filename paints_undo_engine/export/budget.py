"""How much an export may ask for, checked before it starts: each format's limits, by what its encoder needs.

The peaks of memory at these limits stand in `docs/performance.md`, measured by `benchmarks/export_memory.py`; a test
holds each format to what its budget says.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from paints_undo_engine.errors import ExportTooLargeError
from paints_undo_engine.export.options import ExportFormat

_MEGA = 1_000_000


CEILING = 3 * 2**30
"""What no export may take at its format's limits, beside the painting and a frame of it."""

_FIXED_BYTES = 24 * 2**20


@dataclass(frozen=True, slots=True)
class Budget:
    """At most `side` pixels across or down, `pixels` in a picture, and `total` in all pictures together.

    Making it takes `working` bytes for each pixel of one picture (canvas, conversions, what the encoder looks ahead)
    and `held` for each pixel of all.
    """

    side: int
    pixels: int
    total: int
    working: int
    held: float = 0.0

    def peak_bytes(self, pixels: int, pictures: int) -> int:
        """Memory for so many pictures of so many pixels: an upper bound, with 24 MiB for what does not grow.

        Example: ``BUDGETS[ExportFormat.GIF].peak_bytes(1024 * 1024, 106) // 2**20 == 94``
        """
        return _FIXED_BYTES + math.ceil(pixels * (self.working + self.held * pictures))


BUDGETS: Mapping[ExportFormat, Budget] = {
    ExportFormat.MP4: Budget(8192, 21 * _MEGA, 40_000 * _MEGA, working=145),
    ExportFormat.WEBM: Budget(8192, 18 * _MEGA, 40_000 * _MEGA, working=165),
    ExportFormat.GIF: Budget(16_384, 36 * _MEGA, 4_000 * _MEGA, working=70),
    ExportFormat.WEBP: Budget(16_383, 36 * _MEGA, 4_000 * _MEGA, working=55),
    ExportFormat.APNG: Budget(30_000, 100 * _MEGA, 10_000 * _MEGA, working=20),
    ExportFormat.PNG_SEQUENCE: Budget(30_000, 100 * _MEGA, 40_000 * _MEGA, working=26),
    ExportFormat.ORA: Budget(30_000, 100 * _MEGA, 20_000 * _MEGA, working=26),
    ExportFormat.PSD: Budget(30_000, 100 * _MEGA, 250 * _MEGA, working=20, held=4),
    ExportFormat.CONTACT_SHEET: Budget(30_000, 100 * _MEGA, 100 * _MEGA, working=12, held=14),
    ExportFormat.PDF: Budget(30_000, 100 * _MEGA, 100 * _MEGA, working=12, held=14),
    ExportFormat.SPRITE_SHEET: Budget(16_384, 100 * _MEGA, 100 * _MEGA, working=12, held=14),
    ExportFormat.HTML: Budget(16_383, 36 * _MEGA, 1_000 * _MEGA, working=55),
}
"""Measured, and held by a test; the encoders' threads are bounded, since each of them has pictures of its own."""


def check(export_format: ExportFormat, width: int, height: int, pictures: int) -> None:
    """Check pictures of `width` x `height` pixels. Raises `ExportTooLargeError`, which names the longer
    side that would fit."""
    budget = BUDGETS[export_format]
    longer, size = max(width, height), width * height
    shrink = min(
        budget.side / longer, math.sqrt(budget.pixels / size), math.sqrt(budget.total / (size * max(1, pictures)))
    )
    if shrink >= 1:
        return
    many = f"{pictures} pictures" if pictures > 1 else "A picture"
    fewer = ", or fewer frames" if pictures > 1 else ""
    refused = f"{many} of {width} x {height} pixels are too much for {export_format}."
    raise ExportTooLargeError(refused, math.floor(longer * shrink), fewer)
