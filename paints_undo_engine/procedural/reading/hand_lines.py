"""Traced lines as a hand draws them: with corners, and between them even or straight."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Path
from paints_undo_engine.procedural.reading.tracing import smooth

STRETCH = 0.05
"""Of the diagonal: the shortest stretch that a hand draws straight."""
_STRAIGHT, _JITTER = 0.022, 0.7
"""Of its length, how far such a stretch strays at most; and in pixels, how far one between two corners may stray
however short it is.
"""
_CORNER, _ARM = 0.62, 6
"""The sine of half the least turn of a corner, which is 75 degrees; pixels on either side over which it is seen."""
_SMALL, _CLOSED, _BACK = 0.16, 0.12, 0.55
"""Of the diagonal: the longest hook; of its length, how far its ends are from each other at least and at most."""
_RIM = 0.02
"""Of the diagonal: what runs so near to the picture's border is its frame."""


def length_of(points: Path) -> float:
    """How long a line float32 [n, 2] is."""
    return float(np.hypot(*np.diff(points, axis=0).T).sum())


def runs(points: Path, kept: NDArray[np.bool_]) -> list[Path]:
    """The pieces of a line, [n, 2], that are kept [n]."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], kept, [False]]).astype(np.int8)))
    return [points[begin:end] for begin, end in zip(edges[::2], edges[1::2], strict=True)]


def is_closed(points: Path, length: float) -> bool:
    """Whether a line of some length ends where it began."""
    return float(np.hypot(*(points[-1] - points[0]))) < _CLOSED * length


def pieces_as_drawn(path: Path, size: tuple[int, int], rounded: float, *, hooks: bool = False) -> list[Path]:
    """The pieces of a traced line, as a hand draws it, that do not run along the border of a picture of such a width
    and height; without those that are small, turn back and do not close: nobody draws them. `rounded`: as `as_drawn`
    has it.
    """
    diagonal = float(np.hypot(*size))
    x, y = (drawn := as_drawn(path, rounded, STRETCH * diagonal)).T
    rim = _RIM * diagonal
    found = runs(drawn, (x > rim) & (y > rim) & (x < size[0] - 1 - rim) & (y < size[1] - 1 - rim))
    return found if hooks else [piece for piece in found if not _is_hook(piece, _SMALL * diagonal)]


def _is_hook(points: Path, small: float) -> bool:
    length = length_of(points)
    reach = float(np.hypot(*(points[-1] - points[0])))
    return length < small and _CLOSED * length < reach < _BACK * length


def as_drawn(path: Path, rounded: float, stretch: float) -> Path:
    """A traced line, float32 [n, 2], as a hand draws it: with its corners, and between them even or straight.

    `rounded`: the sigma in pixels by which what is between corners is evened; `stretch`: what is nearly straight for so
    many pixels is straight.
    """
    corners = _corners(path)
    if not corners:
        return straightened(smooth(path, rounded), stretch)
    pieces = []
    for begin, end in pairwise([0, *corners, len(path) - 1]):
        piece = path[begin : end + 1]
        length = float(np.hypot(*(piece[-1] - piece[0])))
        if float(_off(piece).max()) < max(_JITTER, _STRAIGHT * length):
            line = np.linspace(piece[0], piece[-1], len(piece), dtype=np.float32)
        else:
            line = straightened(smooth(piece, rounded), stretch)
        pieces.append(line if begin == 0 else line[1:])
    return np.concatenate(pieces)


def _corners(path: Path) -> list[int]:
    """Where a traced line turns sharply: indices, in order."""
    if len(path) < 4 * _ARM:
        return []
    ahead = path[2 * _ARM :] - path[_ARM:-_ARM]
    back = path[: -2 * _ARM] - path[_ARM:-_ARM]
    # Two arms of one length: half their sum is how far the turn lies from their chord's middle.
    sharp = np.hypot(*(ahead + back).T) / np.maximum(np.hypot(*ahead.T) + np.hypot(*back.T), 1e-6)
    found: list[int] = []
    for at in np.argsort(-sharp, kind="stable").tolist():
        if sharp[at] < _CORNER:
            break
        if all(abs(at + _ARM - other) >= _ARM for other in found):
            found.append(at + _ARM)
    return sorted(found)


def _off(points: Path) -> Path:
    """How far each point of a line lies from the straight between its ends, or from both of them if they are one."""
    away, way = points - points[0], points[-1] - points[0]
    length = float(np.hypot(*way))
    if length == 0:
        return np.asarray(np.hypot(*away.T), np.float32)
    return np.asarray(np.abs(away[:, 0] * way[1] - away[:, 1] * way[0]) / length, np.float32)


def straightened(points: Path, shortest: float) -> Path:
    """A line, float32 [n, 2], whose nearly straight stretches of at least so many pixels are straight."""
    length = float(np.hypot(*(points[-1] - points[0])))
    if len(points) < 3 or length_of(points) < shortest:
        return points
    off = _off(points)
    if length > shortest and float(off.max()) < _STRAIGHT * length:
        return np.linspace(points[0], points[-1], len(points), dtype=np.float32)
    at = int(np.clip(off.argmax(), 1, len(points) - 2))
    head, tail = straightened(points[: at + 1], shortest), straightened(points[at:], shortest)
    return np.concatenate([head, tail[1:]])
