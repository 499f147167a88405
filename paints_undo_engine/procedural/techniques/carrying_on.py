"""Lines that go on: where a line of ink ends or is broken, a pen goes on along the picture's edge to the next line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.along import values_along
from paints_undo_engine.procedural.reading.channels import greatest
from paints_undo_engine.procedural.reading.model import InkPath, Path
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.contouring import runs_of
from paints_undo_engine.procedural.techniques.lining import Stroke
from paints_undo_engine.procedural.techniques.sketching import Pencil

_STANDS = 0.22
"""Of a pixel: where ink covers less there is none."""
_REACH, _SHORTEST = 0.05, 0.012
"""Of the diagonal: how far a pen goes on at most; lines that are shorter have no ends."""
_EDGE, _WEAK = 7.0, 0.25
"""Levels for a pixel: what changes more is an edge; how much of the way may have none."""
_LIGHTER, _MOSTLY = 70, 0.5
"""Levels: a line so much lighter than the pen is not gone on with it; of a piece, what is mostly."""
_SOFT = 1.2
"""Pixels: by what the picture is blurred in which edges are found."""
_FAN = np.linspace(-0.5, 0.5, 9)
"""Radians: by how much a pen turns at each step, to that side on which the edge is."""
_STRAIGHT, _INERTIA, _TURN = 0.25, 0.5, 1.2
"""How much less an edge counts for each radian that a pen turns; of a step's turn, what its way takes; radians by which
a line may turn in all from its end.
"""
_LEAVES, _RIMS = 0.15, 4
"""Of its way: how far from all lines a pen gets on it; pixels of the way that lie within the lines' rims."""
_BACK = 9
"""Points of a line that tell its way at its end."""


@dataclass(slots=True, eq=False)
class _Walkers:
    """Pens at lines' ends: `at` and `way` float64 [n, 2]."""

    at: NDArray[np.float64]
    way: NDArray[np.float64]


def whole_strokes(source: Source, strokes: Sequence[Stroke], pen: Pencil, *, faces: bool = True) -> list[Stroke]:
    """Strokes in their order, and after each the pieces that it lacks, drawn with a pen: in `faces` only on demand, and
    never of what is far lighter than the pen.
    """
    light = sum(pen.hand.colour) + 3 * _LIGHTER
    lines = [s for s in strokes if not (s.accent or s.hatching or (s.pen is None and sum(s.path.colour) > light))]
    within = np.zeros(source.reading.shape, bool)
    for face in () if faces else source.reading.faces:
        within[face.box.slices(within.shape)] = True
    ends = carried_on(source, [stroke.path for stroke in lines])
    more = {id(stroke): pieces for stroke, pieces in zip(lines, ends, strict=True)}
    stands = cv2.dilate(source.inked[..., 0], np.ones((3, 3), np.uint8)) > _STANDS
    whole: list[Stroke] = []
    for stroke in strokes:
        pieces = more.get(id(stroke), [])
        if stroke.pen is None and id(stroke) in more:
            pieces = [*gaps_in(stands, stroke.path), *pieces]
        pieces = [piece for piece in pieces if float(values_along(within, piece).mean()) < _MOSTLY]
        whole += [stroke, *(Stroke(_piece(piece, stroke.path), stroke.pen or pen) for piece in pieces)]
    return whole


def _piece(points: Path, of: InkPath) -> InkPath:
    width = np.full(len(points), float(np.median(of.width)), np.float32)
    return replace(of, points=points, width=width, length=float(np.hypot(*np.diff(points, axis=0).T).sum()))


def gaps_in(stands: NDArray[np.bool_], path: InkPath) -> list[Path]:
    """The pieces of a line of ink, float32 [n, 2] each, where none `stands`, bool [h, w]."""
    return [
        path.points[max(0, begin - 2) : end + 2]
        for begin, end in runs_of(~values_along(stands, path.points))
        if begin > 0 and end < len(path.points) and end - begin > 1
    ]


def carried_on(source: Source, paths: Sequence[InkPath]) -> list[list[Path]]:
    """For each of some lines the pieces, float32 [n, 2], by which it goes on at its ends until it meets another
    line.
    """
    found: list[list[Path]] = [[] for _ in paths]
    drawn = _standing(source, paths)
    long = [at for at, path in enumerate(paths) if path.length > _SHORTEST * source.diagonal and len(path.points) > 3]
    if not long:
        return found
    walkers = _at_ends([paths[at].points for at in long])
    places, met, edged = _walked(source, walkers, drawn)
    away = np.asarray(cv2.distanceTransform((~drawn).astype(np.uint8), cv2.DIST_L2, 5), np.float32)
    closed = np.zeros(drawn.shape, np.uint8)
    for number, owner in enumerate(np.repeat(long, 2).tolist()):
        steps = int(met[number])
        if not steps or edged[number, :steps].mean() <= 1 - _WEAK:
            continue
        points = np.asarray(places[number, : steps + 1], np.float32)
        # What stays beside a line doubles it, and what goes the way of another piece closes its gap again.
        if values_along(away, points).max() < _LEAVES * (steps - _RIMS) or values_along(closed, points).mean() > 0.5:
            continue
        cv2.polylines(closed, [np.rint(points).astype(np.int32)], False, 1, _RIMS + 1)
        found[owner].append(points)
    return found


def _standing(source: Source, paths: Sequence[InkPath]) -> NDArray[np.bool_]:
    """Where lines are: bool [h, w]."""
    drawn = (source.inked[..., 0] > _STANDS).astype(np.uint8)
    cv2.polylines(drawn, [np.rint(path.points).astype(np.int32) for path in paths], False, 1, 2)
    return drawn > 0


def _at_ends(lines: Sequence[Path]) -> _Walkers:
    """Two for each line."""
    at = np.array([end for line in lines for end in (line[0], line[-1])], np.float64)
    back = [min(_BACK, len(line) - 1) for line in lines]
    way = np.array(
        [by for line, n in zip(lines, back, strict=True) for by in (line[0] - line[n], line[-1] - line[-1 - n])],
        np.float64,
    )
    return _Walkers(at, way / np.maximum(np.hypot(*way.T), 1e-6)[:, None])


def _edges(source: Source) -> NDArray[np.float32]:
    """How much the picture changes, in levels for a pixel, in the channel that changes most: float32 [h, w]."""
    soft = cv2.GaussianBlur(source.on_white, (0, 0), _SOFT).astype(np.float32)
    by_x, by_y = (cv2.Sobel(soft, cv2.CV_32F, *order, scale=1 / 8) for order in ((1, 0), (0, 1)))
    return np.asarray(greatest(np.hypot(by_x, by_y)), np.float32)


def _walked(
    source: Source, walkers: _Walkers, drawn: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.bool_]]:
    """Where pens go, float64 [n, steps + 1, 2], after how many steps each has met a line, int64 [n], 0 for those that
    have not, and whether there was an edge at each step, bool [n, steps].
    """
    edges = cv2.GaussianBlur(_edges(source), (0, 0), 0.8)
    steps = round(_REACH * source.diagonal)
    at, way, first = walkers.at, walkers.way, walkers.way
    count = len(at)
    places = np.zeros((count, steps + 1, 2))
    places[:, 0] = at
    met = np.zeros(count, np.int64)
    left = np.zeros(count, np.int64)
    edged = np.zeros((count, steps), bool)
    going = np.ones(count, bool)
    for step in range(steps):
        turned = np.arctan2(way[:, 1], way[:, 0])[:, None] + _FAN
        tips = at[:, None] + 2.5 * np.stack([np.cos(turned), np.sin(turned)], axis=2)
        strength = values_along(edges, tips.reshape(-1, 2).astype(np.float32)).reshape(turned.shape)
        best = (np.minimum(strength, 4 * _EDGE) * (1 - _STRAIGHT * np.abs(_FAN))).argmax(axis=1)
        ahead = np.arctan2(way[:, 1], way[:, 0]) + _INERTIA * _FAN[best]
        way = np.stack([np.cos(ahead), np.sin(ahead)], axis=1)
        at = at + way
        going &= (way * first).sum(axis=1) > np.cos(_TURN)
        places[:, step + 1] = at
        edged[:, step] = strength[np.arange(count), best] > _EDGE
        on_line = values_along(drawn, at.astype(np.float32))
        hit = going & on_line & (left > 1) & (met == 0)
        met[hit] = step + 1
        left = np.where(on_line & (left < 2), 0, left + 1)
        # What lies off the picture goes nowhere.
        going &= ~hit & (at >= 0).all(axis=1) & (at < np.array(drawn.shape[::-1])).all(axis=1)
    return places, met, edged
