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
from paints_undo_engine.procedural.techniques.arriving import Trail
from paints_undo_engine.procedural.techniques.focus import eyes_together, focus_of, panel_along
from paints_undo_engine.procedural.techniques.sketching import Pencil

_RAMP = UNIT // 4
"""A pen's edge is crisp: a pixel of the line is there within a quarter of an operation."""

_MOST, _LONG = 3.0, 25.0
"""Operations that a stroke takes at most, and more for one that is as long as the diagonal."""

_SCRAP, _SAMPLE, _REMEMBERED = 0.02, 0.01, 200
"""Of the diagonal: shorter lines of a part wait until all others of it stand; how far apart the places of a line are at
which another may meet it. From how many lines that were drawn before a part goes on.
"""
_HAND, _OUTWARD, _LONG_FIRST, _LONGEST = 0.3, 0.2, 0.2, 0.3
"""How much the ways from the last line and from the focus count beside that from all that stands, and how much a line's
own length, in diagonals, up to which.
"""
_PANEL, _FRAME, _FRAMED, _NEAR = 1000, 0.008, 0.7, 3
"""More than all ranks of a panel's lines: panels are inked one after the other. Of the diagonal, how near to a panel's
border its frame runs; of its shorter side and of a line, what is one at least. Pixels: what is so near is a balloon's.
"""
_ACCENT = 0.025
"""Of the diagonal: shorter lines of a painted picture are texture, which no pen draws."""

_FIRST = {Part.EYES: 0, Part.MOUTH: 0, Part.HAIR: 1}
"""Faces are inked first, then heads, then what belongs to figures, then the rest."""
_HEAD = 0.35, 0.6, 0.35, 0.1
"""Of a face's box: how far about it its head reaches at least."""
_BODY, _REST = 0.35, 4
"""How much the way down from a head counts beside that aside; the rank of what is no figure's, before persons count."""


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
    """The order in which lines are drawn: panel by panel, its frame and balloons, then by importance; of each
    part its lines as they grow out of what stands, the longest first, and scraps last.
    """
    if not paths:
        return []
    middles = np.array([path.points[len(path.points) // 2] for path in paths], np.float64)
    ranks = np.array([_rank(source, path, middle) for path, middle in zip(paths, middles, strict=True)])
    persons = _persons(source, middles)
    ranks += np.where(ranks == _REST, 3 * persons.max(), np.where(ranks > 0, 3 * persons, 0))
    ranks += _PANEL * np.array([panel_along(source.reading, path) for path in paths])
    lengths = np.array([path.length for path in paths]) / source.diagonal
    growth = _Growth(paths, lengths, focus_of(source), source.diagonal)
    for rank in np.unique(ranks):
        for visit in (lengths > _SCRAP, lengths <= _SCRAP):
            growth.grow(np.flatnonzero((ranks == rank) & visit))
    return eyes_together(source, middles, growth.order, paths)


def _persons(source: Source, middles: NDArray[np.float64]) -> NDArray[np.int64]:
    """Whose each of some places, float64 [n, 2], is most likely, int64 [n]: numbers of heads, that of the focus first,
    then the larger ones. A body lies below its head.
    """
    reading = source.reading
    heads = [face.head or face.box.grown(*_HEAD) for face in reading.faces]
    heads += [head for head in reading.heads if not any(other.holds(head.centre) for other in heads)]
    if len(heads) < 2:
        return np.zeros(len(middles), np.int64)
    first, *others = heads
    heads = [first, *sorted(others, key=lambda head: -head.width * head.height)]
    away = []
    for head in heads:
        aside, below = (middles - np.array(head.centre)).T
        below = np.where(below > 0, _BODY * below, below)
        away.append(np.hypot(aside, below) / max(head.width, head.height, 1.0))
    return np.asarray(np.argmin(away, axis=0), np.int64)


class _Growth:
    """A drawing that grows from a place: each next line begins at what stands, near the hand, a long one rather than a
    short one. `order`: the lines' numbers.
    """

    def __init__(
        self, paths: Sequence[InkPath], lengths: NDArray[np.float64], begin: tuple[float, float], diagonal: float
    ) -> None:
        step = max(1, round(_SAMPLE * diagonal))
        samples = [path.points[:: min(step, max(1, len(path.points) - 1))] for path in paths]
        counts = np.array([len(one) for one in samples])
        self._points = np.concatenate(samples).astype(np.float32) / np.float32(diagonal)
        self._first = np.concatenate([[0], np.cumsum(counts)])
        self._bonus = _LONG_FIRST * np.minimum(lengths, _LONGEST)
        self._begin, self.order = np.array([begin], np.float32) / np.float32(diagonal), list[int]()

    def grow(self, among: NDArray[np.int64]) -> None:
        """Draw some lines."""
        if not len(among):
            return
        at = np.concatenate([np.arange(self._first[n], self._first[n + 1]) for n in among.tolist()])
        counts = np.diff(self._first)[among]
        points, starts = self._points[at], np.concatenate([[0], np.cumsum(counts)[:-1]])
        standing = np.concatenate([self._begin, *(self._of(n) for n in self.order[-_REMEMBERED:])])
        away = self._gaps(points, starts, standing)
        bonus = self._bonus[among] - _OUTWARD * self._gaps(points, starts, self._begin)
        hand = self._gaps(points, starts, self._of(self.order[-1]) if self.order else self._begin)
        for _ in range(len(among)):
            best = int((away + np.float32(_HAND) * hand - bonus).argmin())
            self.order.append(int(among[best]))
            hand = self._gaps(points, starts, self._of(self.order[-1]))
            away = np.minimum(away, hand)
            bonus[best] = -np.inf

    def _of(self, line: int) -> NDArray[np.float32]:
        return self._points[self._first[line] : self._first[line + 1]]

    @staticmethod
    def _gaps(
        points: NDArray[np.float32], starts: NDArray[np.int64], standing: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """How near each line, whose points float32 [n, 2] begin at `starts`, comes to points [m, 2]: float32."""
        across, down = (points[:, axis, None] - standing[:, axis] for axis in range(2))
        nearest = (across * across + down * down).min(axis=1)
        return np.asarray(np.sqrt(np.minimum.reduceat(nearest, starts)), np.float32)


def _is_frame(source: Source, path: InkPath) -> bool:
    """Whether a line runs along the border of a panel."""
    wobble = _FRAME * source.diagonal
    for box in source.reading.panels:
        x, y = np.abs(path.points - np.array(box.centre, np.float32)).T
        across, down = box.width / 2 - x, box.height / 2 - y
        along = (np.minimum(np.abs(across), np.abs(down)) < wobble) & (np.minimum(across, down) > -wobble)
        if path.length > _FRAMED * min(box.width, box.height) and float(along.mean()) > _FRAMED:
            return True
    return False


def _rank(source: Source, path: InkPath, middle: NDArray[np.float64]) -> int:
    """0 for a panel's frame and its balloons, 1 for a face's line, 2 for one of a head and its hair, 3 for another of a
    figure, `_REST` for all else.
    """
    x, y = (round(float(value)) for value in middle)
    balloons = source.reading.balloons
    own = balloons[max(y - _NEAR, 0) : y + _NEAR + 1, max(x - _NEAR, 0) : x + _NEAR + 1]
    return 0 if own.any() or _is_frame(source, path) else 1 + _importance(source, path, middle)


def _importance(source: Source, path: InkPath, middle: NDArray[np.float64]) -> int:
    reading, place = source.reading, (float(middle[0]), float(middle[1]))
    region = reading.regions[path.region] if 0 <= path.region < len(reading.regions) else None
    part = None if region is None or region.figure is None else region.part
    # Hair before a face comes when that can be seen as one.
    if part is not Part.HAIR and any(face.box.grown(0.05, 0.1, 0.05, 0.15).holds(place) for face in reading.faces):
        return 0
    if part is None or part in _FIRST:
        return 3 if part is None else _FIRST[part]
    heads = [*reading.heads, *(face.head or face.box.grown(*_HEAD) for face in reading.faces)]
    return 1 if any(head.holds(place) for head in heads) else 2
