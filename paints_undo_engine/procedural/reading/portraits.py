"""Looking for faces as people have them: painted, shaded in pencil, photographed.

The nets see a true face from nearly every square about it, mirrored as well; what only looks like one is seen from few.
The places of eyes and mouth are the medians of all these views.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.colours import commonest
from paints_undo_engine.procedural.reading.model import Box, Eye, Face, FaceSource, Pixels, Point
from paints_undo_engine.procedural.reading.mtcnn import Nets, Sighting, Values, load
from paints_undo_engine.procedural.reading.view import resized

_SIDE = 640
"""Pixels of the picture's longer side when it is looked at."""
_SIZES, _ASIDE = (0.85, 1.0, 1.2), ((0.0, 0.0), (0.1, 0.0), (-0.1, 0.0), (0.0, 0.1), (0.0, -0.1))
"""The squares from which a face is looked at again, by the one in which it was seen."""
_SEEN, _AGREED, _SPREAD = 0.74, 0.5, 0.1
"""How likely all views together have to make a face, which of them tell where its eyes are, and how far these may lie
apart, in widths of its square."""
_MOUTH, _CHIN, _FLAT = 1.15, 1.6, 0.6
"""A face seen from the front, in distances of its eyes: down to the mouth; the chin in ways from eyes to mouth; nothing
nearer is a mouth."""
_TOP, _WIDTH, _UNDER = 0.55, 2.2, 0.1
"""Above the eyes, across, and below the chin: its box, from the brow to the chin."""
_EYE = (0.19, 0.13)
"""An eye with its lids: half its width and height."""
_PATCH = 16
"""Pixels of the distance between the eyes where the face is upright, to see its colours."""
_HAIR, _CHEEKS = (-0.5, -1.8, 0.5, -1.1), (-0.5, 0.3, 0.5, 0.85)
"""Left, top, right and bottom about the middle between the eyes."""


def find_with_mtcnn(pixels: Pixels) -> Sequence[Face] | None:
    """Faces of uint8 [h, w, 3], in its pixels, or None without the nets; `confidence` is the mean of all views."""
    nets = load()
    if nets is None:
        return None
    scale = _SIDE / max(pixels.shape[:2])
    small = resized(pixels, (max(1, round(pixels.shape[0] * scale)), max(1, round(pixels.shape[1] * scale))))
    try:
        return list(_confirmed(nets, small, pixels))
    except cv2.error:
        return None


def _confirmed(nets: Nets, small: Pixels, pixels: Pixels) -> Iterator[Face]:
    scale = max(pixels.shape[:2]) / max(small.shape[:2])
    mirrored = np.ascontiguousarray(small[:, ::-1])
    for sighting in nets.detect(small):
        likely, points = _views(nets, small, mirrored, sighting)
        agreed = points[likely > _AGREED]
        if float(likely.mean()) < _SEEN:
            continue
        middle = np.median(agreed, axis=0)
        spread = float(np.median(np.hypot(*(agreed - middle).transpose(2, 0, 1))))
        if spread < _SPREAD * sighting.box.width:
            face = face_of(pixels, middle.astype(np.float64) * scale, float(likely.mean()), FaceSource.MTCNN)
            if face is not None:
                yield face


def _views(nets: Nets, small: Pixels, mirrored: Pixels, sighting: Sighting) -> tuple[Values, Values]:
    """How likely a face is from squares about it, and what its places are from there, in picture and mirror."""
    (x, y), half = sighting.box.centre, max(sighting.box.width, sighting.box.height) / 2
    places = [(x + 2 * half * dx, y + 2 * half * dy, half * size) for size in _SIZES for dx, dy in _ASIDE]
    squares = np.array([(cx - r, cy - r, cx + r, cy + r) for cx, cy, r in places], np.float32)
    width = small.shape[1]
    turned = squares.copy()
    turned[:, [0, 2]] = width - squares[:, [2, 0]]
    likely, points = nets.look(small, squares)
    likely_there, points_there = nets.look(mirrored, turned)
    points_there = points_there[:, [1, 0, 2, 4, 3]]
    points_there[..., 0] = width - points_there[..., 0]
    return np.concatenate([likely, likely_there]), np.concatenate([points, points_there])


def face_of(
    pixels: Pixels,
    points: NDArray[np.float64],
    confidence: float,
    source: FaceSource,
    *,
    eye: tuple[float, float] = _EYE,
    flat: float = _FLAT,
) -> Face | None:
    """A face from the places of its eyes, nose and the mouth's corners [5, 2]; None where they are no face's.

    In distances of the eyes: half the width and height of an `eye`; nothing nearer than `flat` below them is a mouth.
    """
    eyes = points[:2][np.argsort(points[:2, 0])]
    middle, mouth = eyes.mean(axis=0), points[3:].mean(axis=0)
    across = eyes[1] - eyes[0]
    apart = float(np.hypot(*across))
    if apart < 1:
        return None
    across /= apart
    down = np.array([-across[1], across[0]])
    deep = float((mouth - middle) @ down)
    # Turned aside the eyes come together, looking down the mouth comes up: the larger one is the face's size.
    unit = max(apart, deep / _MOUTH)
    if deep < flat * unit:
        return None
    chin = middle + _CHIN * (mouth - middle)
    top, bottom = float(middle[1]) - _TOP * unit, float(chin[1]) + _UNDER * unit
    breadth = _WIDTH * unit
    x = float(middle[0] + mouth[0]) / 2
    patch = _upright(pixels, middle, across, unit)
    wide = max(float(np.hypot(*(points[4] - points[3]))), 0.5 * unit)
    return Face(
        box=Box(x - breadth / 2, top, breadth, bottom - top),
        eyes=(_eye(patch, eyes[0], -apart / unit, unit, eye), _eye(patch, eyes[1], apart / unit, unit, eye)),
        mouth=Box(float(mouth[0]) - wide / 2, float(mouth[1]) - 0.15 * unit, wide, 0.3 * unit),
        nose=_point(points[2]),
        chin=_point(chin),
        tilt=float(np.arctan2(across[1], across[0])),
        skin=commonest(_part(patch, *_CHEEKS)),
        hair=commonest(_part(patch, *_HAIR)),
        confidence=confidence,
        source=source,
    )


def _eye(patch: Pixels, centre: NDArray[np.float64], aside: float, unit: float, size: tuple[float, float]) -> Eye:
    x, (a, b) = aside / 2, size
    colour = commonest(_part(patch, x - 0.6 * a, -0.6 * b, x + 0.6 * a, 0.6 * b))
    return Eye(_point(centre), (a * unit, b * unit), colour)


def _upright(pixels: Pixels, middle: NDArray[np.float64], across: NDArray[np.float64], unit: float) -> Pixels:
    """uint8 [64, 64, 3]: two distances of the eyes to each side of the middle between them."""
    scale = _PATCH / unit
    turn = scale * np.array([[across[0], across[1]], [-across[1], across[0]]])
    way = np.hstack([turn, (2 * _PATCH - turn @ middle)[:, None]])
    size = (4 * _PATCH, 4 * _PATCH)
    return np.asarray(cv2.warpAffine(pixels, way, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _part(patch: Pixels, left: float, top: float, right: float, bottom: float) -> Pixels:
    x0, y0, x1, y1 = (round((2 + value) * _PATCH) for value in (left, top, right, bottom))
    return patch[max(y0, 0) : max(y1, y0 + 1), max(x0, 0) : max(x1, x0 + 1)]


def _point(place: NDArray[np.float64]) -> Point:
    return float(place[0]), float(place[1])
