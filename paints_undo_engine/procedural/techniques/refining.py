"""Details: what is still missing is painted with fine strokes along the forms, where it is missing most first; thing
after thing: what is broad, then patterns, then thin dark lines, then lights.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.arrival import Arrival
from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import NEVER, UNIT, Cover, Phase, Pixels, Times, Tool
from paints_undo_engine.procedural.reading.channels import difference
from paints_undo_engine.procedural.reading.model import Part
from paints_undo_engine.procedural.script import PlannedWork, ScriptStep, visible
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import Trail, nearest_order, wide_blur
from paints_undo_engine.procedural.techniques.focus import focus_of
from paints_undo_engine.procedural.techniques.tracing import Bristles, traced

_SURE = 10
"""Levels: what stands on the canvas is known about so well; only a larger difference is sure to be seen."""
_TEETH = 3
"""How often a median takes away what is narrower than two pixels to each side."""
_PLAIN = 14.0
"""Levels: what differs less is seen little, and takes less time."""
_FAR = 6.0
"""In radii: what lies farther from every stroke needs none, and is brought along unseen."""
_LIGHT = 26
"""Levels that a place becomes lighter where the artist sets a light."""
_THIN, _NARROW = 90.0, 12
"""The diagonal divided by it: what is narrower than half of that is thin; levels that it differs from what is about it.
"""
_PATTERNS = {Part.HAIR: "strands", Part.CLOTH: "pattern", Part.PROP: "ornaments"}
_LINES = {Part.HAIR: "dark strands", Part.CLOTH: "seams and folds"}
"""What thin things on a part are called, and the dark ones; else texture and fine lines."""
_FAINT = 3
"""Levels: a smaller difference is not worth a stroke; it comes along with its neighbours."""


def refined(
    source: Source,
    standing: Pixels,
    goal: Pixels,
    target: Pixels,
    within: NDArray[np.bool_],
    alpha: Cover | None,
    *,
    name: str,
    divisor: float = 150.0,
    group: tuple[str, ...] = (),
    phase: Phase = Phase.DETAILS,
    what: str | None = "details",
) -> PlannedWork:
    """Fine strokes from `standing` to `goal` (on the grid) within a mask, on a layer of `target` (on either).

    `divisor`: the diagonal divided by it is the brush's radius; `what` is done with it goes into the steps' labels;
    None: each thing by its own name, one after another.
    The whole mask has arrived when the last stroke is done. With `alpha` uint8 [H, W] it takes the place of
    what lies below, so that soft edges become those of the picture.
    """
    labels = source.reading.labels
    radius = max(1.2, source.diagonal / divisor)
    bristles = Bristles(spacing=1.3, longest=12, shortest=0, tolerance=30, threshold=_FAINT, many=1)
    found = traced(goal, standing, within, labels, radius, bristles, source.chance(name))
    if not len(found.strokes):
        return PlannedWork([], list)
    trail = Trail(source.reading.shape)
    steps = []
    away = difference(standing, goal)
    around = cv2.blur(away, (5, 5))
    things = _things(source, standing, goal) if what is None else np.zeros(away.shape, np.uint8)
    lighter = cv2.subtract(cv2.cvtColor(goal, cv2.COLOR_RGB2GRAY), cv2.cvtColor(standing, cv2.COLOR_RGB2GRAY)) > _LIGHT
    things[lighter] = _LIGHTS
    for label, burst, thing in _bursts(source, found.starts, away, things):
        lines = [found.line(int(one)) for one in burst]
        x, y = found.starts[burst].astype(int).T
        missing = float(around[y, x].mean())
        covered = 2 * radius * float((found.lengths[burst] + radius).sum())
        change = missing * covered / away.size
        step = _step(source, label, lines, trail, min(1.0, missing / _PLAIN), change)
        steps.append(replace(step, phase=phase, label=f"{step.label}, {_called(source, label, thing, what)}"))

    def layers() -> list[Layer]:
        come = _together(_spread(trail, within, _FAR * radius))
        seen = np.where(away > _SURE, 255, 0).astype(np.uint8)
        return [Arrival(name, target, come, alpha=alpha, ramp=UNIT, group=group, seen=seen)]

    return PlannedWork(steps, layers)


_BROAD, _PATTERN, _DARK, _LIGHTS = range(4)


def narrow_forms(goal: Pixels, diagonal: float) -> tuple[Pixels, NDArray[np.bool_]]:
    """The picture without what is thin, uint8 [h, w, 3], and where that is, bool [h, w]: stripes, lace, seams, hair."""
    wide = np.asarray(cv2.medianBlur(goal, 2 * round(0.5 * diagonal / _THIN) + 1), np.uint8)
    return wide, difference(wide, goal) > _NARROW


def _things(source: Source, standing: Pixels, goal: Pixels) -> Cover:
    """What each place of the goal is that is missing from what stands, uint8 [h, w]: broad, a pattern, a thin dark."""
    # Half of the grid's pixels tell as much, and take a fifth of the time.
    height, width = goal.shape[:2]
    half = cv2.resize(goal, (max(1, width // 2), max(1, height // 2)), interpolation=cv2.INTER_AREA)
    small = np.asarray(half, np.uint8)
    wide, thin = narrow_forms(small, source.diagonal / 2)
    dark = cv2.subtract(cv2.cvtColor(wide, cv2.COLOR_RGB2GRAY), cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)) > _NARROW // 2
    found = np.where(thin, np.where(dark, _DARK, _PATTERN), _BROAD).astype(np.uint8)
    things = np.asarray(cv2.resize(found, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)
    things[difference(standing, goal) <= _SURE] = _BROAD
    return things


def _called(source: Source, label: int, thing: int, what: str | None) -> str:
    """What an artist calls a burst on a region."""
    regions = source.reading.regions
    part = regions[label].part if 0 <= label < len(regions) else None
    if thing == _LIGHTS:
        return "lights"
    if thing == _BROAD or part is None:
        return what or "details"
    return _PATTERNS.get(part, "texture") if thing == _PATTERN else _LINES.get(part, "fine lines")


def _spread(trail: Trail, within: NDArray[np.bool_], reach: float) -> Times:
    """Arrivals within a mask; what lies farther than `reach` from every stroke comes bit by bit, and not with one."""
    come, away = trail.nearest()
    come[~within] = NEVER
    far = within & (away > reach)
    if not far.any():
        return come
    known = within.astype(np.float32)
    mean = wide_blur(come * known, 3 * reach) / np.maximum(wide_blur(known, 3 * reach), np.float32(1e-3))
    return np.where(far, np.rint(np.clip(mean, come[within].min(), come[within].max())), come).astype(np.uint16)


def _together(come: Times) -> Times:
    """Arrivals without narrow teeth between strokes: what lies between strokes of one time comes with them."""
    close = come
    for _ in range(_TEETH):
        close = np.asarray(cv2.medianBlur(close, 5), np.uint16)
    return np.where((come == NEVER) | (close == NEVER), come, close).astype(np.uint16)


def _step(
    source: Source,
    label: int,
    lines: list[NDArray[np.float32]],
    trail: Trail,
    care: float,
    change: float,
) -> ScriptStep:
    """One burst; `care` 0 to 1: how much of the time that so many strokes take at most; `change`: see `visible`."""

    def when(begin: int, end: int) -> None:
        trail.pass_all(lines, begin, end)

    length = sum(len(line) for line in lines)
    name = source.reading.regions[label].called if 0 <= label < len(source.reading.regions) else "edges"
    bounds = source.bounds(np.concatenate(lines), 4)
    most = min(8.0, 0.4 + 0.08 * len(lines), visible(change))
    return ScriptStep(
        Phase.DETAILS,
        Tool.BRUSH,
        name,
        bounds,
        (float(length) + 4) * (0.2 + 0.8 * care),
        when,
        most=most,
        region=label,
    )


def _bursts(
    source: Source, starts: NDArray[np.float32], away: Cover, things: Cover
) -> list[tuple[int, NDArray[np.int64], int]]:
    """Places in the order in which they call for it: faces first, then where most is missing, then the rest; this for
    one thing after another, the lights at last.

    `away` uint8 [h, w]: how far in levels the canvas is from the goal; `things` uint8 [h, w]: what is there. With each
    burst: its region, and what it is of.
    """
    missing = cv2.blur(away, (9, 9))
    x, y = starts[:, 0].astype(int), starts[:, 1].astype(int)
    side = source.diagonal / 22
    cells = np.floor(starts / side).astype(int)
    kinds, number = np.unique(cells, axis=0, return_inverse=True)
    number = number.ravel()
    call = np.bincount(number, missing[y, x].astype(np.float64)) / np.maximum(np.bincount(number), 1)
    focus = np.array(focus_of(source))
    far = np.hypot(*((kinds + 0.5) * side - focus).T) / source.diagonal
    first = (call > np.median(call)) | (far < 0.12)
    # Strokes by cell, and within a cell by region.
    region = source.reading.labels[y, x]
    sorted_by = np.lexsort((region, number))
    edges = np.searchsorted(number[sorted_by], np.arange(len(kinds) + 1))
    thing = things[y, x]
    bursts: list[list[tuple[int, NDArray[np.int64], int]]] = [[], [], [], []]
    here = (float(focus[0]), float(focus[1]))
    for chosen in (first, ~first):
        among = np.flatnonzero(chosen)
        if not len(among):
            continue
        for place in nearest_order((kinds[among] + 0.5) * side, here):
            cell = int(among[place])
            here = (float(kinds[cell][0] + 0.5) * side, float(kinds[cell][1] + 0.5) * side)
            there = sorted_by[edges[cell] : edges[cell + 1]]
            for run in np.split(there, np.flatnonzero(np.diff(region[there])) + 1):
                for kind, listed in enumerate(bursts):
                    among_run = run[thing[run] == kind]
                    if len(among_run):
                        order = nearest_order(starts[among_run].astype(np.float64), here)
                        listed.append((int(region[run[0]]), among_run[order], kind))
    return [burst for listed in bursts for burst in listed]
