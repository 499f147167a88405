"""What washes owe to a picture's shapes and paper: graded tones, grain, and fronts that run along the forms."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import Pixels
from paints_undo_engine.procedural.reading.model import Labels
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import UNEVEN
from paints_undo_engine.procedural.techniques.graining import grain_like

_EDGES, _LIGHTS, _ROUGHEST, _LEAST_LIGHT = (12, 30), 97, 0.08, 110.0
"""Of the edge detector: forms, about which no grain is looked at; percent of the picture that are darker than what may
be bare; of the light, what a grain strays by at most; levels of the light of a dark wash at least, whose grain is no
paler wash's.
"""
_SMOOTH, _STIFF, _FOLLOWS = 130.0, 9.0, 0.65
"""The diagonal divided by it: the brush that smooths a shape's border; square pixels: shapes that are not much broader
have no slope of tone; how far a wash's front goes with the forms."""


def graded_shapes(source: Source, picture: Pixels) -> Pixels:
    """A picture of which each area of one tone is a graded wash, in each channel a slope, its borders smooth: uint8
    [h, w, 3].
    """
    labels = source.reading.cel_labels[::2, ::2] + 1
    numbers, seen = labels.ravel(), picture[::2, ::2].reshape(-1, 3).astype(np.float32)
    count = np.maximum(np.bincount(numbers), 1)
    even = _means(numbers, count, seen)[numbers]
    places = np.stack(np.meshgrid(*(np.arange(side) for side in labels.shape[::-1])), axis=2).reshape(-1, 2)
    away = (places - _means(numbers, count, places)[numbers]).astype(np.float32)
    for axis in range(2):
        # Along each axis by itself: an area is seldom so slanting that this goes far wrong.
        over = np.maximum(np.bincount(numbers, away[:, axis] ** 2), 1) + _STIFF * count
        slopes = [np.bincount(numbers, away[:, axis] * (seen[:, at] - even[:, at])) / over for at in range(3)]
        even = even + np.stack(slopes, axis=1).astype(np.float32)[numbers] * away[:, axis, None]
    half = np.rint(np.clip(even, 0, 255)).astype(np.uint8).reshape(*labels.shape, 3)
    whole = cv2.resize(half, picture.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.medianBlur(whole, 2 * round(source.diagonal / _SMOOTH / 2) + 1), np.uint8)


def granulated(source: Source, picture: Pixels) -> NDArray[np.float32]:
    """Where paint is, the grain that calm paint has in the picture, of paper and of pigment, as shares of the light
    about 1: float32 [h, w, 3]. A painter's paper has it from the first wash on.
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    edges = cv2.Canny(cv2.GaussianBlur(grey, (0, 0), 2.0), *_EDGES)
    away = cv2.dilate(edges, np.ones((9, 9), np.uint8)) == 0
    calm = away & (source.reading.labels >= 0) & (grey < np.percentile(grey, _LIGHTS))
    grain = grain_like(picture, np.asarray(calm, bool), source.chance("granulation"))
    light = max(float(grey[calm].mean()), _LEAST_LIGHT) if calm.any() else 255.0
    return np.asarray(1 + np.clip(grain / np.float32(light), -_ROUGHEST, _ROUGHEST), np.float32)


def to_their_middles(labels: Labels) -> NDArray[np.float32]:
    """How far each place is from the middle of its form, x before y, in what `sweep` takes for unevenness: float32
    [h, w, 2]. `labels` int [h, w].
    """
    numbers = labels.ravel() + 1
    places = np.stack(np.meshgrid(*(np.arange(side) for side in labels.shape[::-1])), axis=2).reshape(-1, 2)
    middles = _means(numbers, np.maximum(np.bincount(numbers), 1), places)
    away = (middles[numbers] - places) * np.float32(_FOLLOWS / UNEVEN)
    return np.asarray(away.reshape(*labels.shape, 2), np.float32)


def _means(
    numbers: NDArray[np.integer], count: NDArray[np.integer], values: NDArray[np.generic]
) -> NDArray[np.float32]:
    """The means of values [n, c] with the same of so many numbers [n], each as often as `count` [m] says: float32
    [m, c].
    """
    columns = [np.bincount(numbers, values[:, at]) / count for at in range(values.shape[1])]
    return np.stack(columns, axis=1).astype(np.float32)
