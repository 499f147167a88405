"""The simplified features of a known face, as a sketch has them: both eyes alike, brows, nose and mouth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Face, FaceSource
from paints_undo_engine.procedural.techniques.arriving import Points
from paints_undo_engine.procedural.techniques.sketching import ellipse

_LEAST = 2.5
"""Pixels of the grid: of a narrower eye no iris is drawn."""
_IRIS, _TALL = 0.52, 0.85
"""Of an eye's half width and half height: those of the iris at most."""
_BROW, _BESIDE = 0.3, 1.1
"""Of the distance between the eyes, how far a brow lies above its lid; of an eye's half width, how far it reaches."""
_ABOUT = 1.25
"""Of an eye's half axes, and of half the mouth's box: what lies within is the feature."""


def face_marks(face: Face) -> list[tuple[str, Points]]:
    """Name and strokes, float32 [n, 2] on the grid."""
    left, right = (np.array(eye.centre) for eye in face.eyes)
    apart = float(np.hypot(*(right - left)))
    wide = max(eye.radius[0] for eye in face.eyes)
    tall = max(eye.radius[1] for eye in face.eyes)
    across, down = _axes(face)

    def at(middle: NDArray[np.float64], *places: tuple[float, float]) -> Points:
        """A smooth line through places in an eye's half width and half height about its middle."""
        return _through([middle + x * wide * across + y * tall * down for x, y in places])

    marks: list[tuple[str, Points]] = []
    for eye, side in zip(face.eyes, (-1.0, 1.0), strict=True):
        middle = np.array(eye.centre)
        lid = at(middle, (-1.0, 0.25), (-0.5, -0.7), (0.1, -1.0), (0.6, -0.65), (1.0, 0.2))
        marks += [("eye, upper lid", lid), ("eye, upper lid", lid)]
        marks.append(("eye, lower lid", at(middle, (-0.8, 0.55), (0.0, 0.95), (0.8, 0.5))))
        if wide > _LEAST:
            round_ = min(_IRIS * wide, _TALL * tall)
            high = _TALL * tall if face.source is FaceSource.ANIMEFACE else round_
            turn = float(face.tilt)
            x, y = middle
            marks.append(("eye, iris", ellipse(float(x), float(y), round_, max(round_, high), turn)))
            marks.append(("eye, pupil", ellipse(float(x), float(y), 0.35 * round_, 0.35 * max(round_, high), turn)))
        brow = middle - (tall + _BROW * 0.5 * apart) * down
        inner, outer = -side * _BESIDE * 0.85, side * _BESIDE
        marks.append(("eye, brow", at(brow, (inner, 0.25), (0.2 * side, -0.1), (outer, 0.3))))
    nose = np.array(face.nose)
    marks.append(("nose", _through([nose + 0.07 * apart * (x * across + y * down) for x, y in ((-1, 0), (0, 0.6), (1, 0))])))
    mouth, half = np.array(face.mouth.centre), 0.5 * face.mouth.width
    marks.append(("mouth", _through([mouth + half * (x * across + y * down) for x, y in ((-1, 0), (0, 0.14), (1, 0))])))
    lip = mouth + 0.5 * face.mouth.height * down
    marks.append(("mouth, lip", _through([lip + half * (x * across + y * down) for x, y in ((-0.35, 0), (0, 0.08), (0.35, 0))])))
    return marks


def among_marks(face: Face, points: Points) -> float:
    """The share of places [n, 2] that lie in a face's eyes or mouth: 0 to 1."""
    across, down = _axes(face)
    within = np.zeros(len(points), bool)
    mouth = (face.mouth.centre, (0.5 * face.mouth.width, 0.5 * face.mouth.height))
    for centre, radius in (*((eye.centre, eye.radius) for eye in face.eyes), mouth):
        away = points - np.array(centre)
        size = _ABOUT * np.maximum(radius, 1)
        within |= np.hypot(away @ across / size[0], away @ down / size[1]) < 1
    return float(within.mean())


def _axes(face: Face) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    cos, sin = np.cos(face.tilt), np.sin(face.tilt)
    return np.array([cos, sin]), np.array([-sin, cos])


def _through(places: list[NDArray[np.float64]]) -> Points:
    """A smooth line through a few places."""
    knots = np.array(places)
    t, fine = np.arange(len(knots)), np.linspace(0, len(knots) - 1, 8 * len(knots))
    line = np.stack([np.interp(fine, t, knots[:, axis]) for axis in range(2)], axis=1)
    soft = np.vstack([line[:1].repeat(4, 0), line, line[-1:].repeat(4, 0)])
    kernel = np.ones(9) / 9
    soft = np.stack([np.convolve(soft[:, axis], kernel, "valid") for axis in range(2)], axis=1)
    return np.asarray(np.vstack([line[:1], soft[1:-1], line[-1:]]), np.float32)
