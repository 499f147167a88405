"""Patterns: lace, carpets, noise, leaves, where short edges run close together and every way. Nobody inks them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.along import bends, values_along
from paints_undo_engine.procedural.reading.edges import Edges
from paints_undo_engine.procedural.reading.model import Box, Cover, Face, Ink, Path, Pixels
from paints_undo_engine.procedural.reading.pen_lines import around_lines

_AROUND, _MOST, _DENSE = 80.0, 20.0, 7.0
"""The diagonal divided by it: the sigma of what is around a place. Levels for a pixel: as how much a stronger edge
counts; how much of edges that run no way in particular is there on the mean where there is a pattern.
"""
_LEAST = 0.003
"""Of the picture: a smaller place of such edges is a knot, a brooch or an ear."""
_HEAD = 0.15
"""Of a head's size: how far about it edges are features and hair."""
_WITHIN, _SHORT, _WRIGGLES = 0.5, 0.05, 62.0
"""Of a line: with so much of it in a pattern it may be the pattern's; of the diagonal: a longer one is only if it turns
by a radian within the diagonal divided by the last.
"""


def find_patterns(
    pixels: Pixels, faces: Sequence[Face], heads: Sequence[Box], skin: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Where uint8 [h, w, 3] has a pattern: bool [h, w]; heads and hands, whose `skin` is bool [h, w], are none.

    Edges are gathered as a structure tensor in which none counts much more than another: what of it runs no one way is
    the smaller of its two axes. Strands, folds and pleats run one way, a contour is alone.
    """
    diagonal = float(np.hypot(*pixels.shape[:2]))
    soft = cv2.GaussianBlur(pixels, (0, 0), 1.0)
    gx, gy = (cv2.Scharr(soft, cv2.CV_32F, *way, scale=1 / 32) for way in ((1, 0), (0, 1)))
    xx, yy, xy = ((one * other).sum(axis=2) for one, other in ((gx, gx), (gy, gy), (gx, gy)))
    strong = np.sqrt(xx + yy) + np.float32(1e-3)
    counts = np.minimum(strong, _MOST) / (strong * strong)
    size = tuple(max(1, side // 4) for side in pixels.shape[1::-1])
    xx, yy, xy = (
        cv2.GaussianBlur(cv2.resize(part * counts, size, interpolation=cv2.INTER_AREA), (0, 0), diagonal / _AROUND / 4)
        for part in (xx, yy, xy)
    )
    dense = (xx + yy - np.hypot(xx - yy, 2 * xy) > _DENSE).astype(np.uint8)
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(dense, connectivity=4)
    large = stats[:, cv2.CC_STAT_AREA] > _LEAST * dense.size
    large[0] = False
    found = cv2.resize(large[pieces].astype(np.uint8), pixels.shape[1::-1], interpolation=cv2.INTER_NEAREST) > 0
    for box in [*(face.box for face in faces), *heads]:
        found[box.grown(_HEAD, _HEAD, _HEAD, _HEAD).slices(found.shape)] = False
    rim = 2 * round(diagonal / _AROUND / 2) + 1
    found[cv2.dilate(skin.astype(np.uint8), np.ones((rim, rim), np.uint8)) > 0] = False
    return np.asarray(found, bool)


def is_of_pattern(points: Path, patterns: NDArray[np.bool_]) -> bool:
    """Whether a line float32 [n, 2] lies in patterns, bool [h, w], and is short or wriggles as they do."""
    if float(values_along(patterns, points).mean()) <= _WITHIN:
        return False
    diagonal = float(np.hypot(*patterns.shape))
    length = float(np.hypot(*np.diff(points, axis=0).T).sum())
    return length < _SHORT * diagonal or bends(points) > _WRIGGLES / diagonal


def edges_beside(edges: Edges, patterns: NDArray[np.bool_]) -> Edges:
    """The edges without those of patterns, bool [h, w]."""
    if not patterns.any():
        return edges
    return edges.each(lambda some: tuple(edge for edge in some if not is_of_pattern(edge.points, patterns)))


def without_patterns(ink: Ink, patterns: NDArray[np.bool_]) -> tuple[Ink, NDArray[np.bool_]]:
    """The line art without the lines of patterns, bool [h, w], and where it has lost some: bool [h, w]."""
    paths = tuple(path for path in ink.paths if not is_of_pattern(path.points, patterns))
    if len(paths) == len(ink.paths) and not (patterns & (ink.cover > 0)).any():
        return ink, np.zeros(patterns.shape, bool)
    gone = patterns & (ink.cover > 0) & ~around_lines(paths, ink.cover.shape)
    cover: Cover = np.where(gone, 0, ink.cover).astype(np.uint8)
    return replace(ink, cover=cover, paths=paths), cv2.dilate(gone.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
