"""Traces of transparent washes: pigment gathers at their edges and in blotches, paper is what is light in them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.clean_lines import levels_at
from paints_undo_engine.procedural.reading.model import Cover, Pixels

_EDGES, _MOST_EDGES = (15, 40), 15000
"""Of the edge detector; so many edges are looked at, evenly chosen."""
_AT, _WITHIN, _BESIDE = (2, 3), (7, 9), (5, 9)
"""Pixels from an edge: where pigment gathers, where it no longer does, and between which a side may be even."""
_STEP, _EVEN, _RIM, _LINE = 8.0, 1.5, 4.0, 0.8
"""Levels of an edge's step at least; levels by which an even side changes; levels by which a rim is darker than what it
goes round; of the step: what is that much darker is a line and no rim.
"""
_FEWEST, _FEW = 100, 400
"""Edges, and pixels, from which something can be measured."""
_USUAL = 0.28, 0.06
"""Shares of edges where too few are clear: those of most pictures, which speak for nothing."""
_FINE, _COARSE = (2.0, 4.0), (4.0, 12.0)
"""Pixels: the sigmas between which grain lies, and those between which blotches do."""
_PLACE = 9
"""Pixels of the side of the place whose grain is the mean."""
_LIGHTEST, _LIGHTS, _NEAR, _HUE = 99, 8.0, 16.0, 8.0
"""Percentile of the lightness that is the paper's, seen softly; 8-bit Lab: how much darker the lights are from which
its hue is taken, and how far in lightness and in hue from it bare paper is.
"""
_BIT, _STANDS_OUT, _LEAST_BITS = 17, 20, 50
"""Pixels: what is thinner is a bit; levels by which a light one stands out; pixels of bits that are enough."""


def wash_traces(pixels: Pixels, calm: NDArray[np.bool_], shown: NDArray[np.bool_]) -> tuple[float, ...]:
    """Six measures of uint8 [h, w, 3], of which `calm` bool [h, w] is away from edges, and `shown` not transparent.

    Of the edges, those with a darker rim on their dark side, and those between even colours; the logarithm of levels
    of blotches; how many times stronger grain is in the darks than in the lights, as a logarithm; of light bits, those
    in the paper's colour; the paper's lightness, 8-bit Lab.
    """
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    light = grey.astype(np.float32)
    fine, coarse = (_between(light, *sigmas) for sigmas in (_FINE, _COARSE))
    blotches = float(np.log(coarse[calm].mean() + 0.1)) if int(calm.sum()) > _FEW else 0.0
    grain = np.asarray(cv2.blur(fine, (_PLACE, _PLACE)), np.float32)
    uneven = _darks_by_lights(grain, light, calm if int(calm.sum()) >= _FEW else shown)
    return *_edges(grey, shown), blotches, uneven, *_paper(pixels, grey, shown)


def _between(light: NDArray[np.float32], lower: float, upper: float) -> NDArray[np.float32]:
    """float32 [h, w]: levels of what is coarser than one sigma and finer than another."""
    below, above = (cv2.GaussianBlur(light, (0, 0), sigma) for sigma in (lower, upper))
    return np.asarray(np.abs(below - above), np.float32)


def _darks_by_lights(grain: NDArray[np.float32], light: NDArray[np.float32], where: NDArray[np.bool_]) -> float:
    """The logarithm of the grain of the darkest third by that of the lightest."""
    low, high = np.percentile(light[where], (33, 66))
    dark, bright = (np.median(grain[where & third]) for third in (light <= low, light >= high))
    return float(np.log((dark + 0.2) / (bright + 0.2)))


def _edges(grey: Cover, shown: NDArray[np.bool_]) -> tuple[float, float]:
    """Of the edges, those whose dark side is darkest beside them, as where a wash has dried, and those at both sides of
    which the colour is even, as a bucket leaves it.
    """
    edges = (cv2.Canny(cv2.GaussianBlur(grey, (0, 0), 1.2), *_EDGES) > 0) & shown
    rows, columns = np.nonzero(edges)
    sparse = slice(None, None, -(-len(rows) // _MOST_EDGES) or 1)
    rows, columns = rows[sparse], columns[sparse]
    if len(rows) <= _FEWEST:
        return _USUAL
    soft = np.asarray(cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 1.0), np.float32)
    at = np.stack([columns, rows], axis=1).astype(np.float32)
    slope = np.stack([cv2.Sobel(soft, cv2.CV_32F, *order)[rows, columns] for order in ((1, 0), (0, 1))], axis=1)
    up = np.asarray(slope / (np.hypot(slope[:, :1], slope[:, 1:]) + 1e-6), np.float32)
    rim, within = (np.stack([levels_at(soft, at - reach * up) for reach in reaches]) for reaches in (_AT, _WITHIN))
    step = levels_at(soft, at + _AT[1] * up) - rim[1]
    clear = step > _STEP
    if int(clear.sum()) <= _FEWEST:
        return _USUAL
    deeper = within.mean(axis=0) - rim.min(axis=0)
    sides = ([levels_at(soft, at + sign * reach * up) for reach in _BESIDE] for sign in (-1, 1))
    even = np.all([np.abs(far - near) < _EVEN for near, far in sides], axis=0)
    return float(((deeper > _RIM) & (deeper < _LINE * step))[clear].mean()), float(even[clear].mean())


def _paper(pixels: Pixels, grey: Cover, shown: NDArray[np.bool_]) -> tuple[float, float]:
    """Of the light bits, those in the colour of the lightest places, and their lightness, 8-bit Lab."""
    lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB).astype(np.float32)
    soft = cv2.GaussianBlur(lab, (0, 0), 1.5)
    paper = np.percentile(soft[..., 0][shown], _LIGHTEST)
    hue = np.median(soft[shown & (soft[..., 0] > paper - _LIGHTS), 1:], axis=0)
    away = np.hypot(soft[..., 1] - hue[0], soft[..., 2] - hue[1])
    bare = shown & (np.abs(soft[..., 0] - paper) < _NEAR) & (away < _HUE)
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_BIT, _BIT))
    bits = shown & (cv2.subtract(grey, cv2.morphologyEx(grey, cv2.MORPH_OPEN, disk)) > _STANDS_OUT)
    return float((bare & bits).sum()) / max(int(bits.sum()), _LEAST_BITS), float(paper)
