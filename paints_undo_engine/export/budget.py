"""How much an export may ask for, checked before it starts: each format's limits, by what its encoder needs.

The peaks of memory at these limits stand in `docs/performance.md`, measured by `benchmarks/export_memory.py`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from paints_undo_engine.errors import ExportError
from paints_undo_engine.export.options import ExportFormat

_MEGA = 1_000_000


@dataclass(frozen=True, slots=True)
class Budget:
    """At most `side` pixels across or down, `pixels` in a picture, and `total` in all pictures together."""

    side: int
    pixels: int
    total: int


BUDGETS: Mapping[ExportFormat, Budget] = {
    ExportFormat.MP4: Budget(8192, 36 * _MEGA, 20_000 * _MEGA),
    ExportFormat.WEBM: Budget(8192, 36 * _MEGA, 20_000 * _MEGA),
    ExportFormat.GIF: Budget(16_384, 17 * _MEGA, 4_000 * _MEGA),
    ExportFormat.WEBP: Budget(16_383, 36 * _MEGA, 4_000 * _MEGA),
    ExportFormat.APNG: Budget(30_000, 100 * _MEGA, 10_000 * _MEGA),
    ExportFormat.PNG_SEQUENCE: Budget(30_000, 100 * _MEGA, 40_000 * _MEGA),
    ExportFormat.ORA: Budget(30_000, 100 * _MEGA, 20_000 * _MEGA),
    ExportFormat.PSD: Budget(30_000, 100 * _MEGA, 250 * _MEGA),
    ExportFormat.CONTACT_SHEET: Budget(30_000, 100 * _MEGA, 100 * _MEGA),
}
"""H.264 ends at 36 million pixels (level 6.2); psd-tools holds all layers in memory, four bytes a pixel."""


def check(export_format: ExportFormat, width: int, height: int, pictures: int) -> None:
    """Check pictures of `width` x `height` pixels. Raises `ExportError`, which names the longer side that would fit."""
    budget = BUDGETS[export_format]
    longer, size = max(width, height), width * height
    shrink = min(
        budget.side / longer, math.sqrt(budget.pixels / size), math.sqrt(budget.total / (size * max(1, pictures)))
    )
    if shrink >= 1:
        return
    fits = math.floor(longer * shrink)
    many = f"{pictures} pictures" if pictures > 1 else "A picture"
    fewer = ", or fewer frames" if pictures > 1 else ""
    raise ExportError(
        f"{many} of {width} x {height} pixels are too much for {export_format}. "
        f"A longer side of {fits} pixels (max_side) would fit{fewer}."
    )
