"""Cels: the hard tones of each flat. What is gradual stays one tone, to be shaded softly."""

from __future__ import annotations

import numpy as np

from paints_undo_engine.procedural.reading.flats import Flats, gradual
from paints_undo_engine.procedural.reading.graph import NEVER, Graph, Numbers, Values
from paints_undo_engine.procedural.reading.segments import Segments

_LIMIT = 9.0
_SMALLEST = 1 / 12000
"""Of the picture: a smaller tone is a detail."""
_ALIKE, _MOST = 7.0, 6


def find_tones(segments: Segments, flats: Flats) -> Numbers:
    """[n]: the tone of each segment, none of which reaches over two flats."""
    graph = segments.graph
    flat = Graph(graph.area, graph.total, flats.of, graph.pairs, graph.length, graph.inked, graph.step)
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
                away = np.sqrt(((mean[chosen] - mean[tone]) ** 2).sum(axis=1))
                nearest = int(away.argmin())
                if len(chosen) >= _MOST or away[nearest] < _ALIKE:
                    parent[tone] = chosen[nearest]
                    continue
            chosen.append(tone)
    return np.asarray(np.unique(parent, return_inverse=True)[1], np.int64)


def _cost(graph: Graph) -> Values:
    first, second = graph.pairs.T
    mean = graph.mean
    apart = np.sqrt(((mean[first] - mean[second]) ** 2).sum(axis=1))
    return np.where(graph.apart, NEVER, apart * (1 - 0.75 * gradual(graph)))
