"""The borders of the large shapes that a scene falls into, as somebody lays it out with few long lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.graph import Graph, Numbers, Values, graph_of
from paints_undo_engine.procedural.reading.model import Labels

_VALLEY, _AROUND = 9, 0.04
"""Pixels: the square in which the calmest place is a shape's; of the diagonal, what is around it and is less calm."""
_SIZE, _THIN = 0.35, 0.018
"""To which power of its size a shape counts; of the diagonal, how thick it is at least to count in full."""
_FIRST, _GROWING = 1e-3, 1.25
"""What merging costs at first, and by what that grows from turn to turn."""
_BESIDE = 5
"""Pixels: the square in which a border has the strength of its edge."""
_FAINT = 0.6
"""A border across which the picture changes by less, beside what is usual around it, is lost in light or mist."""
_ROUNDED = 0.004
"""Of the diagonal: the sigma by which shapes are rounded."""


def find_borders(
    shapes: NDArray[np.float32], strength: NDArray[np.float32], wanted: Sequence[tuple[int, float]]
) -> list[NDArray[np.uint8]]:
    """The borders of the chief shapes, 0 or 1 [h, w], in a picture of even shapes float32 [h, w, 3] whose edges are so
    strong beside what is usual, float32 [h, w]; for each `wanted` number at most those that differ by such a share of
    what the last two do.

    Calm places are flooded up to the ridges between them (Meyer 1994) and merged, the most alike first, by what of them
    differs, how large they are, and how strong the edge between them is.
    """
    labels = _basins(strength)
    graph = graph_of(labels, shapes, np.zeros(labels.shape, np.uint8), np.zeros_like(labels))
    graph = replace(graph, step=_along(labels, strength, graph))
    diagonal, limit = float(np.hypot(*labels.shape)), _FIRST

    def cost_of(graph: Graph) -> Values:
        first, second = graph.pairs.T
        apart = np.sqrt(((graph.mean[first] - graph.mean[second]) ** 2).sum(axis=1))
        rim = sum(np.bincount(side, graph.length, len(graph.area)) for side in (first, second))
        thick = np.minimum(1.0, 2 * graph.area / np.maximum(rim, 1) / (_THIN * diagonal)) ** 2
        least = 1 / (1 / graph.area[first] + 1 / graph.area[second]) / labels.size
        strong = graph.step / graph.length
        return np.asarray(least**_SIZE * apart * strong * np.minimum(thick[first], thick[second]))

    levels = [(limit, labels, graph)]
    while len(graph.area) > 1:
        new, graph = graph.merged(cost_of, limit, 0)
        labels, limit = new[labels].astype(np.int32), limit * _GROWING
        levels.append((limit, labels, graph))
    found = []
    for most, share in wanted:
        enough = (level for level in levels if len(level[2].area) <= most and level[0] >= share * limit)
        _, labels, graph = next(enough)
        found.append(_drawn(_rounded(labels, _ROUNDED * diagonal), graph))
    return found


def _basins(strength: NDArray[np.float32]) -> Labels:
    """The basins of calm places, numbered from 0: int32 [h, w]."""
    soft = cv2.GaussianBlur(strength, (0, 0), 1.0)
    around = round(_AROUND * float(np.hypot(*soft.shape))) | 1
    calm = (cv2.erode(soft, np.ones((_VALLEY, _VALLEY), np.uint8)) == soft) & (soft <= cv2.blur(soft, (around, around)))
    _, seeds = cv2.connectedComponents(calm.astype(np.uint8), ltype=cv2.CV_32S)
    relief = np.clip(soft * (50 / max(float(soft.mean()), 1e-6)), 0, 255).astype(np.uint8)
    # Nothing is flooded at the rim itself.
    relief, seeds = (cv2.copyMakeBorder(part, 1, 1, 1, 1, cv2.BORDER_REPLICATE) for part in (relief, seeds))
    basins = np.maximum(cv2.watershed(cv2.merge([relief] * 3), seeds)[1:-1, 1:-1], 0)
    # The watersheds themselves go to the nearest basin.
    bare = (basins == 0).astype(np.uint8)
    _, nearest = cv2.distanceTransformWithLabels(bare, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    basin_of = np.zeros(int(nearest.max()) + 1, np.int32)
    basin_of[nearest[bare == 0]] = basins[bare == 0]
    basins = basin_of[nearest]
    _, labels = np.unique(basins, return_inverse=True)
    return labels.reshape(strength.shape).astype(np.int32)


def _along(labels: Labels, strength: NDArray[np.float32], graph: Graph) -> Values:
    """How strong the edge is, summed along the border of each of the graph's pairs: [m]."""
    count = len(graph.area)
    known = graph.pairs[:, 0] * count + graph.pairs[:, 1]
    summed = np.zeros(len(known))
    # A watershed lies beside its ridge by some pixels.
    strength = np.asarray(cv2.dilate(strength, np.ones((_BESIDE, _BESIDE), np.uint8)), np.float32)
    for one, other in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        border = labels[one] != labels[other]
        strong = np.maximum(strength[one], strength[other])[border]
        at = np.searchsorted(known, _keys(labels[one][border], labels[other][border], count))
        summed += np.bincount(at, strong, len(known))
    return summed


def _keys(one: Labels, other: Labels, count: int) -> Numbers:
    return np.minimum(one, other).astype(np.int64) * count + np.maximum(one, other)


def _rounded(labels: Labels, sigma: float) -> Labels:
    """Shapes, int32 [h, w] from 0, without their small teeth and bays: each place has what prevails about it."""
    most, found = np.zeros(labels.shape, np.float32), labels.copy()
    for label in range(int(labels.max()) + 1):
        share = cv2.GaussianBlur((labels == label).astype(np.float32), (0, 0), sigma)
        found[share > most] = label
        np.maximum(most, share, out=most)
    return found


def _drawn(labels: Labels, graph: Graph) -> NDArray[np.uint8]:
    """The borders that are no faint ones: 0 or 1 [h, w]."""
    count = len(graph.area)
    seen = graph.step / graph.length > _FAINT
    keys = graph.pairs[seen, 0] * count + graph.pairs[seen, 1]
    borders = np.zeros(labels.shape, np.uint8)
    for one, other in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        borders[one] |= np.isin(_keys(labels[one], labels[other], count), keys).astype(np.uint8)
    return borders
