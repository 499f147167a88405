"""Regions as a graph: what they measure, who borders on whom, and how they merge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Cover, Labels

Numbers = NDArray[np.int64]
Values = NDArray[np.float64]

_INKED = 90
_SEEN, _UNSEEN = (0.25, 0.65), 0.35
"""Of 1: from where to where the mean of the edges that somebody would draw makes a border a wall; where there is no
longer anything open."""
_MOST_TURNS, _LEAST_TURNS = 12, 7
NEVER = 1e6
"""What costs this much is not merged, however small it is."""


@dataclass(frozen=True, eq=False)
class Graph:
    """`area` [n] in pixels, `total` [n, 3] the sum of their colours, `zone` [n]; `pairs` [m, 2] of neighbours, the
    `length` [m] of their border, how much of it is `inked` [m], and `across` [m] of it from one seen part to another;
    `step` [m], the colour's change summed along it, and `seen` [m], how surely somebody would draw it, summed along it
    as well; None where nobody looked.
    """

    area: Numbers
    total: Values
    zone: Numbers
    pairs: Numbers
    length: Values
    inked: Values
    step: Values
    across: Values
    seen: Values | None = None

    @property
    def mean(self) -> Values:
        """[n, 3]: the mean colours."""
        return np.asarray(self.total / self.area[:, None])

    @property
    def apart(self) -> NDArray[np.bool_]:
        """[m]: whether a border parts two zones."""
        return np.asarray(self.zone[self.pairs[:, 0]] != self.zone[self.pairs[:, 1]])

    @property
    def walled(self) -> Values:
        """[m], 0 to 1: how surely somebody would draw each border; 0 where nobody looked."""
        low, high = _SEEN
        return (
            np.zeros(len(self.length)) if self.seen is None else np.interp(self.seen / self.length, (low, high), (0, 1))
        )

    @property
    def parting(self) -> Values:
        """[m], 0 to 1: how much of each border runs from one seen part to another."""
        return self.across / self.length

    @property
    def unseen(self) -> Values:
        """[m], 0 to 1: how surely nobody would draw a border there; 0 where nobody looked."""
        if self.seen is None:
            return np.zeros(len(self.length))
        return np.asarray(np.clip(1 - self.seen / self.length / _UNSEEN, 0, 1))

    def merged(self, cost_of: Callable[[Graph], Values], limit: float, smallest: int) -> tuple[Numbers, Graph]:
        """Merge each region with its most similar neighbour while that costs less than `limit`, or the region is tiny.

        The new region of each old one [n], and the new graph.
        """
        graph, new = self, np.arange(len(self.area))
        for turn in range(_MOST_TURNS):
            parent = graph._parents(cost_of(graph), limit * min(1.0, 0.4 + 0.1 * turn), smallest)
            roots = parent == np.arange(len(parent))
            if not roots.all():
                compact = (np.cumsum(roots) - 1)[parent]
                graph, new = graph.contracted(compact), compact[new]
            elif turn + 1 >= _LEAST_TURNS:
                break
        return new, graph

    def _parents(self, cost: Values, limit: float, smallest: int) -> Numbers:
        """With which region each merges: the smallest number of its group."""
        least = np.minimum(self.area[self.pairs[:, 0]], self.area[self.pairs[:, 1]])
        allowed = (cost < limit) | ((least < smallest) & (cost < NEVER / 2))
        ranked = np.argsort((cost - 0.02 * np.log(self.length))[allowed], kind="stable")
        return _united(self.pairs[allowed][ranked], self.area)

    def contracted(self, new: Numbers) -> Graph:
        """With region i of this graph as part of `new[i]`."""
        count = int(new.max()) + 1 if len(new) else 0
        area = np.bincount(new, self.area, count).astype(np.int64)
        total: Values = np.stack([np.bincount(new, channel, count) for channel in self.total.T], axis=1)
        zone = np.zeros(count, np.int64)
        zone[new] = self.zone
        ends = np.sort(new[self.pairs], axis=1)
        apart = ends[:, 0] != ends[:, 1]
        keys = ends[apart, 0] * count + ends[apart, 1]
        kept = (self.length, self.inked, self.step, self.across, *(() if self.seen is None else (self.seen,)))
        pairs, summed = _borders(keys, tuple(values[apart] for values in kept), count)
        return Graph(area, total, zone, pairs, *summed)


def graph_of(
    labels: Labels,
    lab: NDArray[np.float32],
    ink: Cover,
    zones: Labels,
    edges: NDArray[np.float32] | None = None,
    seen_parts: Labels | None = None,
) -> Graph:
    """The regions of `labels` int32 [h, w], from 0, each within one of `zones`, with colours float32 [h, w, 3].

    `edges` float32 [h, w], 0 to 1: how surely somebody would draw a line there; `seen_parts` int32 [h, w]: what a
    network sees as parts.
    """
    flat = labels.ravel()
    area = np.bincount(flat).astype(np.int64)
    count = len(area)
    total: Values = np.stack([np.bincount(flat, channel, count) for channel in lab.reshape(-1, 3).T], axis=1)
    zone = np.zeros(count, np.int64)
    zone[flat] = zones.ravel()
    keys, wet, steps, across, seen = [], [], [], [], []
    width = labels.shape[1]
    height = labels.shape[0]
    for dy, dx in ((0, 1), (1, 0)):
        y, x = np.nonzero(labels[: height - dy, : width - dx] != labels[dy:, dx:])
        a, b = labels[y, x].astype(np.int64), labels[y + dy, x + dx].astype(np.int64)
        keys.append(np.minimum(a, b) * count + np.maximum(a, b))
        wet.append(np.maximum(ink[y, x], ink[y + dy, x + dx]) > _INKED)
        before = lab[np.maximum(y - dy, 0), np.maximum(x - dx, 0)]
        after = lab[np.minimum(y + 2 * dy, height - 1), np.minimum(x + 2 * dx, width - 1)]
        steps.append(np.sqrt(((after - before) ** 2).sum(axis=1)))
        parted = np.zeros(len(y), bool) if seen_parts is None else seen_parts[y, x] != seen_parts[y + dy, x + dx]
        across.append(parted)
        if edges is not None:
            seen.append(np.maximum(edges[y, x], edges[y + dy, x + dx]).astype(np.float64))
    key = np.concatenate(keys)
    along = [np.ones(len(key)), *(np.concatenate(part).astype(np.float64) for part in (wet, steps, across))]
    along += [np.concatenate(seen)] if seen else []
    pairs, summed = _borders(key, tuple(along), count)
    return Graph(area, total, zone, pairs, *summed)


def _borders(keys: Numbers, along: tuple[Values, ...], count: int) -> tuple[Numbers, list[Values]]:
    """Pieces of borders, `keys` first * `count` + second, put together: pairs and what is summed along them."""
    every, index = np.unique(keys, return_inverse=True)
    pairs = np.stack([every // max(count, 1), every % max(count, 1)], axis=1)
    return pairs, [np.bincount(index, part, len(every)).astype(np.float64) for part in along]


def _united(pairs: Numbers, area: Numbers) -> Numbers:
    """Union every region with its cheapest neighbour, `pairs` being ranked; a group's root is its smallest number."""
    parent = list(range(len(area)))
    taken = bytearray(len(area))
    size = area.tolist()

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for a, b in pairs.tolist():
        small = a if size[a] <= size[b] else b
        if not taken[small]:
            taken[small] = 1
            ra, rb = root(a), root(b)
            parent[max(ra, rb)] = min(ra, rb)
    return np.array([root(node) for node in range(len(parent))], np.int64)
