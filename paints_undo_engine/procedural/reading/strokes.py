"""The strokes that drew a line art."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.along import pixels_along
from paints_undo_engine.procedural.reading.ink import darkness
from paints_undo_engine.procedural.reading.model import Colour, Cover, Ink, InkPath, Labels, Path, Pixels
from paints_undo_engine.procedural.reading.tracing import link, smooth, thin, trace

_MOST_LENGTH = 40
"""In diagonals."""
_LONG = 0.03
"""Of the diagonal: lines longer than this are drawn lines; grain and texture are shorter."""


def find_strokes(cover: Cover, colour: Pixels) -> tuple[InkPath, ...]:
    """The strokes along the middle of the lines of `cover`, linked where one goes on as another.

    Where there is more line than a hand draws, as in grain, only the largest connected pieces are followed.
    """
    diagonal = float(np.hypot(*cover.shape))
    skeleton = _bounded(thin((cover > 127).astype(np.uint8)), round(_MOST_LENGTH * diagonal))
    traced = trace(skeleton, max(3.0, 0.006 * diagonal))
    linked = [smooth(path, 1.5) for path in link(traced, max(4.0, 0.012 * diagonal))]
    distance = np.asarray(cv2.distanceTransform((cover > 127).astype(np.uint8), cv2.DIST_L2, 3))
    return tuple(_stroke(path, distance, colour) for path in linked)


def _bounded(skeleton: Cover, most: int) -> Cover:
    """A skeleton of 0 and 1 with its largest pieces, of at most `most` pixels together."""
    if int(skeleton.sum()) <= most:
        return skeleton
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(skeleton, connectivity=8)
    ranked = np.argsort(-stats[1:, cv2.CC_STAT_AREA], kind="stable") + 1
    kept = np.zeros(len(stats), np.uint8)
    kept[ranked[np.cumsum(stats[ranked, cv2.CC_STAT_AREA]) <= most]] = 1
    return np.asarray(kept[pieces], np.uint8)


def connection(pixels: Pixels) -> tuple[float, float]:
    """The share of the lines' length that lies in long lines, and the length of all in diagonals.

    Measured on uint8 [h, w, 3] whose longer side is about 640 pixels, with the plain measure of darkness: faint lines
    count for less.
    """
    diagonal = float(np.hypot(*pixels.shape[:2]))
    skeleton = thin((darkness(pixels) > 100).astype(np.uint8))
    length = int(skeleton.sum())
    long = sum(len(path) for path in trace(skeleton, _LONG * diagonal))
    return long / max(length, 1), length / diagonal


def _stroke(points: Path, distance: NDArray[np.generic], colour: Pixels) -> InkPath:
    at = pixels_along(points, distance.shape)
    widths = np.maximum(2 * np.asarray(distance[at], np.float32) - 1, 1).astype(np.float32)
    length = float(np.hypot(*np.diff(points, axis=0).T).sum())
    return InkPath(points, widths, length, -1, _colour_along(at, colour))


def in_colour(ink: Ink, colour: Pixels) -> Ink:
    """The line art in other colours, uint8 [h, w, 3]: of a dark picture lines are found in a brighter one."""
    recoloured = (
        replace(path, colour=_colour_along(pixels_along(path.points, colour.shape), colour)) for path in ink.paths
    )
    return replace(ink, colour=colour, paths=tuple(recoloured))


def _colour_along(at: tuple[NDArray[np.int64], NDArray[np.int64]], colour: Pixels) -> Colour:
    """The median of each channel along a stroke."""
    listed = np.sort(colour[at], axis=0).astype(np.int64)
    red, green, blue = ((listed[(len(listed) - 1) // 2] + listed[len(listed) // 2]) // 2).tolist()
    return red, green, blue


def assign(paths: tuple[InkPath, ...], labels: Labels, order: NDArray[np.int64]) -> tuple[InkPath, ...]:
    """The strokes with the region along most of each: of those beside it, the one that is in front.

    `order` int64 [n] is the depth of each region.
    """
    front = np.concatenate([order, [-1]])
    return tuple(replace(path, region=_beside(path, labels, front)) for path in paths)


def _beside(path: InkPath, labels: Labels, front: NDArray[np.int64]) -> int:
    reach = max(2.0, float(np.median(path.width)) / 2 + 1.5)
    across = _across(path.points)
    across *= reach / np.maximum(np.hypot(*across.T), 1e-6)[:, None]
    sides = [labels[pixels_along((path.points + side * across).astype(np.float32), labels.shape)] for side in (-1, 1)]
    found = np.where(front[sides[0]] >= front[sides[1]], sides[0], sides[1])
    found = found[found >= 0]
    return int(np.bincount(found).argmax()) if found.size else -1


def _across(points: Path) -> Path:
    """[n, 2]: at a right angle to the stroke, by central differences."""
    across = np.empty_like(points)
    for to, of, sign in ((0, 1, -1), (1, 0, 1)):
        column = points[:, of]
        across[1:-1, to] = sign * (column[2:] - column[:-2]) / 2
        across[0, to] = sign * (column[1] - column[0])
        across[-1, to] = sign * (column[-1] - column[-2])
    return across
