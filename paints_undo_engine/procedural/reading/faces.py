"""Faces, by two finders, neither of which is needed: one for drawn faces with large eyes, one for faces as people have
them. Few are seen by both.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from paints_undo_engine.procedural.reading.looking import find_with_animeface
from paints_undo_engine.procedural.reading.model import Face, Pixels
from paints_undo_engine.procedural.reading.portraits import find_with_mtcnn

LEAST_CONFIDENCE = 0.7
_SURE = 0.8
"""Faces as people have them that are seen so surely are believed where the other finder disagrees, and where one is
nobody looks further for drawn ones that are tilted or small."""
_AWAY = 0.25
"""In distances of the eyes: how far an eye may lie from where the other finder sees it."""


def find_faces(pixels: Pixels) -> tuple[Face, ...]:
    """The faces of uint8 [h, w, 3], the largest first; empty where there is none, or no finder."""
    people = find_with_mtcnn(pixels) or ()
    thorough = not any(face.confidence >= _SURE for face in people)
    return joined(find_with_animeface(pixels, thorough=thorough) or (), people)


def joined(drawn: Sequence[Face], people: Sequence[Face]) -> tuple[Face, ...]:
    """The faces of both finders, the largest first, each once and with a confidence of at least 0.7.

    A drawn face is kept as its own finder sees it, whose eyes have a size, unless the other one surely sees the eyes
    elsewhere.
    """
    kept: list[Face] = []
    for face in _by_confidence(drawn):
        twins = [other for other in people if other.confidence >= _SURE and _is_one(face, other)]
        if not any(_is_one(face, other) for other in kept) and not any(_disagree(face, other) for other in twins):
            kept.append(face)
    for face in _by_confidence(people):
        if not any(_is_one(face, other) for other in kept):
            kept.append(face)
    return tuple(sorted(kept, key=lambda face: -face.box.area))


def _by_confidence(faces: Sequence[Face]) -> list[Face]:
    return sorted((face for face in faces if face.confidence >= LEAST_CONFIDENCE), key=lambda face: -face.confidence)


def _is_one(face: Face, other: Face) -> bool:
    (x, y), (there_x, there_y) = face.box.centre, other.box.centre
    beside = abs(x - there_x) < 0.5 * max(face.box.width, other.box.width)
    return beside and abs(y - there_y) < 0.5 * max(face.box.height, other.box.height)


def _disagree(face: Face, other: Face) -> bool:
    """Whether the eyes of one face lie elsewhere than the other says."""
    own, there = (np.array([eye.centre for eye in one.eyes]) for one in (face, other))
    return bool(np.hypot(*(own - there).T).max() > _AWAY * np.hypot(*(there[1] - there[0])))
