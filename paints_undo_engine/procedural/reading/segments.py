"""The pieces of one tone that a picture falls into."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.graph import NEVER, Graph, Values, graph_of
from paints_undo_engine.procedural.reading.model import Cover, Labels, Pixels

_COLOURS = 28
_SAMPLES = 12000
WALL = 14.0
"""In Lab: how far two tones of a ground seem farther apart where somebody would draw a line between them."""
GROUND = 0
"""The ground's zone: there things are known by their edges alone, in a figure shadows have edges as well."""


@dataclass(frozen=True, eq=False)
class Segments:
    """`labels` int32 [h, w] from 0, their graph, and the Lab picture they were measured on, float32 [h, w, 3]."""

    labels: Labels
    graph: Graph
    lab: NDArray[np.float32]


def find_segments(
    clean: Pixels,
    ink: Cover,
    zones: Labels,
    edges: NDArray[np.float32] | None = None,
    cells: Labels | None = None,
) -> Segments:
    """Take a line-free picture apart into pieces of one tone, none of which reaches over two zones.

    `edges` float32 [h, w], 0 to 1: where somebody would draw a line; `cells` int32 [h, w]: what these enclose.
    """
    lab = lab_of(clean)
    pieces = _components(_quantised(lab) + _COLOURS * zones)
    if cells is not None:
        both = pieces.astype(np.int64) * (int(cells.max()) + 1) + cells
        pieces = np.unique(both.ravel(), return_inverse=True)[1].reshape(both.shape).astype(np.int32)
    graph = graph_of(pieces, lab, ink, zones, edges)
    new, graph = graph.merged(_tone_cost, limit=5.0, smallest=max(4, pieces.size // 20000))
    return Segments(new[pieces].astype(np.int32), graph, lab)


def _tone_cost(graph: Graph) -> Values:
    first, second = graph.pairs.T
    mean = graph.mean
    cost = np.sqrt(((mean[first] - mean[second]) ** 2).sum(axis=1)) + 6 * graph.inked / graph.length
    cost += WALL * graph.walled * (graph.zone[first] == GROUND)
    return np.where(graph.apart, NEVER, cost)


def lab_of(pixels: Pixels) -> NDArray[np.float32]:
    """CIE L*a*b* (D65) of uint8 [h, w, 3]: float32, L* 0 to 100."""
    return np.asarray(cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2Lab), np.float32)


def _quantised(lab: NDArray[np.float32]) -> Labels:
    """The nearest of a few k-means colours for each pixel, found on a fixed grid of samples."""
    flat = lab.reshape(-1, 3)
    samples = np.ascontiguousarray(flat[:: max(1, len(flat) // _SAMPLES)])
    different = np.unique(np.round(samples).astype(np.int64) @ np.array([1 << 20, 1 << 10, 1]))
    count = min(_COLOURS, len(different))
    if count < 2:
        return np.zeros(lab.shape[:2], np.int32)
    cv2.setRNGSeed(7)
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 0.5)
    _, _, found = cv2.kmeans(samples, count, np.empty(0, np.int32), criteria, 1, cv2.KMEANS_PP_CENTERS)
    centres = np.asarray(found, np.float32)
    planes = np.ascontiguousarray(flat.T)
    least, nearest = np.full(len(flat), np.inf, np.float32), np.zeros(len(flat), np.int32)
    for number, centre in enumerate(centres):
        distance = (centre**2).sum() - 2 * sum(part * plane for part, plane in zip(centre, planes, strict=True))
        np.copyto(nearest, number, where=distance < least)
        np.minimum(least, distance, out=least)
    return nearest.reshape(lab.shape[:2])


def _components(classes: Labels) -> Labels:
    """Connected areas (4 neighbours) of equal class, numbered from 0."""
    labels = np.zeros(classes.shape, np.int32)
    count = 0
    for value in np.unique(classes):
        mask = (classes == value).astype(np.uint8)
        x, y, width, height = cv2.boundingRect(mask)
        found, part = cv2.connectedComponents(mask[y : y + height, x : x + width], connectivity=4, ltype=cv2.CV_32S)
        view = labels[y : y + height, x : x + width]
        inside = part > 0
        view[inside] = part[inside] + (count - 1)
        count += found - 1
    return labels
