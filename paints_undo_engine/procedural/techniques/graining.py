"""The grain of bare paper, made anew where it is hidden: noise with the spectrum of the paper's own.

Noise that is convolved with a piece of a texture has that texture's spectrum and no shapes (Galerne, Gousseau, Morel:
Random phase textures, 2011): what was drawn near the piece is never seen twice.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import Pixels
from paints_undo_engine.procedural.reading.traces import is_clean
from paints_undo_engine.procedural.source import Source

_PIECE, _SIDE = 96, 512
"""Pixels: the side of the piece of paper whose grain is looked at, and the side after which the new grain repeats."""
_ENOUGH = 400
"""Pixels of bare paper that tell a grain."""
_BURNT = 250
"""Levels: what is lighter shows no grain."""
_FORMS = 6.0
"""Pixels: the sigma of what is no longer grain."""
_MARKS = 4.0
"""Times the usual grain: what strays more is a mark."""
_EDGES, _AWAY, _KNOWN = (12, 30), 9, 0.35
"""Of the edge detector: forms; pixels about them in which no grain of paint is looked at; of the piece, what must be
calm to tell how paint looks.
"""
_WEAVE, _FINE, _OF_MOST = 500.0, 2.5, 4
"""The canvas' diagonal divided by it: the sigma of what is no longer grain of paint, and the least of it in pixels; of
all squares a fourth has less.
"""
_LEAST_LIGHT, _ROUGHEST, _SEEN = 60.0, 0.12, 0.01
"""Levels of the light of a dark piece at least; of the light, what grain strays by at most, and on the mean to be seen.
"""


def paint_grain(source: Source) -> NDArray[np.float32] | None:
    """The grain that calm paint has in a picture, of canvas and bristles, as shares of the light about 1: float32
    [n, n], which repeats; None where nobody sees any.
    """
    pixels = source.pixels
    if is_clean(source.reading.pixels):
        return None
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    edges = cv2.Canny(cv2.GaussianBlur(grey, (0, 0), 2.0), *_EDGES)
    calm = np.asarray(cv2.dilate(edges, np.ones((_AWAY, _AWAY), np.uint8)) == 0, bool)
    painted = source.grid.whole((source.reading.labels >= 0).astype(np.uint8)) > 0
    calm &= painted & (grey < _BURNT)
    forms = max(_FINE, float(np.hypot(*grey.shape)) / _WEAVE)
    at = _calm_square(grey, calm, forms)
    if at is None:
        return None
    light = max(float(grey[at][calm[at]].mean()), _LEAST_LIGHT)
    whole = _repeating(pixels, calm, at, source.chance("paint"), _SIDE, forms).mean(axis=2) / np.float32(light)
    if float(np.abs(whole).mean()) < _SEEN:
        return None
    return np.asarray(1 + np.clip(whole, -_ROUGHEST, _ROUGHEST), np.float32)


def _calm_square(grey: NDArray[np.uint8], calm: NDArray[np.bool_], forms: float) -> tuple[slice, slice] | None:
    """Of the squares in which enough of uint8 [h, w] is calm, bool [h, w], one with less grain for its light than
    most of them, which all paint has; None where there is no such square. For `forms` see `_repeating`.
    """
    height, width = grey.shape
    tall, wide = min(_PIECE, height), min(_PIECE, width)
    values = grey.astype(np.float32)
    strays = np.abs(values - cv2.GaussianBlur(values, (0, 0), forms))
    squares = [
        np.s_[y : y + tall, x : x + wide]
        for y in range(0, height - tall + 1, tall)
        for x in range(0, width - wide + 1, wide)
    ]
    known = [at for at in squares if float(calm[at].mean()) >= _KNOWN and int(calm[at].sum()) >= _ENOUGH]
    grain = [float(strays[at][calm[at]].mean()) / max(float(values[at][calm[at]].mean()), _LEAST_LIGHT) for at in known]
    return known[int(np.argsort(grain, kind="stable")[len(grain) // _OF_MOST])] if known else None


def grain_like(pixels: Pixels, bare: NDArray[np.bool_], chance: np.random.Generator) -> NDArray[np.int16]:
    """Grain like that of the `bare` places, bool [h, w], of uint8 [h, w, 3]: int16 [h, w, 3] about 0; none where hardly
    any place is bare.
    """
    height, width = bare.shape
    at = _barest(bare)
    if int(bare[at].sum()) < _ENOUGH:
        return np.zeros(pixels.shape, np.int16)
    side = min(_SIDE, max(height, width, _PIECE))
    times = (-(-height // side), -(-width // side), 1)
    whole = _repeating(pixels, bare, at, chance, side)
    return np.tile(np.rint(whole).astype(np.int16), times)[:height, :width]


def _repeating(
    pixels: Pixels,
    bare: NDArray[np.bool_],
    at: tuple[slice, slice],
    chance: np.random.Generator,
    side: int,
    forms: float = _FORMS,
) -> NDArray[np.float64]:
    """Grain like that of the bare pixels of a piece, on a square that repeats: float64 [side, side, 3]. `forms`: the
    sigma of what is no longer grain.
    """
    known = bare[at].astype(np.float32)
    grain = _without_forms(pixels[at].astype(np.float32), known, forms)
    noise = np.fft.rfft2(chance.normal(0, 1 / np.sqrt(float(known.sum())), (side, side)))
    spectrum = noise[..., None] * np.fft.rfft2(grain, (side, side), axes=(0, 1))
    return np.asarray(np.fft.irfft2(spectrum, (side, side), axes=(0, 1)), np.float64)


def _without_forms(piece: NDArray[np.float32], known: NDArray[np.float32], forms: float) -> NDArray[np.float32]:
    """How what is `known` (1, else 0: float32 [h, w]) of float32 [h, w, 3] strays from what lies around it."""
    mass = np.maximum(cv2.GaussianBlur(known, (0, 0), forms), np.float32(1e-3))
    calm = cv2.GaussianBlur(piece * known[..., None], (0, 0), forms) / mass[..., None]
    grain = (piece - calm) * known[..., None]
    most = _MARKS * float(np.median(np.abs(grain[known > 0]))) + 1
    grain = np.clip(grain, -most, most)
    return np.asarray(grain - (grain.sum(axis=(0, 1)) / known.sum()) * known[..., None], np.float32)


def _barest(bare: NDArray[np.bool_]) -> tuple[slice, slice]:
    """The square of which most is bare."""
    height, width = bare.shape
    tall, wide = min(_PIECE, height), min(_PIECE, width)
    total = cv2.integral(bare.astype(np.uint8))
    share = total[tall:, wide:] - total[:-tall, wide:] - total[tall:, :-wide] + total[:-tall, :-wide]
    top, left = (int(at) for at in np.unravel_index(int(share.argmax()), share.shape))
    return slice(top, top + tall), slice(left, left + wide)
