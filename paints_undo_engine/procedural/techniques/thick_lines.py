"""Thick lines and black dots: what is drawn with a broad black brush is no line for the pen, no area for the bucket."""

from __future__ import annotations

from collections.abc import Collection

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.flats import Flats, Paint
from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import NEVER, UNIT, Keys, Phase, Tool
from paints_undo_engine.procedural.reading.model import Part, Region
from paints_undo_engine.procedural.reading.tracing import link, smooth, thin, trace
from paints_undo_engine.procedural.script import PlannedWork, ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import Points, Trail, nearest_order, reaching
from paints_undo_engine.procedural.techniques.focus import focus_of

_BLACK, _HUE = 70, 24
"""Levels: no channel of a thick line's colour is higher, and none so far from another one: dark cloth is no line."""
_THICK, _LONG = 60.0, 120.0
"""The diagonal divided by it: how far a thick line's middle is from its borders at most; how many squares of that its
area holds at least."""
_DOT = 1 / 400
"""Of the picture: smaller black shapes are drawn with the lines, as knots between them and button eyes are."""
_LINED = 0.75
"""Of the picture's edges: where fewer lie along lines small black shapes are flats."""
_NEVER_LINES = (Part.SKIN, Part.EYES, Part.MOUTH, Part.HAIR)
_GAP = 0.014
"""Of the diagonal: ends that are nearer are joined."""


def thick_lines(source: Source, regions: Collection[int]) -> list[int]:
    """Which of some regions are thick black lines, or small black shapes."""
    return [
        region.label
        for region in source.reading.regions
        if region.label in regions and region.part not in _NEVER_LINES and _is_line(source, region)
    ]


def thickly_lined(
    source: Source, lines: Collection[int], group: tuple[str, ...], phase: Phase = Phase.LINE
) -> PlannedWork:
    """Each thick line drawn along its middle, stroke after stroke."""
    if not lines:
        return PlannedWork([], list)
    come = np.full(source.reading.shape, NEVER, np.uint16)
    works = [_drawn(source, source.reading.regions[label], phase) for label in lines]
    steps = [step for own, _ in works for step in own]

    def layers() -> list[Layer]:
        table = np.zeros(len(source.reading.regions) + 1, np.uint16)
        paints: list[Paint] = []
        for label, (_, trail) in zip(lines, works, strict=True):
            mask = source.reading.labels == label
            come[mask] = trail.arrivals(within=mask)[mask]
            table[label + 1] = len(paints) + 1
            paints.append(Paint(((0, source.colour(source.reading.regions[label].colour)),), Keys()))
        areas = source.regions.relabelled(table)
        seen, near = source.bare, reaching(come)
        clip, ramp = source.alpha, UNIT // 3
        return [Flats("Thick lines", areas, paints, come=near, seen=seen, clip=clip, ramp=ramp, group=group)]

    return PlannedWork(steps, layers)


def _is_line(source: Source, region: Region) -> bool:
    if max(region.colour) > _BLACK or max(region.colour) - min(region.colour) > _HUE:
        return False
    rows, columns = region.box.grown(0.02, 0.02, 0.02, 0.02).slices(source.reading.shape)
    mask = np.pad((source.reading.labels[rows, columns] == region.label).astype(np.uint8), 1)
    pieces = cv2.connectedComponentsWithStats(mask, connectivity=8)[2][1:, cv2.CC_STAT_AREA]
    if pieces.size and int(pieces.max()) < _DOT * source.reading.labels.size:
        return source.reading.ink.explained > _LINED
    depth = float(cv2.distanceTransform(mask, cv2.DIST_L2, 3).max())
    return depth < source.diagonal / _THICK and region.area > _LONG * max(depth, 1.0) ** 2


def _drawn(source: Source, region: Region, phase: Phase) -> tuple[list[ScriptStep], Trail]:
    """The strokes along the middle of one thick line, and what they pass over."""
    trail = Trail(source.reading.shape)
    mask: NDArray[np.uint8] = (source.reading.labels == region.label).astype(np.uint8)
    found = [smooth(path, 2.0) for path in link(trace(thin(mask), 3.0), _GAP * source.diagonal)]
    if not found:
        found = [np.array([region.centre], np.float32)]
    middles = np.array([path[len(path) // 2] for path in found], np.float64)
    return [_step(source, found[at], region, trail, phase) for at in nearest_order(middles, focus_of(source))], trail


def _step(source: Source, points: Points, region: Region, trail: Trail, phase: Phase) -> ScriptStep:
    def when(begin: int, end: int) -> None:
        trail.pass_over(points, begin, end)

    length = len(points) / source.diagonal
    bounds = source.bounds(points, source.diagonal / _THICK)
    label = f"{region.called}, thick line"
    return ScriptStep(
        phase, Tool.BRUSH, label, bounds, length**0.7 + 0.02, when, most=3 + 40 * length, region=region.label
    )
