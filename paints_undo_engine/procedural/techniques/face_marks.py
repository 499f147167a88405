"""The simplified features of a known face, as a sketch has them: both eyes alike, brows, nose and mouth."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Eye, Face, FaceSource, Pixels
from paints_undo_engine.procedural.techniques.arriving import Points
from paints_undo_engine.procedural.techniques.sketching import ellipse

Marks = list[tuple[str, Points]]
_LEAST = 3.0
"""Pixels of the grid: of a narrower eye no iris is drawn."""
_DRAWN, _LIVING = (1.0, 0.55, 0.85), (0.66, 0.44, 0.44)
"""Of an eye's half height that of its lids, of its half width that of the iris at most, and of the same or, where eyes
are drawn large, of the lids' height that of the iris: of drawn and of living eyes.
"""
_BROW, _BESIDE = 0.3, 1.1
"""Of the distance between the eyes, how far a brow lies above its lid; of an eye's half width, how far it reaches."""
_ABOUT = 1.25
"""Of an eye's half axes, and of half the mouth's box: what lies within is the feature."""
_OPEN, _WHITE, _DARK, _LIKE = 0.3, 0.5, 8.0, 18.0
"""An eye of which less is dark down its middle, and unlike skin, is closed; in L* and in Lab, what is that."""
_SAMPLES, _ALONG = 31, (-0.9, -0.45, 0.0, 0.45, 0.9)
"""Places across and down an eye at which it is looked at; of its half width, where its closed lid's places lie."""
_HEIGHTS = np.linspace(-1, 1, _SAMPLES)
_ROUND = np.hypot(_HEIGHTS[None], _HEIGHTS[:, None]) < 1
"""Where these are, and which of them lie in the eye."""
_SURE = 6.0
"""In L*: what is less dark down its middle is no eye."""


def shows_eyes(face: Face, picture: Pixels) -> bool:
    """Whether a face's eyes are seen in uint8 [h, w, 3]; of a living face one may lie in the dark."""
    if face.source is FaceSource.MTCNN:
        return True
    return all(float(_down_middle(_dark(_seen(face, eye, picture))).max()) > _SURE for eye in face.eyes)


def face_marks(face: Face, picture: Pixels) -> Marks:
    """Name and strokes, float32 [n, 2] on the grid, of a face in uint8 [h, w, 3]."""
    lids = [_closed_lid(face, eye, picture) for eye in face.eyes]
    if face.source is not FaceSource.ANIMEFACE and any(lid is None for lid in lids):
        # Where the eyes lie is only about known: together they tell whether they are open.
        lids = [None, None]
    across, down = _axes(face)
    left, right = (np.array(eye.centre) for eye in face.eyes)
    apart = float(np.hypot(*(right - left)))
    marks: Marks = []
    for eye, side, lid in zip(face.eyes, (-1.0, 1.0), lids, strict=True):
        marks += _open_eye(face, eye) if lid is None else [("eye, lid", lid)] * 2
        wide, tall = eye.radius
        brow = np.array(eye.centre) - (tall + 0.5 * _BROW * apart) * down
        places = ((-0.85 * _BESIDE * side, 0.25), (0.2 * side, -0.1), (_BESIDE * side, 0.3))
        marks.append(("eye, brow", _through([brow + x * wide * across + y * tall * down for x, y in places])))
    nose, mouth = np.array(face.nose), np.array(face.mouth.centre)
    lip = mouth + 0.5 * face.mouth.height * down
    for name, middle, half, sag in (
        ("nose", nose, 0.07 * apart, 0.6),
        ("mouth", mouth, 0.5 * face.mouth.width, 0.14),
        ("mouth, lip", lip, 0.18 * face.mouth.width, 0.2),
    ):
        marks.append(
            (name, _through([middle + half * (x * across + y * down) for x, y in ((-1, 0), (0, sag), (1, 0))]))
        )
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


def _open_eye(face: Face, eye: Eye) -> Marks:
    """An almond, the upper lid twice, and in it the iris, whose top the lid covers."""
    lids, broad, high = _DRAWN if face.source is FaceSource.ANIMEFACE else _LIVING
    across, down = _axes(face)
    middle, wide, tall = np.array(eye.centre), eye.radius[0], lids * eye.radius[1]

    def through(*places: tuple[float, float]) -> Points:
        return _through([middle + x * wide * across + y * tall * down for x, y in places])

    upper = through((-1.0, 0.25), (-0.5, -0.7), (0.1, -1.0), (0.6, -0.65), (1.0, 0.2))
    lower = through((-0.8, 0.55), (0.0, 0.95), (0.8, 0.5))
    marks = [("eye, upper lid", upper), ("eye, upper lid", upper), ("eye, lower lid", lower)]
    if wide > _LEAST:
        half = min(broad * wide, 0.95 * tall)
        length = max(half, high * tall) if face.source is FaceSource.ANIMEFACE else half
        x, y = (float(value) for value in middle)
        iris = ellipse(x, y, half, length, face.tilt, -0.5, np.pi + 0.5)
        marks += [("eye, iris", iris), ("eye, pupil", ellipse(x, y, 0.22 * half, 0.22 * length, face.tilt))]
    return marks


def _closed_lid(face: Face, eye: Eye, picture: Pixels) -> Points | None:
    """The line of a closed eye where its lashes are; None where it is open."""
    lab = _seen(face, eye, picture)
    dark = _dark(lab)
    along = _down_middle(dark)
    skin = cv2.cvtColor(np.array([[face.skin]], np.float32) / 255, cv2.COLOR_RGB2Lab)
    unlike = float((np.linalg.norm(lab - skin, axis=2)[_ROUND] > _LIKE).mean())
    if (along > 0.4 * max(float(along.max()), 1e-6)).mean() >= _OPEN or unlike >= _WHITE:
        return None
    middle = _centre(along, 0.0)
    sags = (_centre(part.mean(axis=1), middle) for part in np.array_split(dark, 5, axis=1))
    across, down = (size * way for size, way in zip(eye.radius, _axes(face), strict=True))
    return _through([np.array(eye.centre) + x * across + y * down for x, y in zip(_ALONG, sags, strict=True)])


def _seen(face: Face, eye: Eye, picture: Pixels) -> NDArray[np.float32]:
    """An eye upright, from uint8 [h, w, 3]: Lab, float32 [n, n, 3]."""
    across, down = (size * way for size, way in zip(eye.radius, _axes(face), strict=True))
    places = np.array(eye.centre) + _HEIGHTS[None, :, None] * across + _HEIGHTS[:, None, None] * down
    columns, rows = (places[..., axis].astype(np.float32) for axis in range(2))
    seen = cv2.remap(picture, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.cvtColor(seen.astype(np.float32) / 255, cv2.COLOR_RGB2Lab), np.float32)


def _dark(lab: NDArray[np.float32]) -> NDArray[np.float64]:
    """By how much of L* an eye, [n, n, 3], is darker than its lights, and 0 beside it: [n, n]."""
    light = lab[..., 0].astype(np.float64)
    return np.clip(np.percentile(light[_ROUND], 80) - light - _DARK, 0, None) * _ROUND


def _down_middle(dark: NDArray[np.float64]) -> NDArray[np.float64]:
    """How dark the middle third of each row of an eye is, [n, n]: [n]."""
    third = _SAMPLES // 3
    return np.asarray(dark[:, third:-third].mean(axis=1), np.float64)


def _centre(dark: NDArray[np.float64], other: float) -> float:
    """The height at which the middle of what is dark lies, [n]; of what is not dark another one."""
    return float(np.clip((dark * _HEIGHTS).sum() / dark.sum(), -0.7, 0.7)) if dark.sum() > 1 else other


def _axes(face: Face) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    cos, sin = np.cos(face.tilt), np.sin(face.tilt)
    return np.array([cos, sin]), np.array([-sin, cos])


def _through(places: list[NDArray[np.float64]]) -> Points:
    """A smooth line through a few places."""
    knots = np.array(places)
    fine = np.linspace(0, len(knots) - 1, 8 * len(knots))
    line = np.stack([np.interp(fine, np.arange(len(knots)), knots[:, axis]) for axis in range(2)], axis=1)
    long = np.pad(line, ((4, 4), (0, 0)), mode="edge")
    soft = np.stack([np.convolve(long[:, axis], np.full(9, 1 / 9), "valid") for axis in range(2)], axis=1)
    return np.asarray(np.vstack([line[:1], soft[1:-1], line[-1:]]), np.float32)
