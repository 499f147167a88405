"""Which of a drawing's traced lines are forms, and which are only the grain of chalk or of a coloured pencil."""

from __future__ import annotations

from collections.abc import Collection

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.along import values_along
from paints_undo_engine.procedural.reading.channels import difference
from paints_undo_engine.procedural.reading.clean_lines import clean_shares
from paints_undo_engine.procedural.reading.model import InkPath, Pixels
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import Points, wide_blur
from paints_undo_engine.procedural.techniques.spotting import eyes_of

_LEAST = 0.008
"""Of the diagonal: what is shorter is no line."""
_BLACK, _FAR, _PEN_BESIDE = 60, 60, 0.004
"""Levels of ink, and by how many it is darker than what is beside it; of the diagonal: how far beside it is looked."""
_SHORT, _CONTINUED = 0.02, 0.006
"""Of the diagonal: lines that are shorter and farther from all others are texture."""
_BESIDE, _CALM = 0.006, 420.0
"""Of the diagonal: how far beside a line it is looked; the diagonal divided by it blurs what is seen there."""
_LIGHTER = 0.62
"""Times a line's own distance from the paper: to one side at least it is lighter than that."""
_CLEAN, _PALER = 0.35, 25
"""Of a line in a watercolour: where less is clean, paint has run together or granulated; levels of its strongest
channel by which such a line is lighter than the pen's.
"""


def forms(source: Source, sheet: Pixels) -> frozenset[InkPath]:
    """The lines that are clearly darker than what lies to one of their sides; `sheet` uint8 [h, w, 3] on the grid.

    In dark hatching both sides are as dark as the line.
    """
    depth = difference(source.small, sheet).astype(np.float32)
    calm = wide_blur(depth, max(0.8, source.diagonal / _CALM))
    kept = []
    for path in source.reading.ink.paths:
        if path.length < _LEAST * source.diagonal or len(path.points) < 3:
            continue
        own = float(values_along(depth, path.points).mean())
        sides = [float(values_along(calm, points).mean()) for points in beside(path, _BESIDE * source.diagonal)]
        if min(sides) < _LIGHTER * own:
            kept.append(path)
    return frozenset(kept)


def beside(path: InkPath, away: float) -> list[Points]:
    """The points to either side of a line, so many pixels from its rim."""
    way = np.gradient(path.points, axis=0)
    normal = np.stack([-way[:, 1], way[:, 0]], axis=1) / np.maximum(np.hypot(*way.T), 1e-6)[:, None]
    reach = path.width[:, None] / 2 + away
    return [np.asarray(path.points + side * reach * normal, np.float32) for side in (-1, 1)]


def loose(source: Source, paths: Collection[InkPath]) -> frozenset[InkPath]:
    """Those of some lines that are short and continue no other: texture."""
    gap = max(1, round(_CONTINUED * source.diagonal))
    near = np.zeros(source.reading.shape, np.uint8)
    for path in paths:
        cv2.polylines(near, [np.rint(path.points).astype(np.int32)], False, 1, gap)
    count, pieces = cv2.connectedComponents(near, connectivity=8)
    length, piece = np.zeros(count), {}
    for path in (path for path in source.reading.ink.paths if path in paths):
        middle = len(path.points) // 2
        piece[path] = int(values_along(pieces, path.points[middle : middle + 1])[0])
        length[piece[path]] += path.length
    return frozenset(path for path in piece if length[piece[path]] < _SHORT * source.diagonal)


def penned(source: Source) -> list[InkPath]:
    """The lines that ink alone leaves: nearly black, and far darker than both of their sides."""
    grey = cv2.cvtColor(source.small, cv2.COLOR_RGB2GRAY)
    core = cv2.erode(grey, np.ones((3, 3), np.uint8)).astype(np.float32)
    calm = wide_blur(grey.astype(np.float32), 0.8)
    kept = []
    for path in source.reading.ink.paths:
        if len(path.points) > 2:
            sides = [
                float(np.median(values_along(calm, points))) for points in beside(path, _PEN_BESIDE * source.diagonal)
            ]
            own = float(np.median(values_along(core, path.points)))
            if own < _BLACK and min(sides) - own > _FAR:
                kept.append(path)
    return kept


def brushed(source: Source) -> frozenset[InkPath]:
    """The lines of a watercolour that no pen leaves: lighter than its clean ones, and hardly clean themselves or bits
    that continue no other. Those of eyes are not looked at.
    """
    paths = source.reading.ink.paths
    shares = clean_shares(source.small, paths)
    length = shares * np.array([path.length for path in paths])
    if not length.any():
        return frozenset()
    order = np.argsort([max(path.colour) for path in paths])
    reached = np.cumsum(length[order])
    pen = max(paths[int(order[np.searchsorted(reached, 0.5 * reached[-1])])].colour)
    eyes = eyes_of(source)
    pale = {
        path: share < _CLEAN
        for path, share in zip(paths, shares.tolist(), strict=True)
        if max(path.colour) > pen + _PALER and not _lies_in(eyes, path)
    }
    paint = frozenset(path for path, unclean in pale.items() if unclean)
    return paint | (loose(source, frozenset(paths) - paint) & pale.keys())


def _lies_in(where: NDArray[np.bool_], path: InkPath) -> bool:
    return float(values_along(where, path.points).mean()) > 0.5


def along(source: Source, paths: Collection[InkPath]) -> NDArray[np.bool_]:
    """Where some lines cover the picture: bool [h, w]."""
    where = np.zeros(source.reading.shape, np.uint8)
    for path in paths:
        width = max(1, round(float(np.median(path.width))) + 1)
        cv2.polylines(where, [np.rint(path.points).astype(np.int32)], False, 1, width)
    return where > 0
