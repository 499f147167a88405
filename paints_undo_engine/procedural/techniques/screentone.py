"""Greys of an uncoloured drawing that no line gives: screentone, laid sheet by sheet once the blacks stand."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.arrival import Arrival
from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import NEVER, UNIT, Phase, Pixels, Tool
from paints_undo_engine.procedural.reading.channels import difference
from paints_undo_engine.procedural.script import PlannedWork, ScriptStep, visible
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import nearest_order, sweep
from paints_undo_engine.procedural.techniques.focus import focus_of

_MISSING = 12
"""Levels that a tone differs from what stands."""
_LEAST = 1 / 700
"""Of the picture: a smaller place is a detail."""


def screentoned(source: Source, standing: Pixels) -> tuple[PlannedWork, NDArray[np.bool_]]:
    """Tones on `standing` uint8 [h, w, 3] of the grid, and where they lie, bool [h, w]."""
    side = 2 * round(source.diagonal / 120) + 1
    # From afar, where its dots are one grey.
    before, after = (np.asarray(cv2.blur(pixels, (side, side)), np.uint8) for pixels in (standing, source.small))
    levels = difference(before, after)
    missing = (levels > _MISSING) & (source.reading.labels >= 0)
    solid = cv2.morphologyEx(missing.astype(np.uint8), cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    count, labels, stats, middles = cv2.connectedComponentsWithStats(solid, connectivity=4)
    large = [at for at in range(1, count) if stats[at, cv2.CC_STAT_AREA] > _LEAST * labels.size]
    if not large:
        return PlannedWork([], list), np.zeros(labels.shape, bool)
    come = np.full(labels.shape, NEVER, np.uint16)
    uneven = source.ripple
    order = nearest_order(np.asarray(middles[large], np.float64), focus_of(source))
    steps = [_laid(source, labels == large[at], levels, come, uneven) for at in order]

    def layers() -> list[Layer]:
        return [Arrival("Screentone", source.pixels, come, cover=source.alpha, ramp=UNIT // 2, group=("Line art",))]

    return PlannedWork(steps, layers), np.isin(labels, large)


def _laid(
    source: Source,
    mask: NDArray[np.bool_],
    levels: NDArray[np.uint8],
    come: NDArray[np.uint16],
    uneven: NDArray[np.float64],
) -> ScriptStep:
    """One sheet, rubbed down from one side to the other."""
    rows, columns = np.nonzero(mask)
    angle = float(source.chance(f"screentone {rows[0]} {columns[0]}").uniform(0, 2 * np.pi))

    def when(begin: int, end: int) -> None:
        come[mask] = sweep(mask, angle, begin, end, uneven)

    share = len(rows) / mask.size
    corners = np.array([[columns.min(), rows.min()], [columns.max(), rows.max()]], np.float32)
    most = min(4 + 40 * share**0.5, max(1.0, visible(float(levels[mask].mean()) * share)))
    return ScriptStep(Phase.FLATS, Tool.LASSO, "screentone", source.bounds(corners), share**0.5 + 0.01, when, most=most)
