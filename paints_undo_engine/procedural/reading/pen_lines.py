"""What of a line art a pen has drawn: strokes of even width with firm rims, and nothing beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.along import pixels_along, usual
from paints_undo_engine.procedural.reading.model import Cover, Ink, InkPath

_FARTHEST, _RIM = 10, (20, 200)
"""Pixels from a line's middle to which its rim is followed; of 255, what a rim covers."""
_SOFT = 2.2
"""Pixels: a line whose rims are broader on the mean is the shade of a form. Half of all pens' are below 1."""
_KEPT = 0.3
"""Of a line: where more lies in what is kept it stays."""
_EVEN, _BULGE, _BESIDE = 11, 1.4, 3
"""Points over which a line's width is evened; what it is there at most, in its median; pixels by which ink may be
broader than that.
"""
_PIECE = 5
"""Points of a line that are as wide as each other."""
_CLEAN, _LIGHT = 0.4, 0.008
"""Of a line: in hair one of which less is clean is the shade between lights. Of the diagonal: half of how broad those
are at most.
"""


def drawn_with_a_pen(ink: Ink, kept: NDArray[np.bool_], enlarged: float = 1.0) -> Ink:
    """The line art without soft shades, and without what no line goes through: grain, crumbs and teeth.

    Nothing is taken away where `kept`, bool [h, w], is true; `enlarged` so many times, 1 or more, all rims are softer.
    """
    if not ink.paths:
        return ink
    soft = rims(ink.cover, ink.paths) > _SOFT * max(1.0, enlarged)
    paths = tuple(
        path
        for path, one in zip(ink.paths, soft.tolist(), strict=True)
        if not one or float(kept[pixels_along(path.points, kept.shape)].mean()) > _KEPT
    )
    along = around_lines(paths, ink.cover.shape) | kept
    return replace(ink, cover=np.where(along, ink.cover, 0).astype(np.uint8), paths=paths)


def thinned_within(ink: Ink, where: NDArray[np.bool_], clean: NDArray[np.float64]) -> tuple[Ink, NDArray[np.bool_]]:
    """The line art with lines of the pen's own width in hair, where bool [h, w], and what it has lost: bool [h, w].

    What is dark there between two lights is broader than a pen and no line but shade: its middle is drawn, and the rest
    painted. Of each line the share `clean` float64 [n] has even colours beside it; a pen drew the most of those.
    """
    if not ink.paths or not where.any():
        return ink, np.zeros_like(where)
    lengths = np.array([path.length for path in ink.paths])
    widths = np.array([float(np.median(path.width)) for path in ink.paths])
    pen = usual(widths, lengths)
    inside = np.array([float(where[pixels_along(path.points, where.shape)].mean()) for path in ink.paths])
    shade = (inside > _KEPT) & (clean < _CLEAN)
    paths = tuple(
        replace(path, width=np.minimum(path.width, np.float32(pen))) if one else path
        for path, one in zip(ink.paths, shade.tolist(), strict=True)
    )
    others = tuple(path for path, one in zip(paths, shade.tolist(), strict=True) if not one)
    thin = np.zeros(where.shape, np.uint8)
    lines = [np.rint(path.points).astype(np.int32) for path, one in zip(paths, shade.tolist(), strict=True) if one]
    cv2.polylines(thin, lines, False, 255, max(1, round(pen)))
    gone = where & (ink.cover > 0) & (thin == 0) & ~around_lines(others, where.shape)
    cover = np.where(gone, 0, ink.cover).astype(np.uint8)
    return replace(ink, cover=cover, paths=paths), cv2.dilate(gone.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0


def with_lights(hair: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Hair, bool [h, w], with its tips and with the lights on it, all of them narrow: bool [h, w]."""
    side = 2 * round(_LIGHT * float(np.hypot(*hair.shape))) + 1
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    whole = cv2.morphologyEx(hair.astype(np.uint8), cv2.MORPH_CLOSE, disk)
    return np.asarray(cv2.dilate(whole, disk) > 0, bool)


def rims(cover: Cover, paths: Sequence[InkPath]) -> NDArray[np.float64]:
    """How broad the broader rim of each line is that covers uint8 [h, w], in pixels: float64 [n]."""
    points = np.concatenate([path.points for path in paths])
    across = np.concatenate([_across(path) for path in paths])
    counts = np.array([len(path.points) for path in paths])
    own = np.repeat(np.arange(len(paths)), counts)
    sides = []
    for side in (-1, 1):
        rim, within = np.zeros(len(points)), np.ones(len(points), bool)
        for step in range(_FARTHEST):
            covered = cover[pixels_along(points + np.float32(side * step) * across, cover.shape)]
            within &= covered > _RIM[0]
            rim += within & (covered < _RIM[1])
        sides.append(np.bincount(own, rim) / counts)
    return np.asarray(np.maximum(*sides), np.float64)


def around_lines(paths: Sequence[InkPath], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """What lines of even width cover, with their rims: bool [h, w]."""
    mask = np.zeros(shape, np.uint8)
    for path in paths:
        points = np.rint(path.points).astype(np.int32)
        width = np.rint(even_width(path)).astype(int) + _BESIDE
        for begin in range(0, max(1, len(points) - 1), _PIECE):
            thick = int(width[begin : begin + _PIECE].max())
            cv2.polylines(mask, [points[begin : begin + _PIECE + 1]], False, 255, thick)
    return mask > 0


def even_width(path: InkPath) -> NDArray[np.float32]:
    """A line's width at each point without bulges: float32 [n]."""
    if len(path.width) <= _EVEN:
        return path.width
    level = np.minimum(path.width, _BULGE * np.median(path.width)).astype(np.float32)
    return np.asarray(cv2.blur(level, (1, _EVEN)).ravel(), np.float32)


def _across(path: InkPath) -> NDArray[np.float32]:
    """float32 [n, 2]: of length 1, at a right angle to a line."""
    if len(path.points) < 2:
        return np.zeros_like(path.points)
    way = np.gradient(path.points, axis=0)
    across = np.stack([-way[:, 1], way[:, 0]], axis=1)
    return np.asarray(across / np.maximum(np.hypot(*across.T), 1e-6)[:, None], np.float32)
