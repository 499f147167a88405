"""Glazing: what was laid in thinly gets its full depth, with a soft brush that leaves the strokes below to be seen."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.arrival import Arrival
from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import UNIT, Phase, Pixels, Tool
from paints_undo_engine.procedural.reading.channels import difference
from paints_undo_engine.procedural.script import PlannedWork, ScriptStep, visible
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import Points, Trail, nearest_order, wide_blur
from paints_undo_engine.procedural.techniques.blending import softened
from paints_undo_engine.procedural.techniques.focus import focus_of
from paints_undo_engine.procedural.techniques.tracing import Bristles, traced

_BROAD = 150.0
"""The diagonal divided by it: the sigma of what a glaze changes; what is finer stays as it stands."""
_RADIUS = 46.0
"""The diagonal divided by it: the brush."""
_WRONG = 3.0
"""Levels, on the mean about a place, that stand wrong there: with less there is nothing to glaze."""
_SOFT = 0.6
"""Of the radius: how soft the brush's edge is."""
_PLACE = 9.0
"""The diagonal divided by it: the side of what is glazed in one go."""
_DARKER = 1
"""Levels by which the full goal is darker where a brush goes by it."""
_LOOSE = 0.3
"""Of that side: how far strokes lie from where their place would end."""
_FULLY = 4.0
"""Levels between what is glazed with the darks alone and with the lights alone."""
_SEEN = 6
"""Levels that a glaze changes at a place where it is seen."""
_RAMP = 5 * UNIT
"""How slowly a soft brush's paint comes."""


def thinned(goal: Pixels, ground: NDArray[np.floating], share: float) -> Pixels:
    """A goal uint8 [h, w, 3] as thin paint shows it: a share of the ground, levels [3], shines through."""
    return np.asarray(np.rint(goal * np.float32(1 - share) + (np.asarray(ground) * share).astype(np.float32)), np.uint8)


def with_darks(thin: Pixels, full: Pixels) -> Pixels:
    """A thin goal uint8 [h, w, 3], with the full one where that is darker."""
    way = cv2.subtract(cv2.cvtColor(thin, cv2.COLOR_RGB2GRAY), cv2.cvtColor(full, cv2.COLOR_RGB2GRAY))
    return np.where((way > _DARKER)[..., None], full, thin).astype(np.uint8)


def glazed(
    source: Source,
    standing: Pixels,
    goal: Pixels,
    mask: NDArray[np.bool_],
    share: float,
    group: tuple[str, ...] = (),
    *,
    darks: bool,
) -> tuple[PlannedWork, Pixels]:
    """Deepen the darks of `standing`, or set its lights, as `goal` has them, both uint8 [h, w, 3] on the grid.

    `share` is the weight of all steps together. The second is what stands afterwards.
    """
    target = _deepened(standing, goal, mask, source.diagonal / _BROAD, darks=darks)
    away = difference(standing, target)
    place = mask & (away > 0)
    what, radius = "darks" if darks else "lights", source.diagonal / _RADIUS
    bristles = Bristles(spacing=1.2, longest=5, shortest=0, tolerance=60, threshold=_WRONG, wander=0.5)
    found = traced(target, standing, place, source.reading.labels, radius, bristles, source.chance(f"glazing {what}"))
    if not len(found.strokes):
        return PlannedWork([], list), standing
    lines = [found.line(stroke) for stroke in range(len(found.strokes))]
    trail, change = Trail(source.reading.shape), float(away.mean())
    steps = []
    for some in _places(source, found.starts, lines):
        part = len(some) / len(lines)
        steps.append(_step(source, some, trail, what, share * part, visible(change * part)))

    def layers() -> list[Layer]:
        come = softened(trail.arrivals(within=place), _SOFT * radius)
        seen = np.where(away > _SEEN, 255, 0).astype(np.uint8)
        name = f"Glazes, {what}"
        return [Arrival(name, target, come, cover=source.alpha, ramp=_RAMP, group=group, seen=seen)]

    return PlannedWork(steps, layers), target


def _deepened(standing: Pixels, goal: Pixels, mask: NDArray[np.bool_], sigma: float, *, darks: bool) -> Pixels:
    """What stands, uint8 [h, w, 3], with the goal's broad tones where those are darker, or where they are lighter."""
    known = mask.astype(np.float32)
    lift = wide_blur((goal.astype(np.float32) - standing) * known[..., None], sigma)
    lift /= np.maximum(wide_blur(known, sigma), np.float32(1e-3))[..., None]
    way = lift.mean(axis=2)
    # What is hardly darker or lighter is glazed in part, so that no border is seen there.
    known *= np.clip((-way if darks else way) / np.float32(_FULLY) + np.float32(0.5), 0, 1)
    return np.asarray(np.rint(np.clip(standing + lift * known[..., None], 0, 255)), np.uint8)


def _places(source: Source, starts: NDArray[np.float32], lines: list[Points]) -> list[list[Points]]:
    """The strokes of each place, from the focus outward; places reach loosely into each other."""
    side = source.diagonal / _PLACE
    loose = source.chance(f"glazed places {len(starts)}").normal(0, _LOOSE, starts.shape)
    cells, number = np.unique(np.floor(starts / side + loose).astype(int), axis=0, return_inverse=True)
    places = []
    for cell in nearest_order((cells + 0.5) * side, focus_of(source)):
        there = np.flatnonzero(number.ravel() == cell)
        begin = (float(starts[there[0], 0]), float(starts[there[0], 1]))
        places.append([lines[int(there[at])] for at in nearest_order(starts[there].astype(np.float64), begin)])
    return places


def _step(source: Source, lines: list[Points], trail: Trail, what: str, weight: float, most: float) -> ScriptStep:
    def when(begin: int, end: int) -> None:
        trail.pass_all(lines, begin, end)

    x, y = np.clip(np.rint(lines[0][0]).astype(int), 0, np.array(source.reading.shape[::-1]) - 1)
    label = int(source.reading.labels[y, x])
    name = source.reading.regions[label].called if label >= 0 else "figure"
    bounds = source.bounds(np.concatenate(lines), source.diagonal / _RADIUS)
    label_text = f"{name}, {what}"
    return ScriptStep(Phase.PAINTING, Tool.BRUSH, label_text, bounds, weight, when, most=min(12.0, most), region=label)
