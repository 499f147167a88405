"""Shapes as a lasso goes round them: masses with smooth borders, without what is small."""

from __future__ import annotations

from collections.abc import Collection

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Labels
from paints_undo_engine.procedural.source import Source

_SMALL = 0.006
"""Of the picture: a smaller piece lies in another mass, as eyes and lips in a face."""
_SMOOTH = 170.0
"""The diagonal divided by it: how far a hand passes over the corners of a border."""
_AROUND, _RAGGED = 6.0, 0.16
"""In sigmas: the side of a square; where more of its pixels lie at a border, that is ragged."""


def lasso_shapes(source: Source, regions: Collection[int], least: float = _SMALL) -> Labels:
    """The reading's labels int32 [h, w] in simple shapes; what is transparent keeps its -1.

    Pieces of any region that are smaller than `least` of the picture go to what is nearest, and borders of `regions`
    are smooth.
    """
    labels = source.reading.labels
    large = (labels >= 0) & ~_small(labels, round(least * labels.size))
    if not large.any():
        return labels
    shapes = np.where(labels >= 0, spread(labels, large), labels)
    return _smoothed(shapes, regions, source.diagonal / _SMOOTH)


def merged(labels: Labels, within: NDArray[np.bool_], least: int) -> Labels:
    """The labels int32 [h, w], in which pieces of fewer pixels that lie within a mask go to what is nearest there."""
    inside = np.where(within, labels, -1).astype(np.int32)
    large = (inside >= 0) & ~_small(inside, least)
    if not large.any():
        return labels
    return np.where(inside >= 0, spread(inside, large), labels).astype(np.int32)


def unragged(labels: Labels, within: NDArray[np.bool_], sigma: float) -> Labels:
    """The labels int32 [h, w], in which ragged borders that lie within a mask are smooth."""
    border = np.zeros(labels.shape, np.float32)
    border[:, 1:] = labels[:, 1:] != labels[:, :-1]
    border[1:] += labels[1:] != labels[:-1]
    side = round(_AROUND * sigma) | 1
    ragged = within & (cv2.blur(np.minimum(border, 1), (side, side)) > _RAGGED)
    known = np.unique(labels[ragged]).tolist()
    smooth = _smoothed(labels, known, sigma)
    return np.where(ragged & np.isin(smooth, known), smooth, labels).astype(np.int32)


def _small(labels: Labels, least: int) -> NDArray[np.bool_]:
    """Where a connected piece of one label has fewer pixels: bool [h, w]."""
    small = np.zeros(labels.shape, bool)
    for label in np.unique(labels[labels >= 0]).tolist():
        mask = (labels == label).astype(np.uint8)
        left, top, width, height = cv2.boundingRect(mask)
        at = np.s_[top : top + height, left : left + width]
        _, pieces, stats, _ = cv2.connectedComponentsWithStats(mask[at], connectivity=4)
        few = stats[:, cv2.CC_STAT_AREA] < least
        few[0] = False
        small[at] |= few[pieces]
    return small


def spread(labels: Labels, known: NDArray[np.bool_]) -> Labels:
    """For each pixel the label of the nearest one that is known."""
    _, number = cv2.distanceTransformWithLabels(
        (~known).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros(int(number.max()) + 1, np.int32)
    table[number[known]] = labels[known]
    return np.asarray(table[number], np.int32)


def _smoothed(labels: Labels, regions: Collection[int], sigma: float) -> Labels:
    """Labels with that of most of what lies about; only those of some regions reach farther or less far."""
    most = np.zeros(labels.shape, np.float32)
    shapes = labels.copy()
    inside = np.isin(labels, list(regions))
    grow = round(3 * sigma) + 1
    height, width = labels.shape
    for label in np.unique(labels[labels >= 0]).tolist():
        mask = (labels == label).astype(np.uint8)
        left, top, wide, high = cv2.boundingRect(mask)
        at = np.s_[
            max(0, top - grow) : min(height, top + high + grow), max(0, left - grow) : min(width, left + wide + grow)
        ]
        share = cv2.GaussianBlur(mask[at].astype(np.float32), (0, 0), sigma)
        more = share > most[at]
        most[at][more] = share[more]
        shapes[at][more] = label
    near = cv2.dilate(inside.astype(np.uint8), np.ones((2 * grow + 1,) * 2, np.uint8)) > 0
    return np.where((labels >= 0) & near, shapes, labels).astype(np.int32)
