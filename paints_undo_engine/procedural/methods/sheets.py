"""What brushes leave alone: the bare sheet, or one even colour behind everything."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.arrival import Arrival
from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import NEVER, UNIT, Phase, Pixels, Tool
from paints_undo_engine.procedural.methods.grounds import GROUND
from paints_undo_engine.procedural.reading.model import Region
from paints_undo_engine.procedural.script import PlannedWork, ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques import pouring

_PLAIN = 0.15
"""Of the picture: a smaller even ground is painted like everything else."""
_LEAST = 0.005
"""Of the picture: a smaller piece of an even ground is painted."""
_EVEN, _SAME = 5.0, 12
"""Levels: how far the pixels of an even region stray from it on the mean, and how far two are of one colour."""
_WHITE = 246
"""Lighter ground is the paper, and needs no paint."""


def plain_ground(source: Source) -> list[int]:
    """The regions of one even colour that reach the border and fill a good part of the picture, or none."""
    if source.alpha is not None:
        return []
    height, width = source.reading.shape
    even = [region for region in source.reading.regions if _reaches_border(region, width, height)]
    even = [region for region in even if region.area > _LEAST * height * width and _is_even(source, region)]
    if not even:
        return []
    largest = max(even, key=lambda region: region.area)
    same = [region for region in even if _apart(region, largest) < _SAME]
    return [region.label for region in same] if sum(region.area for region in same) > _PLAIN * height * width else []


def poured(source: Source, plain: list[int]) -> tuple[PlannedWork, Pixels]:
    """One bucket of the even ground's colour over the whole canvas, before anything is painted; white paper stays.

    The second is what stands afterwards: uint8 [h, w, 3] on the grid.
    """
    target = np.full_like(source.small, 255)
    if not plain or min(source.reading.regions[plain[0]].colour) >= _WHITE:
        return PlannedWork([], list), target
    region = source.reading.regions[plain[0]]
    target[:] = source.colour(region.colour)
    come = np.full(source.reading.shape, NEVER, np.uint16)
    everywhere = np.ones(come.shape, bool)
    pour = pouring.poured(everywhere, everywhere, come.shape, source.ripple)

    def when(begin: int, end: int) -> None:
        come[:] = pour.times(begin, end).reshape(come.shape)

    def layers() -> list[Layer]:
        return [Arrival("Ground colour", target, come, ramp=UNIT // 3, group=GROUND)]

    bounds = (0.0, 0.0, float(source.size[1]), float(source.size[0]))
    step = ScriptStep(
        Phase.BLOCK_IN, Tool.BUCKET, f"{region.called}, flat", bounds, 0.05, when, most=pour.turns, region=region.label
    )
    return PlannedWork([step], layers), target.copy()


def _reaches_border(region: Region, width: int, height: int) -> bool:
    box = region.box
    return box.x <= 1 or box.y <= 1 or box.x + box.width >= width - 1 or box.y + box.height >= height - 1


def _is_even(source: Source, region: Region) -> bool:
    rows, columns = region.box.slices(source.reading.shape)
    mask: NDArray[np.bool_] = source.reading.labels[rows, columns] == region.label
    away = np.abs(source.reading.clean[rows, columns][mask].astype(np.int16) - np.array(region.colour, np.int16))
    return float(away.max(axis=1).mean()) < _EVEN if away.size else False


def _apart(one: Region, other: Region) -> int:
    return max(abs(a - b) for a, b in zip(one.colour, other.colour, strict=True))
