"""Strands: a few long strokes within hair that show how it falls."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Part
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import Points
from paints_undo_engine.procedural.techniques.silhouettes import smoothed

_SIDE = 400
"""Pixels of the longer side of the grid on which strands are followed."""
_APART, _STEP = 0.13, 2.0
"""Of the root of the hair's area, how far strands lie from each other and from what is drawn; pixels of one step."""
_SHORTEST, _LONGEST = 0.3, 1.1
"""Of the same root."""
_MOST, _LEAST = 14, 0.003
"""Strands of one head of hair; of the picture: less hair has none."""
_FINE, _AROUND, _ALIKE = 1.0, 4.0, 0.25
"""Pixels: the sigma below which light is noise, and over which its changes are gathered; 0 to 1: how much more of them
lies across the strands than along them, at least."""


def strands(source: Source, drawn: list[Points]) -> list[Points]:
    """Strands of all hair, float32 [n, 2] on the grid, the longest of each head first, beside what is `drawn`."""
    reading = source.reading
    height, width = reading.shape
    scale = max(1.0, max(height, width) / _SIDE)
    size = (max(2, round(width / scale)), max(2, round(height / scale)))
    ways, sure = _ways(np.asarray(cv2.resize(source.on_white, size, interpolation=cv2.INTER_AREA), np.uint8))
    found: list[Points] = []
    for figure in sorted({-1 if region.figure is None else region.figure for region in reading.regions}):
        own = [
            region.label
            for region in reading.regions
            if region.part is Part.HAIR and (-1 if region.figure is None else region.figure) == figure
        ]
        mask = cv2.resize(np.isin(reading.labels, own).astype(np.uint8), size, interpolation=cv2.INTER_AREA)
        if own and mask.mean() > _LEAST:
            root = float(mask.sum()) ** 0.5
            near = np.zeros_like(mask)
            reach = max(2, round(_APART * root))
            for line in drawn:
                cv2.polylines(near, [np.rint((line + 0.5) / scale - 0.5).astype(np.int32)], False, 1, reach)
            free = (mask > 0) & (near == 0)
            found += [(line + 0.5) * np.float32(scale) - 0.5 for line in _followed(free, mask > 0, ways, sure, root)]
    return found


def _ways(small: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The way along the light's stripes in uint8 [h, w, 3]: float32 [h, w, 2], and where it is sure: bool [h, w]."""
    grey = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), _FINE)
    gx, gy = cv2.Scharr(grey, cv2.CV_32F, 1, 0), cv2.Scharr(grey, cv2.CV_32F, 0, 1)
    xx, yy, xy = (cv2.GaussianBlur(one, (0, 0), _AROUND) for one in (gx * gx, gy * gy, gx * gy))
    turn = 0.5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2
    coherent = np.hypot(xx - yy, 2 * xy) / np.maximum(xx + yy, 1e-3)
    ways = np.stack([np.cos(turn), np.sin(turn)], axis=2)
    return np.asarray(ways, np.float32), np.asarray(coherent > _ALIKE, bool)


def _followed(
    free: NDArray[np.bool_], hair: NDArray[np.bool_], ways: NDArray[np.float32], sure: NDArray[np.bool_], root: float
) -> list[Points]:
    """Strands through what is free of some hair, both bool [h, w]."""
    left = free & sure
    found: list[Points] = []
    apart = max(2, round(_APART * root))
    for _ in range(3 * _MOST):
        # The middle of what is emptiest comes first.
        room = cv2.distanceTransform(left.astype(np.uint8), cv2.DIST_L2, 3)
        y, x = divmod(int(room.argmax()), room.shape[1])
        if len(found) >= _MOST or room[y, x] < 0.3 * apart:
            break
        line = np.vstack([_one_way(x, y, -1.0, hair, ways, root)[::-1], _one_way(x, y, 1.0, hair, ways, root)])
        taken = np.zeros(left.shape, np.uint8)
        cv2.polylines(taken, [np.rint(line).astype(np.int32)], False, 1, 2 * apart + 1)
        left &= taken == 0
        left[y, x] = False
        if len(line) * _STEP > _SHORTEST * root:
            found.append(smoothed(line, 2.0))
    return sorted(found, key=lambda line: -len(line))


def _one_way(
    x: int, y: int, sign: float, hair: NDArray[np.bool_], ways: NDArray[np.float32], root: float
) -> NDArray[np.float64]:
    """Places along a strand from x, y on, to where its hair ends: float64 [n, 2]."""
    at, before = np.array([x, y], np.float64), sign * ways[y, x].astype(np.float64)
    places = [at]
    for _ in range(round(0.5 * _LONGEST * root / _STEP)):
        at = at + _STEP * before
        column, row = np.rint(at).astype(int).tolist()
        if not (0 <= row < hair.shape[0] and 0 <= column < hair.shape[1]) or not hair[row, column]:
            break
        places.append(at)
        way = ways[row, column].astype(np.float64)
        way = way if way @ before >= 0 else -way
        before = 0.6 * before + 0.4 * way
        before /= max(float(np.hypot(*before)), 1e-6)
    return np.array(places)
