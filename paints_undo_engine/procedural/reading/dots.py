"""Dots: small marks of the pen's colour on an even ground, as pupils, nostrils and short brows of small faces are."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Ink, InkPath, Pixels

_LONGEST, _BROADEST = 0.025, 0.009
"""Of the diagonal: how long and how broad a dot is at most."""
_DEEP, _PENNED = 60, 45
"""Levels: how much darker it is than what is around it, and how far from the pen's mean colour in any channel."""
_EVEN = 14.0
"""Levels: how much what is around it strays at most from one or two tones."""
_COVERED, _APART = 90, 0.2
"""Of 255: what is covered is of a line; of a dot, what lines cover at most."""
_CLOSE, _CROWD = 0.12, 7
"""Of the diagonal: within so far of one there are at most so many others, or they are a pattern."""
_LINED = 0.8
"""Of the edges, what lines explain at least of a picture that was drawn with a pen throughout."""
_LEAST = 5
"""Pixels: a smaller one is noise."""


def with_dots(ink: Ink, pixels: Pixels) -> Ink:
    """The line art of uint8 [h, w, 3] with its dots, each a short stroke, where nearly all was drawn with a pen."""
    if not ink.paths or ink.explained < _LINED:
        return ink
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    diagonal = float(np.hypot(*grey.shape))
    lengths = np.array([path.length for path in ink.paths])
    pen = np.average([path.colour for path in ink.paths], axis=0, weights=lengths)
    side = 2 * round(_BROADEST * diagonal / 2) + 1
    closed = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    dark = cv2.subtract(closed, grey) > _DEEP
    _, numbered, stats, middles = cv2.connectedComponentsWithStats(dark.astype(np.uint8), connectivity=8)
    pieces = np.asarray(numbered, np.int32)
    extent = np.hypot(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    area = stats[:, cv2.CC_STAT_AREA]
    covered = np.bincount(pieces[ink.cover > _COVERED], minlength=len(stats))
    chosen = (area >= _LEAST) & (extent < _LONGEST * diagonal) & (covered < _APART * area)
    chosen[0] = False
    chosen &= np.abs(_darkest(pixels, grey, pieces, len(stats)) - pen).max(axis=1) < _PENNED
    numbers = [
        number
        for number in np.flatnonzero(chosen).tolist()
        if _is_set(grey, pieces, np.asarray(stats[number], np.int32), number)
    ]
    places = middles[numbers]
    alone = [
        number
        for number, place in zip(numbers, places, strict=True)
        if int((np.hypot(*(places - place).T) < _CLOSE * diagonal).sum()) <= _CROWD + 1
    ]
    if not alone:
        return ink
    dots = np.isin(pieces, alone)
    cover = np.where(dots, 255, ink.cover).astype(np.uint8)
    colour = np.where(dots[..., None], pixels, ink.colour)
    return replace(ink, cover=cover, colour=colour, paths=(*ink.paths, *(_stroke(pixels, pieces == n) for n in alone)))


def _darkest(pixels: Pixels, grey: Pixels, pieces: NDArray[np.int32], count: int) -> NDArray[np.float64]:
    """float64 [count, 3]: the colour of the darkest pixel of each piece; a small one's others are mixed."""
    at = np.flatnonzero(pieces)
    at = at[np.argsort(-grey.ravel()[at].astype(np.int16), kind="stable")]
    place = np.zeros(count, np.int64)
    place[pieces.ravel()[at]] = at
    return np.asarray(pixels.reshape(-1, 3)[place], np.float64)


def _is_set(grey: Pixels, pieces: NDArray[np.int32], stats: NDArray[np.int32], number: int) -> bool:
    """Whether a dot lies on an even ground, or on the border of two such."""
    x, y, width, height = stats[:4].tolist()
    at = np.s_[max(y - 4, 0) : y + height + 4, max(x - 4, 0) : x + width + 4]
    own = (pieces[at] == number).astype(np.uint8)
    near, far = (cv2.dilate(own, np.ones((side, side), np.uint8)) for side in (5, 9))
    ring = np.sort(grey[at][(far > 0) & (near == 0)].astype(np.float64))
    if len(ring) < _LEAST:
        return False
    # Of all ways to part the tones in two, the one after which they stray least.
    count = np.arange(1, len(ring))
    total, square = np.cumsum(ring), np.cumsum(ring**2)
    low = square[:-1] - total[:-1] ** 2 / count
    high = (square[-1] - square[:-1]) - (total[-1] - total[:-1]) ** 2 / (len(ring) - count)
    return float(np.sqrt((low + high).min() / len(ring))) < _EVEN


def _stroke(pixels: Pixels, dot: NDArray[np.bool_]) -> InkPath:
    """A stroke along a dot, bool [h, w], from end to end."""
    y, x = np.nonzero(dot)
    places = np.stack([x, y], axis=1).astype(np.float32)
    middle = places.mean(axis=0)
    (_, axes) = np.linalg.eigh(np.cov(places.T) + 1e-6 * np.eye(2))
    along = ((places - middle) @ axes[:, 1]).astype(np.float32)
    broad = max(2.0, len(places) / max(float(np.ptp(along)) + 1, 1.0))
    reach = max((float(np.ptp(along)) + 1 - broad) / 2, 0.5)
    points = (middle + np.array([-reach, 0, reach])[:, None] * axes[:, 1]).astype(np.float32)
    red, green, blue = np.median(pixels[dot], axis=0).astype(int).tolist()
    return InkPath(points, np.full(3, broad, np.float32), 2 * reach, -1, (red, green, blue))
