"""Faces, by four finders, none of which is needed: one for drawn faces with large eyes, one for faces as people have
them, of which few are seen by both, and two networks: one sees many of either, and others, one sees whole heads. Drawn
faces of which neither network sees a trace are none if nothing else speaks for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from paints_undo_engine.procedural.reading.blazeface import find_in_heads, find_with_blazeface, without_unseen
from paints_undo_engine.procedural.reading.drawn_faces_network import SeenHead
from paints_undo_engine.procedural.reading.drawn_heads import headed, sure_heads, unfaced
from paints_undo_engine.procedural.reading.looking import find_with_animeface, has_skin, is_certain
from paints_undo_engine.procedural.reading.model import Face, Pixels
from paints_undo_engine.procedural.reading.portraits import find_with_mtcnn

LEAST_CONFIDENCE = 0.7
_SURE = 0.8
"""Faces as people have them that are seen so surely are believed where the other finder disagrees, and where one is
nobody looks further for drawn ones that are tilted or small."""
_IN_OTHER_COLOURS = 0.87
"""Faces of blue or green skin are at least so sure, as all are that are seen so in other colours than their own."""
_AWAY, _ELSEWHERE = 0.25, 0.6
"""In distances of the eyes: how far an eye may lie from where the other finder sees it, and beyond what it is none."""


def find_faces(pixels: Pixels, seen: Sequence[SeenHead] | None = None) -> tuple[Face, ...]:
    """The faces of uint8 [h, w, 3], the largest first; empty where there is none, or no finder.

    `seen`: what may be heads; None if nobody looked for them. Where each sure one has a face nobody looks for others
    with patience, and for drawn ones not at all where there is none.
    """
    heads = None if seen is None else sure_heads(seen)
    people = find_with_mtcnn(pixels) or ()
    patient = not (heads or any(face.confidence >= _SURE for face in people))
    drawn = () if seen is not None and not seen else find_with_animeface(pixels, thorough=patient) or ()
    if heads is not None:
        drawn = headed(pixels, drawn, heads)
    found = joined(_believed(pixels, drawn, looked=heads is not None), people)
    misled = bool(drawn and not found)
    if heads:
        found = _with(found, find_in_heads(pixels, unfaced(heads, [face.box for face in found])))
    if not heads or unfaced(heads, [face.box for face in found]):
        # What misled the first finder is often near to somebody whose face is too small for it.
        found = _with(found, find_with_blazeface(pixels, found, nearer=misled) or ())
    if heads is not None:
        found = headed(pixels, found, heads)
    return tuple(sorted(found, key=lambda face: -face.box.area))


def _with(faces: tuple[Face, ...], others: Sequence[Face]) -> tuple[Face, ...]:
    return faces + tuple(face for face in others if not any(_is_one(face, other) for other in faces))


def find_coloured_skin(pixels: Pixels) -> tuple[Face, ...]:
    """The faces as people have them of uint8 [h, w, 3] whose skin is blue or green: the nets know them once red and
    blue are changed for one another.
    """
    seen = find_with_mtcnn(np.ascontiguousarray(pixels[..., ::-1])) or ()
    return tuple(
        replace(
            face,
            skin=face.skin[::-1],
            hair=face.hair[::-1],
            eyes=(replace(face.eyes[0], colour=face.eyes[0].colour[::-1]),
                  replace(face.eyes[1], colour=face.eyes[1].colour[::-1])),
        )
        for face in seen
        if face.confidence >= _IN_OTHER_COLOURS
    )  # fmt: skip


def _believed(pixels: Pixels, drawn: Sequence[Face], *, looked: bool) -> list[Face]:
    """The drawn faces of uint8 [h, w, 3] but those that nothing else speaks for: neither a head about them nor a trace
    that the networks see; if nobody `looked` for heads, nor skin, nor most views of them.
    """
    headless = [face for face in drawn if face.head is None]
    seen = without_unseen(pixels, headless)
    return [
        face
        for face in drawn
        if face.head is not None or face in seen or (not looked and (has_skin(face) or is_certain(pixels, face)))
    ]


def joined(drawn: Sequence[Face], people: Sequence[Face]) -> tuple[Face, ...]:
    """The faces of both finders, the largest first, each once and with a confidence of at least 0.7.

    A drawn face is kept as its own finder sees it, whose eyes have a size, unless the other one surely sees the eyes
    elsewhere: these places are taken then, and if they are far off there is no drawn face.
    """
    kept: list[Face] = []
    for face in _by_confidence(drawn):
        twin = next((other for other in people if other.confidence >= _SURE and _is_one(face, other)), None)
        away = 0.0 if twin is None else _apart(face, twin)
        if away < _ELSEWHERE and not any(_is_one(face, other) for other in kept):
            kept.append(face if twin is None or away < _AWAY else _with_places_of(face, twin))
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


def _apart(face: Face, other: Face) -> float:
    """How far the eyes of one face lie at most from the other's, in the distance between these."""
    own, there = (np.array([eye.centre for eye in one.eyes]) for one in (face, other))
    return float(np.hypot(*(own - there).T).max() / max(np.hypot(*(there[1] - there[0])), 1e-6))


def _with_places_of(face: Face, other: Face) -> Face:
    """A face whose eyes, nose and mouth lie where another one has them."""
    left, right = (replace(eye, centre=there.centre) for eye, there in zip(face.eyes, other.eyes, strict=True))
    return replace(face, eyes=(left, right), nose=other.nose, mouth=other.mouth, tilt=other.tilt)
