"""Regions as a graph: what they measure, who borders on whom, and how they merge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Values = NDArray[np.float64]

Cost = Callable[[Values, Values, Values], Values]
"""What merging costs, from the mean colours [m, 3] of both sides and the share [m] of their border that is inked."""

_INKED = 90
_MOST_TURNS, _LEAST_TURNS = 10, 7


@dataclass(frozen=True, eq=False)
class Mosaic:
    """`area` [n] in pixels and `total` [n, 3], the sum of their colours; `pairs` [m, 2] of neighbours, the `length` [m]
    of their border and how much of it is `inked`.
    """

    area: Numbers
    total: Values
    pairs: Numbers
    length: Values
    inked: Values

    @staticmethod
    def of(labels: NDArray[np.int32], colours: NDArray[np.float32], ink: NDArray[np.uint8]) -> Mosaic:
        """The regions of `labels` int32 [h, w], from 0, with `colours` [h, w, 3] and the opacity of `ink` [h, w]."""
        flat = labels.ravel().astype(np.int64)
        area = np.bincount(flat)
        channels = colours.reshape(-1, 3).T
        total: Values = np.stack([np.bincount(flat, channel) for channel in channels], axis=1).astype(np.float64)
        keys, wet = [], []
        for here, there in (np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:]):
            at = np.flatnonzero(labels[here] != labels[there])
            a, b = labels[here].ravel()[at].astype(np.int64), labels[there].ravel()[at]
            keys.append(np.minimum(a, b) * len(area) + np.maximum(a, b))
            wet.append(np.maximum(ink[here].ravel()[at], ink[there].ravel()[at]) > _INKED)
        key = np.concatenate(keys)
        return Mosaic(area, total, *_borders(key, np.ones(len(key)), np.concatenate(wet), len(area)))

    def merged(self, cost_of: Cost, limit: float, smallest: int) -> tuple[Numbers, Mosaic]:
        """Merge every region with its most similar neighbour while that costs less than `limit`, or the region is tiny.

        The new region of each old one [n], and what the new ones are.
        """
        mosaic, new = self, np.arange(len(self.area))
        for turn in range(_MOST_TURNS):
            parent = mosaic._parents(cost_of, limit * min(1.0, 0.4 + 0.1 * turn), smallest)
            roots = parent == np.arange(len(parent))
            if not roots.all():
                compact = (np.cumsum(roots) - 1)[parent]
                mosaic, new = mosaic._contracted(compact), compact[new]
            elif turn + 1 >= _LEAST_TURNS:
                break
        return new, mosaic

    def _parents(self, cost_of: Cost, limit: float, smallest: int) -> Numbers:
        """With which region each merges: the smallest number of its group."""
        mean = self.total / self.area[:, None]
        first, second = self.pairs.T
        cost = cost_of(mean[first], mean[second], self.inked / self.length)
        least = np.minimum(self.area[first], self.area[second])
        allowed = (cost < limit) | ((least < smallest) & (cost < 60))
        ranked = np.argsort((cost - 0.02 * np.log(self.length))[allowed], kind="stable")
        return _united(self.pairs[allowed][ranked], self.area)

    def _contracted(self, new: Numbers) -> Mosaic:
        area = np.bincount(new, self.area).astype(np.int64)
        total: Values = np.stack([np.bincount(new, channel) for channel in self.total.T], axis=1).astype(np.float64)
        ends = np.sort(new[self.pairs], axis=1)
        apart = ends[:, 0] != ends[:, 1]
        keys = ends[apart, 0] * len(area) + ends[apart, 1]
        return Mosaic(area, total, *_borders(keys, self.length[apart], self.inked[apart], len(area)))


def _borders(keys: Numbers, length: Values, inked: NDArray[np.generic], count: int) -> tuple[Numbers, Values, Values]:
    """Pieces of borders, `keys` first * `count` + second, put together: pairs, lengths and inked lengths."""
    every, index = np.unique(keys, return_inverse=True)
    pairs = np.stack([every // count, every % count], axis=1)
    together: list[Values] = [np.bincount(index, part, len(every)).astype(np.float64) for part in (length, inked)]
    return pairs, together[0], together[1]


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
