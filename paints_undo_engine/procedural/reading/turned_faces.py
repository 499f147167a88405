"""Drawn faces that stand on their heads or lie on their sides: looked for where nobody is seen upright."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from paints_undo_engine.procedural.reading.blazeface import has_glimpse, without_unseen
from paints_undo_engine.procedural.reading.looking import find_with_animeface, has_skin, is_certain
from paints_undo_engine.procedural.reading.model import Box, Face, Pixels, Point

_SIDE = 400
"""Pixels of a figure's longer side when it is looked at."""
_TURNS = (2, 1, 3)
"""Quarter turns to the left, after which a face that was turned is seen upright: on its head, then on its sides."""


def find_turned_faces(pixels: Pixels, figure: Box) -> tuple[Face, ...]:
    """The faces of a figure in uint8 [h, w, 3], in its pixels, that are seen when it is turned; empty where none is."""
    rows, columns = figure.slices(pixels.shape)
    part = np.ascontiguousarray(pixels[rows, columns])
    for turns in _TURNS:
        view = np.ascontiguousarray(np.rot90(part, turns))
        if not has_glimpse(view):
            continue
        faces = _believed(view, find_with_animeface(view, thorough=False, side=_SIDE) or ())
        if faces:
            return tuple(_moved(_turned_back(face, turns, part.shape), columns.start, rows.start) for face in faces)
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


def _moved(face: Face, right: int, down: int) -> Face:
    """A face so many pixels farther to the right and down."""

    def placed(place: Point) -> Point:
        return place[0] + right, place[1] + down

    left, other = (replace(eye, centre=placed(eye.centre)) for eye in face.eyes)
    box, mouth = (replace(box, x=box.x + right, y=box.y + down) for box in (face.box, face.mouth))
    return replace(
        face, box=box, mouth=mouth, eyes=(left, other), nose=placed(face.nose), chin=placed(face.chin)
    )  # fmt: skip
