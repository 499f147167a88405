"""The pieces of one tone that a picture falls into."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.graph import NEVER, Graph, Numbers, Values, graph_of
from paints_undo_engine.procedural.reading.model import Cover, Labels, Pixels

_COLOURS = 28
_SAMPLES = 12000
WALL = 14.0
"""In Lab: how far two tones of a ground seem farther apart where somebody would draw a line between them."""
PARTING = 9.0
"""In Lab: how far two tones seem farther apart that belong to different parts."""
GROUND = 0
"""The ground's zone: there things are known by their edges alone, in a figure shadows have edges as well."""


@dataclass(frozen=True, eq=False)
class Segments:
    """`labels` int32 [h, w] from 0, their graph, and the Lab picture they were measured on, float32 [h, w, 3].

    `part` [n]: the seen part of each, 0 where none is known.
    """

    labels: Labels
    graph: Graph
    lab: NDArray[np.float32]
    part: Numbers


def find_segments(
    clean: Pixels,
    ink: Cover,
    zones: Labels,
    edges: NDArray[np.float32] | None = None,
    cells: Labels | None = None,
    seen_parts: Labels | None = None,
) -> Segments:
    """Take a line-free picture apart into pieces of one tone, none of which reaches over two zones.

    `edges` float32 [h, w], 0 to 1: where somebody would draw a line; `cells` int32 [h, w]: what these enclose;
    `seen_parts` int32 [h, w]: parts that are seen, which no piece reaches over.
    """
    lab = lab_of(clean)
    pieces = _components(_quantised(lab) + _COLOURS * zones)
    for within in (cells, seen_parts):
        if within is not None:
            both = pieces.astype(np.int64) * (int(within.max()) + 1) + within
            pieces = np.unique(both.ravel(), return_inverse=True)[1].reshape(both.shape).astype(np.int32)
    graph = graph_of(pieces, lab, ink, zones, edges, seen_parts)
    new, graph = graph.merged(_tone_cost, limit=5.0, smallest=max(4, pieces.size // 20000))
    labels = new[pieces].astype(np.int32)
    return Segments(labels, graph, lab, _chief(labels, seen_parts, len(graph.area)))


def _chief(labels: Labels, seen_parts: Labels | None, count: int) -> Numbers:
    """[n]: the part that most of each segment belongs to."""
    if seen_parts is None:
        return np.zeros(count, np.int64)
    parts = int(seen_parts.max()) + 1
    held = np.bincount((labels.astype(np.int64) * parts + seen_parts).ravel(), minlength=count * parts)
    return np.asarray(held.reshape(count, parts).argmax(axis=1), np.int64)


def _tone_cost(graph: Graph) -> Values:
    first, second = graph.pairs.T
    mean = graph.mean
    cost = np.sqrt(((mean[first] - mean[second]) ** 2).sum(axis=1)) + 6 * graph.inked / graph.length
    cost += WALL * graph.walled * (graph.zone[first] == GROUND) + PARTING * graph.parting
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
