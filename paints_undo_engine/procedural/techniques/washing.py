"""Watercolour: washes from light to dark, each area wet from one edge to the other; white paper is left."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.arrival import Arrival
from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import NEVER, UNIT, Phase, Pixels, Tool
from paints_undo_engine.procedural.reading.model import Region
from paints_undo_engine.procedural.script import PlannedWork, ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import sweep, wide_blur
from paints_undo_engine.procedural.techniques.filling import bounds_of

_WASHES = ((90.0, 0.45, 0.0, "first wash"), (160.0, 0.75, 0.12, "second wash"), (320.0, 0.95, 0.3, "third wash"))
"""Blur (the diagonal divided by it), strength, how dark a place must be (of the whole depth), and the name."""
_BARE = 0.035
"""Of the way from paper to black: lighter places are paper."""
_DRY = 0.05
"""Of what lies about a place, wet: with less there is no wash."""


def washed(source: Source, sheet: Pixels) -> PlannedWork:
    """Three washes over a sheet (of the grid) to the clean picture, each area on its own, light areas first."""
    depth = _depth(source, sheet)
    ripple = wide_blur(source.chance("wash").normal(0, 1, depth.shape), source.diagonal / 60)
    ripple = np.clip(ripple / max(float(np.abs(ripple).max()), 1e-6), -1, 1) * 0.5
    regions = sorted(source.reading.regions, key=lambda region: -sum(region.colour))
    steps: list[ScriptStep] = []
    made: list[tuple[str, Pixels, NDArray[np.uint16]]] = []
    for number, (_, _, least, name) in enumerate(_WASHES):
        target = _laid(source, sheet, depth, number)
        come = np.full(depth.shape, NEVER, np.uint16)
        wet = cv2.blur(_wet(source, depth, least), (5, 5)) > 0.5
        made.append((name, target, come))
        steps += [step for region in regions if (step := _wash(source, region, wet, come, ripple, name))]

    def layers() -> list[Layer]:
        return [
            Arrival(name.capitalize(), target, come, ramp=2 * UNIT, cover=source.alpha) for name, target, come in made
        ]

    return PlannedWork(steps, layers)


def _wash(
    source: Source,
    region: Region,
    wet: NDArray[np.bool_],
    come: NDArray[np.uint16],
    ripple: NDArray[np.float32],
    name: str,
) -> ScriptStep | None:
    rows, columns = region.box.grown(0, 0, 0, 0).slices(wet.shape)
    mask = (source.reading.labels[rows, columns] == region.label) & wet[rows, columns]
    area = int(mask.sum())
    if area < 12:
        return None
    angle = float(source.chance(f"{name} {region.label}").normal(np.pi / 2, 0.5))

    def when(begin: int, end: int) -> None:
        come[rows, columns][mask] = sweep(mask, angle, begin, end, ripple[rows, columns])

    weight = (area / wet.size) ** 0.5 + 0.01
    bounds = bounds_of(source, region.box)
    return ScriptStep(
        Phase.PAINTING, Tool.BRUSH, f"{region.called}, {name}", bounds, weight, when, most=24, region=region.label
    )


def standing_after(source: Source, sheet: Pixels) -> Pixels:
    """About what the washes leave, on the grid."""
    return _laid(source, sheet, _depth(source, sheet), len(_WASHES) - 1)


def _depth(source: Source, sheet: Pixels) -> NDArray[np.float32]:
    """How much darker than its sheet the picture is without its lines, 0 to 1: float32 [h, w]."""
    away = sheet.astype(np.float32) - source.small_clean.astype(np.float32)
    return np.asarray(np.clip(away.mean(axis=2) / 255, 0, 1), np.float32)


def _wet(source: Source, depth: NDArray[np.float32], least: float) -> NDArray[np.float32]:
    """1 where a wash lies, else 0: float32 [h, w]."""
    return ((depth > max(least, _BARE)) & (source.reading.labels >= 0)).astype(np.float32)


def _laid(source: Source, sheet: Pixels, depth: NDArray[np.float32], number: int) -> Pixels:
    """The sheet with one of the washes all over, uint8 [h, w, 3]. The paper's grain shows through, and what is dry
    beside a wash makes it no paler: it ends in an edge.
    """
    divisor, strength, least, _ = _WASHES[number]
    sigma = source.diagonal / divisor
    paper = sheet.astype(np.float32)
    wet = _wet(source, depth, least)[..., None]
    change = (source.small_clean.astype(np.float32) - paper) * wet
    mean = wide_blur(change, sigma) / np.maximum(wide_blur(wet[..., 0], sigma), _DRY)[..., None]
    return np.asarray(np.rint(np.clip(paper + mean * strength, 0, 255)), np.uint8)
