"""Drawn faces: finders are asked in turn, and none is needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from paints_undo_engine.procedural.reading.looking import find_with_animeface
from paints_undo_engine.procedural.reading.model import Face, Pixels

Finder = Callable[[Pixels], Sequence[Face] | None]
"""Faces of uint8 [h, w, 3]; None where the finder is not installed or failed."""

LEAST_CONFIDENCE = 0.7


def find_faces(pixels: Pixels, finders: Sequence[Finder] = (find_with_animeface,)) -> tuple[Face, ...]:
    """The faces of uint8 [h, w, 3], the largest first; empty where there is none, or no finder.

    The first finder that is there answers. A face needs a confidence of at least 0.7, and none overlaps a surer one.
    """
    for finder in finders:
        found = finder(pixels)
        if found is not None:
            return _distinct([face for face in found if face.confidence >= LEAST_CONFIDENCE])
    return ()


def _distinct(faces: list[Face]) -> tuple[Face, ...]:
    kept: list[Face] = []
    for face in sorted(faces, key=lambda face: -face.confidence):
        x, y = face.box.centre
        if not any(
            abs(x - other.box.centre[0]) < 0.5 * max(other.box.width, face.box.width)
            and abs(y - other.box.centre[1]) < 0.5 * max(other.box.height, face.box.height)
            for other in kept
        ):
            kept.append(face)
    return tuple(sorted(kept, key=lambda face: -face.box.area))
