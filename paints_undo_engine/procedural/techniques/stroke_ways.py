"""Which way the strokes of a hatching go: along forms, in a way of its own where nothing tells, or along texture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import wide_blur

_STRONG = 120.0
"""Of a change in light, by Sobel's operator: a firm stroke's."""
_CALM, _STRANDS, _FINE, _OWN_WAY = 22.0, 50.0, 130.0, 0.4
"""The diagonal divided by them: the sigmas with which the ways of forms, of strands in them and of texture are
smoothed; how much the artist's usual way counts beside them."""
_AMONG_FORMS, _GOLDEN, _BETWEEN = 1.3, 0.618, 90.0
"""Radians by which the usual way differs among forms; what parts the numbers of neighbours; the diagonal divided by the
sigma with which ways go over into each other."""
_FACE, _BROAD_FORM = (0.45, 0.5), 6.0
"""Of a face's box, half of what has a way of its own; how many squares of the sigma a form has that does.
"""


def ways_of(source: Source, usual: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Which way strokes go, in radians, float32 [h, w]: along the forms, and the artist's usual way where there are
    none; and along the texture, as hair does.
    """
    grey = cv2.cvtColor(source.small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    across, down = (cv2.Sobel(grey, cv2.CV_32F, *order) for order in ((1, 0), (0, 1)))
    # Strokes lie at a right angle to how light changes. A strong contour says no more than a firm stroke.
    power = across * across + down * down
    weight = np.minimum(power, np.float32(_STRONG * _STRONG))
    shrunk = weight / np.maximum(power, 1)
    x, y = (down * down - across * across) * shrunk, -2 * across * down * shrunk
    field = np.stack([x, y, weight], axis=2)
    forms = _forms(source)
    calm = _among(forms, field, source.diagonal / _CALM)
    own = (calm[..., 2] + np.float32(1.0)) * np.float32(_OWN_WAY)
    # Beside each other, forms are told by the way of their strokes as well.
    labels = np.arange(int(forms.max()) + 2)
    turned = 2 * (usual + _AMONG_FORMS * (labels * _GOLDEN % 1 - 0.5))
    ways = np.column_stack([np.cos(turned), np.sin(turned)]).astype(np.float32)[forms]
    calm[..., :2] += own[..., None] * wide_blur(ways, source.diagonal / _BETWEEN)
    strands = _among(forms, field, source.diagonal / _STRANDS) + np.float32(0.5) * calm
    fine = wide_blur(field, source.diagonal / _FINE) + np.float32(0.3) * calm
    broadly, texture = (np.arctan2(one[..., 1], one[..., 0]) / 2 for one in (strands, fine))
    return np.asarray(broadly, np.float32), np.asarray(texture, np.float32)


def _forms(source: Source) -> NDArray[np.int32]:
    """What is hatched in a way of its own: regions, and the inner part of each face, int32 [h, w]."""
    forms = source.reading.labels.astype(np.int32)
    first = int(forms.max()) + 1
    for number, face in enumerate(source.reading.faces):
        middle = (round(face.box.centre[0]), round(face.box.centre[1]))
        axes = (round(_FACE[0] * face.box.width), round(_FACE[1] * face.box.height))
        cv2.ellipse(forms, middle, axes, 0, 0, 360, first + number, -1)
    return forms


def _among(forms: NDArray[np.int32], field: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """A field float32 [h, w, 3] smoothed within each form that is broad enough, so that hair turns no strokes of the
    face beside it.
    """
    smooth = wide_blur(field, sigma)
    reach = int(3 * sigma) + 1
    for label, size in enumerate(np.bincount(forms[forms >= 0].ravel())):
        if size < _BROAD_FORM * sigma * sigma:
            continue
        mask = (forms == label).astype(np.uint8)
        left, top, width, height = cv2.boundingRect(mask)
        at = np.s_[max(top - reach, 0) : top + height + reach, max(left - reach, 0) : left + width + reach]
        inside = mask[at] > 0
        smooth[at][inside] = wide_blur(np.ascontiguousarray(field[at] * mask[at][..., None]), sigma)[inside]
    return smooth
