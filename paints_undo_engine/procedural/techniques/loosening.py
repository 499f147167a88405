"""Features of faces as they are first placed: flat dabs of a brush, and below them the broad shadows of sockets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from paints_undo_engine.procedural.document.brush import paint
from paints_undo_engine.procedural.reading.model import Pixels
from paints_undo_engine.procedural.techniques.features import Features, covered
from paints_undo_engine.procedural.techniques.tracing import Bristles, traced

_DAB = 0.9
_DABS = Bristles(spacing=0.8, longest=4, shortest=0, tolerance=30, threshold=-1, jitter=2)
"""In radii of their brush, how large a dab of loose features is; the brush that leaves them."""
_SOCKET, _DEEP = 3.0, 0.9
"""In radii of their brush, how far the shadows in which features lie are spread, and how deep they are beside that."""
_CLEARLY = 100
"""Of 255: where a feature covers so much, a dab begins."""


def loosened(features: Sequence[Features], picture: Pixels) -> tuple[list[Features], Pixels]:
    """Features as flat dabs of the brush that suits them, without lights and lashes: where these cover what, and a
    picture uint8 [h, w, 3] with them.
    """
    made, loose = picture.copy(), []
    for one in features:
        cover = np.zeros_like(one.cover)
        left, top, width, height = cv2.boundingRect(one.cover)
        if width and height:
            radius = _DAB * one.radius
            beyond = round(3 * radius)
            part = (
                slice(max(0, top - beyond), top + height + beyond),
                slice(max(0, left - beyond), left + width + beyond),
            )
            inside = one.cover[part] > _CLEARLY
            own, masses = np.ascontiguousarray(picture[part]), np.zeros(inside.shape, np.int32)
            found = traced(own, own, inside, masses, radius, _DABS, np.random.default_rng(left)).strokes
            # The darkest come last.
            darker = np.argsort(-found.colours[found.first[:-1]].max(axis=1).astype(int), kind="stable")
            dabs = np.zeros((*inside.shape, 4), np.uint8)
            paint(dabs, found.taken(darker), 0, len(found), smooth=False)
            cover[part] = dabs[..., 3]
            made[part] = np.where(dabs[..., 3:] > 0, dabs[..., :3], own)
        loose.append(replace(one, cover=cover))
    return loose, made


def with_sockets(features: Sequence[Features], goal: Pixels, picture: Pixels) -> Pixels:
    """What a brush aims at below the features of a picture, both uint8 [h, w, 3]: the skin around them, and on it the
    broad shadows of sockets, nose and lips.
    """
    around = cv2.dilate(covered(features, goal.shape).astype(np.uint8), np.ones((3, 3), np.uint8))
    made = np.asarray(cv2.inpaint(goal, around, 3, cv2.INPAINT_TELEA) if around.any() else goal.copy(), np.uint8)
    dark = cv2.subtract(made, loosened(features, picture)[1]) * around[..., None]
    for one in features:
        left, top, width, height = cv2.boundingRect(one.cover)
        if width and height:
            sigma = max(1.0, _SOCKET * one.radius)
            beyond = round(3 * sigma)
            part = tuple(slice(max(0, at - beyond), at + size + beyond) for at, size in ((top, height), (left, width)))
            shade = cv2.GaussianBlur(dark[part].astype(np.float32), (0, 0), sigma)
            made[part] = np.rint(np.clip(made[part] - _DEEP * shade, 0, 255)).astype(np.uint8)
    return made
