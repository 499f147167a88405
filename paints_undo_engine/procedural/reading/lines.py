"""Dark lines of a picture: where they are, how opaque they are, and the strokes that drew them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Path = NDArray[np.float32]
"""float32 [n, 2]: the samples of a stroke, x and y."""


@dataclass(frozen=True, eq=False)
class LineMap:
    """`alpha` uint8 [H, W]: the ink's opacity; `clean` uint8 [H, W, 3]: the picture without its lines."""

    alpha: NDArray[np.uint8]
    clean: NDArray[np.uint8]


def find_lines(picture: NDArray[np.uint8]) -> LineMap:
    """The dark lines of uint8 [H, W, 3], and what lies under them."""
    radius, disk = _pen(picture)
    closed = np.asarray(cv2.morphologyEx(picture, cv2.MORPH_CLOSE, disk), np.uint8)
    ink = opacity(picture, closed)
    near = cv2.dilate((ink > 20).astype(np.uint8), disk)
    clean = picture.copy()
    cv2.copyTo(cv2.medianBlur(closed, 2 * min(radius, 3) + 1), near, clean)
    return LineMap(ink, clean)


def _pen(picture: NDArray[np.uint8]) -> tuple[int, NDArray[np.uint8]]:
    """The radius of the thickest line that is looked for, and a disk of it."""
    radius = max(2, round(0.0045 * max(picture.shape[:2])))
    size = 2 * radius + 1
    return radius, np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)


def opacity(picture: NDArray[np.uint8], closed: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
    """The opacity of the dark lines of uint8 [H, W, 3]: uint8 [H, W].

    What a morphological closing fills was a line, and how far it rose is the opacity.
    """
    if closed is None:
        closed = np.asarray(cv2.morphologyEx(picture, cv2.MORPH_CLOSE, _pen(picture)[1]), np.uint8)
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    ground = cv2.cvtColor(closed, cv2.COLOR_RGB2GRAY).astype(np.float32)
    depth = ground - grey
    inked = grey[depth > 40]
    level = float(np.percentile(inked, 15)) if inked.size > 32 else 32.0
    at = depth > 14
    share = np.clip(depth[at] / np.maximum(ground[at] - level, 28.0), 0, 1)
    alpha = np.clip((share - 0.18) / 0.62, 0, 1)
    ink = np.zeros(grey.shape, np.uint8)
    ink[at] = alpha * alpha * (3 - 2 * alpha) * 255
    return ink


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
    for _ in range(64):
        before = cv2.countNonZero(skeleton)
        for table in _TABLES:
            code = cv2.filter2D(skeleton, cv2.CV_8U, _NEIGHBOURS, borderType=cv2.BORDER_CONSTANT)
            skeleton = np.asarray(cv2.bitwise_and(skeleton, 1 - np.asarray(cv2.LUT(code, table), np.uint8)), np.uint8)
        if cv2.countNonZero(skeleton) == before:
            break
    return np.ascontiguousarray(skeleton[1:-1, 1:-1])


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
    ways = [(y * width + x, x, y, x / np.hypot(x, y), y / np.hypot(x, y)) for x, y in _COMPASS]
    paths = []
    for start in [*points[loose].tolist(), *points[~loose].tolist()]:
        if not left[start]:
            continue
        left[start] = 0
        ahead = _walk(start, (0.0, 0.0), left, ways)
        back = _walk(start, _direction(ahead, start, width), left, ways) if ahead else []
        path = [*reversed(back), start, *ahead]
        if len(path) >= max(3, shortest):
            rows, columns = np.divmod(np.array(path), width)
            paths.append(np.stack([columns - 1, rows - 1], axis=1).astype(np.float32))
    return paths


_COMPASS = ((1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (-1, 1), (-1, -1), (1, -1))

Way = tuple[int, int, int, float, float]
"""To a neighbour: what is added to a pixel's number, x and y, and the same as a unit vector."""


def _direction(ahead: list[int], start: int, width: int) -> tuple[float, float]:
    """Away from where a path already went."""
    to = ahead[min(3, len(ahead) - 1)]
    return (start % width - to % width, start // width - to // width)


def _walk(at: int, heading: tuple[float, float], left: bytearray, ways: list[Way]) -> list[int]:
    """Take the straightest free neighbour until there is none."""
    path: list[int] = []
    hx, hy = heading
    while True:
        best: Way | None = None
        best_score = -1e9
        for way in ways:
            if left[at + way[0]]:
                score = hx * way[3] + hy * way[4]
                if score > best_score:
                    best, best_score = way, score
        if best is None or (best_score < -0.5 and (hx or hy)):
            return path
        at += best[0]
        left[at] = 0
        path.append(at)
        hx, hy = 0.75 * hx + best[1], 0.75 * hy + best[2]


def link(paths: list[Path], reach: float) -> list[Path]:
    """Join strokes whose ends lie within `reach` of each other and go the same way, so that ink does not break."""
    paths = list(paths)
    for _ in range(3):
        paths, joined = _link_once(paths, reach)
        if not joined:
            break
    return paths


def _ends(path: Path) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Both ends: the point, and the unit direction in which the stroke leaves."""
    n = min(6, len(path) - 1)
    listed = []
    for point, inner in ((path[0], path[n]), (path[-1], path[-1 - n])):
        way = point - inner
        listed.append((point, way / max(float(np.hypot(*way)), 1e-6)))
    return listed


def _link_once(paths: list[Path], reach: float) -> tuple[list[Path], bool]:
    ends = [(i, side, *end) for i, path in enumerate(paths) for side, end in enumerate(_ends(path))]
    if len(ends) < 4:
        return paths, False
    at = np.array([end[2] for end in ends])
    way = np.array([end[3] for end in ends])
    gap = at[None] - at[:, None]
    distance = np.hypot(gap[..., 0], gap[..., 1])
    against = -(way @ way.T)
    forward = (gap * way[:, None]).sum(axis=2) / np.maximum(distance, 1e-6)
    fits = (distance < reach) & (against > 0.55) & ((forward > 0.4) | (distance < 2.5))
    first, second = np.nonzero(np.triu(fits, 1))
    used: set[int] = set()
    gone: set[int] = set()
    result = []
    for a, b in sorted(zip(first, second, strict=True), key=lambda pair: distance[pair]):
        i, j = ends[a][0], ends[b][0]
        if i == j or i in used or j in used:
            continue
        used |= {i, j}
        gone |= {i, j}
        head = paths[i][::-1] if ends[a][1] == 0 else paths[i]
        rest = paths[j] if ends[b][1] == 0 else paths[j][::-1]
        result.append(np.concatenate([head, rest]))
    return result + [path for i, path in enumerate(paths) if i not in gone], bool(gone)


def without_dashes(paths: list[Path], longest: float, reach: float) -> list[Path]:
    """Without short, nearly straight strokes that no other stroke's end comes near."""
    if len(paths) < 2:
        return paths
    ends = np.array([end for path in paths for end in (path[0], path[-1])])
    apart = np.hypot(*(ends[:, None] - ends[None]).transpose(2, 0, 1))
    own = np.arange(len(ends)) // 2
    apart[own[:, None] == own[None]] = np.inf
    alone = apart.min(axis=1).reshape(-1, 2).min(axis=1) > reach
    return [
        path
        for path, lone in zip(paths, alone, strict=True)
        if not (lone and len(path) < longest and np.hypot(*(path[-1] - path[0])) > 0.6 * len(path))
    ]


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


def cut(path: Path, longest: float) -> list[Path]:
    """Pieces of at most `longest` samples, cut at the sharpest turns."""
    if len(path) <= max(longest, 12):
        return [path]
    n = len(path)
    span = max(3, int(longest * 0.06))
    inner = np.arange(int(n * 0.25), int(n * 0.75))
    before = path[inner] - path[np.maximum(inner - span, 0)]
    after = path[np.minimum(inner + span, n - 1)] - path[inner]
    turn = np.abs(np.arctan2(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0], (before * after).sum(axis=1)))
    at = int(inner[int(turn.argmax())])
    return cut(path[: at + 1], longest) + cut(path[at:], longest)
