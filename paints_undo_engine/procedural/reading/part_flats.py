"""Flats as seen parts tell them: a shirt and an apron of one hue are two, an arm's light and its shadow are one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from paints_undo_engine.procedural.reading.colours import unlike
from paints_undo_engine.procedural.reading.flats import FlatGraph, commonest_paints, like_any
from paints_undo_engine.procedural.reading.graph import Values
from paints_undo_engine.procedural.reading.segments import Segments
from paints_undo_engine.procedural.reading.zones import Zone

_SMALLEST, _SHARE = 0.0015, 0.03
"""Of the picture and of its flat: what a part holds of a flat at least to be told from it."""
_UNLIKE, _SKIN = 6.0, 2.5
"""In Lab: how far two parts' paints are apart at least; how many times more if both have the faces' skin colour."""
_GREY, _CLEAR, _SHADED = 6.0, 25.0, 0.35
"""Chroma of a paint without a hue and of one with a clear one; how much of a difference in L* counts for that one, as
light makes it as well."""
_SHADE, _LESSER, _LINED = 14.0, 0.6, 0.3
"""How unlike its part's chief paint a shade of that is; of the chief one, what it covers at most; of their border, what
lines go along at most."""


def told_by_part(segments: Segments, flats: FlatGraph, skin: Values) -> FlatGraph:
    """The flats, of which those whose paint differs from one seen part to another are parted.

    `skin` Lab [k, 3] are the colours of the faces' skin.
    """
    parts = int(segments.part.max()) + 1
    if parts == 1:
        return flats
    every, piece = np.unique(flats.of * parts + segments.part, return_inverse=True)
    piece = np.asarray(piece, np.int64)
    of, part = every // parts, every % parts
    area = np.bincount(piece, segments.graph.area)
    paint = commonest_paints(segments.graph, piece, len(every))
    whole = flats.graph.area[of]
    zone = flats.graph.zone[of]
    told = (part > 0) & np.isin(zone, (Zone.FIGURE, Zone.GROUND)) & (area > _SHARE * whole)
    told &= area > _SMALLEST * segments.labels.size
    goes = of.copy()
    won: list[int] = []
    for flat in np.unique(of[told]).tolist():
        members = np.flatnonzero(of == flat)
        kinds: list[int] = []
        for member in members[np.argsort(-area[members], kind="stable")].tolist():
            near = _apart(paint[kinds], paint[member][None], skin) if kinds else np.zeros(0)
            if not kinds:
                kinds.append(member)
            elif told[member] and near.min() > 1:
                kinds.append(member)
                goes[member] = len(flats.graph.area) + len(won)
                won.append(member)
            else:
                goes[member] = goes[kinds[int(near.argmin())]]
    if not won:
        return flats
    numbers, new = np.unique(goes[piece], return_inverse=True)
    new = np.asarray(new, np.int64)
    first = np.zeros(len(numbers), np.int64)
    first[new] = flats.of
    graph = segments.graph.contracted(new)
    own = numbers < len(flats.graph.area)
    still = np.zeros(len(numbers), bool)
    still[own] = graph.area[own] == flats.graph.area[numbers[own]]
    colour = np.where(still[:, None], flats.colour[first], commonest_paints(segments.graph, new, len(numbers)))
    kept = np.where(own, graph.zone, flats.graph.zone[first])
    return FlatGraph(new, colour, replace(graph, zone=kept), flats.whole[first])


def shades_by_part(segments: Segments, flats: FlatGraph, skin: Values) -> FlatGraph:
    """The flats, of which what is a shade of the chief one of its seen part, without a line between them, goes to that.

    `skin` Lab [k, 3] are the colours of the faces' skin.
    """
    parts = int(segments.part.max()) + 1
    if parts == 1:
        return flats
    every, piece = np.unique(flats.of * parts + segments.part, return_inverse=True)
    pieces = segments.graph.contracted(np.asarray(piece, np.int64))
    of, part = every // parts, every % parts
    chief = np.full(parts, -1, np.int64)
    order = np.argsort(pieces.area, kind="stable")
    chief[part[order]] = order
    first, second = pieces.pairs.T
    goes = of.copy()
    colour = flats.colour[of]
    like = like_any(colour, skin)
    for small, large in ((first, second), (second, first)):
        may = (part[small] == part[large]) & (part[small] > 0) & (chief[part[large]] == large)
        may &= np.isin(pieces.zone[small], (Zone.FIGURE, Zone.HAIR)) & (pieces.zone[small] == pieces.zone[large])
        may &= pieces.area[small] < _LESSER * pieces.area[large]
        may &= (pieces.inked < _LINED * pieces.length) & (pieces.walled < 0.5) & (like[small] == like[large])
        may &= unlike(colour[small], colour[large]) < _SHADE
        goes[small[may]] = of[large[may]]
    if (goes == of).all():
        return flats
    kept, new = np.unique(goes[piece], return_inverse=True)
    new = np.asarray(new, np.int64)
    graph = segments.graph.contracted(new)
    more = graph.area > flats.graph.area[kept]
    colour = np.where(more[:, None], commonest_paints(segments.graph, new, len(kept)), flats.colour[kept])
    return FlatGraph(new, colour, graph, flats.whole[kept])


def _apart(one: Values, other: Values, skin: Values) -> Values:
    """How far Lab colours [n, 3] and [1, 3] are apart, 1 where they are two paints; light counts the less, the clearer
    their hue is."""
    chroma = np.minimum(np.hypot(one[:, 1], one[:, 2]), np.hypot(other[:, 1], other[:, 2]))
    light = np.interp(chroma, (_GREY, _CLEAR), (1, _SHADED)) * np.abs(one[:, 0] - other[:, 0])
    away = np.sqrt(light**2 + ((one[:, 1:] - other[:, 1:]) ** 2).sum(axis=1))
    both = like_any(one, skin) & like_any(other, skin)
    return np.asarray(away / (_UNLIKE * np.where(both, _SKIN, 1.0)))
