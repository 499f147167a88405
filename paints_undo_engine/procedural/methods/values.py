"""Light and dark first: a grey study by brush, colour glazed over it, then forms in colour."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.arrival import Arrival
from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import NEVER, UNIT, Colour, Phase, Pixels, Tool
from paints_undo_engine.procedural.methods.drawing import drawing
from paints_undo_engine.procedural.methods.method import Recipe
from paints_undo_engine.procedural.methods.painting import goal
from paints_undo_engine.procedural.methods.sheets import plain_ground, poured
from paints_undo_engine.procedural.methods.standing import with_lines
from paints_undo_engine.procedural.reading.model import Region
from paints_undo_engine.procedural.script import PlannedWork, ScriptStep, weighing
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.adjusting import Adjusting, Mirroring
from paints_undo_engine.procedural.techniques.arriving import sweep, wide_blur
from paints_undo_engine.procedural.techniques.brushing import Brushing, levels_of
from paints_undo_engine.procedural.techniques.erasing import trimmed
from paints_undo_engine.procedural.techniques.features import drawn_features, known_features, with_features
from paints_undo_engine.procedural.techniques.filling import bounds_of
from paints_undo_engine.procedural.techniques.finishing import (
    area_by_area,
    areas_of,
    head_boxes,
    last_touches,
    within_areas,
)
from paints_undo_engine.procedural.techniques.lining import lined
from paints_undo_engine.procedural.techniques.refining import refined

SHARES = {
    Phase.CONSTRUCTION: 0.04,
    Phase.SKETCH: 0.08,
    Phase.BLOCK_IN: 0.27,
    Phase.EFFECTS: 0.08,
    Phase.PAINTING: 0.26,
    Phase.LINE: 0.07,
    Phase.DETAILS: 0.18,
    Phase.ADJUSTMENT: 0.035,
}
PAINTING = ("Painting",)
_TONING = 0.05
"""Beside the brush work of the study: what the ground takes."""
_BEHIND, _TOUCHES = 6, 0.08
"""How many areas the finest brush is behind the first one in colour; of the details, the last touches."""
_PLACING = 0.05
"""Beside the brush work of the study: the time in which the features of faces are placed."""


def by_values(source: Source) -> Recipe:
    """Grey masses large to small, glazes area by area, colour with small brushes, lines, details, curves."""
    reading = source.reading
    plain = plain_ground(source)
    toned = source.alpha is None and not plain
    drawn = drawing(source, most=110, toned=toned)
    sheet, canvas = poured(source, plain)
    everywhere = np.asarray(reading.labels >= 0, bool)
    mask = everywhere & ~np.isin(reading.labels, plain)
    names = [region.called for region in reading.regions] + ["paper"]
    order = [region.label for region in sorted(reading.regions, key=lambda region: region.order)]
    grey = _grey(source.small_clean)
    study = Brushing(source, grey, mask, reading.labels, names, order, canvas, "study")
    tone: Colour = (148, 146, 142)
    ground = study.tone(tone, Phase.BLOCK_IN, _TONING) if toned else []
    first: list[ScriptStep] = []
    for level in levels_of((24, 48, 95, 190), (0.2, 0.28, 0.3, 0.3), (Phase.BLOCK_IN,) * 4):
        first += study.level(level)
    glazed = np.where(mask[..., None], _glazed(source, study.canvas), study.canvas)
    glaze = _glaze(source, glazed, plain)
    colour = Brushing(source, goal(source), mask, reading.labels, names, order, glazed, "colour")
    areas = areas_of(source, head_boxes(source))
    forms = [
        colour.level(level, first=areas)
        for level in levels_of((110, 220, 420), (0.3, 0.35, 0.35), (Phase.PAINTING,) * 3)
    ]
    accents = lined(source, name="Pen accents", group=PAINTING, accents=True)
    trim = trimmed(source)
    features = known_features(source)
    looks = drawn_features(source, features, Phase.BLOCK_IN, Tool.BRUSH, PAINTING)
    standing = with_features(source, features, with_lines(source, colour.canvas))
    details = refined(
        source, standing, source.small, source.pixels, everywhere, source.alpha, name="Details", divisor=260
    )
    adjusting = Adjusting(source)
    drawn.fade(sheet.steps or first, 0.7)
    drawn.fade(glaze.steps, 0.0)
    steps = [
        *ground,
        *drawn.steps,
        *sheet.steps,
        *first,
        *weighing(looks.steps, _PLACING),
        *trim.steps,
        *glaze.steps,
    ]
    placed, touches = last_touches(within_areas(details.steps, areas, source.scale), _TOUCHES)
    later = within_areas(accents.steps, areas, source.scale)
    steps += area_by_area([(0, forms[0]), (2, forms[1]), (_BEHIND, later), (_BEHIND, forms[2]), (_BEHIND + 1, placed)])
    steps += adjusting.among(touches)

    def layers() -> list[Layer]:
        below = [*sheet.layers(), *study.layers("Value study", PAINTING), *drawn.layers(), *glaze.layers()]
        above = [*trim.layers(), *looks.layers(), *accents.layers(), *details.layers()]
        return [*below, *colour.layers("Paint", PAINTING), *above]

    return Recipe(steps, SHARES, layers, adjusting.curves, Mirroring(source).view)


def _grey(pixels: Pixels) -> Pixels:
    return np.asarray(cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), np.uint8)


def _glazed(source: Source, study: Pixels) -> Pixels:
    """The study with the picture's colours, but its own light."""
    soft = wide_blur(source.small_clean, source.diagonal / 90)
    chroma = soft - soft.mean(axis=2, keepdims=True)
    return np.asarray(np.rint(np.clip(study + chroma * 0.9, 0, 255)), np.uint8)


def _glaze(source: Source, target: Pixels, plain: list[int]) -> PlannedWork:
    """Colour area by area with a broad soft brush; the `plain` regions have theirs."""
    come = np.full(source.reading.shape, NEVER, np.uint16)
    ripple = source.chance("glaze").random(source.reading.shape) - 0.5
    steps = [
        step
        for region in sorted(source.reading.regions, key=lambda region: -region.area)
        if region.label not in plain and (step := _glaze_region(source, region, come, ripple))
    ]

    def layers() -> list[Layer]:
        return [Arrival("Colour glaze", target, come, ramp=3 * UNIT, cover=source.alpha, group=PAINTING)]

    return PlannedWork(steps, layers)


def _glaze_region(
    source: Source, region: Region, come: NDArray[np.uint16], ripple: NDArray[np.floating]
) -> ScriptStep | None:
    rows, columns = region.box.slices(come.shape)
    mask = source.reading.labels[rows, columns] == region.label
    if not mask.any() or max(region.colour) - min(region.colour) < 8:
        return None
    angle = float(source.chance(f"glaze {region.label}").uniform(0, 2 * np.pi))

    def when(begin: int, end: int) -> None:
        come[rows, columns][mask] = sweep(mask, angle, begin, end, ripple[rows, columns])

    weight = (region.area / come.size) ** 0.5 + 0.01
    bounds = bounds_of(source, region.box)
    return ScriptStep(Phase.EFFECTS, Tool.AIRBRUSH, f"{region.called}, colour glaze", bounds, weight, when, most=24)
