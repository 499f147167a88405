"""Coloured pencil, crayon, chalk: colour that was rubbed onto paper, whose grain shows through it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.channels import greatest, largest, smallest, steps
from paints_undo_engine.procedural.reading.model import Pixels

_PAPER, _LEAST_PAPER = 228, 0.15
"""Levels of bare paper, and the least share of the picture that it is: colour is rubbed onto a white sheet."""
_FAR, _COLOURED = 35, 28
"""Levels from the paper, and between the channels: what differs more is coloured."""
_AROUND, _FORM = 3.0, 4.0
"""Pixels: the sigma of a place's mean, and of the forms whose edges are left out."""
_EDGE = 60
"""How steep a form's edge is in levels, by Sobel's operator."""
_LEAST = 0.05
"""Of the picture: with less colour nothing is said."""
_GRAINED, _FLAT, _FINE, _EVEN = 0.09, 0.1, 0.42, 0.75
"""Coloured pencil: the grain's median contrast is at least this share of the way to the paper, so little is flat, the
grain's correlation over two pixels is at most this, and so much of the colour lies away from edges."""
_OWN, _BARE, _SEEN, _DRAWN = 2.8, 0.01, 0.5, 6.0
"""How many times as strong as that of bare paper the grain of rubbed colour is at least: a wash takes the paper's own,
which a lens or a scanner shows everywhere; of the picture, so little bare paper that it tells nothing; levels of its
grain that are always seen; levels that no paper has, so that it was toned with a pencil."""

_MARK, _FEW_MARKS, _CORE, _BLACK = 205, 0.004, 0.04, 85
"""Levels of what is drawn; of the picture, so little that it says nothing; of what is drawn, its darkest, how dark a
pen leaves them."""
_PLACE, _MIDDLE, _TONED_SHARE = 300.0, (0.15, 0.7), 0.1
"""The diagonal divided by it: about half the side of a place; how dark places of a middle tone are; of the picture,
so much of it that it tells something."""
_ONE_HUE, _TONED_GRAIN, _TONED_EVEN, _WHITE = 12.0, 4.0, 0.25, 0.05
"""A sheet that is toned all over in charcoal or graphite: levels by which nearly all colours stray from one hue for
each tone; levels of the grain at least; of the pixels, like their neighbours at most; of the picture, white."""
_NO_HUE, _STRAY_HUES, _DARK, _NO_GRAIN, _HARDLY_GRAINED = 6, 0.01, 84, 0.05, 0.18
"""Blended graphite: levels between channels, of the picture so much that has more; levels of the median tone at most;
of its places of three pixels, even ones, and ones that stray by a level, at most.
"""
_PEN_WIDTH, _STROKE, _HATCHES, _SOME, _MOST = 5, 30, 11, 0.15, 0.32
"""Hatching: pixels that a pen's stroke is thinner than; levels by which it differs from what is beside it; pixels of a
place; of it, dark strokes and light gaps at least; of the picture, such places.
"""
_TEXTURED, _NOWHERE_FLAT, _LEAST_TEXTURED = 0.02, 0.1, 0.02
"""Colour that no program filled: its grain's median contrast at least, how little of it is flat; of the picture, so
much colour that it tells something."""
_RELIEF_SIGMA, _RELIEF_PLACE, _ROUGH, _EVERYWHERE = 2.5, 25, 4.5, 0.5
"""Pixels of the sigma of what lies about, and of the side of a place; levels by which rough paper strays wherever it is
seen, and its least by its usual grain.
"""
OF_LINES = 0.15
"""Of black: see `tone_of`."""


def is_rubbed(pixels: Pixels) -> bool:
    """Whether the colour of uint8 [h, w, 3] was rubbed on with a dry tool. Meant for a longer side of about 640 pixels.

    The grain of rubbed colour leads to the paper and away from it, is fine, and is everywhere; a wash has soft grain
    and edges, print and digital paint are flat, and photographs seldom lie on white paper.
    """
    paper = smallest(pixels) > _PAPER
    if min(paper.shape) < 48 or float(paper.mean()) < _LEAST_PAPER:
        return False
    coloured, calm, mean = _calm(pixels, paper)
    if float(calm.mean()) < _LEAST or calm.sum() < _EVEN * coloured.sum():
        return False
    contrast, flat, correlation = _grain(pixels, paper, calm, mean)
    grained = contrast > _GRAINED and flat < _FLAT and correlation < _FINE
    return grained and _is_own(pixels, calm, mean) and not has_relief(pixels)


def has_relief(pixels: Pixels) -> bool:
    """Whether the grain of uint8 [h, w, 3] is strong, and on bare paper as strong as anywhere: of rough paper in
    slanting light, and of no pencil.
    """
    grey = pixels.astype(np.float32).mean(axis=2)
    fine = grey - cv2.GaussianBlur(grey, (0, 0), _RELIEF_SIGMA)
    power = cv2.blur(fine * fine, (_RELIEF_PLACE, _RELIEF_PLACE))[::4, ::4]
    least, half = np.sqrt(np.maximum(np.percentile(power, (5, 50)), 0))
    return bool(least > _ROUGH and least > _EVERYWHERE * half)


def is_grain_of_its_own(pixels: Pixels) -> bool:
    """Whether the colour on white paper, uint8 [h, w, 3], has a grain that its bare paper has not."""
    _, calm, mean = _calm(pixels, smallest(pixels) > _PAPER)
    return _is_own(pixels, calm, mean)


def _is_own(pixels: Pixels, calm: NDArray[np.bool_], mean: NDArray[np.float32]) -> bool:
    """The same, with what `_calm` has found."""
    if not calm.any():
        return True
    paper = _of_paper(pixels, mean)
    own = float(np.median(np.abs((pixels - mean).mean(axis=2))[calm]))
    return paper is None or paper > _DRAWN or own > _OWN * paper


def is_seen_by_a_lens(pixels: Pixels) -> bool:
    """Whether the bare white paper of uint8 [h, w, 3] has the grain that a lens or a scanner sees on any."""
    paper = _of_paper(pixels, np.asarray(cv2.GaussianBlur(pixels.astype(np.float32), (0, 0), _AROUND), np.float32))
    return paper is None or paper > _SEEN


def is_toned_sheet(pixels: Pixels) -> bool:
    """Whether what seems bare white paper of uint8 [h, w, 3] has so strong a grain that it was toned with a pencil."""
    paper = _of_paper(pixels, np.asarray(cv2.GaussianBlur(pixels.astype(np.float32), (0, 0), _AROUND), np.float32))
    return paper is not None and paper > _DRAWN


def _of_paper(pixels: Pixels, mean: NDArray[np.float32]) -> float | None:
    """Levels by which bare paper strays from the `mean` about each pixel; None where hardly any is bare."""
    seen = (smallest(np.asarray(cv2.blur(pixels, (7, 7)), np.uint8)) > _PAPER).astype(np.uint8)
    bare = cv2.erode(seen, np.ones((5, 5), np.uint8)) > 0
    return float(np.median(np.abs((pixels - mean).mean(axis=2))[bare])) if float(bare.mean()) >= _BARE else None


def grain_of(pixels: Pixels) -> tuple[float, float, float]:
    """Of the colour on white paper, uint8 [h, w, 3], away from edges: the grain's median contrast as a share of the
    way to the paper, how much is flat, and the grain's correlation over two pixels. Nothing is flat where none is seen.
    """
    paper = smallest(pixels) > _PAPER
    _, calm, mean = _calm(pixels, paper)
    return _grain(pixels, paper, calm, mean)


def is_nowhere_flat(pixels: Pixels) -> bool:
    """Whether the colour on white paper, uint8 [h, w, 3], has grain all over, however much of the paper is even."""
    paper = smallest(pixels) > _PAPER
    if float(paper.mean()) < _LEAST_PAPER:
        return False
    _, calm, mean = _calm(pixels, paper)
    contrast, flat, _ = _grain(pixels, paper, calm, mean)
    return float(calm.mean()) > _LEAST_TEXTURED and contrast > _TEXTURED and flat < _NOWHERE_FLAT


def _grain(
    pixels: Pixels, paper: NDArray[np.bool_], calm: NDArray[np.bool_], mean: NDArray[np.float32]
) -> tuple[float, float, float]:
    """The same, with what `_calm` has found."""
    if not calm.any():
        return 0.0, 1.0, 1.0
    way = np.median(pixels[paper], axis=0).astype(np.float32) - mean
    grain = pixels - mean
    far = (way * way).sum(axis=2)[calm]
    along = (grain * way).sum(axis=2)[calm] / np.maximum(far, 1)
    flat = float((steps(pixels)[calm] <= 2).mean())
    return float(np.median(np.abs(along))), flat, _correlation(grain, calm)


def _calm(pixels: Pixels, paper: NDArray[np.bool_]) -> tuple[NDArray[np.uint8], NDArray[np.bool_], NDArray[np.float32]]:
    """What is coloured, where that is no edge, and the mean about each pixel of uint8 [h, w, 3]."""
    smooth = np.asarray(cv2.blur(pixels, (7, 7)), np.uint8)
    mean = np.asarray(cv2.GaussianBlur(pixels.astype(np.float32), (0, 0), _AROUND), np.float32)
    if not paper.any():
        return np.zeros(paper.shape, np.uint8), np.zeros(paper.shape, bool), mean
    way = np.median(pixels[paper], axis=0).astype(np.float32) - mean
    far = np.sqrt((way * way).sum(axis=2))
    coloured = ((far > _FAR) & (cv2.subtract(largest(smooth), smallest(smooth)) > _COLOURED)).astype(np.uint8)
    coloured = np.asarray(cv2.erode(coloured, np.ones((5, 5), np.uint8)), np.uint8)
    return coloured, (coloured > 0) & ~_edges(pixels), mean


def is_graphite(pixels: Pixels) -> bool:
    """Whether uint8 [h, w, 3], a drawing without colour on white paper, was made with a pencil and not a pen: it
    has no black, or its tone is made of grey.
    """
    grey = pixels.astype(np.float32).mean(axis=2)
    drawn = grey < _MARK
    if float(drawn.mean()) < _FEW_MARKS:
        return False
    share, spread = tone_of(1 - grey / 255)
    return float(np.quantile(grey[drawn], _CORE)) > _BLACK or (share > _TONED_SHARE and spread < OF_LINES)


def is_toned_all_over(pixels: Pixels) -> bool:
    """Whether uint8 [h, w, 3] is a sheet that charcoal or graphite covers nearly everywhere: of one hue, however the
    light tints it, and all grain. Photographs without colour are smoother, and so are paintings. Meant for a longer
    side of about 640 pixels.
    """
    if float((smallest(pixels) > _PAPER).mean()) > _WHITE or float((steps(pixels) <= 1).mean()) > _TONED_EVEN:
        return False
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    if float(cv2.absdiff(grey, cv2.medianBlur(grey, 5)).mean()) < _TONED_GRAIN:
        return False
    red, green, blue = (channel.ravel() for channel in cv2.split(cv2.blur(pixels, (5, 5))[::3, ::3].astype(np.float32)))
    tone = (red + green + blue) / np.float32(3 * 255)
    terms = np.stack([np.ones_like(tone), tone, tone * tone], axis=1)
    away = np.stack([red - green, blue - green], axis=1)
    strays = np.abs(away - terms @ np.linalg.lstsq(terms, away, rcond=None)[0]).max(axis=1)
    return float(np.percentile(strays, 97)) < _ONE_HUE


def is_blended_graphite(pixels: Pixels) -> bool:
    """Whether uint8 [h, w, 3] is a dark drawing in blended graphite all over its sheet: without any colour, and with a
    fine grain however smooth it is. A program leaves even places. Meant for a longer side of about 640 pixels.
    """
    if float((cv2.subtract(largest(pixels), smallest(pixels)) > _NO_HUE).mean()) > _STRAY_HUES:
        return False
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    if float(np.median(grey)) > _DARK or float((grey > _PAPER).mean()) > _WHITE:
        return False
    square = np.ones((3, 3), np.uint8)
    spread = cv2.subtract(cv2.dilate(grey, square), cv2.erode(grey, square))
    return float((spread == 0).mean()) < _NO_GRAIN and float((spread <= 1).mean()) < _HARDLY_GRAINED


def is_hatched_all_over(pixels: Pixels) -> bool:
    """Whether fine dark strokes with light between them lie nearly everywhere in uint8 [h, w, 3]: of a pen, as brushes
    are broader. Meant for a longer side of about 640 pixels.
    """
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_PEN_WIDTH, _PEN_WIDTH))
    dark = cv2.subtract(cv2.morphologyEx(grey, cv2.MORPH_CLOSE, disk), grey)
    light = cv2.subtract(grey, cv2.morphologyEx(grey, cv2.MORPH_OPEN, disk))
    near = [cv2.blur((one > _STROKE).astype(np.float32), (_HATCHES, _HATCHES)) > _SOME for one in (dark, light)]
    return float((near[0] & near[1]).mean()) > _MOST


def tone_of(dark: NDArray[np.float32]) -> tuple[float, float]:
    """The share of float32 [h, w], how dark a drawing is, 0 to 1, that has a middle tone, seen from afar; and how far
    its pixels stray there: with more than `OF_LINES` dark lines with paper between them make the tone.
    """
    side = 2 * round(float(np.hypot(*dark.shape)) / _PLACE) + 1
    mean, square = (cv2.blur(values, (side, side)) for values in (dark, dark * dark))
    toned = (mean > _MIDDLE[0]) & (mean < _MIDDLE[1])
    spread = np.sqrt(np.maximum(square - mean * mean, 0))[toned]
    return float(toned.mean()), float(np.median(spread)) if spread.size else 0.0


def _edges(pixels: Pixels) -> NDArray[np.bool_]:
    forms = cv2.GaussianBlur(pixels.astype(np.float32), (0, 0), _FORM)
    across, down = (greatest(np.abs(cv2.Sobel(forms, cv2.CV_32F, *order))) for order in ((1, 0), (0, 1)))
    return np.asarray(across + down > _EDGE, bool)


def _correlation(grain: NDArray[np.float32], calm: NDArray[np.bool_]) -> float:
    """Of the grain with itself two pixels farther to the right: high where it is coarse or soft."""
    power = float((grain * grain).sum(axis=2)[calm].sum())
    return float((grain[:, 2:] * grain[:, :-2]).sum(axis=2)[calm[:, 2:]].sum()) / max(power, 1.0)
