"""Borders of a label map as a hand draws them: along the picture's edges where there are some, smooth elsewhere."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Labels, Pixels
from paints_undo_engine.procedural.reading.segments import lab_of

_SMOOTH = 360.0
"""The diagonal divided by it: over how much of a ragged border a hand passes."""
_CORNER = 0.6
"""Of that: over what corners are rounded in the end."""
_UNLIKE = 36.0
"""In Lab, summed over the channels: a pixel that is so much nearer to one tone keeps it, whatever lies about."""
_FAINT = 0.08
"""Of what lies about a pixel: a label with less is not near."""
_MOST = 60.0
"""A pixel that is farther from a tone is as unlike as one can be."""


def smoothed(labels: Labels, clean: Pixels, mean: NDArray[np.float64], zone_of: Labels, zones: Labels) -> Labels:
    """The labels int32 [h, w], in which a pixel near a border has the label of most about it, unless its colour in
    `clean` uint8 [h, w, 3] tells otherwise.

    `mean` Lab [n, 3] of each label; a pixel only changes to a label whose zone in `zone_of` int32 [n] is its own in
    `zones` int32 [h, w], where -1 lies still.
    """
    sigma = float(np.hypot(*labels.shape)) / _SMOOTH
    calm = lab_of(np.asarray(cv2.medianBlur(clean, 5), np.uint8))
    near = _settled(labels, zones, zone_of, sigma, (calm, mean))
    return _settled(near, zones, zone_of, _CORNER * sigma, None)


def _settled(
    labels: Labels,
    zones: Labels,
    zone_of: Labels,
    sigma: float,
    colours: tuple[NDArray[np.float32], NDArray[np.float64]] | None,
) -> Labels:
    """One pass over what is near borders; see `smoothed`. Without colours only what lies about counts."""
    grow = round(2 * sigma) + 1
    band = _near_borders(labels, grow) & (zones >= 0)
    least = np.full(labels.shape, np.inf, np.float32)
    best = labels.copy()
    for label, at in _boxes(labels, grow):
        share = cv2.GaussianBlur((labels[at] == label).astype(np.float32), (0, 0), sigma)
        y, x = np.nonzero(band[at] & (share > _FAINT) & (zones[at] == zone_of[label]))
        cost = -share[y, x]
        if colours is not None:
            away = np.abs(colours[0][at][y, x] - colours[1][label].astype(np.float32)).sum(axis=1)
            cost += np.minimum(away, _MOST) / np.float32(_UNLIKE)
        nearer = cost < least[at][y, x]
        y, x = y[nearer], x[nearer]
        least[at][y, x], best[at][y, x] = cost[nearer], label
    return best


def _near_borders(labels: Labels, reach: int) -> NDArray[np.bool_]:
    border = np.zeros(labels.shape, np.uint8)
    border[:, 1:] |= labels[:, 1:] != labels[:, :-1]
    border[1:] |= labels[1:] != labels[:-1]
    return cv2.dilate(border, np.ones((2 * reach + 1,) * 2, np.uint8)) > 0


def _boxes(labels: Labels, grow: int) -> list[tuple[int, tuple[slice, slice]]]:
    """Each label that is shown and the rows and columns about it."""
    height, width = labels.shape
    rows, columns = np.nonzero(labels >= 0)
    of = labels[rows, columns]
    count = int(of.max(initial=-1)) + 1
    top, left = (np.full(count, max(height, width)) for _ in range(2))
    bottom, right = (np.full(count, -1) for _ in range(2))
    np.minimum.at(top, of, rows)
    np.maximum.at(bottom, of, rows)
    np.minimum.at(left, of, columns)
    np.maximum.at(right, of, columns)
    return [
        (label, (slice(max(0, int(top[label]) - grow), int(bottom[label]) + grow + 1),
                 slice(max(0, int(left[label]) - grow), int(right[label]) + grow + 1)))
        for label in np.flatnonzero(bottom >= 0).tolist()
    ]  # fmt: skip
