"""Flats that hold several things with edges between them, as in the dark: each gets a flat of its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.colours import unlike
from paints_undo_engine.procedural.reading.flats import FlatGraph, blending, gradual, like_any
from paints_undo_engine.procedural.reading.graph import NEVER, Graph, Numbers, Values
from paints_undo_engine.procedural.reading.segments import Segments
from paints_undo_engine.procedural.reading.zones import Zone

_SEVERAL, _MASS, _FIGURE = 0.03, 0.01, 0.05
"""Of the figures: what a flat takes at least that may hold several things, and what each of them takes. Of the
picture: for how much at least the figures count.
"""
_LIMIT = 9.0
"""In Lab: what is nearer, or only gradually apart, is one mass."""
_PAINT, _CEL, _BOTH = 16.0, 22.0, 1.2
"""How unlike two things' paints are in whatever light; in L*, how much darker a thing is than most shadows on another
one; the least sum of the squares of the two, as shares of those limits.
"""
_CLEAR, _HUE = 20.0, 0.3
"""Chroma from which on a colour's hue is sure; in radians, how far apart one thing's light and shadow are."""
_SKIN = 1.4
"""How many times more unlike paints with the faces' skin colour may be: its shadows are redder."""
_FLUSHED = 20.0
"""How unlike the faces' skin that may be."""
_DARK = 12.0
"""How unlike two things' paints are in the dark, where differences count for more."""
_NIGHT = (8.0, 34.0, 1.9)
"""In L*: from where to where colours are dark, and how much more differences count among the darkest."""
_GRADUAL = 0.5
"""Of 1: two masses whose border is more gradual are one."""
_BLENDED = 0.6
"""Of 1: a mass that blends so surely into another one is a side of it, whatever their paints."""
_MOST = 12
"""Flats that are won in a picture at most."""


def parted(segments: Segments, flats: FlatGraph, skin: Values) -> FlatGraph:
    """The flats of a figure, of which those that hold clearly different masses with edges between them are parted.

    `skin` Lab [k, 3] are the colours of the faces' skin.
    """
    of_figure = ~np.isin(flats.graph.zone, (Zone.GROUND, Zone.TRANSPARENT))
    whole = max(float(flats.graph.area[of_figure].sum()), _FIGURE * segments.labels.size)
    pieces, masses = _masses(segments.graph, flats, _MASS * whole)
    owner = np.zeros(len(masses.area), np.int64)
    owner[pieces] = flats.of
    chief = np.flatnonzero(masses.area >= _MASS * whole)
    chosen = np.isin(flats.graph.zone[owner[chief]], (Zone.FIGURE, Zone.HAIR))
    group = _Groups(masses, flats, owner, like_any(masses.mean, skin, _FLUSHED))
    for flat in np.unique(owner[chief[chosen]]).tolist():
        if flats.graph.area[flat] >= _SEVERAL * whole:
            group.part(flat, chief[owner[chief] == flat])
    if not group.won:
        return flats
    return group.made(segments.graph, pieces)


def _masses(graph: Graph, flats: FlatGraph, smallest: float) -> tuple[Numbers, Graph]:
    """The mass of each segment, [n], and the graph of the masses, none of which reaches over two flats."""
    within = replace(graph, zone=flats.of)
    return within.merged(_cost, _LIMIT, int(smallest))


def _cost(graph: Graph) -> Values:
    first, second = graph.pairs.T
    mean = graph.mean
    return np.where(graph.apart, NEVER, _far(mean[first], mean[second]) * (1 - 0.75 * gradual(graph)))


def _far(one: Values, other: Values) -> Values:
    """How far Lab colours [..., 3] are apart, more of it where both are dark."""
    return np.asarray(_finer(one, other) * np.sqrt(((one - other) ** 2).sum(axis=-1)))


def _finer(one: Values, other: Values) -> Values:
    """How many times differences of Lab colours [..., 3] count."""
    low, high, more = _NIGHT
    return np.asarray(np.interp((one[..., 0] + other[..., 0]) / 2, (low, high), (more, 1)))


def _differ(one: Values, other: Values, skin: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether Lab colours [..., 3] are of two things: no light makes one of the other; `skin`: both have its colour."""
    paint = unlike(one, other) / np.where(skin, _SKIN, 1.0)
    depth = _finer(one, other) * np.abs(one[..., 0] - other[..., 0])
    dark = np.maximum(one[..., 0], other[..., 0]) < _NIGHT[1]
    clear = (paint > _PAINT) | (depth > _CEL) | ((paint / _PAINT) ** 2 + (depth / _CEL) ** 2 > _BOTH)
    shadow = (depth < _CEL) & _of_one_hue(one, other)
    return np.asarray((clear & ~shadow) | (dark & (_finer(one, other) * paint > _DARK)))


def _of_one_hue(one: Values, other: Values) -> NDArray[np.bool_]:
    """Whether Lab colours [..., 3] are clear ones of one hue: then much of their difference is light."""
    first, second = (np.hypot(paint[..., 1], paint[..., 2]) for paint in (one, other))
    turn = np.arctan2(one[..., 2], one[..., 1]) - np.arctan2(other[..., 2], other[..., 1])
    return np.asarray((np.minimum(first, second) > _CLEAR) & (np.cos(turn) > np.cos(_HUE)))


class _Groups:
    """Masses that are told apart, flat by flat."""

    def __init__(self, masses: Graph, flats: FlatGraph, owner: Numbers, skin: NDArray[np.bool_]) -> None:
        self._masses, self._flats, self._skin = masses, flats, skin
        self._of = owner.copy()
        self._soft, self._blended = _borders(masses, gradual(masses)), _borders(masses, blending(masses))
        self.won: list[int] = []

    def part(self, flat: int, chief: Numbers) -> None:
        """Give the masses of a flat that are unlike all larger ones flats of their own, the largest first."""
        ordered = chief[np.argsort(-self._masses.area[chief], kind="stable")]
        kinds = [int(ordered[0])]
        own = {kinds[0]: flat}
        if not self._differ(ordered, kinds[0]).any():
            return
        for mass in ordered[1:].tolist():
            side = self._side_of(mass, kinds)
            if side is None and len(self.won) < _MOST:
                own[mass] = len(self._flats.graph.area) + len(self.won)
                self.won.append(flat)
                kinds.append(mass)
            else:
                own[mass] = own[self._nearest(mass, kinds) if side is None else side]
            self._of[mass] = own[mass]
        self._share_rest(flat, chief, kinds, own)

    def _differ(self, masses: Numbers | list[int], other: int) -> NDArray[np.bool_]:
        """[n]: which of some masses are other things than one of them."""
        mean = self._masses.mean
        return _differ(mean[masses], mean[other][None], self._skin[masses] & self._skin[other])

    def _side_of(self, mass: int, kinds: list[int]) -> int | None:
        """Which of some masses another one is a side of: it blends into that, or touches it and is like it, or only
        gradually apart, or has its colour.
        """
        sides = [one for one in kinds if self._blended.get((min(mass, one), max(mass, one)), 0.0) > _BLENDED]
        if sides:
            return self._nearest(mass, sides)
        alike = ~self._differ(kinds, mass)
        border = [self._soft.get((min(mass, one), max(mass, one))) for one in kinds]
        sides = [one for one, like, soft in zip(kinds, alike, border, strict=True) if like and soft is not None]
        if not sides and not alike.any():
            sides = [one for one, soft in zip(kinds, border, strict=True) if soft is not None and soft > _GRADUAL]
        if not sides:
            mean = self._masses.mean
            sides = [one for one in kinds if float(_far(mean[one], mean[mass])) < _LIMIT]
        return self._nearest(mass, sides) if sides else None

    def _nearest(self, mass: int, kinds: list[int]) -> int:
        """Which of some masses is most like another one."""
        mean = self._masses.mean
        return kinds[int(_far(mean[kinds], mean[mass][None]).argmin())]

    def _share_rest(self, flat: int, chief: Numbers, kinds: list[int], own: dict[int, int]) -> None:
        """What lies by itself in small pieces goes with the mass that is most like it."""
        for piece in np.setdiff1d(np.flatnonzero(self._of == flat), chief).tolist():
            self._of[piece] = own[self._nearest(piece, kinds)]

    def made(self, graph: Graph, pieces: Numbers) -> FlatGraph:
        """The flats of the segments: what was won from hair is the figure's."""
        every, of = np.unique(self._of[pieces], return_inverse=True)
        whole = graph.contracted(np.asarray(of, np.int64))
        zone = np.where((whole.zone == Zone.HAIR) & (every >= len(self._flats.graph.area)), Zone.FIGURE, whole.zone)
        first = np.zeros(len(every), np.int64)
        first[of] = self._flats.of
        return FlatGraph(np.asarray(of, np.int64), _colours(graph, of, self._flats), replace(whole, zone=zone), first)


def _colours(graph: Graph, of: Numbers, flats: FlatGraph) -> Values:
    """Lab [m, 3]: of each flat its own, or of what was parted that of its largest segment."""
    count = int(of.max()) + 1
    old, largest = np.zeros((2, count), np.int64)
    ordered = np.argsort(graph.area, kind="stable")
    old[of], largest[of[ordered]] = flats.of, ordered
    kept = np.bincount(of, minlength=count) == np.bincount(flats.of, minlength=len(flats.colour))[old]
    return np.where(kept[:, None], flats.colour[old], graph.mean[largest])


def _borders(graph: Graph, values: Values) -> dict[tuple[int, int], float]:
    """What is known of each border [m], by the two neighbours."""
    return {(a, b): value for (a, b), value in zip(graph.pairs.tolist(), values.tolist(), strict=True)}
