"""Straight lines, the points where they meet, and the horizon."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Cover, Perspective, Pixels, Point

_SHORTEST = 0.035
"""Of the diagonal."""
_MOST_SEGMENTS, _MOST_POINTS, _MOST_GUIDES = 90, 3, 5
_OFF = np.radians(2.0)
"""How far a line may miss a vanishing point."""
_LEAST_SHARE, _LEAST_LINES = 0.25, 8

Lines = NDArray[np.float64]


def find_straight_lines(pixels: Pixels) -> Lines:
    """The straight lines of uint8 [h, w, 3]: float64 [n, 4], x, y of both ends; none in very small pictures."""
    if min(pixels.shape[:2]) < 32:
        return np.zeros((0, 4))
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    found = cv2.createLineSegmentDetector().detect(grey)[0]
    return np.zeros((0, 4)) if found is None else np.asarray(found, np.float64).reshape(-1, 4)


def find_perspective(segments: Lines, figure: Cover) -> Perspective:
    """The straight lines outside the figure (uint8 [h, w]), up to three vanishing points, horizon and guides.

    Every two lines propose a point, and the one that most length of line points to is taken; then again from the rest.
    """
    height, width = figure.shape
    length = np.hypot(segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1])
    middle = np.clip(((segments[:, :2] + segments[:, 2:]) / 2).astype(int), 0, (width - 1, height - 1))
    kept = (length > _SHORTEST * np.hypot(height, width)) & (figure[middle[:, 1], middle[:, 0]] < 128)
    segments = segments[kept][np.argsort(-length[kept], kind="stable")][:_MOST_SEGMENTS]
    points, members = _points(segments, float(np.hypot(height, width)))
    guides = [
        _guide(point, segments[i]) for point, own in zip(points, members, strict=True) for i in own[:_MOST_GUIDES]
    ]
    return Perspective(
        segments.astype(np.float32),
        tuple(points),
        _horizon(points, height, width),
        np.array(guides, np.float32).reshape(-1, 4),
    )


def _points(segments: Lines, diagonal: float) -> tuple[list[Point], list[list[int]]]:
    left = np.arange(len(segments))
    points: list[Point] = []
    members: list[list[int]] = []
    total = float(np.hypot(segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1]).sum())
    while len(points) < _MOST_POINTS and len(left) >= _LEAST_LINES:
        own = segments[left]
        proposed = _crossings(own, diagonal)
        if not len(proposed):
            break
        hits = _pointing(own, proposed)
        score = hits @ np.hypot(own[:, 2] - own[:, 0], own[:, 3] - own[:, 1])
        best = int(score.argmax())
        if score[best] < _LEAST_SHARE * total or int(hits[best].sum()) < _LEAST_LINES:
            break
        points.append((float(proposed[best, 0]), float(proposed[best, 1])))
        members.append(left[hits[best]].tolist())
        left = left[~hits[best]]
    return points, members


def _crossings(segments: Lines, diagonal: float) -> Lines:
    """[k, 2]: where every two lines that are not nearly parallel meet, not farther than eight diagonals away."""
    start, way = segments[:, :2], segments[:, 2:] - segments[:, :2]
    way = way / np.hypot(*way.T)[:, None]
    i, j = np.triu_indices(len(segments), 1)
    cross = way[i, 0] * way[j, 1] - way[i, 1] * way[j, 0]
    gap = start[j] - start[i]
    clear = np.abs(cross) > 0.05
    along = (gap[clear, 0] * way[j][clear, 1] - gap[clear, 1] * way[j][clear, 0]) / cross[clear]
    points = start[i][clear] + along[:, None] * way[i][clear]
    return np.asarray(points[np.abs(points).max(axis=1) < 8 * diagonal])


def _pointing(segments: Lines, points: Lines) -> NDArray[np.bool_]:
    """[k, n]: which lines point to which points. A line through the point itself, as at a corner, does not count."""
    middle, way = (segments[:, :2] + segments[:, 2:]) / 2, segments[:, 2:] - segments[:, :2]
    length = np.hypot(*way.T)
    to = points[:, None] - middle[None]
    away = np.hypot(to[..., 0], to[..., 1])
    sine = np.abs(to[..., 0] * way[:, 1] - to[..., 1] * way[:, 0]) / np.maximum(away * length, 1e-6)
    return np.asarray((sine < np.sin(_OFF)) & (away > 0.75 * length))


def _guide(point: Point, segment: Lines) -> list[float]:
    """From a vanishing point through a line's far end."""
    ends = segment.reshape(2, 2)
    far = ends[int(np.hypot(*(ends - np.array(point)).T).argmax())]
    return [*point, float(far[0]), float(far[1])]


def _horizon(points: list[Point], height: int, width: int) -> tuple[Point, Point] | None:
    """Through the vanishing points that lie at the level of the eye; level where there is one."""
    level = [point for point in points if -0.3 * height < point[1] < 1.3 * height]
    if not level:
        return None
    (x0, y0), slope = level[0], 0.0
    for x1, y1 in level[1:]:
        if abs(x1 - x0) > 0.3 * width and abs((y1 - y0) / (x1 - x0)) < 0.12:
            slope = (y1 - y0) / (x1 - x0)
            break
    return (0.0, y0 - slope * x0), (float(width - 1), y0 + slope * (width - 1 - x0))
