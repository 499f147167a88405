"""Bodies that do not stand upright: from the head on along the middle of their silhouette."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Cover, Point
from paints_undo_engine.procedural.techniques.arriving import Points

_SIDE = 160
"""Pixels of the longer side of the grid on which the way through a silhouette is measured."""
_STEP = 2
"""Pixels of that grid from one distance to the next."""
_GROWTH = np.ones((3, 3), np.uint8), np.asarray(cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3)), np.uint8)
_HEADS, _LEAST = 7.0, 4
"""How many heads a body is long at most; the fewest distances that make one."""


def spine_of(cover: NDArray[np.bool_], head: Point, radius: float, chin: Point) -> tuple[Points, Points] | None:
    """The way from the chin through a silhouette, bool [h, w], to its farthest end, float32 [n, 2], and half its
    breadth there, float32 [n, 1]; None where nothing is left below the head, a circle about `head`.
    """
    scale = min(1.0, _SIDE / max(cover.shape))
    height, width = (max(1, round(side * scale)) for side in cover.shape)
    small = cv2.resize(cover.astype(np.uint8), (width, height), interpolation=cv2.INTER_AREA)
    start = (round(chin[0] * scale), round(chin[1] * scale))
    cv2.circle(small, (round(head[0] * scale), round(head[1] * scale)), round(radius * scale), 0, -1)
    _, pieces = cv2.connectedComponents(small)
    y, x = np.nonzero(small)
    if not len(x):
        return None
    first = int(np.argmin((x - start[0]) ** 2 + (y - start[1]) ** 2))
    body = np.asarray(pieces == pieces[y[first], x[first]], bool)
    found = ways_through(body, (int(x[first]), int(y[first])), round(_HEADS * 2 * radius * scale / _STEP))
    if found is None:
        return None
    middles, halves = found[0] / scale, found[1] / scale
    return np.vstack([np.array([chin], np.float32), middles]), np.vstack([halves[:1], halves])


def ways_through(body: NDArray[np.bool_], start: tuple[int, int], most: int) -> tuple[Points, Points] | None:
    """The middle of a small silhouette, bool [h, w], from a start in it to its farthest end, float32 [n, 2], and half
    its breadth there, float32 [n, 1]: of the places that lie equally far from the start, at most so many steps; None
    where it is short.
    """
    far = _distances(body.astype(np.uint8), start)
    last = min(int(far.max()), most)
    if last < _LEAST:
        return None
    middles, halves = [], []
    for distance in range(1, last + 1):
        rows, columns = np.nonzero(far == distance)
        middles.append((columns.mean(), rows.mean()))
        halves.append((len(rows) / _STEP / 2,))
    return np.array(middles, np.float32), np.array(halves, np.float32)


def _distances(body: Cover, start: tuple[int, int]) -> NDArray[np.int32]:
    """int32 [h, w]: how many steps each pixel of a silhouette lies from a start, within it; 0 outside."""
    reached = np.zeros_like(body)
    reached[start[1], start[0]] = 1
    far = np.zeros(body.shape, np.int32)
    number = 0
    while True:
        number += 1
        grown = reached
        for turn in range(_STEP):
            grown = np.asarray(cv2.dilate(grown, _GROWTH[(number + turn) % 2]), np.uint8) & body
        new = (grown > 0) & (reached == 0)
        if not new.any():
            return far
        far[new] = number
        reached = np.asarray(grown, np.uint8)
