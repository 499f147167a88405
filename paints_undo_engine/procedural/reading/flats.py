"""Flats: pieces of one tone put together into what an artist fills with one colour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.colours import unlike
from paints_undo_engine.procedural.reading.graph import NEVER, Graph, Numbers, Values
from paints_undo_engine.procedural.reading.segments import PARTING, WALL, Segments
from paints_undo_engine.procedural.reading.zones import Zone

_LIMIT = 9.0
_SAME_MATERIAL, _SAME_HAIR = 6.0, 9.0
"""How unlike two flats of one material may be in the whole figure, and on a head: hair glows and shifts in hue."""
_OTHER_LIGHT = 1.0
"""How much of a difference in L* counts between flats of different seen parts."""
_OPEN, _OPEN_GROUND, _MOST_OPEN = 0.4, 0.85, 8.0
"""How much less a border costs in a figure, and in the ground, where nobody would draw one; by how much at most."""
_WALLED, _WALL, _APART = 2.0, 4.0, 3.0
"""How much more a border costs in the ground where somebody would draw one, as a share, and for itself where its paints
are so far apart.
"""
_PAINTS, _CRISP, _DRAWN = 12.0, 0.3, (0.15, 0.45)
"""How unlike paints are that lines part; how gradual such a border is at most; the share of these borders with lines
from which on lines tell a little, and all, of what is parted.
"""
_SKIN_GUARD = 7.0
"""Added to the cost of merging what has the faces' skin colour with what has not."""
_LONG, _TOUCHING = 1.5, 0.5
"""Of the root of the smaller area: a border that is so long tells all, and where colours blend, one so long."""
_SHARP, _CLEARLY, _BLENDED = 0.4, 0.15, 0.6
"""Of two paints' difference, what a border's few pixels show at most where they blend into each other, and by how much
less for certain; how much less such a border costs.
"""
_DEEPEST_CEL, _DEEP = 28.0, 0.5
"""In L*: how much darker than its flat a hard shadow may be, and what each level more costs."""
_FLUSHED = 20.0
"""How unlike the faces' skin a blush may be."""
_MOST = dict.fromkeys(Zone, 1) | {Zone.GROUND: 14, Zone.FIGURE: 20}
_MOST_DRAWN = 40
"""Flats of a ground or a crowd that was drawn with lines, of which each holds what a line goes round, or of a ground
whose edges are known.
"""
_SMALLEST = {Zone.GROUND: 0.003, Zone.FIGURE: 0.0025}
"""Of the zone: a smaller flat is a detail of the one around it."""
_CROWD = 3
"""Faces from which on that is said of each one's figure."""
_PALE, _PALEST = 15.0, 0.4
"""Chroma of a paint that is pale; the share of the usual limit within which a colour is like one without any."""
_SHADED = 40.0
"""In L*: how far a paint's light and shade are from it."""
_HANDS = 4.0
"""How many times its area a flat with the faces' skin colour counts for, as hands have."""
_LIGHTER, _ABOUT, _TELLING = 0.15, 12.0, 60
"""How much a segment's area counts where it is black, in a figure the root of that; where white, one more; in Lab,
how near colours are that are about the same; of how many segments a flat's colour is taken.
"""
_SLIVER = 4.0
"""In pixels: what is thinner counts for less than its area."""


@dataclass(frozen=True, eq=False)
class FlatGraph:
    """`of` [n]: the flat of each segment. `colour` Lab [m, 3] of each flat, and their graph.

    `whole` [m]: flats of one number hold different things of what was first taken for one flat.
    """

    of: Numbers
    colour: Values
    graph: Graph
    whole: Numbers


def find_flats(
    segments: Segments, inked: bool, skin: Values, heads: NDArray[np.bool_], *, drawn: bool = False
) -> FlatGraph:
    """Merge segments where only the light differs; `inked`: the figure's materials are parted by lines; `drawn`: so is
    all else.

    `skin` Lab [k, 3] are the colours of the faces' skin; `heads` bool [h, w] is where heads with their hair are.

    Then flats of one material are one, wherever they lie in the figure, and what is small becomes a detail.
    """
    smallest = max(6, segments.labels.size // 6000)
    lined = _lines_tell(segments.graph) if inked else 0.0
    of, graph = segments.graph.merged(lambda graph: _shade_cost(graph, lined, skin, drawn), _LIMIT, smallest)
    colour = commonest_paints(segments.graph, of, len(graph.area))
    for zone in np.unique(graph.zone):
        high = np.bincount(of[segments.labels][heads], minlength=len(graph.area)) > 0.3 * graph.area
        of_skin = like_any(colour, skin)
        hair = high & ~like_any(colour, skin, _FLUSHED)
        part = _chief_parts(segments, of, len(graph.area))
        joined = _materials(graph, colour, Zone(int(zone)), (high & ~of_skin, hair), of_skin, part)
        of, graph = joined[of], graph.contracted(joined)
        colour = commonest_paints(segments.graph, of, len(graph.area))
        known = drawn or (graph.seen is not None and zone == Zone.GROUND)
        most = _MOST_DRAWN if known and zone in (Zone.GROUND, Zone.FIGURE) else _MOST[Zone(int(zone))]
        least = _SMALLEST.get(Zone(int(zone)), 0.0)
        if zone == Zone.SKIN:
            most = max(1, len(skin))
        if zone == Zone.FIGURE and len(skin) >= _CROWD:
            most, least = max(most, _MOST_DRAWN), least / len(skin)
        worth = np.where(like_any(colour, skin), _HANDS, 1.0)
        folded = _without_details(graph, colour, Zone(int(zone)), (most, least), worth)
        of, graph = folded[of], graph.contracted(folded)
        colour = commonest_paints(segments.graph, of, len(graph.area))
    return FlatGraph(of, colour, graph, np.arange(len(graph.area)))


def _chief_parts(segments: Segments, of: Numbers, count: int) -> Numbers:
    """[m]: the seen part that most of each flat belongs to, 0 where none is known."""
    parts = int(segments.part.max()) + 1
    held = np.bincount(of * parts + segments.part, segments.graph.area, count * parts)
    return np.asarray(held.reshape(count, parts).argmax(axis=1), np.int64)


def softness(segments: Segments, flats: FlatGraph) -> Values:
    """[m], 0 to 1: the share of the borders inside each flat that are gradual."""
    graph = segments.graph
    first, second = graph.pairs.T
    within = flats.of[first] == flats.of[second]
    soft = graph.length * gradual(graph) * within
    count = len(flats.graph.area)
    total = np.bincount(flats.of[first], graph.length * within, count)
    return np.asarray(np.bincount(flats.of[first], soft, count) / np.maximum(total, 1))


def gradual(graph: Graph) -> Values:
    """[m], 0 to 1: how gradual each border is: the change across a few pixels beside that between the regions."""
    return np.asarray(np.clip((0.85 - _sharp(graph)) / 0.4, 0, 1))


def blending(graph: Graph) -> Values:
    """[m], 0 to 1: how surely two paints blend into each other along a border without a line, as one thing's light and
    shade do and two things do not.
    """
    least = np.minimum(*graph.area[graph.pairs.T])
    long = np.clip(graph.length / np.sqrt(least) / _TOUCHING, 0, 1)
    unlined = np.clip(1 - 2.5 * graph.inked / graph.length, 0, 1)
    return np.asarray(unlined * long * np.clip((_SHARP - _sharp(graph)) / _CLEARLY, 0, 1))


def _sharp(graph: Graph) -> Values:
    """[m]: the share of the change between two regions that happens across a few pixels of their border."""
    mean = graph.mean
    apart = np.sqrt(((mean[graph.pairs[:, 0]] - mean[graph.pairs[:, 1]]) ** 2).sum(axis=1))
    return np.asarray(graph.step / graph.length / np.maximum(apart, 2.0))


def _lines_tell(graph: Graph) -> float:
    """0 to 1: how far lines part a figure's paints, as the crisp borders between unlike ones tell."""
    first, second = graph.pairs.T
    mean = graph.mean
    figure = (graph.zone[first] == Zone.FIGURE) & (graph.zone[second] == Zone.FIGURE)
    crisp = figure & (gradual(graph) < _CRISP) & (unlike(mean[first], mean[second]) > _PAINTS)
    whole = float(graph.length[crisp].sum())
    return float(np.interp(graph.inked[crisp].sum() / whole, _DRAWN, (0, 1))) if whole else 1.0


def _shade_cost(graph: Graph, lined: float, skin_colours: Values, drawn: bool) -> Values:
    """A region is a shade of its neighbour where a long border without ink is gradual, or only the light differs.

    `lined` 0 to 1: how far lines part the figure's paints. `drawn`: the ground has lines as the figure has.
    """
    first, second = graph.pairs.T
    mean = graph.mean
    skin, flushed = like_any(mean, skin_colours), like_any(mean, skin_colours, _FLUSHED)
    base = unlike(mean[first], mean[second])
    line = graph.inked / graph.length
    least = np.minimum(graph.area[first], graph.area[second])
    share = graph.length / np.sqrt(least)
    free = np.clip(1 - 2.5 * line, 0, 1) * np.clip(share / _LONG, 0, 1)
    blended = blending(graph)
    figure = (graph.zone[first] == Zone.FIGURE) | (drawn & (graph.zone[first] == Zone.GROUND))
    darker = np.maximum(np.abs(mean[first, 0] - mean[second, 0]) - 12, 0)
    base += np.where(figure, 0.0, 0.25) * darker
    base *= 1 - 0.5 * gradual(graph) * free
    base *= 1 - 0.58 * lined * free * figure
    base *= 1 - _BLENDED * blended
    ground = graph.zone[first] == Zone.GROUND
    less = np.where(ground, _OPEN_GROUND, np.where(graph.zone[first] == Zone.FIGURE, _OPEN, 0.0))
    base -= np.minimum(less * base, _MOST_OPEN) * graph.unseen * np.clip(share / _LONG, 0, 1)
    base += PARTING * graph.parting
    base += ground * graph.walled * (_WALLED * base + _WALL * np.clip(base / _APART, 0, 1))
    base *= np.where(flushed[first] & flushed[second] & figure, 0.5, 1.0)
    base += _SKIN_GUARD * (skin[first] != skin[second]) * figure
    # A dark hat on hair of its hue, a black dress beside a grey one: no cel is so much darker.
    deep = np.maximum(np.abs(mean[first, 0] - mean[second, 0]) - _DEEPEST_CEL, 0)
    base += _DEEP * deep * (1 - gradual(graph)) * figure
    return np.where(graph.apart, NEVER, base + 14 * line * np.where(figure, 1.0, 0.5))


def like_any(colour: Values, paints: Values, limit: float = 9.0) -> NDArray[np.bool_]:
    """[m]: which colours are alike to any of some paints, Lab [k, 3], in whatever light; fewer are to pale ones, or
    white would be.
    """
    if not len(paints):
        return np.zeros(len(colour), bool)
    light = np.abs(colour[:, None, 0] - paints[None, :, 0])
    pale = np.clip(np.hypot(paints[:, 1], paints[:, 2]) / _PALE, _PALEST, 1)
    alike = unlike(colour[:, None], paints[None], light=0.0) < limit * pale
    return np.asarray((alike & (light < _SHADED * pale)).any(axis=1))


def commonest_paints(graph: Graph, of: Numbers, count: int) -> Values:
    """Lab [count, 3]: of each flat the commonest colour, as its heaviest segments tell, weighted towards the light,
    more so in a figure, whose shadows are laid later; of eyes their white.
    """
    weight = graph.area * (_LIGHTER + graph.mean[:, 0] / 100) ** np.where(graph.zone == Zone.GROUND, 1, 2)
    best = np.zeros(count, np.int64)
    order = np.lexsort((weight, of))
    best[of[order]] = order
    ends = np.cumsum(np.bincount(of, minlength=count))
    parted = np.bincount(of[graph.zone != Zone.EYES], minlength=count) > 2
    for flat in np.flatnonzero(parted).tolist():
        some = order[max(int(ends[flat - 1]) if flat else 0, int(ends[flat]) - _TELLING) : int(ends[flat])]
        colours = graph.mean[some]
        near = np.exp(-((colours[:, None] - colours) ** 2).sum(axis=2) / _ABOUT**2)
        best[flat] = some[int((near @ weight[some]).argmax())]
    return np.asarray(graph.mean[best])


def _materials(
    graph: Graph,
    colour: Values,
    zone: Zone,
    heads: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    skin: NDArray[np.bool_],
    part: Numbers,
) -> Numbers:
    """[m]: flats of a zone whose paint is the same are one; hair and hats apart from the body's cloth, what has the
    colour of `skin` [m] from what is only like it, and what is of another seen `part` [m], if lighter or darker.

    `heads`: what is hair or hats [m], and what of it is no blush [m].
    """
    (high, hair) = heads
    new = np.arange(len(graph.area))
    if zone is Zone.SKIN:
        return _by_piece(graph, zone)
    if _MOST[zone] == 1:
        new[graph.zone == zone] = np.flatnonzero(graph.zone == zone)[0]
        return _numbered(new)
    members = np.flatnonzero(graph.zone == zone)
    if zone is Zone.GROUND:
        return _numbered(new)
    members = members[np.argsort(-graph.area[members], kind="stable")][:200]
    chosen: list[int] = []
    for member in members.tolist():
        if chosen:
            other = (part[chosen] != part[member]) & (part[chosen] > 0) & (part[member] > 0)
            cost = unlike(colour[chosen], colour[member][None], light=0.3)
            cost = np.where(other, unlike(colour[chosen], colour[member][None], light=_OTHER_LIGHT), cost) + NEVER * (
                high[chosen] != high[member]
            )
            cost += _SKIN_GUARD * (skin[chosen] != skin[member])
            nearest = int(cost.argmin())
            on_head = hair[member] and hair[chosen[nearest]]
            if cost[nearest] < (_SAME_HAIR if on_head else _SAME_MATERIAL):
                new[member] = chosen[nearest]
                continue
        chosen.append(member)
    return _numbered(new)


def _by_piece(graph: Graph, zone: Zone) -> Numbers:
    """[m]: what of a zone hangs together is one: each face has its own skin."""
    new = np.arange(len(graph.area))
    inside = (graph.zone[graph.pairs] == zone).all(axis=1)
    for a, b in graph.pairs[inside].tolist():
        new[new == new[b]] = new[a]
    return _numbered(new)


def _without_details(graph: Graph, colour: Values, zone: Zone, limits: tuple[int, float], worth: Values) -> Numbers:
    """[m]: flats that are small or thin, or too many, are taken into the neighbour that is most alike.

    `limits`: how many are left at most, and the least share of the zone of each.
    `worth` [m]: how many times its area each counts for.
    """
    most, least_share = limits
    whole = float(graph.area[graph.zone == zone].sum())
    parent = np.arange(len(graph.area))
    first, second = graph.pairs.T
    around = sum(np.bincount(side, graph.length, len(graph.area)) for side in (first, second))
    area = worth * graph.area * np.clip(2 * graph.area / np.maximum(around, 1) / _SLIVER, 0.1, 1)
    inside = (graph.zone[first] == zone) & (graph.zone[second] == zone)
    beside: dict[int, dict[int, Values]] = {}
    walled = WALL * graph.walled * (zone is Zone.GROUND) + PARTING * graph.parting
    borders = np.stack([graph.length, graph.length * walled], axis=1)
    for (a, b), border in zip(graph.pairs[inside].tolist(), borders[inside], strict=True):
        beside.setdefault(a, {})[b] = border
        beside.setdefault(b, {})[a] = border
    left = np.flatnonzero(graph.zone == zone).tolist()
    while len(left) > 1:
        sizes = [area[label] for label in left]
        least = int(np.argmin(sizes))
        label = left[least]
        if len(left) <= most and sizes[least] > least_share * whole:
            break
        near = beside.get(label, {})
        others = list(near) or [other for other in left if other != label]
        length, walled = np.array([near.get(other, (1.0, 0.0)) for other in others]).T
        cost = unlike(colour[others], colour[label][None]) + walled / length
        target = others[int((cost - 6 * np.log(length / length.max())).argmin())]
        parent[parent == label] = target
        area[target] += area[label]
        left.pop(least)
        for other, border in beside.pop(label, {}).items():
            beside[other].pop(label, None)
            if other != target:
                beside[target][other] = beside[target].get(other, 0) + border
                beside[other][target] = beside[target][other]
    return _numbered(parent)


def _numbered(parent: NDArray[np.int64]) -> Numbers:
    """Groups, each named by a member, as numbers from 0."""
    _, new = np.unique(parent, return_inverse=True)
    return np.asarray(new, np.int64)
