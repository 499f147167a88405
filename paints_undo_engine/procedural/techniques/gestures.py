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
from paints_undo_engine.procedural.reading.model import Cover, Pixels
from paints_undo_engine.procedural.script import ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import Points
from paints_undo_engine.procedural.techniques.sketching import Pencil, wobbled

_SIDE = 160
"""Pixels of the longer side of the grid on which shapes are looked for."""
_SOFT, _OPEN = 0.012, 0.02
"""Of that side: what is smaller of a silhouette, and of a mass, nobody sees at first."""
_PIECE, _MASS = 0.06, 0.02
"""Of the largest piece, and of all: the smallest piece of a silhouette, and the smallest mass."""
_TONES, _FEW_TONES = 5, 4
"""Into how many tones a scene is squinted, and a figure."""
_BESIDE, _AT_BORDER = 0.028, 0.012
"""Of the side: what runs so near to a line is that line; so near to the picture's border nothing is drawn."""
_SHORT, _LONG = 0.07, 0.4
"""Of the side: the shortest and the longest line."""
_MOST_INNER = (7, 5, 9, 6)
_MOST_MASSES = (12, 9, 15, 10)
"""How many lines inner shapes and masses get: by turn."""
_SPANS, _SQUARE = 0.75, 0.9
"""Of the picture's sides, and of its box: what fills more is a sheet or a frame."""
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
    """Straight strokes from corner to corner, then the curves."""
    INSIDE = "inside"
    """The inner shapes first, then what lies about them."""


@dataclass(frozen=True, slots=True)
class _Grid:
    """The small grid, and how large its pixels are on the picture's."""

    height: int
    width: int
    scale: float

    @property
    def side(self) -> int:
        return max(self.height, self.width)

    def placed(self, points: NDArray[np.floating]) -> Points:
        """Places of the small grid on the picture's: float32 [n, 2]."""
        return np.asarray((points + 0.5) * self.scale - 0.5, np.float32)

    def small(self, cover: Cover) -> Cover:
        """A cover uint8 [h, w] on the small grid."""
        return np.asarray(cv2.resize(cover, (self.width, self.height), interpolation=cv2.INTER_AREA), np.uint8)


def gestured(
    source: Source, pencil: Pencil, cover: Cover, chance: np.random.Generator, *, figure: bool = True
) -> list[ScriptStep]:
    """A shape, uint8 [h, w], 255 where it is, found on the page: its silhouette and its inner shapes.

    Where it is no `figure` but a whole scene, its large masses.
    """
    grid = _grid(source)
    inside = grid.small(cover)
    if not (inside > 127).any():
        return []
    turn = source.options.seed
    lines = _masses(source.reading.pixels, inside, grid, _FEW_TONES if figure else _TONES)
    if not figure:
        count = _MOST_MASSES[turn % len(_MOST_MASSES)]
        return _searched(source, pencil, grid, lines[:count], "mass, outline", _way(turn), chance)
    inner = lines[: _MOST_INNER[turn % len(_MOST_INNER)]]
    about = silhouette_lines(inside)
    way = _way(turn)
    shapes = _searched(source, pencil, grid, inner, "figure, inner shape", Approach.CURVES, chance, once=True)
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
    grid = _grid(source)
    left = grid.small(rest)
    around = np.asarray(cv2.dilate(left, np.ones((5, 5), np.uint8)) > 127, bool)
    inner = _masses(source.reading.pixels, left, grid, _FEW_TONES)[:_MOST_BESIDE]
    return [
        *_searched(
            source, pencil, grid, silhouette_lines(grid.small(figure), around), "figure, silhouette",
            Approach.CURVES, chance, once=True,
        ),
        *_searched(source, pencil, grid, inner, "figure, inner shape", Approach.CURVES, chance, once=True),
    ]  # fmt: skip


def _way(turn: int) -> Approach:
    return list(Approach)[turn % len(Approach)]


def _grid(source: Source) -> _Grid:
    height, width = source.reading.shape
    scale = max(1.0, max(height, width) / _SIDE)
    return _Grid(max(2, round(height / scale)), max(2, round(width / scale)), scale)


def silhouette_lines(cover: Cover, around: NDArray[np.bool_] | None = None) -> list[Points]:
    """The outlines of a small cover's large pieces, without what runs along the picture's border, and only `around`
    some places, bool [h, w]: float32 [n, 2] each, the longest first.
    """
    soft = cv2.GaussianBlur(cover, (0, 0), _SOFT * max(cover.shape))
    # What leaves the picture goes on beyond it: its outline ends at the border.
    outlines, _ = cv2.findContours((soft > 127).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    areas = [cv2.contourArea(outline) for outline in outlines]
    lines: list[Points] = []
    for outline, area in zip(outlines, areas, strict=True):
        if area > _PIECE * max(areas):
            places = outline[:, 0]
            kept = _off_border(places, cover.shape)
            if around is not None:
                kept &= around[places[:, 1], places[:, 0]]
            lines += _runs(places, kept, max(cover.shape))
    return sorted(lines, key=lambda line: -len(line))


def _masses(pixels: Pixels, inside: Cover, grid: _Grid, tones: int) -> list[Points]:
    """The borders between the large masses of uint8 [h, w, 3] within a small cover, as one sees them with half-closed
    eyes: float32 [n, 2] each, the longest first; none along the cover's own outline.
    """
    within = inside > 127
    small = cv2.resize(pixels, (grid.width, grid.height), interpolation=cv2.INTER_AREA)
    soft = cv2.bilateralFilter(np.asarray(cv2.medianBlur(small, 5), np.uint8), 7, 40, 5)
    lab = cv2.cvtColor(soft, cv2.COLOR_RGB2Lab).astype(np.float32)
    own = np.ascontiguousarray(lab[within])
    if len(own) < 4 * tones:
        return []
    cv2.setRNGSeed(7)
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 0.5)
    _, of, _ = cv2.kmeans(own, tones, np.empty(0, np.int32), criteria, 1, cv2.KMEANS_PP_CENTERS)
    labels = np.full(within.shape, -1, np.int32)
    labels[within] = of.ravel()
    sigma = _OPEN * grid.side
    shares = [cv2.GaussianBlur((labels == tone).astype(np.float32), (0, 0), sigma) for tone in range(tones)]
    labels = np.where(within, np.argmax(shares, axis=0), -1)
    beside = max(1, round(_BESIDE * grid.side))
    free = _free(within, beside)
    least = _MASS * float(within.sum())
    found: list[tuple[float, Points]] = []
    for mask, area in _pieces(labels, tones):
        if area < least:
            continue
        outlines, _ = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
        for outline in outlines:
            places = outline[:, 0]
            if _is_frame(np.asarray(outline, np.int32), inside.shape):
                continue
            open_ = free[places[:, 1], places[:, 0]] & _off_border(places, inside.shape)
            lines = _runs(places, open_, grid.side)
            found += [(_contrast(lab, line) * len(line), line) for line in lines]
            for line in lines:
                drawn = np.zeros(within.shape, np.uint8)
                cv2.polylines(drawn, [np.rint(line).astype(np.int32)], False, 1, 2 * beside)
                free &= drawn == 0
    return [line for _, line in sorted(found, key=lambda one: -one[0])]


def _is_frame(outline: NDArray[np.int32], shape: tuple[int, ...]) -> bool:
    """Whether an outline is the edge of a sheet or a frame, and no mass of the picture [h, w]."""
    _, _, width, height = cv2.boundingRect(outline)
    spans = min(width / shape[1], height / shape[0]) > _SPANS
    return spans and cv2.contourArea(outline) > _SQUARE * width * height


def _contrast(lab: NDArray[np.float32], line: Points) -> float:
    """How unlike both sides of a line are, in Lab."""
    along = np.gradient(line, axis=0)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.maximum(np.hypot(*along.T), 1e-6)[:, None]
    height, width = lab.shape[:2]
    sides = []
    for way in (-3, 3):
        x, y = np.clip(np.rint(line + way * across).astype(int), 0, (width - 1, height - 1)).T
        sides.append(lab[y, x])
    return float(np.abs(sides[0] - sides[1]).max(axis=1).mean())


def _pieces(labels: NDArray[np.integer], tones: int) -> list[tuple[Cover, float]]:
    """The connected pieces of each tone, the largest first, and their areas."""
    found: list[tuple[Cover, float]] = []
    for tone in range(tones):
        _, pieces, stats, _ = cv2.connectedComponentsWithStats((labels == tone).astype(np.uint8))
        for at in range(1, len(stats)):
            area = float(stats[at, cv2.CC_STAT_AREA])
            if area > 0.5 * _MASS * labels.size:
                found.append(((pieces == at).astype(np.uint8), area))
    return sorted(found, key=lambda one: -one[1])


def _free(within: NDArray[np.bool_], beside: int) -> NDArray[np.bool_]:
    """What lies within a shape and not along its outline; the picture's border is none."""
    frame = cv2.copyMakeBorder(within.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    brush = np.ones((2 * beside + 1, 2 * beside + 1), np.uint8)
    return np.asarray(cv2.erode(frame, brush)[1:-1, 1:-1] > 0, bool)


def _off_border(places: NDArray[np.number], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """bool [n]: which places do not lie along the border of a picture [h, w]."""
    reach = max(1.0, _AT_BORDER * max(shape))
    x, y = places.T
    return np.asarray((x > reach) & (y > reach) & (x < shape[1] - 1 - reach) & (y < shape[0] - 1 - reach), bool)


def _runs(ring: NDArray[np.number], kept: NDArray[np.bool_], side: int) -> list[Points]:
    """The runs of a ring of places [n, 2] that are kept bool [n], and long enough; all of it is closed."""
    least = _SHORT * side
    if kept.all():
        return [_smoothed(np.vstack([ring, ring[:1]]), 2.0, closed=True)] if len(ring) > 2 * least else []
    if not kept.any():
        return []
    first = int(np.flatnonzero(~kept)[0])
    ring, kept = np.roll(ring, -first, axis=0), np.roll(kept, -first)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], kept.astype(np.int8), [0]])))
    runs = [ring[begin:end] for begin, end in zip(edges[::2], edges[1::2], strict=True) if end - begin > least]
    return [_smoothed(run, 2.0) for run in runs]


def _smoothed(points: NDArray[np.number], sigma: float, *, closed: bool = False) -> Points:
    """Points [n, 2] along a line, averaged over their neighbours; a closed line goes round, others keep their ends."""
    reach = max(1, round(3 * sigma))
    line = points.astype(np.float32)
    if closed:
        ring = line[:-1]
        long = np.vstack([ring[np.arange(-reach, 0) % len(ring)], ring, ring[np.arange(reach + 1) % len(ring)]])
    else:
        # Mirrored at its ends, a line does not shrink.
        head = 2 * line[0] - line[np.clip(np.arange(reach, 0, -1), 0, len(line) - 1)]
        tail = 2 * line[-1] - line[np.clip(len(line) - 1 - np.arange(1, reach + 1), 0, len(line) - 1)]
        long = np.vstack([head, line, tail])
    soft = cv2.GaussianBlur(long[:, None], (1, 2 * reach + 1), 1, sigmaY=sigma)[:, 0]
    return np.asarray(soft[reach : reach + len(line)], np.float32)


def _searched(
    source: Source, pencil: Pencil, grid: _Grid, lines: Sequence[Points], label: str, way: Approach,
    chance: np.random.Generator, *, once: bool = False,
) -> list[ScriptStep]:  # fmt: skip
    """Lines of the small grid as strokes: first loosely and lightly, then nearer; or once alone."""
    first: list[ScriptStep] = []
    second: list[ScriptStep] = []
    for line in lines:
        if not once:
            loose = _corners(line, 0.035 * grid.side) if way is Approach.STRAIGHTS else _loosely(line, grid.side)
            if way is Approach.STRAIGHTS or way is Approach.CURVES:
                first += _strokes(source, pencil, grid, loose, f"{label}, loosely", 0.4, 0.002, chance)
        near = _cut(line, grid.side, chance)
        second += _strokes(source, pencil, grid, near, label, 0.6, 0.0022, chance)
        if not once and way in (Approach.ACTION, Approach.INSIDE):
            again = [stroke for stroke in _cut(line, grid.side, chance) if chance.random() < 0.6]
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
    soft = _smoothed(line, min(0.05 * side, len(line) / 8), closed=closed)
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
        if at - ends[-1] > _SHORT * side and len(line) - at > _SHORT * side and chance.random() < 0.75:
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
    middle = _smoothed((sums[count > 0] / count[count > 0, None]).astype(np.float32), 2.0)
    return _strokes(source, pencil, grid, [middle], "figure, line of action", 0.6, 0.002, chance)
