"""Where a head without a known face looks: its skin lies on that side, or its chin juts out there."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.colours import like_skin
from paints_undo_engine.procedural.reading.joints import Joint, Pose
from paints_undo_engine.procedural.reading.model import Box, Cover, Pixels

_SKIN, _PLAIN = 0.08, 0.85
"""Of a head: with less or more skin it does not tell hair from face."""
_FRONT, _ASIDE = 0.07, 0.2
"""Of a head's width, how far its skin lies beside its middle: less is a face from in front, this a profile."""
_NOSE = (0.1, 0.3)
"""The same of a nose."""


def facing_of(pixels: Pixels, cover: Cover, head: Box) -> float:
    """-1 left, 0 the beholder, 1 right: where a head looks in uint8 [h, w, 3] with its figure uint8 [h, w]."""
    place = head.slices(cover.shape)
    inside = cover[place] > 127
    if not inside.any() or head.width < 8:
        return 0.0
    skin = (like_skin(np.asarray(cv2.medianBlur(np.ascontiguousarray(pixels[place]), 5), np.uint8)) > 0) & inside
    if not _SKIN < float(skin.sum()) / float(inside.sum()) < _PLAIN:
        return 0.0
    aside = (_middle(skin) - _middle(inside)) / head.width
    return float(np.sign(aside) * np.clip((abs(aside) - _FRONT) / (_ASIDE - _FRONT), 0, 1))


def facing_in(pose: Pose, head: Box) -> float:
    """The same by how far the nose lies beside the middle between the ears."""
    aside = float(pose.at(Joint.NOSE)[0] - pose.middle(Joint.LEFT_EAR)[0]) / head.width
    return float(np.sign(aside) * np.clip((abs(aside) - _NOSE[0]) / (_NOSE[1] - _NOSE[0]), 0, 1))


def _middle(mask: NDArray[np.bool_]) -> float:
    return float(np.nonzero(mask)[1].mean())
