"""Contours: thin lines where one area ends and another begins and the picture has no line of its own.

Whoever draws a figure draws its outline whole. Where the finished picture shows only the meeting of two colours, the
line that stood there was painted over.
"""

from __future__ import annotations

from collections.abc import Collection

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import Colour
from paints_undo_engine.procedural.reading.model import InkPath
from paints_undo_engine.procedural.reading.tracing import link, smooth, thin, trace
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.sketching import Hand, Pencil

_APART = 16.0
"""Mean levels between two areas' colours: what is more alike is shading, which nobody outlines."""
_SHORTEST, _GAP = 0.012, 0.014
"""Of the diagonal: shorter contours are left out; ends that are nearer are joined."""
_WIDTH = 0.0011
"""Of the diagonal: a fine pen."""
_COLOUR: Colour = (52, 46, 54)


def contour_pen(source: Source) -> Pencil:
    """The pen that draws contours, on a layer of its own below the paint."""
    return Pencil(source, Hand(_COLOUR, _WIDTH, 0.0, 1), "Contours", ("Sketch",))


def contours(source: Source, regions: Collection[int]) -> tuple[InkPath, ...]:
    """Lines along the borders of some regions where no ink runs, each with the region in front of it."""
    border = _borders(source, regions)
    if not border.any():
        return ()
    skeleton = thin(border.astype(np.uint8))
    traced = trace(skeleton, max(3.0, 0.5 * _SHORTEST * source.diagonal))
    linked = [smooth(path, 2.0) for path in link(traced, _GAP * source.diagonal)]
    front = np.array([region.order for region in source.reading.regions] + [-1])
    found = []
    for points in linked:
        length = float(np.hypot(*np.diff(points, axis=0).T).sum())
        if length >= _SHORTEST * source.diagonal:
            width = np.full(len(points), max(1.0, _WIDTH * source.diagonal), np.float32)
            found.append(InkPath(points, width, length, _in_front(source, points, front), _COLOUR))
    return tuple(found)


def _borders(source: Source, regions: Collection[int]) -> NDArray[np.bool_]:
    """bool [h, w]: where a region of the listed ones meets another of a clearly different colour away from all ink."""
    reading = source.reading
    # What is transparent is white, and lies behind all.
    colours = np.array([*(region.colour for region in reading.regions), (255, 255, 255)], np.int16)
    listed = np.zeros(len(colours), bool)
    listed[list(regions)] = True
    labels = reading.labels
    border = np.zeros(labels.shape, bool)
    for first, second, place in (
        (labels[:, :-1], labels[:, 1:], np.s_[:, :-1]),
        (labels[:-1], labels[1:], np.s_[:-1]),
    ):
        meet = (first != second) & (listed[first] | listed[second])
        y, x = np.nonzero(meet)
        one, other = first[y, x], second[y, x]
        silhouette = listed[one] != listed[other]
        apart = np.abs(colours[one] - colours[other]).mean(axis=1) > _APART
        border[place][y[silhouette | apart], x[silhouette | apart]] = True
    inked = cv2.dilate(reading.ink.cover, np.ones((7, 7), np.uint8)) > 60
    return border & ~inked


def _in_front(source: Source, points: NDArray[np.float32], front: NDArray[np.int64]) -> int:
    """Of the regions around a line the one in front along most of it."""
    height, width = source.reading.shape
    sides = []
    for dx, dy in ((2, 0), (-2, 0), (0, 2), (0, -2)):
        x = np.clip(np.rint(points[:, 0] + dx).astype(int), 0, width - 1)
        y = np.clip(np.rint(points[:, 1] + dy).astype(int), 0, height - 1)
        sides.append(source.reading.labels[y, x])
    beside = np.stack(sides)
    chief = beside[front[beside].argmax(axis=0), np.arange(beside.shape[1])]
    chief = chief[chief >= 0]
    return int(np.bincount(chief).argmax()) if chief.size else -1
