"""Painting with the brush, large to small: masses back to front, and in each mass bursts of strokes at one place."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.brush import Brush, Strokes, joined, paint
from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import Colour, Phase, Pixels, Tool
from paints_undo_engine.procedural.reading.channels import difference
from paints_undo_engine.procedural.reading.traces import is_clean
from paints_undo_engine.procedural.script import ScriptStep, visible
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import nearest_order
from paints_undo_engine.procedural.techniques.brush_view import (
    ClearEdges,
    Side,
    Stretch,
    away_from,
    between_edges,
    hatched,
    roughness,
    squinted,
    turned_along,
)
from paints_undo_engine.procedural.techniques.graining import paint_grain
from paints_undo_engine.procedural.techniques.tracing import Bristles, Traced, directions_for, no_trace, traced

_BURST = 36
"""The most strokes of a small brush in one run at one place."""
_SQUINTED = 60.0
"""The divisor of the finest brush that paints what is seen with half-closed eyes."""
_CONTRAST, _LEAST = 45.0, 0.35
"""Levels that a picture of usual contrast strays on the mean; of that contrast, the least by which a brush goes."""
_WANDER = 0.3
"""Radians by which strokes of a loose brush stray: they cross each other where no form leads them."""
_SHORT, _LONGEST, _BROAD = 1.2, 6.0, 40.0
"""In radii: the shortest stroke of a broad brush, which main edges leave little room, and the longest; the divisor from
which on a brush touches what has no room for a stroke, so that no ground is left bare."""
_SPARSE, _LONG = 1.3, 14.0
"""In radii: how far apart the strokes of a small brush begin, and its longest: few long ones, that follow hair and
cloth, leave a larger brush's to be seen.
"""
_SCRUBBING, _SCRUBBED, _THIN = (18.0, 32.0), (0.1, 0.6), 2.2
"""Of a toned ground: what the diagonal is divided by for its brush, how far its strokes stray in radians, and levels
between its bristles.
"""
_TELLING = 16
"""Levels: so far apart the mean colours of pictures lie that are toned in different ways."""
_CLOSING, _BARE = (64.0, 150.0, *(360.0,) * 4), 0.0001
"""The divisors of the brushes that close what a broad one leaves bare; of what is to be covered, what is not seen."""
_OVER = 0.3
"""Of a broad brush's radius: how far it goes over an outline that a smaller one will correct."""
_TURNS = 4
"""How often a broad brush comes to each side of an outline, so that none stands finished beside bare canvas."""
_NARROWER, _COARSE = 1.7, 200.0
"""How much narrower than one of bristles a program's brush is that has a divisor below the second."""
_NOWHERE = -3
"""The mass of what no careful stroke touches."""


@dataclass(frozen=True, slots=True)
class Level:
    """One brush size: its radius is the grid's diagonal divided by `divisor`; `share` of the brush work's time."""

    divisor: float
    share: float
    phase: Phase
    bristles: Bristles = field(default_factory=Bristles)


@dataclass(slots=True)
class Burst:
    """Some strokes in a row: numbers into the level's strokes; `area` see `ScriptStep`."""

    strokes: NDArray[np.int64]
    mass: int
    area: int = -1


class Brushing:
    """Brush work on one layer. Levels are planned one after the other, each on what the ones before have left.

    `masses` int32 [h, w] are what strokes do not cross; `names` say what each is called. `order` lists masses from back
    to front. `canvas` is what the layer lies on, uint8 [h, w, 3] on the grid; afterwards it is what has been painted.
    """

    def __init__(
        self,
        source: Source,
        goal: Pixels,
        mask: NDArray[np.bool_],
        masses: NDArray[np.int32],
        names: Sequence[str],
        order: Sequence[int],
        canvas: Pixels,
        what: str,
    ) -> None:
        self._source, self._goal, self._mask, self._masses = source, goal, mask, masses
        self._names, self._rank = names, {mass: rank for rank, mass in enumerate(order)}
        self.canvas, self._ground = canvas.copy(), canvas
        self._what = what
        self._runs: list[Strokes] = []
        self._count = 0
        self._times: list[tuple[int, int, int, int]] = []
        self._whole = Stretch(mask)
        self._free = between_edges(source)
        self._edges, self._broad = ClearEdges(goal), away_from(self._free)
        self._rough = roughness(goal)
        self._hatch = hatched(masses, source.chance(f"{what} hatch"))
        self._bound = is_clean(source.reading.pixels)
        self._grain = paint_grain(source)
        self._contrast = float(np.clip(goal.std(axis=(0, 1)).mean() / _CONTRAST, _LEAST, 1.0))

    def onto(self, canvas: Pixels, goal: Pixels) -> Brushing:
        """The same brush work on another layer, over what stands there, towards another goal."""
        other = copy(self)
        other.canvas, other._ground, other._goal = canvas.copy(), canvas, goal
        other._runs, other._times, other._count = [], [], 0
        return other

    def tone(self, colour: Colour, phase: Phase, share: float) -> list[ScriptStep]:
        """A toned ground: broad strokes of one thinned colour, scrubbed on loosely, as picture and seed say."""
        own = (self._goal.reshape(-1, 3).mean(axis=0) // _TELLING).astype(int).tolist()
        chance = self._source.chance(f"{self._what} tone {own}")
        wander = float(chance.uniform(*_SCRUBBED))
        bristles = Bristles(spacing=0.9, longest=14, shortest=0, jitter=_THIN, wander=wander, threshold=6)
        radius = self._source.diagonal / float(chance.uniform(*_SCRUBBING))
        # Whoever scrubs begins and ends beyond the canvas: its corners are covered like its middle.
        beyond = round(radius)
        canvas = np.pad(self.canvas, ((beyond, beyond), (beyond, beyond), (0, 0)), mode="edge")
        even = np.empty_like(canvas)
        even[:] = colour
        shape = canvas.shape[:2]
        masses = np.zeros(shape, np.int32)
        found = traced(even, canvas, np.ones(shape, bool), masses, radius, bristles, chance)
        inner = (slice(beyond, beyond + self._mask.shape[0]), slice(beyond, beyond + self._mask.shape[1]))
        along = np.zeros((*self._mask.shape, 2), np.float32) + np.array([1, 0], np.float32)
        found = self._joined(
            found.moved(-beyond), even[inner], self.canvas, self._mask, masses[inner], bristles, chance, along, least=0
        )
        steps = self._planned(found, phase, share, [Burst(np.arange(len(found.strokes)), 0)], "toned ground")
        self._ground = self.canvas.copy()
        return steps

    def level(
        self,
        level: Level,
        *,
        within: NDArray[np.bool_] | None = None,
        careful: bool = False,
        stretch: Stretch | None = None,
        closed: NDArray[np.bool_] | None = None,
        first: NDArray[np.int32] | None = None,
        borders: NDArray[np.float32] | None = None,
    ) -> list[ScriptStep]:
        """The strokes of one brush size, in bursts. They begin within a mask; `careful` ones do not leave it either.
        Where it leaves the ground bare of what is to be `closed`, smaller brushes join its masses.

        `stretch` is of what they take the colours: all that is painted, unless it is said. They come mass by mass from
        back to front, or area after area as `first` says, int32 [h, w]. No brush frays clean `borders`, to which each
        pixel has a distance, float32 [h, w].
        """
        radius = self.radius(level)
        chance = self._source.chance(f"{self._what} {level.divisor}")
        mask = self._mask if within is None else self._mask & within
        fine = level.divisor > _SQUINTED
        stretch = stretch or self._whole
        goal, seen = stretch.alone(self._goal), self._masses
        if not fine:
            goal, seen = squinted(goal, seen, radius)
        masses = np.where(mask, seen, _NOWHERE) if careful else seen
        depth = self._edges.depth(radius) if fine else self._broad
        if borders is not None:
            depth = np.minimum(depth, borders)
        bristles = self._bristles(level)
        canvas = stretch.alone(self.canvas)
        along = directions_for(goal, radius, chance, self._hatch)
        crisp = fine or borders is not None
        found = traced(
            goal, canvas, mask, masses, radius, bristles, chance, depth, crisp=crisp, along=along, rough=self._rough
        )
        if closed is not None:
            masses = np.where(closed, seen, _NOWHERE) if careful else seen
            found = self._joined(found, goal, canvas, closed, masses, bristles, chance, along)
        mass = self._masses[found.places]
        if first is None:
            return self._planned(found, level.phase, level.share, self._bursts(found, mass, self._ranks(mass)))
        area = first[found.places]
        bursts = [replace(burst, area=int(area[burst.strokes[0]])) for burst in self._bursts(found, mass, area)]
        return self._planned(found, level.phase, level.share, bursts)

    def sides(self, level: Level, sides: Sequence[Side], *, closed: bool) -> list[ScriptStep]:
        """The strokes of one broad brush on all sides of an outline, in turns, on each side mass by mass from the
        largest to the smallest. They run along the outline and go loosely over it. For what is `closed` see `level`.
        """
        found = no_trace(self.radius(level))
        turns: list[tuple[int, int, int, Burst]] = []
        for number, side in enumerate(sides):
            one, own = self._side(level, side, number, closed=closed)
            mass = own[one.places]
            sizes = np.bincount(own[side.mask & (own >= 0)], minlength=len(self._names))
            _, ranks = np.unique(np.stack([-sizes[mass], mass], axis=1), axis=0, return_inverse=True)
            bursts = self._bursts(one, mass, ranks.ravel())
            for at, burst in enumerate(bursts):
                own_turn = Burst(burst.strokes + len(found.strokes), burst.mass)
                turns.append((_TURNS * at // len(bursts), number, at, own_turn))
            found = found.followed(one)
        ordered = [burst for *_, burst in sorted(turns, key=lambda turn: turn[:3])]
        return self._planned(found, level.phase, level.share, ordered)

    def _side(self, level: Level, side: Side, number: int, *, closed: bool) -> tuple[Traced, NDArray[np.int32]]:
        """The strokes on one side, and its masses, which go on beside it: int32 [h, w]."""
        radius = self.radius(level) / side.finer
        chance = self._source.chance(f"{self._what} {level.divisor} {number}")
        reached = self._mask & (away_from((~side.mask).astype(np.uint8)) < _OVER * radius)
        own = side.stretch.reaching(self._masses)
        goal, seen = squinted(side.stretch.alone(self._goal), own, radius)
        masses = np.where(reached, seen, _NOWHERE)
        inner = away_from(side.mask.astype(np.uint8)) > radius
        depth = away_from(np.where(inner, self._free, np.uint8(1)) * reached)
        along = turned_along(directions_for(goal, radius, chance, self._hatch), side.mask, radius)
        bristles = self._bristles(level)
        found = traced(
            goal, self.canvas, reached, masses, radius, bristles, chance, depth, along=along, rough=self._rough
        )
        if closed:
            found = self._joined(found, goal, self.canvas, side.mask & self._mask, masses, bristles, chance, along)
        return found, own

    def _joined(
        self,
        found: Traced,
        goal: Pixels,
        canvas: Pixels,
        closed: NDArray[np.bool_],
        masses: NDArray[np.int32],
        bristles: Bristles,
        chance: np.random.Generator,
        along: NDArray[np.float32],
        least: float = _BARE,
    ) -> Traced:
        """Strokes of a broad brush, and at each place those of smaller ones, which cover what of `closed` it leaves, up
        to the `least` share of that.
        """
        trial = self.canvas.copy()
        paint(trial, found.strokes, 0, len(found.strokes), smooth=False)
        bristles = replace(bristles, shortest=0, threshold=0)
        depth = away_from(closed.astype(np.uint8)) + 1
        for divisor in _CLOSING:
            bare = closed & (trial == self._ground).all(axis=2)
            if float(bare.sum()) <= least * float(closed.sum()):
                break
            radius = max(0.8, self._source.diagonal / divisor)
            # A hole that no start hits is covered by a stroke beside it.
            near = cv2.dilate(bare.astype(np.uint8), np.ones((2 * round(radius / 2) + 1,) * 2, np.uint8)) > 0
            near &= closed
            more = traced(goal, canvas, near, masses, radius, bristles, chance, depth, along=along, rough=self._rough)
            paint(trial, more.strokes, 0, len(more.strokes), smooth=False)
            found = found.followed(more)
        return found

    def _bristles(self, level: Level) -> Bristles:
        """As they suit the picture: what a program's brush leaves is narrow and long, or its round ends would be seen
        as balls.
        """
        bristles = level.bristles.scaled(self._contrast)
        longer = _NARROWER if self._bound and level.divisor < _COARSE else 1.0
        return replace(bristles, bound=self._bound, longest=longer * bristles.longest)

    def radius(self, level: Level) -> float:
        """Of a brush size, in the grid's pixels."""
        narrower = _NARROWER if self._bound and level.divisor < _COARSE else 1.0
        return max(0.8, self._source.diagonal / level.divisor / narrower)

    def _planned(
        self, found: Traced, phase: Phase, share: float, bursts: Sequence[Burst], name: str = ""
    ) -> list[ScriptStep]:
        if not len(found.strokes):
            return []
        order = np.concatenate([burst.strokes for burst in bursts])
        strokes = found.strokes.taken(order)
        before = self.canvas.copy()
        paint(self.canvas, strokes, 0, len(strokes), smooth=False)
        changes = self._changes(before, found, order)
        boxes = strokes.boxes()
        reached = np.concatenate([[0], np.cumsum([len(burst.strokes) for burst in bursts])])
        weights = found.lengths[order] + self._source.diagonal * 0.01
        sums = np.concatenate([[0], np.cumsum(weights)])
        steps = []
        for number, burst in enumerate(bursts):
            begin, end = int(reached[number]), int(reached[number + 1])
            weight = float(sums[end] - sums[begin]) / float(sums[-1]) * share
            label = name or f"{self._names[burst.mass]}, {_brush_name(strokes, begin)}"
            step = self._burst(boxes[begin:end], self._count + begin, phase, label, weight, burst.mass)
            most = min(step.most, visible(float(changes[begin:end].sum())))
            steps.append(replace(step, most=most, area=burst.area))
        self._runs.append(strokes)
        self._count += len(strokes)
        return steps

    def _changes(self, before: Pixels, found: Traced, order: NDArray[np.int64]) -> NDArray[np.float64]:
        """By how many levels each stroke changes the canvas on the mean, about: float64 [strokes]."""
        x, y = np.rint(found.starts[order]).astype(int).T
        height, width = self._mask.shape
        levels = difference(before, self.canvas)[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)]
        radius = found.radius
        covered = 2 * radius * (found.lengths[order] + 2 * radius)
        return np.asarray(levels * covered / self._mask.size, np.float64)

    def _burst(
        self, boxes: NDArray[np.float32], first: int, phase: Phase, label: str, weight: float, mass: int
    ) -> ScriptStep:
        low, high = boxes[:, :2].min(axis=0) * self._source.scale, boxes[:, 2:].max(axis=0) * self._source.scale

        def when(begin: int, end: int) -> None:
            self._times.append((first, len(boxes), begin, end))

        bounds = (float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))
        return ScriptStep(phase, Tool.BRUSH, label, bounds, weight, when, most=60, region=mass)

    def _ranks(self, mass: NDArray[np.int32]) -> NDArray[np.int64]:
        """Where masses [n] come from back to front: int64 [n]."""
        return np.array([self._rank.get(int(one), len(self._rank)) for one in mass], np.int64)

    def _bursts(self, found: Traced, mass: NDArray[np.int32], ranks: NDArray[np.integer]) -> list[Burst]:
        """Rank after rank; in each, place after place; at each place runs of at most `_BURST` strokes.

        `mass` and `ranks` [strokes] are those of each stroke.
        """
        radius = float(np.median(found.strokes.thickness)) + 1 if len(mass) else 1.0
        side = max(self._source.diagonal / 14, 4 * radius)
        bursts: list[Burst] = []
        chance = self._source.chance(f"{self._what} bursts {len(mass)}")
        for rank in np.unique(ranks):
            some = np.flatnonzero(ranks == rank)
            cells, number = np.unique(np.floor(found.starts[some] / side).astype(int), axis=0, return_inverse=True)
            start = cells[int(chance.integers(len(cells)))] + 0.5
            for cell in nearest_order(cells + 0.5, (float(start[0]), float(start[1]))):
                there = chance.permutation(some[number.ravel() == cell])
                there = there[np.argsort(found.turns[there], kind="stable")]
                for begin in range(0, len(there), _BURST):
                    bursts.append(Burst(there[begin : begin + _BURST], int(mass[there[0]])))
        return bursts

    def layers(self, name: str, group: tuple[str, ...]) -> list[Layer]:
        """The brush's layer, once times are known."""
        if not self._runs:
            return []
        times = sorted(self._times, key=lambda run: run[2])
        order = np.concatenate([np.arange(first, first + count) for first, count, _, _ in times])
        strokes = joined(self._runs).taken(order).scaled(self._source.scale).simplified()
        edges = [np.rint(np.linspace(start, stop, count + 1)).astype(np.int64) for _, count, start, stop in times]
        begin, end = (np.concatenate([one[part] for one in edges]) for part in (np.s_[:-1], np.s_[1:]))
        return [Brush(name, strokes, begin, end, group=group, grain=self._grain)]


def _brush_name(strokes: Strokes, number: int) -> str:
    first = int(strokes.first[number])
    width = float(strokes.thickness[first]) * float(strokes.first[number + 1] - first)
    if width > 40:
        return "broad brush"
    return "medium brush" if width > 14 else "small brush"


def levels_of(
    divisors: Sequence[float], shares: Sequence[float], phases: Sequence[Phase], *, apart: float = _SPARSE
) -> list[Level]:
    """Levels from large to small: large brushes are loose, small ones follow the form closely; their strokes begin so
    many radii `apart`.
    """
    made = []
    for divisor, share, phase in zip(divisors, shares, phases, strict=True):
        loose = float(np.clip(1.5 - np.log2(divisor / 20) * 0.25, 0.1, 1.5))
        bristles = replace(Bristles(), tolerance=10 + 19 * loose, threshold=5 + 11 * loose, wander=_WANDER * loose)
        shortest = _SHORT if divisor < _BROAD else 0.0 if divisor < _SQUINTED else bristles.shortest
        spacing, longest = (bristles.spacing, _LONGEST) if divisor < _SQUINTED else (apart, _LONG)
        bristles = replace(bristles, jitter=2 + 3 * loose, shortest=shortest, spacing=spacing, longest=longest)
        made.append(Level(divisor, share, phase, bristles))
    return made
