"""The bare sheet: one even colour, or paper with its grain, stains and shades as seen where nobody has drawn."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import Colour, Paper, Pixels
from paints_undo_engine.procedural.reading.channels import difference
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import wide_blur

_DRAWN = 20
"""Levels: what is farther from the paper's colour, looked at from afar, is drawn or painted."""
_FAINT, _STRAYS, _NEAR = 6.0, 4.0, 25.0
"""Levels by which faint strokes stand out from what lies around, how many times as much as the paper's own grain, and
the diagonal divided by the sigma of what is around."""
_INK = 30
"""Of 255: how much of a pixel lines cover where paper is no longer bare."""
_AROUND, _AFAR = 130.0, 600.0
"""The diagonal divided by them: how far from what is drawn paper is bare; how far from it a grain is not seen."""
_LEAST = 0.2
"""Of the picture: where less is bare the sheet is not known."""
_UNEVEN = 1.3
"""Levels, the standard deviation: paper that varies less is even."""
_SHADE = 90.0
"""The diagonal divided by it: the sigma of what is shade, and not grain."""
_SHIFTS = ((0, 1), (1, 0), (1, 1), (-1, 1), (0, 2), (2, 0), (2, 1), (1, 2), (3, 1), (1, 3))
"""From where grain is taken for what is drawn on, in steps of a twelfth of the picture's sides."""
_ROWS = 512


def sheet_of(source: Source) -> Paper:
    """The blank sheet: a colour where paper is even, white or not seen, else uint8 [H, W, 3] on the canvas.

    Where the picture shows its paper it is the picture itself; below what is drawn its shade goes on, with the grain
    of another place.
    """
    paper = source.paper
    if source.reading.medium.paper is None or source.alpha is not None:
        return paper
    bare = _bare(source, paper)
    seen = source.small[bare].astype(np.float32)
    if float(bare.mean()) < _LEAST or float((seen - seen.mean(axis=0)).std(axis=0).max()) < _UNEVEN:
        return paper
    return _textured(source, bare, _shade(source, bare))


def on_grid(source: Source, sheet: Paper) -> Pixels:
    """A sheet on the reading's grid: uint8 [h, w, 3]."""
    height, width = source.reading.shape
    if isinstance(sheet, tuple):
        return np.full((height, width, 3), sheet, np.uint8)
    way = cv2.INTER_AREA if source.scale >= 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(sheet, (width, height), interpolation=way), np.uint8)


def _bare(source: Source, paper: Colour) -> NDArray[np.bool_]:
    """Where nothing is drawn: bool [h, w]."""
    even = np.empty_like(source.small)
    even[:] = paper
    afar = np.rint(wide_blur(source.small, max(0.8, source.diagonal / _AFAR))).astype(np.uint8)
    around = np.rint(wide_blur(source.small, source.diagonal / _NEAR)).astype(np.uint8)
    apart = difference(afar, around)
    faint = apart > max(_FAINT, _STRAYS * 1.48 * float(np.median(apart)))
    drawn = (difference(afar, even) > _DRAWN) | faint | (source.reading.ink.cover > _INK)
    reach = 2 * max(1, round(source.diagonal / _AROUND / 2)) + 1
    return np.asarray(cv2.dilate(drawn.astype(np.uint8), np.ones((reach, reach), np.uint8)) == 0)


def _shade(source: Source, bare: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The paper without its grain, carried on below what is drawn: float32 [h, w, 3]."""
    known = bare.astype(np.float32)
    light = source.small * known[..., None]
    shade: NDArray[np.float32] = np.zeros_like(light)
    open_ = np.ones(bare.shape, bool)
    for wider in (1, 2, 4, 10):
        sigma = wider * source.diagonal / _SHADE
        mass = wide_blur(known, sigma)
        new = open_ & ((mass > 0.2) | (wider == 10))
        shade[new] = (wide_blur(light, sigma) / np.maximum(mass, np.float32(1e-4))[..., None])[new]
        open_ &= ~new
    return wide_blur(shade, 0.5 * source.diagonal / _SHADE)


def _textured(source: Source, bare: NDArray[np.bool_], shade: NDArray[np.float32]) -> Pixels:
    """The sheet on the canvas from its shade and the picture's own grain."""
    height, width = source.size
    known = cv2.resize(bare.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0
    even = source.grid.whole(np.rint(np.clip(shade, 0, 255)).astype(np.uint8))
    grain = np.empty((height, width, 3), np.int16)
    for top in range(0, height, _ROWS):
        rows = slice(top, top + _ROWS)
        grain[rows] = source.pixels[rows].astype(np.int16) - even[rows]
    grain[~known] = 0
    filled = known.copy()
    for down, across in _SHIFTS:
        move = (down * height // 12, across * width // 12)
        new = ~filled & np.roll(known, move, (0, 1))
        if new.any():
            grain[new] = np.roll(grain, move, (0, 1))[new]
            filled |= new
    return np.clip(even + grain, 0, 255).astype(np.uint8)
