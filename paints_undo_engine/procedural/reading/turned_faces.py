"""Drawn faces that stand on their heads or lie on their sides: looked for where nobody is seen upright."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from paints_undo_engine.procedural.reading.blazeface import without_unseen
from paints_undo_engine.procedural.reading.looking import find_with_animeface, has_skin, is_certain
from paints_undo_engine.procedural.reading.model import Box, Face, Pixels, Point

_TURNS = (2, 1, 3)
"""Quarter turns to the left, after which a face that was turned is seen upright: on its head, then on its sides."""


def find_turned_faces(pixels: Pixels) -> tuple[Face, ...]:
    """The faces of uint8 [h, w, 3], in its pixels, that are seen when the picture is turned; empty where none is."""
    for turns in _TURNS:
        view = np.ascontiguousarray(np.rot90(pixels, turns))
        faces = _believed(view, find_with_animeface(view, thorough=False) or ())
        if faces:
            return tuple(_turned_back(face, turns, pixels.shape) for face in faces)
    return ()


def _believed(view: Pixels, faces: Sequence[Face]) -> list[Face]:
    """Those with skin on the cheeks of which another finder sees a trace, or that most views agree on."""
    skinned = [face for face in faces if has_skin(face)]
    seen = without_unseen(view, skinned)
    return [face for face in skinned if face in seen or is_certain(view, face)]


def _turned_back(face: Face, turns: int, shape: tuple[int, ...]) -> Face:
    """A face of a picture [h, w, 3] that was seen after so many quarter turns to the left."""

    def placed(place: Point) -> Point:
        x, y = place
        for turn in range(turns):
            # Of the view before the last turn, the one before that, and so on.
            width = shape[1] if (turns - turn) % 2 else shape[0]
            x, y = width - 1 - y, x
        return x, y

    def boxed(box: Box) -> Box:
        (x, y), sides = placed(box.centre), (box.width, box.height)
        width, height = sides if turns % 2 == 0 else sides[::-1]
        return Box(x - width / 2, y - height / 2, width, height)

    left, right = (replace(eye, centre=placed(eye.centre)) for eye in face.eyes)
    tilt = float(np.angle(np.exp(1j * (face.tilt + turns * np.pi / 2))))
    return replace(
        face, box=boxed(face.box), eyes=(left, right), mouth=boxed(face.mouth), nose=placed(face.nose),
        chin=placed(face.chin), tilt=tilt,
    )  # fmt: skip
