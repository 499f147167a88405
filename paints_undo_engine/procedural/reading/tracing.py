"""From a mask of lines to strokes: thinning, following, linking, smoothing."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Path

_TURNS = 64


def _thinning_table() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """For every neighbourhood (8 bits, clockwise from north) whether each half step of the thinning removes it."""
    removed = np.zeros((2, 256), np.uint8)
    for code in range(256):
        p = [(code >> i) & 1 for i in range(8)]
        north, east, south, west = p[0], p[2], p[4], p[6]
        rises = sum(p[i] == 0 and p[(i + 1) % 8] == 1 for i in range(8))
        if 2 <= sum(p) <= 6 and rises == 1:
            removed[0, code] = (north * east * south == 0) and (east * south * west == 0)
            removed[1, code] = (north * east * west == 0) and (north * south * west == 0)
    return removed[0], removed[1]


_TABLES = _thinning_table()
_NEIGHBOURS = np.array([[128, 1, 2], [64, 0, 4], [32, 16, 8]], np.float32)


def thin(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The skeleton of a mask, one pixel wide (Zhang & Suen 1984); values 0 and 1."""
    skeleton = np.pad((mask > 0).astype(np.uint8), 1)
    for _ in range(_TURNS):
        before = cv2.countNonZero(skeleton)
        for table in _TABLES:
            code = cv2.filter2D(skeleton, cv2.CV_8U, _NEIGHBOURS, borderType=cv2.BORDER_CONSTANT)
            skeleton = np.asarray(cv2.bitwise_and(skeleton, 1 - np.asarray(cv2.LUT(code, table), np.uint8)), np.uint8)
        if cv2.countNonZero(skeleton) == before:
            break
    return np.ascontiguousarray(skeleton[1:-1, 1:-1])


def sure_somewhere(going_on: NDArray[np.bool_], sure: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """1 where something goes on, bool [h, w], that is sure somewhere, bool [h, w], else 0: uint8 [h, w]."""
    count, pieces = cv2.connectedComponents(going_on.astype(np.uint8), connectivity=8, ltype=cv2.CV_32S)
    begun = np.zeros(count, np.uint8)
    begun[pieces[sure]] = 1
    begun[0] = 0
    return np.asarray(begun[pieces], np.uint8)


def trace(skeleton: NDArray[np.uint8], shortest: float) -> list[Path]:
    """Follow a skeleton into strokes of at least `shortest` pixels, straight on through crossings.

    Loose ends are taken up first. Pixels are numbered row by row on a canvas with a border of one.
    """
    free = cv2.copyMakeBorder(skeleton, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    width = free.shape[1]
    around = cv2.filter2D(free, cv2.CV_16S, np.ones((3, 3), np.float32), borderType=cv2.BORDER_CONSTANT).ravel()
    points = np.flatnonzero(free)
    loose = around[points] == 2
    left = bytearray(free.tobytes())
    codes = cv2.filter2D(free, cv2.CV_8U, _NUMBERED, borderType=cv2.BORDER_CONSTANT).tobytes()
    ways = [(y * width + x, x, y, float(x / np.hypot(x, y)), float(y / np.hypot(x, y))) for x, y in _COMPASS]
    open_ = [tuple(way for bit, way in enumerate(ways) if code >> bit & 1) for code in range(256)]
    paths = []
    for start in [*points[loose].tolist(), *points[~loose].tolist()]:
        if not left[start]:
            continue
        left[start] = 0
        ahead = _walk(start, (0.0, 0.0), left, codes, open_)
        back = _walk(start, _direction(ahead, start, width), left, codes, open_) if ahead else []
        path = [*reversed(back), start, *ahead]
        if len(path) >= max(3, shortest):
            rows, columns = np.divmod(np.array(path), width)
            paths.append(np.stack([columns - 1, rows - 1], axis=1).astype(np.float32))
    return paths


_COMPASS = ((1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (-1, 1), (-1, -1), (1, -1))

_NUMBERED = np.array([[64, 8, 128], [4, 0, 1], [32, 2, 16]], np.float32)
"""Which of the `_COMPASS` each neighbour is, as a bit."""

Ways = tuple[tuple[int, int, int, float, float], ...]
"""To each neighbour: what is added to a pixel's number, x and y, and the same as a unit vector."""


def _direction(ahead: list[int], start: int, width: int) -> tuple[float, float]:
    """Away from where a path already went."""
    to = ahead[min(3, len(ahead) - 1)]
    return (start % width - to % width, start // width - to // width)


def _walk(at: int, heading: tuple[float, float], left: bytearray, codes: bytes, open_: Sequence[Ways]) -> list[int]:
    """Take the straightest free neighbour until there is none; `codes` says which each pixel has at all."""
    path: list[int] = []
    hx, hy = heading
    while True:
        best, dx, dy, best_score = 0, 0, 0, -1e9
        for step, x, y, along, down in open_[codes[at]]:
            if left[at + step]:
                score = hx * along + hy * down
                if score > best_score:
                    best, dx, dy, best_score = step, x, y, score
        if not best or (best_score < -0.5 and (hx or hy)):
            return path
        at += best
        left[at] = 0
        path.append(at)
        hx, hy = 0.75 * hx + dx, 0.75 * hy + dy


def link(paths: list[Path], reach: float) -> list[Path]:
    """Join strokes whose ends lie within `reach` of each other and go the same way, so that ink does not break."""
    for _ in range(3):
        paths, joined = _link_once(paths, reach)
        if not joined:
            break
    return paths


def _link_once(paths: list[Path], reach: float) -> tuple[list[Path], bool]:
    ends = [(i, side, *end) for i, path in enumerate(paths) for side, end in enumerate(_ends(path))]
    if len(ends) < 4:
        return paths, False
    at, way = np.array([end[2] for end in ends]), np.array([end[3] for end in ends])
    first, second = _near(at, reach)
    gap = at[second] - at[first]
    distance = np.hypot(gap[:, 0], gap[:, 1])
    against = -(way[first] * way[second]).sum(axis=1)
    forward = (gap * way[first]).sum(axis=1) / np.maximum(distance, 1e-6)
    fits = (distance < reach) & (against > 0.55) & ((forward > 0.4) | (distance < 2.5))
    order = np.argsort(distance[fits], kind="stable")
    used: set[int] = set()
    gone: set[int] = set()
    result = []
    for a, b in zip(first[fits][order].tolist(), second[fits][order].tolist(), strict=True):
        i, j = ends[a][0], ends[b][0]
        if i == j or i in used or j in used:
            continue
        used |= {i, j}
        gone |= {i, j}
        head = paths[i][::-1] if ends[a][1] == 0 else paths[i]
        rest = paths[j] if ends[b][1] == 0 else paths[j][::-1]
        result.append(np.concatenate([head, rest]))
    return result + [path for i, path in enumerate(paths) if i not in gone], bool(gone)


def _near(points: NDArray[np.float32], reach: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every two points in one cell of a grid of `reach`, or in two that touch, the smaller number first."""
    places = np.floor(points / reach).astype(np.int64)
    places -= places.min(axis=0) - 1
    across = int(places[:, 0].max()) + 2
    cell = places[:, 1] * across + places[:, 0]
    order = np.argsort(cell, kind="stable")
    sorted_cells = cell[order]
    # Cells of three neighbours in one row follow each other.
    firsts, seconds = [], []
    for row in (-across, 0, across):
        begin = np.searchsorted(sorted_cells, cell + row - 1, "left")
        count = np.searchsorted(sorted_cells, cell + row + 1, "right") - begin
        first = np.repeat(np.arange(len(points)), count)
        within = np.arange(len(first)) - np.repeat(np.cumsum(count) - count, count)
        second = order[np.repeat(begin, count) + within]
        firsts.append(first[first < second])
        seconds.append(second[first < second])
    one, other = np.concatenate(firsts), np.concatenate(seconds)
    by = np.lexsort((other, one))
    return one[by], other[by]


def _ends(path: Path) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Both ends: the point, and the unit direction in which the stroke leaves."""
    n = min(6, len(path) - 1)
    listed = []
    for point, inner in ((path[0], path[n]), (path[-1], path[-1 - n])):
        way = point - inner
        listed.append((point, way / max(float(np.hypot(*way)), 1e-6)))
    return listed


def smooth(path: Path, sigma: float) -> Path:
    """A stroke with its jitter removed; the ends stay."""
    if len(path) < 4:
        return path
    width = int(3 * sigma) | 1
    padded = (
        np.concatenate([2 * path[0] - path[width:0:-1], path, 2 * path[-1] - path[-2 : -width - 2 : -1]])
        if len(path) > width + 2
        else cv2.copyMakeBorder(path, width, width, 0, 0, cv2.BORDER_REPLICATE)
    )
    kernel = cv2.getGaussianKernel(2 * width + 1, sigma).astype(np.float32)
    softened = cv2.filter2D(padded, -1, kernel)
    middle = (len(padded) - len(path)) // 2
    return np.ascontiguousarray(softened[middle : middle + len(path)])
