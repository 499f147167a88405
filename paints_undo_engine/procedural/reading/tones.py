"""Cels: the hard tones of each flat. What is gradual stays one tone, to be shaded softly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from paints_undo_engine.procedural.reading.flats import FlatGraph, gradual
from paints_undo_engine.procedural.reading.graph import NEVER, Graph, Numbers, Values
from paints_undo_engine.procedural.reading.segments import Segments

_LIMIT = 9.0
_SMALLEST = 1 / 12000
"""Of the picture: a smaller tone is a detail."""
_ALIKE, _MOST = 7.0, 6
_DARK, _PALE = 1.9, 1.6
"""How much more a difference counts among nearly black and nearly white tones."""


def find_tones(segments: Segments, flats: FlatGraph) -> Numbers:
    """[n]: the tone of each segment, none of which reaches over two flats."""
    graph = segments.graph
    flat = replace(graph, zone=flats.of)
    new, merged = flat.merged(_cost, _LIMIT, max(4, int(segments.labels.size * _SMALLEST)))
    return _few(merged)[new]


def _few(graph: Graph) -> Numbers:
    """[m]: tones of one flat that are alike are one tone, at most a handful for each flat, the large ones first."""
    mean = graph.mean
    parent = np.arange(len(graph.area))
    for flat in np.unique(graph.zone):
        own = np.flatnonzero(graph.zone == flat)
        chosen: list[int] = []
        for tone in own[np.argsort(-graph.area[own], kind="stable")].tolist():
            if chosen:
                away = _apart(mean[chosen], mean[tone][None])
                nearest = int(away.argmin())
                if len(chosen) >= _MOST or away[nearest] < _ALIKE:
                    parent[tone] = chosen[nearest]
                    continue
            chosen.append(tone)
    return np.asarray(np.unique(parent, return_inverse=True)[1], np.int64)


def _apart(one: Values, other: Values) -> Values:
    """How far two tones are apart, from Lab [..., 3] each: nearly black and nearly white cloth is shaded with less."""
    light = (one[..., 0] + other[..., 0]) / 2
    finer = np.interp(light, (8, 32, 86, 96), (_DARK, 1, 1, _PALE))
    return np.asarray(finer * np.sqrt(((one - other) ** 2).sum(axis=-1)))


def _cost(graph: Graph) -> Values:
    first, second = graph.pairs.T
    mean = graph.mean
    apart = _apart(mean[first], mean[second])
    return np.where(graph.apart, NEVER, apart * (1 - 0.75 * gradual(graph)))
