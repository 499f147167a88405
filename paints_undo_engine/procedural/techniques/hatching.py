"""Tone by hatching: short parallel strokes in patches, a second layer across the first where it is darker."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.arrival import Arrival
from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import UNIT, Paper, Phase, Pixels, Tool
from paints_undo_engine.procedural.script import PlannedWork, ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import Points, Trail, nearest_order
from paints_undo_engine.procedural.techniques.focus import focus_of
from paints_undo_engine.procedural.techniques.papering import on_grid
from paints_undo_engine.procedural.techniques.sketching import wobbled

_LEAST = 8
"""Levels below the paper: lighter places stay bare."""


def hatched(source: Source, target: Pixels, sheet: Paper, name: str = "Pencil shading") -> PlannedWork:
    """Hatching on a sheet towards `target` uint8 [H, W, 3] on the canvas: light tone everywhere first, then the dark
    places."""
    depth = on_grid(source, sheet).astype(np.float32).mean(axis=2) - source.small.astype(np.float32).mean(axis=2)
    chance = source.chance(name)
    angle = float(chance.uniform(0.5, 1.1))
    passes = ((_LEAST, angle, 1.0), (45, angle + float(chance.uniform(0.7, 1.3)), 0.7), (95, angle - 0.5, 0.55))
    trails, steps = [], []
    for number, (least, turn, spacing) in enumerate(passes):
        where = cv2.blur((depth > least).astype(np.float32), (9, 9)) > 0.4
        trail = Trail(source.reading.shape)
        trails.append((trail, where))
        steps += _patches(source, where, turn, spacing, trail, number, chance)

    def layers() -> list[Layer]:
        made: list[Layer] = []
        for number, (trail, where) in enumerate(trails):
            goal = target if number == len(trails) - 1 else _lighter(target, sheet, (0.55, 0.8)[number])
            within = cv2.dilate(where.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
            come = trail.arrivals(reach=source.diagonal / 220, within=within)
            made.append(Arrival(f"{name} {number + 1}", goal, come, cover=source.alpha, ramp=UNIT // 2))
        return made

    return PlannedWork(steps, layers)


def _lighter(target: Pixels, sheet: Paper, share: float) -> Pixels:
    """The target with less pressure."""
    out = np.empty_like(target)
    for top in range(0, len(target), 512):
        part = target[top : top + 512].astype(np.float32)
        base = np.asarray(sheet if isinstance(sheet, tuple) else sheet[top : top + 512], np.float32)
        out[top : top + 512] = np.rint(np.clip(base + (part - base) * share, 0, 255))
    return out


def _patches(
    source: Source,
    where: NDArray[np.bool_],
    angle: float,
    spacing: float,
    trail: Trail,
    number: int,
    chance: np.random.Generator,
) -> list[ScriptStep]:
    """Strokes in patches, patch by patch from the focus on."""
    strokes = _strokes(where, angle, spacing * source.diagonal / 190, source.diagonal / 26, chance)
    if not strokes:
        return []
    middles = np.array([stroke.mean(axis=0) for stroke in strokes], np.float64)
    side = source.diagonal / 20
    cells, cell = np.unique(np.floor(middles / side).astype(int), axis=0, return_inverse=True)
    steps = []
    for place in nearest_order((cells + 0.5) * side, focus_of(source)):
        among = [strokes[at] for at in np.flatnonzero(cell.ravel() == place)]
        steps.append(_patch(source, among, trail, ("light", "middle", "dark")[number]))
    return steps


def _patch(source: Source, strokes: list[Points], trail: Trail, tone: str) -> ScriptStep:
    def when(begin: int, end: int) -> None:
        edges = np.linspace(begin, end, len(strokes) + 1)
        for stroke, start, stop in zip(strokes, edges[:-1], edges[1:], strict=True):
            trail.pass_over(stroke, int(start), int(stop))

    x, y = np.concatenate(strokes).mean(axis=0).astype(int)
    height, width = source.reading.shape
    label = int(source.reading.labels[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)])
    name = source.reading.regions[label].called if label >= 0 else "figure"
    bounds = source.bounds(np.concatenate(strokes), 3)
    weight = float(sum(len(stroke) for stroke in strokes))
    return ScriptStep(
        Phase.SHADING, Tool.PENCIL, f"{name}, {tone} hatching", bounds, weight, when, most=8, region=label
    )


def _strokes(
    where: NDArray[np.bool_], angle: float, spacing: float, longest: float, chance: np.random.Generator
) -> list[Points]:
    """Parallel strokes through a mask, cut where it ends and where they get too long."""
    height, width = where.shape
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    centre = np.array([width, height]) / 2
    reach = float(np.hypot(width, height)) / 2
    strokes: list[Points] = []
    for offset in np.arange(-reach, reach, max(1.5, spacing)):
        t = np.arange(-reach, reach, 2.0)
        line = centre + across * (offset + chance.normal(0, spacing * 0.12)) + t[:, None] * along
        x, y = np.rint(line[:, 0]).astype(int), np.rint(line[:, 1]).astype(int)
        inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
        inside[inside] &= where[y[inside], x[inside]]
        edges = np.flatnonzero(np.diff(np.concatenate([[0], inside.astype(np.int8), [0]])))
        for begin, end in zip(edges[::2], edges[1::2], strict=True):
            count = max(1, round((end - begin) * 2 / longest))
            cuts = np.linspace(begin, end, count + 1).astype(int)
            for a, b in pairwise(cuts):
                if b - a >= 2:
                    strokes.append(wobbled(line[a:b].astype(np.float32), 0.4, chance))
    return strokes
