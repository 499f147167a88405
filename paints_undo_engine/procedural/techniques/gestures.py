"""Finding a shape on the page: what is not known well enough to be constructed is searched for with long light strokes,
its silhouette or the outlines of its large masses, and then its main inner shapes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import Phase
from paints_undo_engine.procedural.reading.model import Cover
from paints_undo_engine.procedural.script import ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import Points
from paints_undo_engine.procedural.techniques.silhouettes import SHORTEST, inner_lines, silhouette_lines, smoothed
from paints_undo_engine.procedural.techniques.sketching import Pencil, wobbled
from paints_undo_engine.procedural.techniques.underdrawing import is_scene

_SIDE = 160
"""Pixels of the longer side of the grid on which shapes are looked for."""
_MISJUDGED, _BLOCKED = (0.012, 0.035), 0.026
"""How much too large or small all is seen, by turn; of the side, how far straight strokes stay from a line."""
_LONG = 0.4
"""Of the side: the longest line."""
_MOST_INNER = (7, 5, 9, 6)
_MOST_MASSES = (12, 9, 15, 10)
"""How many lines inner shapes and masses get: by turn."""
_MOST_BESIDE = 5
"""The same beside what is built."""
_ACROSS = 1.5
"""Times its breadth: what is longer has a line of action."""


class Approach(StrEnum):
    """How somebody searches for a shape."""

    CURVES = "curves"
    """Long curves that leave out what is small, then nearer ones."""
    ACTION = "action"
    """A line through the whole shape, then its sides, some of them twice."""
    STRAIGHTS = "straights"
    """Straight strokes from corner to corner, some of them twice."""
    INSIDE = "inside"
    """The inner shapes first, then what lies about them."""


_KEPT = {Approach.CURVES: 1.0, Approach.ACTION: 0.65, Approach.INSIDE: 0.8, Approach.STRAIGHTS: 1.0}
"""How many of the strokes along a line are drawn: the eye goes on where one is left out."""


@dataclass(frozen=True, slots=True)
class _Grid:
    """The small grid, and how large its pixels are on the picture's."""

    height: int
    width: int
    scale: float
    size: tuple[float, float] = (1.0, 1.0)
    """How much too large or small somebody sees all of it, across and down."""

    @property
    def side(self) -> int:
        return max(self.height, self.width)

    def placed(self, points: NDArray[np.floating]) -> Points:
        """Places of the small grid on the picture's: float32 [n, 2]."""
        middle = np.array([self.width / 2, self.height / 2])
        seen = (points + 0.5 - middle) * np.array(self.size) + middle
        return np.asarray(seen * self.scale - 0.5, np.float32)

    def lines(self, source: Source) -> list[Points]:
        """The picture's main edges, or a scene's masses where no network has seen its edges, on the small grid, some
        pixel between their points, the heaviest first.
        """
        edges = source.reading.edges
        lines = edges.masses if is_scene(source) and not edges.seen else edges.main
        placed = ((edge.points + 0.5) / np.float32(self.scale) - np.float32(0.5) for edge in lines)
        return [_thinned(points) for points in placed]

    def small(self, cover: Cover) -> Cover:
        """A cover uint8 [h, w] on the small grid."""
        return np.asarray(cv2.resize(cover, (self.width, self.height), interpolation=cv2.INTER_AREA), np.uint8)


def _thinned(points: Points) -> Points:
    """A line with about one point for each pixel of its length; its ends stay."""
    length = float(np.hypot(*np.diff(points, axis=0).T).sum())
    kept = np.rint(np.linspace(0, len(points) - 1, max(3, round(length)))).astype(int)
    return np.asarray(points[kept], np.float32)


def gestured(
    source: Source, pencil: Pencil, cover: Cover, chance: np.random.Generator, *, figure: bool = True
) -> list[ScriptStep]:
    """A shape, uint8 [h, w], 255 where it is, found on the page: its silhouette and its inner shapes.

    Where it is no `figure` but a whole scene, its large masses.
    """
    grid = _grid(source, chance)
    inside = grid.small(cover)
    if not (inside > 127).any():
        return []
    turn = source.options.seed
    lines = inner_lines(grid.lines(source), inside)
    if not figure:
        count = _MOST_MASSES[turn % len(_MOST_MASSES)]
        return _searched(source, pencil, grid, lines[:count], "mass, outline", _way(turn), chance)
    inner = lines[: _MOST_INNER[turn % len(_MOST_INNER)]]
    about = silhouette_lines(inside)
    way = _way(turn)
    shapes = _searched(source, pencil, grid, inner, "figure, inner shape", way, chance, once=True)
    sides = _searched(source, pencil, grid, about, "figure, silhouette", way, chance)
    if way is Approach.ACTION:
        sides = [*_action(source, pencil, grid, inside, chance), *sides]
    return [*shapes, *sides] if way is Approach.INSIDE else [*sides, *shapes]


def searched_beside(
    source: Source, pencil: Pencil, figure: Cover, rest: Cover, chance: np.random.Generator
) -> list[ScriptStep]:
    """What is not built of a figure, both uint8 [h, w]: its silhouette there, without the borders to what is built, and
    its chief inner shapes.
    """
    grid = _grid(source, chance)
    left = grid.small(rest)
    around = np.asarray(cv2.dilate(left, np.ones((5, 5), np.uint8)) > 127, bool)
    inner = inner_lines(grid.lines(source), left)[:_MOST_BESIDE]
    return [
        *_searched(
            source, pencil, grid, silhouette_lines(grid.small(figure), around), "figure, silhouette",
            Approach.CURVES, chance, once=True,
        ),
        *_searched(source, pencil, grid, inner, "figure, inner shape", Approach.CURVES, chance, once=True),
    ]  # fmt: skip


def _way(turn: int) -> Approach:
    return list(Approach)[turn % len(Approach)]


def _grid(source: Source, chance: np.random.Generator) -> _Grid:
    height, width = source.reading.shape
    scale = max(1.0, max(height, width) / _SIDE)
    turn = source.options.seed
    across, down = chance.uniform(*_MISJUDGED, 2) * np.where([turn & 1, turn & 2], 1, -1)
    size = (1 + float(across), 1 + float(down))
    return _Grid(max(2, round(height / scale)), max(2, round(width / scale)), scale, size)


def _searched(
    source: Source, pencil: Pencil, grid: _Grid, lines: Sequence[Points], label: str, way: Approach,
    chance: np.random.Generator, *, once: bool = False,
) -> list[ScriptStep]:  # fmt: skip
    """Lines of the small grid as strokes, as somebody's approach has them; or once alone."""
    first: list[ScriptStep] = []
    second: list[ScriptStep] = []
    for line in lines:
        if way is Approach.STRAIGHTS:
            straight = _corners(line, _BLOCKED * grid.side)
            first += _strokes(source, pencil, grid, straight, label, 0.55, 0.001, chance)
            again = [stroke for stroke in straight if not once and chance.random() < 0.3]
            second += _strokes(source, pencil, grid, again, f"{label}, again", 0.45, 0.003, chance)
            continue
        if way is Approach.CURVES and not once:
            loose = _loosely(line, grid.side)
            first += _strokes(source, pencil, grid, loose, f"{label}, loosely", 0.4, 0.002, chance)
        near = [stroke for stroke in _cut(line, grid.side, chance) if chance.random() < _KEPT[way]]
        second += _strokes(source, pencil, grid, near, label, 0.6, 0.0022, chance)
        if way is Approach.ACTION and not once:
            again = [stroke for stroke in near if chance.random() < 0.5]
            second += _strokes(source, pencil, grid, again, f"{label}, again", 0.45, 0.0035, chance)
    return [*first, *second]


def _strokes(
    source: Source, pencil: Pencil, grid: _Grid, lines: Sequence[Points], label: str, strength: float, stray: float,
    chance: np.random.Generator,
) -> list[ScriptStep]:  # fmt: skip
    steps = []
    for line in lines:
        press = strength * float(chance.uniform(0.85, 1.15))
        placed = wobbled(grid.placed(line), stray * source.diagonal, chance)
        steps.append(pencil.line(placed, Phase.CONSTRUCTION, label, strength=press))
    return steps


def _loosely(line: Points, side: int) -> list[Points]:
    """A line without its small turns, in a few long pieces."""
    closed = bool(np.hypot(*(line[0] - line[-1])) < 2 and len(line) > 8)
    soft = smoothed(line, min(0.05 * side, len(line) / 8), closed=closed)
    return list(_pieces_of(soft, np.linspace(0, len(soft) - 1, max(2, round(len(soft) / (_LONG * side)) + 1))))


def _corners(line: Points, tolerance: float) -> list[Points]:
    """A line's corners, two by two, each stroke a little beyond them."""
    corners = cv2.approxPolyDP(line[:, None], tolerance, False)[:, 0].astype(np.float32)
    beyond = 0.06 * np.diff(corners, axis=0)
    return [np.stack([a - way, b + way]) for a, b, way in zip(corners[:-1], corners[1:], beyond, strict=True)]


def _cut(line: Points, side: int, chance: np.random.Generator) -> list[Points]:
    """A line in strokes from one sharp turn to the next, or as far as an arm reaches; short gaps stay between some."""
    bends = cv2.approxPolyDP(line[:, None], 0.04 * side, False)[:, 0]
    ends = [0]
    for bend in bends[1:-1]:
        at = int(np.argmin(np.hypot(*(line - bend).T)))
        if at - ends[-1] > SHORTEST * side and len(line) - at > SHORTEST * side and chance.random() < 0.75:
            ends.append(at)
    strokes: list[Points] = []
    for begin, end in zip(ends, [*ends[1:], len(line) - 1], strict=True):
        count = max(1, int(np.ceil((end - begin) / (_LONG * side))))
        strokes += _pieces_of(line, np.linspace(begin, end, count + 1) + chance.uniform(-2, 2, count + 1))
    return strokes


def _pieces_of(line: Points, ends: NDArray[np.floating]) -> Iterator[Points]:
    places = np.clip(np.rint(ends), 0, len(line) - 1).astype(int)
    for begin, end in pairwise(places):
        if end - begin > 2:
            yield line[begin : end + 1]


def _action(
    source: Source, pencil: Pencil, grid: _Grid, inside: Cover, chance: np.random.Generator
) -> list[ScriptStep]:
    """The line through the middles across the longest way of a small cover's largest piece, if it has one."""
    _, pieces, stats, _ = cv2.connectedComponentsWithStats((inside > 127).astype(np.uint8))
    y, x = np.nonzero(pieces == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])))
    places = np.stack([x, y], axis=1).astype(np.float64)
    away = places - places.mean(axis=0)
    values, ways = np.linalg.eigh(away.T @ away / len(away))
    if values[1] < _ACROSS**2 * max(values[0], 1e-6):
        return []
    along = away @ ways[:, 1]
    first, last = np.percentile(along, (2, 98))
    at = np.clip(((along - first) / max(last - first, 1e-6) * 12).astype(int), 0, 11)
    count = np.bincount(at, minlength=12)
    sums = np.stack([np.bincount(at, column, 12) for column in places.T], axis=1)
    middle = smoothed((sums[count > 0] / count[count > 0, None]).astype(np.float32), 2.0)
    return _strokes(source, pencil, grid, [middle], "figure, line of action", 0.6, 0.002, chance)
