"""The quadrangle that an artist made, in a photograph or a scan that shows what lies about it as well.

Its sides are long straight steps from one colour to another, which close to a quadrangle or face each other. About a
sheet or a board lie a table, a wall, the white of a scanner, or black bars.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.channels import greatest
from paints_undo_engine.procedural.reading.model import Pixels
from paints_undo_engine.procedural.reading.view import MEASURED_SIDE, resized

_SMALLEST = 150
"""Pixels: of a picture with a shorter side no surroundings are told."""
_COARSE = 240
"""Pixels of the longer side on which lines are looked for; they are laid on the edges where grain is measured, at one
size of all pictures."""
_THINNEST, _DEEPEST, _TILT = 0.008, 0.35, 0.18
"""Of a picture's side: how deep surroundings are at least and at most; how steep an edge is to the border."""
_STEP, _COUNTS = 16.0, 0.5
"""Levels in a channel that an edge takes at once; of it, what speaks for a line."""
_LINES, _APART = 5, 4
"""Lines that are looked at along each side, and pixels between two of them on the coarse grid."""
_NEAR = (6, 4, 5)
"""Pixels about a line in which its edge is looked for, in rounds."""
_BENT = 0.0035
"""Of the longer side: how far an edge strays from its line."""
_WHOLE, _MOSTLY = 0.78, {2: 0.8, 3: 0.8, 4: 0.55}
"""Of the length of a quadrangle's sides on the mean, and of each by their number: so much is an edge."""
_END, _AT_ENDS, _WORTH, _SIZE = 0.04, 0.25, 0.5, 0.5
"""Of the longer side, the ends of an edge; what a corner counts, at which edges end, beside what of a side is an edge;
what a side has to be worth; and what the size of a quadrangle counts: of two within each other the outer is the sheet.
"""
_SQUARE = 0.17
"""How far corners are from right angles, as the sine."""
_LEAST, _LEAST_PLAIN = 0.65, 0.45
"""Of the picture, what was made, and what was made on an even ground: windows and houses are smaller."""
_EVEN, _PLAIN, _BARS = 26, {2: 0.98, 3: 0.93, 4: 0.93}, 12
"""Levels from a side's colour; of even surroundings, as near to it, by the number of their sides: two are bars, whose
edges may be lost in the dark, but which are as even as a program makes them; levels from the colour of those."""
_ALIKE = 30
"""Levels between even sides that are alike."""
_IN, _OUT, _OTHER = (0.012, 0.03), (0.004, 0.012), 24
"""Of the longer side, how far within an edge, and how far outside of it, colours are compared; levels by which they
differ in half of its length: else it is a line that was drawn, as a frame or a panel has."""
_UNEVEN = {3: (55, 90, 0.6), 4: (44, 140, -0.5)}
"""On ground that is not even, by the number of sides: levels by which colours differ, levels between the sides' ground
at most, and how surely each side ends at its corners at least: what goes on beyond them is a post or a beam."""


@dataclass(frozen=True, slots=True)
class StraightSide:
    """A straight side: what was made lies where `across` . (x, y) > `offset`, in units of the picture's longer side.

    `across` has the length 1.
    """

    across: tuple[float, float]
    offset: float


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """`depth` + `slope` x is a side's line on the picture that was turned so that it lies on top; `edge` bool [w]:
    where an edge lies along it.
    """

    depth: float
    slope: float
    edge: NDArray[np.bool_]


def find_quadrangle(pixels: Pixels) -> tuple[StraightSide, ...]:
    """The sides at which surroundings begin, of uint8 [H, W, 3]; none where all of a picture is the artist's.

    Sizes of the same picture have the same answer. At least two sides face each other.
    """
    if min(pixels.shape[:2]) < _SMALLEST:
        return ()
    scale = MEASURED_SIDE / max(pixels.shape[:2])
    height, width = (round(side * scale) for side in pixels.shape[:2])
    small = np.asarray(cv2.medianBlur(resized(pixels, (height, width)), 3), np.uint8)
    lines = [_lines(np.ascontiguousarray(np.rot90(small, turns))) for turns in range(4)]
    if not any(lines[turns] and lines[turns + 2] for turns in (0, 1)):
        return ()
    whole = [_border(small, turns) for turns in range(4)]
    placed = [
        [(line, _way(line, turns, width, height)) for line in (*own, bare)]
        for turns, (own, bare) in enumerate(zip(lines, whole, strict=True))
    ]
    choices = (tuple(zip(*choice, strict=True)) for choice in product(*placed))
    evens: _Evens = {}
    found = [_Quadrangle(small, some, ways, evens) for some, ways in choices if _is_facing(some)]
    likely = [one for one in found if one.is_square and one.is_edged]
    for one in sorted(likely, key=lambda one: -one.worth):
        if one.lies_on_something:
            return one.sides
    return ()


def _is_facing(choice: tuple[_Line, ...]) -> bool:
    """Whether surroundings lie along two sides that face each other."""
    return any(choice[turns].depth > 0 and choice[turns + 2].depth > 0 for turns in (0, 1))


def _border(pixels: Pixels, turns: int) -> _Line:
    """The picture's own border in place of a line."""
    return _Line(0.0, 0.0, np.ones(pixels.shape[1 - turns % 2], bool))


def _steps(pixels: Pixels, rows: int) -> NDArray[np.float32]:
    """Levels between the two pixels above a row's upper border and the two below it: float32 [rows, w]."""
    some = pixels[: rows + 2].astype(np.float32)
    pairs = (some[:-1] + some[1:]) / 2
    steps = np.zeros((rows, pixels.shape[1]), np.float32)
    between = greatest(np.abs(pairs[2:] - pairs[:-2]))
    steps[2 : 2 + len(between)] = between[: rows - 2]
    return steps


def _lines(pixels: Pixels) -> list[_Line]:
    """Lines along the upper side of uint8 [h, w, 3], the longest first."""
    height, width = pixels.shape[:2]
    scale = _COARSE / max(height, width)
    lengths, depths, falls = _lengths(resized(pixels, (max(8, round(height * scale)), max(8, round(width * scale)))))
    steps = _steps(pixels, round(height * (_DEEPEST + _TILT)) + 8)
    lines: list[_Line] = []
    for _ in range(_LINES):
        fall, at = np.unravel_index(int(lengths.argmax()), lengths.shape)
        if lengths[fall, at] < _COUNTS / 2 * (1 - 2 * _DEEPEST):
            break
        depth = float(depths[at] - falls[fall] / 2) / scale
        line = _laid(steps, depth, float(falls[fall]) / (width * scale), max(height, width))
        middle = line.depth + line.slope * width / 2
        if _THINNEST * height < middle < _DEEPEST * height and not any(_same(line, one) for one in lines):
            lines.append(line)
        lengths[max(0, fall - _APART) : fall + _APART + 1, max(0, at - _APART) : at + _APART + 1] = 0
        lengths[:, max(0, at - 1) : at + 2] = 0
    return lines


def _lengths(pixels: Pixels) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.int64]]:
    """How long an edge runs along each line of uint8 [h, w, 3], of its width, less what is missing in it: float32
    [m, n], by how much it falls from left to right, and by its depth in the middle, in pixels.
    """
    height, width = pixels.shape[:2]
    rows = round(height * (_DEEPEST + _TILT / 2)) + 2
    speaks = np.clip(_steps(pixels, rows) / _STEP, 0, 1) - _COUNTS
    beyond = round(_TILT * width)
    framed = np.pad(speaks, ((beyond, beyond), (0, 0)), constant_values=-_COUNTS)
    depths = np.arange(2, round(_DEEPEST * height))
    falls = np.arange(-round(_TILT * width), round(_TILT * width) + 1)
    along = np.arange(width)
    lengths = np.zeros((len(falls), len(depths)), np.float32)
    for number, fall in enumerate(falls):
        at = depths[:, None] + np.rint(fall * (along / width - 0.5)).astype(np.int64)
        total = np.cumsum(framed[at + beyond, along], axis=1)
        lengths[number] = (total - np.minimum.accumulate(total, axis=1)).max(axis=1) / width
    return lengths, depths, falls


def _same(one: _Line, other: _Line) -> bool:
    """Whether two lines hardly differ from end to end."""
    away = one.depth - other.depth
    return max(abs(away), abs(away + (one.slope - other.slope) * len(one.edge))) < _NEAR[1]


def _laid(steps: NDArray[np.float32], depth: float, slope: float, longer: int) -> _Line:
    """A line laid on the edge near it; `longer` is the picture's longer side."""
    rows, width = steps.shape
    along = np.arange(width)
    bent = max(1.0, _BENT * longer)
    edge = np.zeros(width, bool)
    for near in _NEAR:
        about = np.rint(depth + slope * (along + 0.5)).astype(np.int64) + np.arange(-near, near + 1)[:, None]
        seen = np.where((about >= 1) & (about < rows), steps[np.clip(about, 0, rows - 1), along], 0)
        best = seen.argmax(axis=0)
        place = about[best, along]
        edge = seen[best, along] >= _STEP
        if int(edge.sum()) < 8:
            break
        # The middle of the differences is that of most of the edge, whatever crosses it.
        away = place - (depth + slope * (along + 0.5))
        for _ in range(2):
            kept = edge & (np.abs(away - np.median(away[edge])) <= near)
            slope_by, by = np.polyfit(along[kept] + 0.5, away[kept], 1) if int(kept.sum()) > 8 else (0.0, 0.0)
            away = away - (by + slope_by * (along + 0.5))
            depth, slope = depth + float(by), slope + float(slope_by)
        edge = edge & (np.abs(away) <= bent)
    return _Line(depth, slope, edge)


_Way = tuple[float, float, float]
"""x and y across a line, inward, of the length 1, and its offset, on the picture."""

_Evens = dict[tuple[_Line, int], tuple[float, NDArray[np.float64]]]
"""How even it is beyond a line, by so many levels, and its colour there."""


class _Quadrangle:
    """Four lines, or borders of the picture, on uint8 [h, w, 3]: upper, right, lower and left; with `evens`, what those
    before it on the same picture know.
    """

    def __init__(self, pixels: Pixels, lines: tuple[_Line, ...], ways: tuple[_Way, ...], evens: _Evens) -> None:
        self._pixels, self._lines, self._ways, self._evens = pixels, lines, ways, evens
        pairs = list(zip(ways, (*ways[1:], ways[0]), strict=True))
        self._turn = max(abs(x * over + y * along) for (x, y, _), (over, along, _) in pairs)
        # Corner i lies between line i and the next. Plain numbers: there are hundreds of quadrangles, of four.
        corners = []
        for (x, y, offset), (over, along, other) in pairs:
            cross = x * along - y * over
            cross = cross if abs(cross) > 1e-6 else 1e-6
            corners.append(((offset * along - other * y) / cross, (other * x - offset * over) / cross))
        self._corners = corners

    @property
    def area(self) -> float:
        """Of the picture."""
        following = (*self._corners[1:], self._corners[0])
        twice = sum(x * down - across * y for (x, y), (across, down) in zip(self._corners, following, strict=True))
        return abs(float(twice)) / float(2 * self._pixels.shape[0] * self._pixels.shape[1])

    @property
    def is_square(self) -> bool:
        """Whether it has four right corners, more or less, and is large."""
        return self._turn < _SQUARE and self.area > _LEAST_PLAIN

    @property
    def _own(self) -> list[int]:
        """Which of the sides are not the picture's borders."""
        return [turns for turns, line in enumerate(self._lines) if line.depth > 0]

    def _span(self, turns: int) -> slice:
        """From corner to corner along a side, as it lies on the picture that was turned."""
        one, other = (corner[turns % 2] for corner in (self._corners[turns - 1], self._corners[turns]))
        if turns > 1:
            length = self._pixels.shape[3 - turns]
            one, other = length - one, length - other
        return slice(max(0, round(min(one, other))), max(1, round(max(one, other))))

    @property
    def is_edged(self) -> bool:
        """Whether edges lie along its sides from corner to corner."""
        shares = [self._edged(turns) for turns in self._own]
        return min(shares) > _MOSTLY[len(shares)] and sum(shares) / len(shares) > _WHOLE

    def _edged(self, turns: int) -> float:
        """Of a side from corner to corner, with an edge along it."""
        edge = self._lines[turns].edge[self._span(turns)]
        return int(np.count_nonzero(edge)) / len(edge) if len(edge) else float("nan")

    @property
    def worth(self) -> float:
        """How well edges close to it: they lie along its sides, and end at its corners."""
        sides = [self._edged(turns) + _AT_ENDS * self._ended(turns) - _WORTH for turns in self._own]
        return sum(sides) + _SIZE * self.area

    def _ended(self, turns: int) -> float:
        """How surely a side ends at its corners, -2 to 2: before them there is an edge, and none beyond."""
        edge, span = self._lines[turns].edge, self._span(turns)
        end = round(_END * max(self._pixels.shape[:2]))
        begin, last = span.start, span.stop
        own = edge[begin : begin + end], edge[max(0, last - end) : last]
        beyond = edge[max(0, begin - end) : begin], edge[last : last + end]
        return float(sum(one.mean() for one in own) - sum(one.mean() for one in beyond if len(one)))

    @property
    def lies_on_something(self) -> bool:
        """Whether what is about it is of another colour, not a line alone, and even or all about it."""
        own = self._own
        step = min(self._step(turns) for turns in own)
        evens = [self._evenness(turns, _BARS if len(own) == 2 else _EVEN) for turns in own]
        apart = float(np.ptp(np.array([colour for _, colour in evens]), axis=0).max())
        if all(share > _PLAIN[len(own)] for share, _ in evens) and apart < _ALIKE:
            return step > _OTHER
        if len(own) == 2 or self.area < _LEAST:
            return False
        other, ground, closed = _UNEVEN[len(own)]
        return step > other and apart < ground and min(self._ended(turns) for turns in own) > closed

    def _strip(self, turns: int, near: float, far: float) -> NDArray[np.float32]:
        """The mean colour between two distances within a side, of the longer side, from corner to corner: float32
        [n, 3].
        """
        turned = np.rot90(self._pixels, turns)
        height, width = turned.shape[:2]
        line, longer = self._lines[turns], max(height, width)
        along = np.arange(width)[self._span(turns)]
        at = line.depth + line.slope * (along + 0.5) + np.linspace(near, far, 5)[:, None] * longer
        rows = np.clip(np.floor(at), 0, height - 1).astype(np.int64)
        return np.asarray(turned[rows, along].astype(np.float32).mean(axis=0), np.float32)

    def _step(self, turns: int) -> float:
        """Levels between what lies within a side and what lies beyond it, in half of its length at least."""
        within, beyond = self._strip(turns, *_IN), self._strip(turns, -_OUT[1], -_OUT[0])
        return float(np.median(greatest(np.abs(within - beyond))))

    def _evenness(self, turns: int, levels: int) -> tuple[float, NDArray[np.float64]]:
        """Of what lies beyond a side, nearer to its colour than so many levels; that colour."""
        line = self._lines[turns]
        if (line, levels) not in self._evens:
            self._evens[line, levels] = self._even(line, turns, levels)
        return self._evens[line, levels]

    def _even(self, line: _Line, turns: int, levels: int) -> tuple[float, NDArray[np.float64]]:
        turned = np.rot90(self._pixels, turns)
        depth = line.depth + line.slope * (np.arange(turned.shape[1]) + 0.5) - 2
        beyond = turned[np.arange(len(turned))[:, None] + 0.5 < depth]
        if not len(beyond):
            return 0.0, np.zeros(3)
        colour = np.asarray(np.median(beyond, axis=0), np.float64)
        return float((greatest(np.abs(beyond - colour)) < levels).mean()), colour

    @property
    def sides(self) -> tuple[StraightSide, ...]:
        """Those that are not the picture's borders."""
        longer = max(self._pixels.shape[:2])
        return tuple(StraightSide(self._ways[turns][:2], self._ways[turns][2] / longer) for turns in self._own)


def _way(line: _Line, turns: int, width: int, height: int) -> _Way:
    """A line of the turned picture as (x, y) across it, inward, and the offset, on the picture itself."""
    slope, depth = line.slope, line.depth
    way = (
        (-slope, 1.0, depth),
        (-1.0, -slope, depth - width),
        (slope, -1.0, depth + slope * width - height),
        (1.0, slope, depth + slope * height),
    )[turns]
    x, y, offset = np.array(way) / float(np.hypot(1.0, slope))
    return float(x), float(y), float(offset)
