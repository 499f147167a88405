"""The ink of hair: a few thin lines from root to tip, and no shades between lights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.along import bends, usual, values_along
from paints_undo_engine.procedural.reading.clean_lines import across_of, levels_at
from paints_undo_engine.procedural.reading.ink import line_colour
from paints_undo_engine.procedural.reading.model import Ink, InkPath, Path, Pixels
from paints_undo_engine.procedural.reading.pen_lines import around_lines
from paints_undo_engine.procedural.reading.tracing import link, smooth, thin, trace

_FARTHEST = 10
"""Pixels from a line's middle to which its sides are looked for."""
_BROAD, _BOLDER, _FINE = 1.4, 0.5, 4.5
"""Times as broad as the picture's lines: what is broader is a shade. Pixels: what is drawn so much broader than those
is thinned; a broader pen leaves strokes of all breadths, and no faint ones.
"""
_INSIDE, _WITHIN = 0.5, 0.8
"""Of a line: where more lies in hair it is hair's, or a strand of it."""
_COMPLETE, _INKED, _COVERED = 0.85, 0.7, 90
"""Of a picture's edges: where more lie along lines none is missing. Of a strand: where more is inked it is one of the
lines there are. Of 255: what ink of a line covers.
"""
_AROUND = 4
"""Pixels of rims that a shade has."""
_STRAND, _DARKER, _TURNS = 0.035, 9.0, 60.0
"""Of the diagonal: how long a strand is at least; levels by which it is darker than both its sides; the diagonal
divided by the radius of the bends of what is too ragged for one.
"""
_SIGMA, _SURE, _GOES_ON, _ROUNDED = 1.2, 3.0, 1.2, 2.5
"""Pixels: the scale of a strand; levels for a pixel and pixel: how sharply it bends the picture somewhere, and all
along it; pixels by which a hand rounds it.
"""
_PIECE, _LINK = 5.0, 0.01
"""Pixels: the shortest piece of a strand; of the diagonal: how far the next is at most."""
_OWN, _NEAR = 0.6, 5
"""Of a line: where more lies along a strand it is a piece of that; pixels about a strand which are along it."""
_SOFT, _FULL = 0.7, 2.0
"""Pixels by which a strand's thin line is blurred, and how much it is strengthened then: it is two pixels broad."""


def without_shades(
    ink: Ink, pixels: Pixels, hair: NDArray[np.bool_], kept: NDArray[np.bool_]
) -> tuple[Ink, NDArray[np.bool_]]:
    """The line art without what is broader in hair, bool [h, w], than the pen is, and elsewhere, if it is paler than
    the pen as well; of what is hardly broader a line as broad as the pen's is left. And what it has lost: bool [h, w].
    Nothing is taken away where `kept`, bool [h, w], is true.
    """
    if not ink.paths:
        return ink, np.zeros_like(hair)
    breadth, depth = breadths(pixels, [path.points for path in ink.paths])
    lengths = np.array([path.length for path in ink.paths])
    widths = np.array([float(np.median(path.width)) for path in ink.paths])
    pen, width = usual(breadth, lengths), usual(widths, lengths)
    thin = breadth <= _BROAD * pen
    own, away = (np.array([_share(where, path.points) for path in ink.paths]) for where in (hair, kept))
    soft = (away < _INSIDE) & ((own > _INSIDE) | (depth < usual(depth[thin], lengths[thin])))
    shade, bold = soft & ~thin, soft & thin & (widths > width + _BOLDER) & (pen <= _FINE)
    paths, others, middles = [], [], []
    broad, narrow = np.zeros((2, *hair.shape), np.uint8)
    for number, path in enumerate(ink.paths):
        if not (shade[number] or bold[number]):
            others.append(path)
            paths.append(path)
            continue
        line = np.rint(path.points).astype(np.int32)
        cv2.polylines(broad, [line], False, 1, round(max(float(breadth[number]), float(widths[number]))) + _AROUND)
        if bold[number]:
            middles.append(line)
            paths.append(replace(path, width=np.minimum(path.width, np.float32(width))))
    cv2.polylines(narrow, middles, False, 1, max(2, round(pen)))
    gone = (ink.cover > 0) & (broad > narrow) & ~around_lines(others, hair.shape) & ~kept
    cover = np.where(gone, 0, ink.cover).astype(np.uint8)
    rim = np.ones((3, 3), np.uint8)
    return replace(ink, cover=cover, paths=tuple(paths)), cv2.dilate(gone.astype(np.uint8), rim) > 0


def with_strands(ink: Ink, pixels: Pixels, hair: NDArray[np.bool_]) -> Ink:
    """The line art, and in hair, bool [h, w], its faint thin lines, each of them as one with the pieces of it that were
    found.
    """
    if not (hair.any() and ink.paths) or ink.explained > _COMPLETE:
        return ink
    lengths = np.array([path.length for path in ink.paths])
    pen = usual(breadths(pixels, [path.points for path in ink.paths])[0], lengths)
    strands = _strands(ink, pixels, hair, pen) if pen <= _FINE else []
    if not strands:
        return ink
    along, drawn = np.zeros((2, *hair.shape), np.uint8)
    for line in strands:
        cv2.polylines(along, [np.rint(line).astype(np.int32)], False, 1, _NEAR)
        cv2.polylines(drawn, [np.rint(line * 16).astype(np.int32)], False, 255, 1, cv2.LINE_AA, 4)
    drawn[cv2.dilate((ink.cover > _COVERED).astype(np.uint8), np.ones((_NEAR, _NEAR), np.uint8)) > 0] = 0
    own = line_colour(pixels, np.where(drawn > 0, 255, 0).astype(np.uint8))
    drawn = cv2.convertScaleAbs(cv2.GaussianBlur(drawn, (0, 0), _SOFT), alpha=_FULL)
    colour = np.where((drawn > ink.cover)[..., None], own, ink.colour)
    paths = [path for path in ink.paths if _share(along > 0, path.points) < _OWN]
    paths += [_path(line, pixels) for line in strands]
    return replace(ink, cover=np.maximum(ink.cover, drawn), colour=colour, paths=tuple(paths))


def _strands(ink: Ink, pixels: Pixels, hair: NDArray[np.bool_], pen: float) -> list[Path]:
    """The lines of hair, bool [h, w], that are as thin as the pen, so many pixels, and mostly without ink."""
    diagonal = float(np.hypot(*hair.shape))
    left, top, width, height = cv2.boundingRect(hair.astype(np.uint8))
    within = np.ascontiguousarray(pixels[top : top + height, left : left + width])
    light = cv2.cvtColor(within, cv2.COLOR_RGB2GRAY).astype(np.float32)
    corner = np.array([left, top], np.float32)
    found = [np.asarray(line + corner, np.float32) for line in _valleys(light, _LINK * diagonal)]
    found = [line for line in found if len(line) > _STRAND * diagonal and bends(line) < _TURNS / diagonal]
    found = [line for line in found if _share(hair, line) > _WITHIN]
    if not found:
        return []
    inked = cv2.dilate((ink.cover > _COVERED).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    new = np.array([_share(inked, line) for line in found]) < _INKED
    breadth, depth = breadths(pixels, found)
    new &= (breadth <= _BROAD * pen) & (depth > _DARKER)
    return [line for line, one in zip(found, new.tolist(), strict=True) if one]


def _share(where: NDArray[np.bool_], line: Path) -> float:
    """How much of a line, float32 [n, 2], lies on a mask bool [h, w]."""
    return float(values_along(where, line).mean())


def _valleys(light: NDArray[np.float32], reach: float) -> list[Path]:
    """The dark lines of float32 [h, w], where it bends most across them, as Steger finds them (1998)."""
    soft = cv2.GaussianBlur(light, (0, 0), _SIGMA)
    xx, yy, xy = (cv2.Sobel(soft, cv2.CV_32F, *order, scale=0.25) for order in ((2, 0), (0, 2), (1, 1)))
    bend = (xx + yy) / 2 + np.hypot((xx - yy) / 2, xy)
    _, pieces = cv2.connectedComponents((bend > _GOES_ON).astype(np.uint8), connectivity=8)
    begun = np.zeros(int(pieces.max()) + 1, bool)
    begun[pieces[bend > _SURE]] = True
    begun[0] = False
    traced = trace(thin(begun[pieces].astype(np.uint8)), _PIECE)
    return [smooth(line, _ROUNDED) for line in link(traced, reach)]


def _path(line: Path, pixels: Pixels) -> InkPath:
    red, green, blue = np.median(values_along(pixels, line), axis=0).astype(int).tolist()
    length = float(np.hypot(*np.diff(line, axis=0).T).sum())
    return InkPath(line, np.ones(len(line), np.float32), length, -1, (red, green, blue))


def breadths(pixels: Pixels, lines: Sequence[Path]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How broad lines of uint8 [h, w, 3] are at half their depth, in pixels, and how many levels darker than the darker
    one of their sides, both on the median along them: float64 [n] each.
    """
    grey = cv2.GaussianBlur(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), (0, 0), 0.6).astype(np.float32)
    counts = [len(line) for line in lines]
    at, across = np.concatenate(lines), np.concatenate([across_of(line) for line in lines])
    steps = np.arange(-_FARTHEST, _FARTHEST + 1, dtype=np.float32)
    levels = np.stack([levels_at(grey, (at + step * across).astype(np.float32)) for step in steps], axis=1)
    middle = levels[:, _FARTHEST - 1 : _FARTHEST + 2].min(axis=1)
    sides = levels[:, :_FARTHEST][:, ::-1], levels[:, _FARTHEST + 1 :]
    depth = np.minimum(*(side.max(axis=1) for side in sides)) - middle
    half = (middle + depth / 2)[:, None]
    one, other = (np.logical_and.accumulate(side < half, axis=1).sum(axis=1) for side in sides)
    ends = np.cumsum(counts)[:-1]
    broad, deep = ([_middling(part) for part in np.split(values, ends)] for values in (one + other + 1, depth))
    return np.array(broad, np.float64), np.array(deep, np.float64)


def _middling(values: NDArray[np.number]) -> float:
    """The mean of the middle half of some values."""
    quarter = len(values) // 4
    return float(np.sort(values)[quarter : len(values) - quarter].mean())
