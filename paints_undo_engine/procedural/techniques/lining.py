"""Line art with the pen, from the focus outward: part by part, stroke after stroke."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.arrival import Arrival
from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import UNIT, Phase, Tool
from paints_undo_engine.procedural.reading.model import InkPath, Part
from paints_undo_engine.procedural.script import PlannedWork, ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import Trail, nearest_order
from paints_undo_engine.procedural.techniques.focus import eyes_together, focus_of
from paints_undo_engine.procedural.techniques.sketching import Pencil

_RAMP = UNIT // 4
"""A pen's edge is crisp: a pixel of the line is there within a quarter of an operation."""

_MOST, _LONG = 3.0, 25.0
"""Operations that a stroke takes at most, and more for one that is as long as the diagonal."""

_GREAT, _SCRAP = 0.08, 0.02
"""Of the diagonal: longer lines are a part's great contours; shorter ones wait until all others of it stand."""
_PANEL = 9
"""More than all ranks of a panel's lines: panels are inked one after the other."""
_ACCENT = 0.025
"""Of the diagonal: shorter lines of a painted picture are texture, which no pen draws."""

_RANK = {
    Part.EYES: 0,
    Part.MOUTH: 0,
    Part.SKIN: 1,
    Part.HAIR: 1,
    Part.CLOTH: 2,
    Part.PROP: 2,
    Part.OBJECT: 2,
}
"""Faces are inked first, then what belongs to figures, then the rest."""


@dataclass(frozen=True, slots=True, eq=False)
class Stroke:
    """A line that is drawn; with `pen` on that pen's layer, with `trail` on the one that has it, without on the line
    art's. `hatching`: it gives tone; `accent`: it is set on paint."""

    path: InkPath
    pen: Pencil | None = None
    hatching: bool = False
    accent: bool = False
    trail: Trail | None = None


def lined(
    source: Source,
    phase: Phase = Phase.LINE,
    name: str = "Line art",
    group: tuple[str, ...] = (),
    *,
    accents: bool = False,
    strokes: Sequence[Stroke] | None = None,
    reach: float = np.inf,
    within: NDArray[np.bool_] | None = None,
) -> PlannedWork:
    """Ink all lines of the picture; as accents only its long ones, and nothing that lies away from them.

    `strokes`: these in their order, of which some may be drawn on another layer. What of the ink lies farther than
    `reach` (the grid's pixels) from all of them, or not `within` bool [h, w], is left out.
    """
    least = _ACCENT * source.diagonal if accents else 0.0
    trail = Trail(source.reading.shape)
    listed = ordered_strokes(source) if strokes is None else strokes
    steps = [_step(source, stroke, stroke.trail or trail, phase) for stroke in listed if stroke.path.length >= least]

    def layers() -> list[Layer]:
        come = trail.arrivals(reach=source.diagonal / 200 if accents else reach, within=within)
        return [Arrival(name, source.ink_colour, come, cover=source.ink, ramp=_RAMP, group=group)]

    return PlannedWork(steps, layers if steps else list)


def filled_soon(
    steps: Sequence[ScriptStep],
    paths: Sequence[InkPath],
    areas: NDArray[np.uint16],
    fills: Mapping[int, Sequence[ScriptStep]],
    early: Collection[int] = (),
    pairs: Sequence[tuple[int, int]] = (),
) -> list[ScriptStep]:
    """The steps of lines, `paths` in their order, and those that fill areas, each once the last line in it stands, so
    that nothing black is hollow for long, and `early` ones with the first. What has no line comes last, of `early` ones
    first. `areas` uint16 [h, w]: 0, or an area's number. Both of `pairs` come with the first of them.
    """
    height, width = areas.shape
    found: dict[int, list[int]] = {area: [] for area in fills}
    for number, path in enumerate(paths, 1):
        x, y = (round(float(value)) for value in path.points[len(path.points) // 2])
        own = int(areas[min(max(y, 0), height - 1), min(max(x, 0), width - 1)])
        if own in fills:
            found[own].append(number)
    none = {area: 0 if area in early else len(steps) for area in fills}
    last = {area: (own[0] if area in early else own[-1]) if own else none[area] for area, own in found.items()}
    for one, other in pairs:
        last[one] = last[other] = min(last[one], last[other])
    after: dict[int, list[ScriptStep]] = {}
    for area, number in last.items():
        after.setdefault(number, []).extend(fills[area])
    made = after.get(0, [])
    for number, step in enumerate(steps, 1):
        made += [step, *after.get(number, [])]
    return made


def _step(source: Source, stroke: Stroke, trail: Trail, phase: Phase) -> ScriptStep:
    path = stroke.path
    chance = source.chance(f"pen {path.length:.2f} {path.points[0, 0]:.1f}")
    points = path.points if chance.random() < 0.6 else path.points[::-1]

    label = f"{named(source, path.region)}, {_kind(stroke)}"
    phase = Phase.SHADING if stroke.hatching or stroke.accent else phase
    # A long line is drawn faster for its length, but a hand needs some time for every stroke.
    weight = (path.length / source.diagonal) ** 0.7 + 0.02
    most = _MOST + _LONG * path.length / source.diagonal
    if stroke.pen is not None:
        step = stroke.pen.line(points, phase, label, tool=Tool.PEN)
        return replace(step, weight=weight, most=most, region=path.region)

    def when(begin: int, end: int) -> None:
        trail.pass_over(points, begin, end)

    return ScriptStep(phase, Tool.PEN, label, source.bounds(points, 3), weight, when, most=most, region=path.region)


def _kind(stroke: Stroke) -> str:
    return "hatching" if stroke.hatching else "accent" if stroke.accent else "line"


def named(source: Source, region: int) -> str:
    """What a region is called."""
    regions = source.reading.regions
    return regions[region].called if 0 <= region < len(regions) else "figure"


def ordered_strokes(
    source: Source, contours: Sequence[Stroke] = (), accents: NDArray[np.bool_] | None = None
) -> list[Stroke]:
    """The strokes of the line art in the order in which they are drawn, and among them contours; at last those that are
    `accents`, bool [n]."""
    paths = source.reading.ink.paths
    late = [False] * len(paths) if accents is None else accents.tolist()
    kinds = zip(paths, source.hatching.tolist(), late, strict=True)
    drawn = [Stroke(path, hatching=hatching, accent=accent) for path, hatching, accent in kinds]
    return in_order(source, [*drawn, *contours])


def in_order(source: Source, strokes: Sequence[Stroke]) -> list[Stroke]:
    """Strokes in the order in which they are drawn; hatching comes once the forms stand, and accents after it."""
    ordered = [strokes[at] for at in _order(source, [stroke.path for stroke in strokes])]
    return sorted(ordered, key=lambda stroke: (stroke.accent, stroke.hatching))


def _order(source: Source, paths: Sequence[InkPath]) -> list[int]:
    """The order in which lines are drawn: panel by panel, by importance, of each part first its great contours, the
    longest first; then always on to the nearest, place by place, and scraps last.
    """
    if not paths:
        return []
    focus = focus_of(source)
    middles = np.array([path.points[len(path.points) // 2] for path in paths], np.float64)
    ranks = np.array([_rank(source, path, middle) for path, middle in zip(paths, middles, strict=True)])
    ranks += _PANEL * _panels(source, middles)
    lengths = np.array([path.length for path in paths]) / source.diagonal
    order: list[int] = []
    here = focus
    for rank in np.unique(ranks):
        # A face's outline comes with its features.
        large = (lengths > _GREAT) & (ranks % _PANEL > 0)
        great = np.flatnonzero((ranks == rank) & large)
        order += great[np.argsort(-lengths[great], kind="stable")].tolist()
        for visit in (lengths > _SCRAP, lengths <= _SCRAP):
            some = np.flatnonzero((ranks == rank) & ~large & visit)
            for cell in _neighbourhoods(middles, some, source.diagonal, here):
                order += [int(cell[at]) for at in nearest_order(middles[cell], here)]
                here = (float(middles[order[-1]][0]), float(middles[order[-1]][1]))
    return eyes_together(source, middles, order, paths)


def _panels(source: Source, places: NDArray[np.float64]) -> NDArray[np.int64]:
    """In which panel of a page, from 1, each of some places float64 [n, 2] lies: int64 [n]; 0 between them."""
    found = np.zeros(len(places), np.int64)
    for number, box in enumerate(source.reading.panels, 1):
        inside = (places >= (box.x, box.y)) & (places <= (box.x + box.width, box.y + box.height))
        found[inside.all(axis=1) & (found == 0)] = number
    return found


def _neighbourhoods(
    middles: NDArray[np.float64], among: NDArray[np.int64], diagonal: float, here: tuple[float, float]
) -> list[NDArray[np.int64]]:
    """Lines near each other, neighbourhood by neighbourhood: a hand stays at a place until it is done."""
    if not len(among):
        return []
    side = 0.16 * diagonal
    cells = np.floor(middles[among] / side).astype(int)
    kinds, number = np.unique(cells, axis=0, return_inverse=True)
    order = nearest_order((kinds + 0.5) * side, here)
    return [among[number.ravel() == cell] for cell in order]


def _rank(source: Source, path: InkPath, middle: NDArray[np.float64]) -> int:
    for face in source.reading.faces:
        box = face.box.grown(0.05, 0.1, 0.05, 0.15)
        if box.x <= middle[0] <= box.x + box.width and box.y <= middle[1] <= box.y + box.height:
            return 0
    if not 0 <= path.region < len(source.reading.regions):
        return 3
    region = source.reading.regions[path.region]
    return _RANK.get(region.part, 3) if region.figure is not None else 3
