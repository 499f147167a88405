"""Blending: where the picture is smooth, brush work is smoothed with a broad soft brush."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.arrival import Arrival
from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import NEVER, UNIT, Phase, Pixels, Times, Tool
from paints_undo_engine.procedural.reading.along import values_along
from paints_undo_engine.procedural.reading.channels import difference
from paints_undo_engine.procedural.script import PlannedWork, ScriptStep, visible
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import (
    Points,
    Trail,
    between,
    nearest_order,
    wide_blur,
)
from paints_undo_engine.procedural.techniques.focus import focus_of
from paints_undo_engine.procedural.techniques.graining import paint_grain
from paints_undo_engine.procedural.techniques.tracing import Bristles, traced

_SOFT = 130.0
"""The diagonal divided by it: the sigma of what is blended."""
_CALM = 5.0
"""Levels, on the mean around a place: where blending would take more of the picture away, nobody blends."""
_RADIUS = 26.0
"""The diagonal divided by it: the brush."""
_WRONG = 2.5
"""Levels, on the mean about a place, that stand wrong there: with less there is nothing to blend."""
_SEEN = 6
"""Levels that blending changes at a place where it is seen."""
_GRAIN = 4
"""Levels of grain that a soft brush takes away though the picture has it: so little is not seen to go."""
_LEAST = 0.02
"""Of the picture: less is not worth another brush."""
_RIM = 70.0
"""The diagonal divided by it: within that of the smooth places' border blending grows from nothing to all."""
_TEETH = 0.6
"""Pixels of the grid: the sigma by which a soft brush rounds the edges of strokes that it leaves to be seen. Where they
are planned these have teeth, which no canvas shows.
"""
_RAMP = 8 * UNIT
"""How slowly a soft brush's paint comes."""


def blended(
    source: Source,
    standing: Pixels,
    goal: Pixels,
    mask: NDArray[np.bool_],
    phase: Phase,
    share: float,
    group: tuple[str, ...] = (),
    tool: Tool = Tool.BRUSH,
    *,
    left: float = 0.0,
    areas: NDArray[np.int32] | None = None,
) -> tuple[PlannedWork, Pixels]:
    """Blend `standing` towards `goal`, both uint8 [h, w, 3] on the grid, within the smooth places of a mask.

    `share` is the weight of all steps together, `tool` what they are made with; `left` is how much of the strokes stays
    to be seen, 0 to 1; `areas` int32 [h, w] are blended one after another, each stroke with the first one that it
    touches. The second is what stands afterwards.
    """
    soft, calm = smooth_places(goal, mask, source.diagonal)
    if float(calm.mean()) < _LEAST:
        return PlannedWork([], list), standing
    radius = source.diagonal / _RADIUS
    bristles = Bristles(spacing=0.9, longest=6, shortest=0, tolerance=70, threshold=_WRONG, wander=0.3, many=1)
    found = traced(soft, standing, calm, source.reading.labels, radius, bristles, source.chance("blending"))
    if not len(found.strokes):
        return PlannedWork([], list), standing
    trail = Trail(source.reading.shape)
    lines = [found.line(stroke) for stroke in range(len(found.strokes))]
    eased = _eased(standing, soft, calm, source.diagonal / _RIM, 1 - left)
    target = between(standing, eased, _nearest(eased, goal))
    away = difference(standing, target)
    steps = _steps(source, found.starts, lines, trail, phase, share, float(away.mean()), areas)
    steps = [replace(step, tool=tool) for step in steps]
    grain = paint_grain(source)

    def layers() -> list[Layer]:
        come = softened(trail.arrivals(reach=1.5 * radius, within=calm), 0.5 * radius)
        seen = np.where(away > _SEEN, 255, 0).astype(np.uint8)
        return [Arrival("Blended", target, come, cover=source.alpha, ramp=_RAMP, group=group, seen=seen, grain=grain)]

    return PlannedWork(steps, layers), target


def _eased(standing: Pixels, soft: Pixels, calm: NDArray[np.bool_], rim: float, most: float) -> Pixels:
    """From what stands at the border of the smooth places to the blended picture, `most` of it, well within them, where
    the rest is what stands, without teeth.
    """
    inside = cv2.distanceTransform(calm.astype(np.uint8), cv2.DIST_L2, 3)
    share = np.clip(inside / np.float32(max(rim, 1)), 0, 1)[..., None]
    strokes = cv2.GaussianBlur(standing.astype(np.float32), (0, 0), _TEETH)
    wanted = strokes + (soft - strokes) * np.float32(most)
    return np.asarray(np.rint(standing + (wanted - standing) * share), np.uint8)


def _nearest(colours: Pixels, goal: Pixels) -> Pixels:
    """What of the goal, but for its grain, is nearest to colours: all uint8 [h, w, 3]."""
    wide = goal.astype(np.int16)
    return np.asarray(np.clip(colours, wide - _GRAIN, wide + _GRAIN), np.uint8)


def softened(come: Times, sigma: float) -> Times:
    """Arrivals without edges between the strokes: a soft brush has none."""
    known = (come != NEVER).astype(np.float32)
    mean = wide_blur(come * known, sigma) / np.maximum(wide_blur(known, sigma), np.float32(1e-3))
    return np.where(come == NEVER, NEVER, np.rint(mean)).astype(np.uint16)


def smooth_places(goal: Pixels, mask: NDArray[np.bool_], diagonal: float) -> tuple[Pixels, NDArray[np.bool_]]:
    """The blurred goal, uint8 [h, w, 3], and where within a mask the goal is as smooth as that, bool [h, w]."""
    soft = np.rint(np.clip(_within_mask(goal, mask, diagonal / _SOFT), 0, 255)).astype(np.uint8)
    return soft, _calm(goal, soft, mask, diagonal)


def _within_mask(goal: Pixels, mask: NDArray[np.bool_], sigma: float) -> NDArray[np.float32]:
    """The goal blurred; what lies outside the mask does not come in."""
    weight = wide_blur(mask.astype(np.float32), sigma)
    inside = wide_blur(goal * mask[..., None].astype(np.float32), sigma)
    return np.asarray(inside / np.maximum(weight, np.float32(1e-3))[..., None], np.float32)


def _calm(goal: Pixels, soft: Pixels, mask: NDArray[np.bool_], diagonal: float) -> NDArray[np.bool_]:
    """bool [h, w]: smooth places of some size."""
    away = difference(goal, soft)
    side = max(3, round(diagonal / 120)) | 1
    calm = ((cv2.blur(away.astype(np.float32), (side, side)) < _CALM) & mask).astype(np.uint8)
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return np.asarray(cv2.morphologyEx(calm, cv2.MORPH_OPEN, disk) > 0)


def _steps(
    source: Source,
    starts: NDArray[np.float32],
    lines: list[Points],
    trail: Trail,
    phase: Phase,
    share: float,
    change: float,
    areas: NDArray[np.int32] | None,
) -> list[ScriptStep]:
    """Area by area, if `areas` int32 [h, w] are told, and in each place after place, the strokes of each in one step;
    `share` and `change` (see `visible`) are those of all.
    """
    side = source.diagonal / 9
    area = [-1 if areas is None else int(values_along(areas, line).min()) for line in lines]
    cells, number = np.unique(np.column_stack([starts // side, area]).astype(int), axis=0, return_inverse=True)
    order = nearest_order((cells[:, :2] + 0.5) * side, focus_of(source))
    steps = []
    for cell in sorted(order, key=lambda one: int(cells[one, 2])):
        there = np.flatnonzero(number.ravel() == cell)
        run = [lines[int(there[at])] for at in _visit(starts[there])]
        part = len(run) / len(lines)
        step = _step(source, run, starts[there[0]], trail, phase, share * part)
        steps.append(replace(step, most=min(step.most, visible(change * part)), area=int(cells[cell, 2])))
    return steps


def _visit(places: NDArray[np.float32]) -> list[int]:
    """The order in which places [n, 2] are visited, from the first on."""
    return nearest_order(places.astype(np.float64), (float(places[0, 0]), float(places[0, 1])))


def _step(
    source: Source, lines: list[Points], start: NDArray[np.float32], trail: Trail, phase: Phase, weight: float
) -> ScriptStep:
    def when(begin: int, end: int) -> None:
        trail.pass_all(lines, begin, end)

    label = int(source.reading.labels[int(start[1]), int(start[0])])
    name = source.reading.regions[label].called if label >= 0 else "figure"
    bounds = source.bounds(np.concatenate(lines), source.diagonal / _RADIUS)
    return ScriptStep(phase, Tool.BRUSH, f"{name}, blended", bounds, weight, when, most=12, region=label)
