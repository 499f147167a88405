"""Traces that tools leave: how crisp edges are, how clean tones, how many dark lines; and whose traces they are."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.channels import smallest, steps
from paints_undo_engine.procedural.reading.model import Cover, Pixels
from paints_undo_engine.procedural.reading.view import on_measure
from paints_undo_engine.procedural.reading.wash_traces import wash_traces
from paints_undo_engine.procedural.reading.weights import MEASURES, METHODS, STRAY, WEIGHTS
from paints_undo_engine.request import Method

_WHITE = 235
"""Levels in all channels from which on a pixel is white, and says nothing of paint."""
_EDGES, _STRONG_EDGES = (20, 50), (60, 150)
"""Of the edge detector: edges that are looked at, and those about which no tone is."""
_REACH, _NEAR = 11, 7
"""Pixels of the side of the place in which an edge's whole step is looked for, and of what belongs to an edge."""
_CRISP, _SOFT, _LEAST_STEP = 0.25, 0.14, 8.0
"""Of an edge's whole step, in one pixel: with more it is crisp, with less soft. Levels of the step at least."""
_PLACE, _CLEAN = 5, 0.7
"""Pixels of the side of a place; levels by which it strays from a plane where its tone is clean."""
_PROGRAM = 0.28
"""Of what is calm, clean tones: real paint and paper have 0 to .24 (ten), what a program painted has .33 to 1 but for
four of 34, which are rough all over.
"""
_STANDS_OUT, _STANDS_BARELY_OUT = 25, 18
"""Levels by which a thin line differs from both of its sides; the same where an edge runs along it."""
_HARDLY_ANY = 0.002
"""Of the picture: with fewer lines their ratio says nothing."""
_EVEN, _GREY = 3, 6.0
"""Levels between neighbours of even paint; chroma, in 8-bit Lab, of what has no hue."""
_FEWEST = 200
"""Pixels from which something can be measured."""
_MOST = 0.9
"""Of the picture: in so much of it colours are counted."""


def likely_methods(pixels: Pixels, alpha: Cover | None) -> Mapping[Method, float]:
    """How likely uint8 [h, w, 3] on white, with its alpha uint8 [h, w], was made by each of `METHODS`, 0 to 1; together
    1. By logistic regression on what `traces` measures.
    """
    stray = np.clip((traces(pixels, alpha) - MEASURES[:, 0]) / MEASURES[:, 1], -STRAY, STRAY)
    likely = np.append(stray, 1.0) @ WEIGHTS
    likely = np.exp(likely - likely.max())
    return MappingProxyType(dict(zip(METHODS, (likely / likely.sum()).tolist(), strict=True)))


def is_clean(pixels: Pixels) -> bool:
    """Whether opaque uint8 [h, w, 3] has tones as clean as only programs make them, and no grain of paint,
    paper, canvas or a lens all over.
    """
    pixels = on_measure(pixels)
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    away = _away(grey, np.ones(grey.shape, bool))
    calm = away & (smallest(pixels) <= _WHITE)
    places = next((one for one in (calm, away) if int(one.sum()) >= _FEWEST), None)
    return places is None or float((_strays(grey)[places] < _CLEAN).mean()) > _PROGRAM


def traces(pixels: Pixels, alpha: Cover | None) -> NDArray[np.float64]:
    """float64 [22]: the measures of `weights.MEASURES`, in its order, of uint8 [h, w, 3] on white with its alpha."""
    pixels = on_measure(pixels)
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    shown = _shown(grey, alpha)
    white = smallest(pixels) > _WHITE
    away = _away(grey, shown)
    calm = away & ~white
    places = next((one for one in (calm, away) if int(one.sum()) >= _FEWEST), shown)
    lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)[shown].astype(np.float32)
    chroma = np.hypot(lab[:, 1] - 128, lab[:, 2] - 128)
    inside = shown & ~white
    painted = inside if int(inside.sum()) >= _FEWEST else shown
    dark = np.percentile(lab[:, 0], (10, 50))
    return np.array(
        [
            *dark,
            calm.mean(),
            chroma.mean(),
            (chroma < _GREY).mean(),
            _colours(pixels[shown]),
            (steps(pixels)[painted] <= _EVEN).mean(),
            (_strays(grey)[places] < _CLEAN).mean(),
            *_edges(grey, shown),
            *_thin_lines(grey, shown),
            *wash_traces(pixels, away, shown),
        ]
    )


def _away(grey: Cover, shown: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """bool [h, w]: what is shown and lies away from strong edges."""
    edges = cv2.dilate(cv2.Canny(grey, *_STRONG_EDGES), np.ones((_NEAR, _NEAR), np.uint8))
    return np.asarray(shown & (edges == 0), bool)


def _shown(grey: Cover, alpha: Cover | None) -> NDArray[np.bool_]:
    """bool [h, w]: what is not transparent; everything where hardly anything is opaque."""
    if alpha is None:
        return np.ones(grey.shape, bool)
    shown = np.asarray(cv2.resize(alpha, grey.shape[::-1], interpolation=cv2.INTER_AREA)) > 127
    return shown if int(shown.sum()) >= _FEWEST else np.ones(grey.shape, bool)


def _colours(pixels: Pixels) -> float:
    """The logarithm of how many colours, of 4096, uint8 [n, 3] has nearly only."""
    red, green, blue = (pixels[:, channel].astype(np.int32) >> 4 for channel in range(3))
    share = np.cumsum(np.sort(np.bincount((red << 8) + (green << 4) + blue, minlength=4096))[::-1]) / len(pixels)
    return float(np.log(np.searchsorted(share, _MOST) + 1))


def _strays(grey: Cover) -> NDArray[np.float32]:
    """float32 [h, w]: levels by which the place about each pixel strays from a plane: a clean gradient does not."""
    light = grey.astype(np.float32)
    mean = cv2.blur(light, (_PLACE, _PLACE))
    spread = cv2.blur(light * light, (_PLACE, _PLACE)) - mean * mean
    at = np.arange(_PLACE, dtype=np.float32) - (_PLACE - 1) / 2
    across = np.repeat(at[None], _PLACE, axis=0) / _PLACE**2
    slopes = (cv2.filter2D(light, -1, kernel) for kernel in (across, np.ascontiguousarray(across.T)))
    planar = sum(slope * slope for slope in slopes) / np.float32((at * at).mean())
    return np.asarray(np.sqrt(np.maximum(spread - planar, 0)), np.float32)


def _edges(grey: Cover, shown: NDArray[np.bool_]) -> tuple[float, float, float, float, float]:
    """Of the picture, edges; of an edge's whole step, the share that its steepest pixel takes, its upper quartile; of
    the edges, crisp ones, soft ones, and ones along thin dark lines.
    """
    soft = cv2.GaussianBlur(grey, (0, 0), 1.0)
    edges = (cv2.Canny(soft, *_EDGES) > 0) & shown
    if not edges.any():
        return 0.0, 0.0, 0.0, 0.0, 0.0
    light = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 1.0)
    steep = np.hypot(*(cv2.Sobel(light, cv2.CV_32F, *order) / 8 for order in ((1, 0), (0, 1))))
    place = np.ones((_REACH, _REACH), np.uint8)
    step = cv2.subtract(cv2.dilate(grey, place), cv2.erode(grey, place))
    sharp = steep[edges] / np.maximum(step[edges].astype(np.float32), _LEAST_STEP)
    along = cv2.dilate((_dark(grey, 5) > _STANDS_BARELY_OUT).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return (
        float(edges.mean()),
        float(np.percentile(sharp, 75)),
        float((sharp > _CRISP).mean()),
        float((sharp < _SOFT).mean()),
        float(along[edges].mean()),
    )


def _thin_lines(grey: Cover, shown: NDArray[np.bool_]) -> tuple[float, float, float]:
    """How many times as many dark as light thin lines there are, as logarithms, for lines thinner than 5 and 9 pixels;
    of the picture, light ones of the broader.
    """
    dark, light = (
        [float((one(grey, width)[shown] > _STANDS_OUT).mean()) for width in (5, 9)] for one in (_dark, _light)
    )
    fine, broad = (float(np.log((d + _HARDLY_ANY) / (w + _HARDLY_ANY))) for d, w in zip(dark, light, strict=True))
    return fine, broad, light[1]


def _dark(grey: Cover, width: int) -> Cover:
    """uint8 [h, w]: levels by which what is thinner than `width` is darker than its sides."""
    return np.asarray(cv2.subtract(cv2.morphologyEx(grey, cv2.MORPH_CLOSE, _disk(width)), grey), np.uint8)


def _light(grey: Cover, width: int) -> Cover:
    """The same of what is lighter."""
    return np.asarray(cv2.subtract(grey, cv2.morphologyEx(grey, cv2.MORPH_OPEN, _disk(width))), np.uint8)


def _disk(width: int) -> Cover:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width)), np.uint8)
