"""The dark lines of a face as the picture has them, as few loose strokes: the face as a whole, its eyes from nearer."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.coherent_lines import coherent_lines
from paints_undo_engine.procedural.reading.convolving import Planes
from paints_undo_engine.procedural.reading.edge_network import find_likely_edges
from paints_undo_engine.procedural.reading.model import Face, Path, Pixels, Point
from paints_undo_engine.procedural.reading.seen_edges import traced_lines

_FACE, _EYE, _LEAST, _FINER = 154, 72, 64, 1.5
"""Pixels: the sides of the squares in which the lines of a face and of an eye are looked for; that of a small face at
least; and how much finer than on the grid that is.
"""
_AROUND, _ABOUT = 0.8, 1.5
"""Half of those squares, by the face's width and by half the eye's."""
_JUDGED, _SMALLEST = 1.3, 8.0
"""By the eyes' half axes, where the lines lie by which a face's others are judged; pixels of an eye that is looked at
from nearer.
"""
_WIDE, _BENT, _FROM, _SHORT, _TO = 0.28, 0.06, 0.28, 0.4, 1.4
"""Of a face's width, how long a chin's line is at least, and how far it is bent up; of the way from eyes to mouth, how
far below that a chin lies at least, and where the finder has it at least; by that, how far at most.
"""
_ENLARGED, _SHORTEST = 1.7, 9.0
"""How much larger those squares are for the network that sees edges, and the shortest line that it finds, in pixels."""
_EVEN = (9, 12.0, 3.0)
"""What smooths within shapes: its diameter in pixels, and its sigmas in levels and in pixels."""


def face_lines(face: Face, picture: Pixels) -> list[Path]:
    """The strokes of a face in uint8 [h, w, 3] but its eyes', float32 [n, 2] on its grid."""
    side = round(min(_FACE, max(_LEAST, _FINER * 2 * _AROUND * face.box.width)))
    there = _upright(face.box.centre, _AROUND * face.box.width, face.tilt, side)
    scale = float(np.hypot(*there[0, :2]))
    place = np.zeros((side, side), np.uint8)
    for eye in face.eyes:
        x, y = there[:, :2] @ np.array(eye.centre) + there[:, 2]
        size = (max(2, round(_JUDGED * scale * eye.radius[0])), max(2, round(_JUDGED * scale * eye.radius[1])))
        cv2.ellipse(place, (round(float(x)), round(float(y))), size, 0, 0, 360, 1, -1)
    return _strokes(picture, there, place > 0)


def eye_lines(face: Face, number: int, picture: Pixels) -> list[Path]:
    """The strokes of one of a face's eyes and about it; empty where it is small."""
    eye = face.eyes[number]
    if 2 * eye.radius[0] < _SMALLEST:
        return []
    there = _upright(eye.centre, _ABOUT * eye.radius[0], face.tilt, _EYE)
    return _strokes(picture, there, np.ones((_EYE, _EYE), bool))


def _strokes(picture: Pixels, there: NDArray[np.float64], place: NDArray[np.bool_]) -> list[Path]:
    """The dark lines of uint8 [h, w, 3] in a square to which an affine map [2, 3] leads."""
    shrink = 1 / max(float(np.hypot(*there[0, :2])), 1e-6)
    back = cv2.invertAffineTransform(there)
    reach = 4 * max(shrink, 1.0)
    corners = np.array([[0, 0], [1, 0], [0, 1], [1, 1]]) * len(place) @ back[:, :2].T + back[:, 2]
    low = np.maximum(np.floor(corners.min(axis=0) - reach).astype(int), 0)
    high = np.ceil(corners.max(axis=0) + reach).astype(int)
    near = np.ascontiguousarray(picture[low[1] : high[1], low[0] : high[0]]).astype(np.float32)
    if near.size == 0:
        return []
    if shrink > 1:
        near = np.asarray(cv2.GaussianBlur(near, (0, 0), 0.4 * shrink), np.float32)
    moved = np.column_stack([there[:, :2], there[:, :2] @ low + there[:, 2]])
    lines = _seen_lines(near, _ENLARGED * moved, round(_ENLARGED * len(place)))
    if lines is None:
        # Lips are dark in green light.
        seen = cv2.warpAffine(near[..., 1], moved, place.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
        for _ in range(2):
            seen = cv2.bilateralFilter(seen, *_EVEN)
        lines = coherent_lines(np.asarray(seen, np.float32), place)
    return [np.asarray(line @ back[:, :2].T + back[:, 2], np.float32) for line in lines]


def _seen_lines(picture: Planes, there: NDArray[np.float64], side: int) -> list[Path] | None:
    """The lines that the network sees of float32 [h, w, 3] in a square of so many pixels to which a map [2, 3] leads,
    in pixels of the square in which the others are looked for; None where it is not installed.
    """
    seen = cv2.warpAffine(picture, there, (side, side), borderMode=cv2.BORDER_REPLICATE)
    seen = cv2.bilateralFilter(seen, *_EVEN)
    likely = find_likely_edges(np.asarray(np.rint(np.clip(seen, 0, 255)), np.uint8))
    if likely is None:
        return None
    return [np.asarray(line / np.float32(_ENLARGED), np.float32) for line in traced_lines(likely, _SHORTEST)]


def _upright(middle: Point, half: float, tilt: float, side: int) -> NDArray[np.float64]:
    """From the grid to a square of so many pixels about a place, in which a face with a tilt stands upright: [2, 3]."""
    turn = np.asarray(cv2.getRotationMatrix2D(middle, float(np.degrees(tilt)), side / max(2 * half, 1.0)), np.float64)
    return np.column_stack([turn[:, :2], turn[:, 2] + side / 2 - np.array(middle)])


def chin_in(face: Face, lines: list[Path]) -> Point:
    """Where a face's chin is seen: where the way from its eyes over its mouth crosses the first long line below the
    mouth that lies across it and is bent up at an end; else where the finder has it.
    """
    mouth, chin = np.array(face.mouth.centre), np.array(face.chin)
    eyes = np.mean([eye.centre for eye in face.eyes], axis=0)
    way = mouth - eyes
    deep = max(float(np.hypot(*way)), 1.0)
    way = way / deep
    across = np.array([way[1], -way[0]])
    far = max(float((chin - mouth) @ way), _SHORT * deep)
    found: list[tuple[float, Point]] = []
    for line in lines:
        aside, below = (line - mouth) @ across, (line - mouth) @ way
        cross = np.flatnonzero(np.diff(np.signbit(aside)))
        long = float(np.ptp(aside)) > _WIDE * face.box.width
        for at in cross.tolist() if long else []:
            depth = float(below[at])
            ends = below[[0, -1]]
            if _FROM * deep < depth < _TO * far and float(depth - ends.min()) > _BENT * face.box.width:
                found.append((depth, (float(line[at, 0]), float(line[at, 1]))))
    return min(found)[1] if found else face.chin
