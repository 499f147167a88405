"""What a sketch shows of a known face: the picture's own lines in it, and simplified eyes where those are lost."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.face_lines import eye_lines, face_lines
from paints_undo_engine.procedural.reading.model import Eye, Face, FaceSource, Pixels
from paints_undo_engine.procedural.reading.tracing import smooth
from paints_undo_engine.procedural.techniques.arriving import Points

Marks = list[tuple[str, Points]]
_LEAST = 3.0
"""Pixels of the grid: of a narrower eye no iris is drawn."""
_DRAWN, _LIVING = 1.0, 0.66
"""Of an eye's half height that of its lids, of drawn and of living eyes."""
_IRIS, _FLAT = (0.04, 0.6), 0.4
"""Of an eye, how large what is darkest in it is; flatter than this it is a lid."""
_ORDER = ("eye", "brow", "nose", "mouth", "face")
"""What of a face is drawn first."""
_WIDE, _TALL, _MOSTLY = 0.7, 0.78, 0.6
"""Of a face's box, half of what its lines lie in; so much of each at least."""
_PART, _BROW_WIDE, _BROW_HIGH, _NOSE = 0.4, 0.9, 0.65, 0.28
"""Of a stroke, how much lies in the feature that it belongs to; of the distance between the eyes, how far beside their
middle and above it brows lie, and how far from the nose its own lines.
"""
_DRAWN_ENOUGH, _ON_SKIN, _RING = 1.5, 0.15, 1.6
"""Of its half width, the length of lines that tell an eye's form; of what is about an eye as far as these half axes,
so much has the colour of skin.
"""
_ABOUT = 1.25
"""Of an eye's half axes, and of half the mouth's box: what lies within is the feature."""
_OPEN, _WHITE, _DARK, _LIKE = 0.3, 0.5, 8.0, 18.0
"""An eye of which less is dark down its middle, and unlike skin, is closed; in L* and in Lab, what is that."""
_SAMPLES, _ALONG = 31, (-0.9, -0.45, 0.0, 0.45, 0.9)
"""Places across and down an eye at which it is looked at; of its half width, where its closed lid's places lie."""
_HEIGHTS = np.linspace(-1, 1, _SAMPLES)
_ROUND = np.hypot(_HEIGHTS[None], _HEIGHTS[:, None]) < 1
_INNER = np.hypot(_HEIGHTS[None], _HEIGHTS[:, None]) < 1 / _RING
"""Where these are, which of them lie in the eye, and which of them if one looks as far as about it."""
_SURE = 6.0
"""In L*: what is less dark down its middle is no eye."""


def face_marks(face: Face, picture: Pixels, known: list[Points] | None = None) -> Marks:
    """Name and strokes, float32 [n, 2] on the grid, of a face in uint8 [h, w, 3]: its own dark lines, eyes first, and
    an eye of usual form where one is seen that has hardly any. What is covered is not drawn. `known`: the lines, where
    they have been found.
    """
    lines = [line for line in (face_lines(face, picture) if known is None else known) if _lies_in(face, line)]
    marks: Marks = []
    for number, eye in enumerate(face.eyes):
        if not _is_seen(face, eye, picture):
            continue
        nearer = [line for line in eye_lines(face, number, picture) if _in_eye(face, eye, line) > _PART]
        lid = _closed_lid(face, eye, picture)
        marks += [("eye, line", points) for points in nearer]
        if sum(map(_length, nearer)) < _DRAWN_ENOUGH * eye.radius[0]:
            marks += [("eye, lid", lid)] if lid is not None else _lids(face, eye) + _iris(face, eye, picture)
        lines = [line for line in lines if _in_eye(face, eye, line) < _PART]
    marks += [(_name(face, points), points) for points in lines]
    return sorted(marks, key=lambda mark: _ORDER.index(mark[0].partition(",")[0]))


def eyes_seen(face: Face, picture: Pixels) -> list[Eye]:
    """The eyes of a face that nothing covers in uint8 [h, w, 3]."""
    return [eye for eye in face.eyes if _is_seen(face, eye, picture)]


def _name(face: Face, points: Points) -> str:
    """What of a face a stroke belongs to, by where most of it lies."""
    across, down = _axes(face)
    left, right = (np.array(eye.centre) for eye in face.eyes)
    apart = max(float(np.hypot(*(right - left))), 1.0)
    away = (np.median(points, axis=0) - (left + right) / 2) / apart
    aside, below = float(away @ across), float(away @ down)
    if max(_share_in(points, eye.centre, eye.radius, face) for eye in face.eyes) > _PART:
        return "eye, line"
    if abs(aside) < _BROW_WIDE and -_BROW_HIGH < below < 0:
        return "brow"
    half = face.mouth.width / 2
    if _share_in(points, face.mouth.centre, (half, half), face) > _PART:
        return "mouth"
    nose = (np.median(points, axis=0) - np.array(face.nose)) / apart
    return "nose" if np.hypot(*nose) < _NOSE else "face, line"


def _lies_in(face: Face, points: Points) -> bool:
    """Whether most of a stroke lies in a face and along its outline; beside it other lines say more."""
    across, down = _axes(face)
    away = points - np.array(face.box.centre)
    within = np.hypot(away @ across / (_WIDE * face.box.width), away @ down / (_TALL * face.box.height)) < 1
    return bool(within.mean() > _MOSTLY)


def _in_eye(face: Face, eye: Eye, points: Points) -> float:
    return _share_in(points, eye.centre, eye.radius, face)


def _length(points: Points) -> float:
    return float(np.hypot(*np.diff(points, axis=0).T).sum())


def _share_in(points: Points, centre: tuple[float, float], radius: tuple[float, float], face: Face) -> float:
    """The share of places [n, 2] that lie in a feature with these half axes: 0 to 1."""
    across, down = _axes(face)
    away, size = points - np.array(centre), _ABOUT * np.maximum(radius, 1)
    return float((np.hypot(away @ across / size[0], away @ down / size[1]) < 1).mean())


def _is_seen(face: Face, eye: Eye, picture: Pixels) -> bool:
    """Whether an eye is seen in uint8 [h, w, 3]: dark, and skin about it; what hair or a patch covers is not."""
    wide, tall = eye.radius
    about = _seen(face, replace(eye, radius=(_RING * wide, _RING * tall)), picture)[~_INNER]
    like = float((np.linalg.norm(about - _of_skin(face, picture), axis=1) < _LIKE).mean())
    return like > _ON_SKIN and float(_down_middle(_dark(_seen(face, eye, picture))).max()) > _SURE


def _of_skin(face: Face, picture: Pixels) -> NDArray[np.float32]:
    """The commonest colour between eyes and mouth, in Lab: float32 [3]."""
    ends = [np.array(eye.centre) for eye in face.eyes]
    mouth = np.array(face.mouth.centre)
    along, across = np.meshgrid(np.linspace(0.3, 0.75, 9), np.linspace(0.0, 1.0, 9))
    top = ends[0] + across[..., None] * (ends[1] - ends[0])
    places = np.rint(top + along[..., None] * (mouth - top)).astype(int).reshape(-1, 2)
    height, width = picture.shape[:2]
    colours = picture[np.clip(places[:, 1], 0, height - 1), np.clip(places[:, 0], 0, width - 1)]
    skin = np.median(colours, axis=0).astype(np.float32)
    return np.asarray(cv2.cvtColor(skin[None, None] / 255, cv2.COLOR_RGB2Lab)[0, 0], np.float32)


def among_marks(face: Face, points: Points) -> float:
    """The largest share of places [n, 2] that lies in one of a face's eyes, or its mouth: 0 to 1."""
    mouth = (face.mouth.centre, (0.5 * face.mouth.width, 0.5 * face.mouth.height))
    places = (*((eye.centre, eye.radius) for eye in face.eyes), mouth)
    return max(_share_in(points, centre, radius, face) for centre, radius in places)


def _lids(face: Face, eye: Eye) -> Marks:
    """An almond, the upper lid twice."""
    lids = _DRAWN if face.source is FaceSource.ANIMEFACE else _LIVING
    across, down = _axes(face)
    middle, wide, tall = np.array(eye.centre), eye.radius[0], lids * eye.radius[1]

    def through(*places: tuple[float, float]) -> Points:
        return _through([middle + x * wide * across + y * tall * down for x, y in places])

    upper = through((-1.0, 0.25), (-0.5, -0.7), (0.1, -1.0), (0.6, -0.65), (1.0, 0.2))
    lower = through((-0.8, 0.55), (0.0, 0.95), (0.8, 0.5))
    return [("eye, upper lid", upper), ("eye, upper lid", upper), ("eye, lower lid", lower)]


def _iris(face: Face, eye: Eye, picture: Pixels) -> Marks:
    """The outline of what is darkest in an open eye, wherever it looks; none of an eye that is seen too small."""
    dark = _dark(_seen(face, eye, picture))
    least = 0.5 * float(dark.max())
    if eye.radius[0] < _LEAST or least <= 0:
        return []
    _, labels, stats, _ = cv2.connectedComponentsWithStats((dark > least).astype(np.uint8), connectivity=4)
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    width, height, area = (int(value) for value in stats[largest, 2:])
    across, down = (size * way for size, way in zip(eye.radius, _axes(face), strict=True))
    if not (_IRIS[0] < area / _ROUND.sum() < _IRIS[1]) or height * eye.radius[1] < _FLAT * width * eye.radius[0]:
        return []
    mask = np.pad((labels == largest).astype(np.uint8), 1)
    outline = max(cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0], key=len)[:, 0]
    ring = (np.vstack([outline, outline[:4]]) - 1) * (2 / (_SAMPLES - 1)) - 1
    soft = smooth(np.asarray(ring, np.float32), 2.0)
    places = np.array(eye.centre) + soft[:, :1] * across + soft[:, 1:] * down
    return [("eye, iris", np.asarray(places, np.float32))]


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
