"""A painter's underdrawing: the picture's main edges, as they are seen with half-closed eyes, as long lines."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import Pixels
from paints_undo_engine.procedural.reading.crowns import PARTED
from paints_undo_engine.procedural.reading.model import FaceSource, PictureKind
from paints_undo_engine.procedural.reading.tracing import link, smooth, thin, trace
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import Points, wide_blur

_GRID = 300.0
"""Pixels: the diagonal of the grid on which edges are looked for."""
_ROUNDS, _REACH, _ALIKE, _LEAST = 3, 4.0, 0.5, 6.0
"""How often the picture is smoothed within its shapes, by what sigma in pixels, and by what in its own contrast, which
is at least so many levels of Lab's light.
"""
_SOFT, _AROUND = 1.2, 0.08
"""Pixels by which shapes are blurred before their edges are looked for; of the diagonal, what is around an edge."""
_OUTLINE = 0.7
"""What a figure's outline adds to an edge, in the picture's contrast."""
_CANNY, _LEVELS = (1.0, 2.1), 400.0
"""How strong an edge goes on and begins, beside what is usual around it; whole numbers for each of that."""
_GAP, _SHORTEST, _RIM = 0.02, 0.045, 0.02
"""Of the diagonal: ends that are nearer are joined; shorter edges are left out; what runs so near to the picture's
border is its frame.
"""
_FAINT = 0.08
"""Of the heaviest edge: what is lighter is texture."""
_ROUNDED = 0.006
"""Of the diagonal: the sigma by which a hand rounds an edge."""
_DRAWN, _CONNECTED, _EXPLAINED = (2.0, 14.0), 0.38, 0.5
"""Diagonals of line, the share of them in long ones, and the share of the edges along lines, with which a painting was
drawn in line first; more line is texture.
"""
_FACE_CONNECTED, _PERSON_CONNECTED = 0.24, 0.45
"""The same share in paintings of drawn faces, and of faces as people have them: what is seen of lines there may be
borders of light.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Edge:
    """One long edge on the reading's grid: `points` float32 [n, 2], and its `weight`: how long and how strong it is."""

    points: Points
    weight: float


def is_drawn_first(source: Source) -> bool:
    """Whether a painting shows so much of its drawing that paint was laid below finished lines."""
    ink, faces = source.reading.ink, source.reading.faces
    length = sum(path.length for path in ink.paths) / source.diagonal
    people = bool(faces) and all(face.source is FaceSource.MTCNN for face in faces)
    connected = _PERSON_CONNECTED if people else _FACE_CONNECTED if source.reading.has_drawn_face else _CONNECTED
    return _DRAWN[0] < length < _DRAWN[1] and ink.connected > connected and ink.explained > _EXPLAINED


def has_lines(source: Source) -> bool:
    """Whether the picture's lines are those of a drawing; those of a painting are borders of light, and its texture."""
    return source.reading.kind not in (PictureKind.PAINTED, PictureKind.PHOTO) or is_drawn_first(source)


def main_edges(source: Source) -> list[Edge]:
    """The picture's edges at a coarse scale, the longest and strongest first."""
    shrink = max(1.0, source.diagonal / _GRID)
    height, width = source.reading.shape
    size = (max(8, round(width / shrink)), max(8, round(height / shrink)))
    shapes = _shapes(np.asarray(cv2.resize(source.small, size, interpolation=cv2.INTER_AREA), np.uint8))
    if source.reading.figure.source in PARTED:
        cover = cv2.resize(source.reading.figure.cover, size, interpolation=cv2.INTER_AREA).astype(np.float32)
        shapes = np.dstack([shapes, cover * np.float32(_OUTLINE / 255)])
    lines, strength = _edges(shapes)
    diagonal = float(np.hypot(*size))
    grow = np.array([width / size[0], height / size[1]])
    found = []
    for path in link(trace(lines, 4.0), _GAP * diagonal):
        for piece in _within(smooth(path, _ROUNDED * diagonal), size, _RIM * diagonal):
            length = float(np.hypot(*np.diff(piece, axis=0).T).sum())
            if length > _SHORTEST * diagonal:
                x, y = np.rint(piece).astype(int).T
                strong = float(strength[np.clip(y, 0, size[1] - 1), np.clip(x, 0, size[0] - 1)].mean())
                found.append(Edge(((piece + 0.5) * grow - 0.5).astype(np.float32), length * shrink * strong))
    least = _FAINT * max((edge.weight for edge in found), default=0.0)
    return sorted((edge for edge in found if edge.weight > least), key=lambda edge: -edge.weight)


def _shapes(small: Pixels) -> NDArray[np.float32]:
    """The picture in even shapes: float32 [h, w, 3], Lab by the contrast of its light."""
    lab = np.asarray(cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2Lab), np.float32)
    contrast = max(float(lab[..., 0].std()), _LEAST)
    for _ in range(_ROUNDS):
        lab = np.asarray(cv2.bilateralFilter(lab, -1, _ALIKE * contrast, _REACH), np.float32)
    return np.asarray(lab / contrast, np.float32)


def _edges(shapes: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Thin edges, 0 or 1 [h, w], and how strong each pixel's is beside what is usual around it: float32 [h, w]."""
    soft = cv2.GaussianBlur(shapes, (0, 0), _SOFT)
    gx, gy = (np.asarray(cv2.Scharr(soft, cv2.CV_32F, *way), np.float32) for way in ((1, 0), (0, 1)))
    squares = gx * gx + gy * gy
    strongest = squares.argmax(axis=2)[..., None]
    size = np.sqrt(squares.sum(axis=2))
    usual = wide_blur(size, _AROUND * float(np.hypot(*size.shape)))
    beside = 1 / (0.5 * usual + 0.5 * size.mean() + np.float32(1e-3))
    ways = [np.take_along_axis(way, strongest, axis=2)[..., 0] * (beside * _LEVELS) for way in (gx, gy)]
    dx, dy = (np.clip(way, -32000, 32000).astype(np.int16) for way in ways)
    found = cv2.Canny(dx, dy, _CANNY[0] * _LEVELS, _CANNY[1] * _LEVELS, L2gradient=True)
    return thin(np.asarray(found, np.uint8)), np.asarray(size * beside, np.float32)


def _within(points: Points, size: tuple[int, int], rim: float) -> list[Points]:
    """The pieces of a line that do not run along the picture's border; `size` is width and height."""
    x, y = points.T
    inside = (x > rim) & (y > rim) & (x < size[0] - 1 - rim) & (y < size[1] - 1 - rim)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]]).astype(np.int8)))
    return [points[begin:end] for begin, end in zip(edges[::2], edges[1::2], strict=True)]
