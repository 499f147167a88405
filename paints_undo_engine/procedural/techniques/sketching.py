"""Sketch lines: what a pencil draws, and what an eraser takes away again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.arrival import Arrival
from paints_undo_engine.procedural.document.model import NEVER, UNIT, Colour, Cover, Keys, Phase, Tool
from paints_undo_engine.procedural.document.moving import Moving, Transform
from paints_undo_engine.procedural.reading.model import Box
from paints_undo_engine.procedural.reading.ribbons import ribbon
from paints_undo_engine.procedural.script import ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import Points, Trail, densified, strips

_SHIFT = 3
_SET_DOWN, _LIFTED = (0.25, 0.015), (0.4, 0.04)
"""Of a line's length and of the diagonal, whichever is less: over what a pen gets broad, and thin again."""
_MEETS, _INK = 0.004, 60
"""Of the diagonal: how near an end is to a line that it meets; of 255, what ink of a line covers."""


@dataclass(frozen=True, slots=True)
class Hand:
    """How somebody sketches: pencil colour, width (share of the diagonal), how far lines stray (the same), how
    often a line is gone over, the `pressure` 0 to 1 in the middle of a line, how much of it is lost at its ends, where
    a pencil gets paler, and by how much it is `thinned` there, as a pen's lines are."""

    colour: Colour
    width: float
    stray: float
    passes: float
    pressure: float = 0.95
    taper: float = 0.55
    thinned: float = 0.0


@dataclass(frozen=True, slots=True)
class Slip:
    """How a part is wrong: turned by `turn` radians and scaled by `size` about x, y, then shifted by dx, dy."""

    x: float
    y: float
    dx: float
    dy: float
    turn: float
    size: float

    def done(self, points: Points) -> Points:
        """Places as they are drawn: float32 [n, 2]."""
        way = points - np.array([self.x, self.y])
        placed = way @ self._matrix.T + np.array([self.x + self.dx, self.y + self.dy])
        return np.asarray(placed, np.float32)

    def undone(self, points: Points) -> Points:
        """Where drawn places belong: float32 [n, 2]."""
        way = points - np.array([self.x + self.dx, self.y + self.dy])
        return np.asarray(way @ np.linalg.inv(self._matrix).T + np.array([self.x, self.y]), np.float32)

    @property
    def _matrix(self) -> NDArray[np.float64]:
        cos, sin = self.size * np.cos(self.turn), self.size * np.sin(self.turn)
        return np.array([[cos, -sin], [sin, cos]])


Move = tuple[str, int, int, float]
"""Which of a transform's keys, from when to when, and how far."""
_MOVES = (
    ("moved into its place", "shifted", 1.15, 0.9),
    ("turned", "turned", 1.0, 0.6),
    ("scaled", "sized", 1.0, 0.6),
    ("moved a little back", "shifted", 1.0, 0.25),
)
"""The name of the step, what it changes, how far, and its weight: the drag goes a little too far at first."""


@dataclass(slots=True, eq=False)
class Pencil:
    """A layer of pencil lines. `line` adds one as a step; `erased` makes the step in which all are rubbed out, and
    `put_right` those in which all are moved to where they belong. Lines end at the border of what they are drawn
    `within`, a panel.
    """

    source: Source
    hand: Hand
    name: str
    group: tuple[str, ...] = ()
    within: Box | None = None
    _lines: list[tuple[Points, float]] = field(default_factory=list)
    _trail: Trail | None = None
    _erase: list[tuple[int, int]] = field(default_factory=list)
    _arcs: list[tuple[Points, float]] = field(default_factory=list)
    _rubbed: tuple[int, int] | None = None
    _slip: Slip | None = None
    _moves: list[Move] = field(default_factory=list)

    def line(
        self, points: Points, phase: Phase, label: str, *, strength: float = 1.0, tool: Tool = Tool.PENCIL
    ) -> ScriptStep:
        """One line, x, y on the grid; `strength` 0..1 is the pencil's pressure."""
        if self._trail is None:
            self._trail = Trail(self.source.reading.shape)
        trail = self._trail
        points = points if self.within is None else cut_off(points, self.within)
        self._lines.append((points, strength))

        def when(begin: int, end: int) -> None:
            trail.pass_over(points, begin, end)

        length = float(np.hypot(*np.diff(points, axis=0).T).sum()) / self.source.diagonal
        return ScriptStep(phase, tool, label, self.source.bounds(points, 3), length**0.6 + 0.03, when, most=3)

    def erased(self, label: str, weight: float) -> ScriptStep:
        """The eraser's step."""

        def when(begin: int, end: int) -> None:
            self._erase.append((begin, end))

        points = np.concatenate([points for points, _ in self._lines])
        return ScriptStep(Phase.SKETCH, Tool.ERASER, label, self.source.bounds(points, 3), weight, when, most=8)

    def superfluous(self, arcs: Sequence[tuple[Points, float]]) -> None:
        """Parts of lines that stand in the way later: arcs float32 [n, 2], and how far an eraser goes beside each."""
        self._arcs += arcs

    def rubbed(self, label: str) -> list[ScriptStep]:
        """The step in which what is superfluous is rubbed out, if anything is."""
        if not self._arcs:
            return []

        def when(begin: int, end: int) -> None:
            self._rubbed = (begin, end)

        points, wide = np.concatenate([points for points, _ in self._arcs]), max(wide for _, wide in self._arcs)
        return [ScriptStep(Phase.SKETCH, Tool.ERASER, label, self.source.bounds(points, wide), 0.4, when, most=3)]

    def put_right(self, slip: Slip, what: str) -> list[ScriptStep]:
        """The steps in which lines that were drawn with a slip are dragged, turned and scaled into their place."""
        self._slip = slip
        points = np.concatenate([points for points, _ in self._lines])
        bounds = self.source.bounds(np.vstack([points, slip.undone(points)]), 3)
        return [
            ScriptStep(Phase.SKETCH, Tool.TRANSFORM, f"{what}, {word}", bounds, weight, self._moved(way, goal), most=7)
            for word, way, goal, weight in _MOVES
        ]

    def _moved(self, way: str, goal: float) -> Callable[[int, int], None]:
        def when(begin: int, end: int) -> None:
            self._moves.append((way, begin, end, goal))

        return when

    def _transform(self, slip: Slip) -> Transform:
        """How the lines get from where they were drawn to where they belong, on the canvas."""
        keys: dict[str, list[tuple[float, float]]] = {way: [(0.0, 0.0)] for way in ("shifted", "turned", "sized")}
        for way, begin, end, goal in self._moves:
            keys[way] += [(float(begin), keys[way][-1][1]), (float(end), goal)]
        scale = self.source.scale
        x, y = ((value + 0.5) * scale - 0.5 for value in (slip.x + slip.dx, slip.y + slip.dy))
        shift = (-slip.dx * scale, -slip.dy * scale)
        moves = {way: Keys(tuple(points)) for way, points in keys.items()}
        return Transform((x, y), shift, -slip.turn, 1 / slip.size, **moves)

    @property
    def count(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def places(self, first: int) -> Points:
        """Where the lines from number `first` on go: float32 [n, 2]."""
        return np.concatenate(self.drawn(first))

    def drawn(self, first: int) -> list[Points]:
        """The lines from number `first` on, float32 [n, 2] each."""
        return [points for points, _ in self._lines[first:]]

    @property
    def empty(self) -> bool:
        """Whether nothing has been drawn."""
        return not self._lines

    def layer(self) -> Arrival:
        """The layer, once times are known."""
        trail = self._trail or Trail(self.source.reading.shape)
        cover = self._cover()
        reach = max(4.0, 3 * self.hand.width * self.source.diagonal)
        come = trail.arrivals(reach)
        if self._slip is not None:
            transform = self._transform(self._slip)
            return Moving(self.name, self.hand.colour, come, cover, transform, ramp=UNIT // 3, group=self.group)
        leave = self._leaving(come) if self._erase else None
        if self._rubbed is not None:
            leave = self._cleaning(come.shape, *self._rubbed)
        return Arrival(self.name, self.hand.colour, come, cover=cover, leave=leave, ramp=UNIT // 3, group=self.group)

    def _cover(self) -> Cover:
        """All lines on the canvas; pressure and width swell in their middles."""
        cover = np.zeros(self.source.size, np.uint8)
        scale = self.source.scale
        width = self.hand.width * self.source.diagonal * scale
        lines = [densified(points, 6.0) if len(points) > 1 else points for points, _ in self._lines]
        for line, (_, strength), breadth in zip(lines, self._lines, self._breadths(lines), strict=True):
            # Overlapping lines must not darken each other at every joint, so each piece takes the larger cover.
            placed = np.rint(((line + 0.5) * scale - 0.5) * (1 << _SHIFT)).astype(np.int32)
            t = np.linspace(0, 1, max(2, len(placed)))
            exact = width * (0.55 + 0.4 * strength) * breadth
            if self.hand.thinned:
                ribbon(cover, (line + 0.5) * scale - 0.5, exact, strength * self.hand.pressure * self._press(t))
                continue
            thick = np.maximum(1, np.ceil(exact - 0.25)).astype(int)
            # What a line of whole pixels has too much in breadth it has less in tone.
            press = strength * self.hand.pressure * self._press(t) * np.minimum(1.0, (exact / thick + 1) / 2)
            for number in range(len(placed) - 1):
                level, ends = round(255 * float(press[number])), (placed[number].tolist(), placed[number + 1].tolist())
                cv2.line(cover, *ends, level, int(thick[number]), cv2.LINE_AA, _SHIFT)
        return cover

    def _breadths(self, lines: Sequence[Points]) -> list[NDArray[np.float64]]:
        """How broad lines, float32 [n, 2] each, are at each of their samples, by their greatest breadth: float64 [n]
        each. A pen is set down soon and lifted slowly; where a line goes on as another one it is neither.
        """
        if not self.hand.thinned:
            return [np.ones(len(line)) for line in lines]
        return [self._breadth(line, free) for line, free in zip(lines, self._free_ends(lines), strict=True)]

    def _breadth(self, line: Points, free: tuple[bool, bool]) -> NDArray[np.float64]:
        along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
        share = np.ones(len(line))
        for is_free, way, (part, far) in zip(free, (along, along[-1] - along), (_SET_DOWN, _LIFTED), strict=True):
            if is_free:
                reach = max(1e-6, min(part * float(along[-1]), far * self.source.diagonal))
                share = np.minimum(share, np.clip(way / reach, 0, 1))
        return np.asarray(1 - self.hand.thinned * (1 - np.sqrt(share)), np.float64)

    def _free_ends(self, lines: Sequence[Points]) -> list[tuple[bool, bool]]:
        """Whether the first and the last end of each line, float32 [n, 2], meets no other one and no ink."""
        shape = self.source.reading.shape
        reach = max(3, round(_MEETS * self.source.diagonal))
        # Wherever two lines are, the first and the last of them differ.
        first, last = np.full((2, *shape), -1, np.int32)
        for number, line in enumerate(lines):
            cv2.polylines(last, [np.rint(line).astype(np.int32)], False, number, reach)
            back = len(lines) - 1 - number
            cv2.polylines(first, [np.rint(lines[back]).astype(np.int32)], False, back, reach)
        inked = cv2.dilate(self.source.reading.ink.cover, np.ones((reach, reach), np.uint8)) > _INK

        def is_free(end: Points, number: int) -> bool:
            x, y = (
                int(np.clip(round(float(value)), 0, side - 1)) for value, side in zip(end, shape[::-1], strict=True)
            )
            return not inked[y, x] and first[y, x] == last[y, x] == number

        return [(is_free(line[0], number), is_free(line[-1], number)) for number, line in enumerate(lines)]

    def _press(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """The pressure along a line, `t` 0 to 1, as a share of its highest."""
        taper = self.hand.taper
        return 1 - taper + taper * np.sin(np.pi * np.clip(t * 0.9 + 0.08, 0, 1))

    def _cleaning(self, shape: tuple[int, ...], begin: int, end: int) -> NDArray[np.uint16]:
        """When the eraser reaches each pixel of what is superfluous, arc by arc."""
        leave, count = np.full(shape, NEVER, np.uint16), sum(len(points) - 1 for points, _ in self._arcs)
        times = iter(np.linspace(begin, max(begin, end - 1), count).astype(int).tolist())
        for points, wide in self._arcs:
            for one, other in pairwise(np.rint(points).astype(int).tolist()):
                cv2.line(leave, one, other, next(times), max(1, round(2 * wide)))
        return leave

    def _leaving(self, come: NDArray[np.uint16]) -> NDArray[np.uint16]:
        """When the eraser, in zigzag from top to bottom, reaches each pixel."""
        begin, end = self._erase[0]
        rows = np.flatnonzero((come != NEVER).any(axis=1))
        columns = np.flatnonzero((come != NEVER).any(axis=0))
        if not len(rows):
            return np.full_like(come, NEVER)
        y, x = np.ogrid[0 : come.shape[0], 0 : come.shape[1]]
        band = max(1, (rows[-1] - rows[0]) // 7)
        line, into = np.divmod(np.clip(y - rows[0], 0, None), band)
        across = (x - columns[0]) / max(1, columns[-1] - columns[0])
        leave = np.empty(come.shape, np.uint16)
        for rows_at in strips(len(leave)):
            part = line[rows_at]
            share = np.where(part % 2 == 0, across, 1 - across) * 0.75
            share += part + 0.25 * into[rows_at] / band
            leave[rows_at] = begin + np.clip(share / 8, 0, 1) * (end - begin - 1)
        return leave


def cut_off(points: Points, box: Box) -> Points:
    """The longest piece of a line, float32 [n, 2], that lies within a box; all of it along the border if none does."""
    low, high = np.array([box.x, box.y]), np.array([box.x + box.width, box.y + box.height])
    line = densified(points, 2.0)
    inside = ((line >= low) & (line <= high)).all(axis=1)
    if inside.all():
        return points
    edges = np.flatnonzero(np.diff(inside.astype(np.int8), prepend=0, append=0))
    begin, end = max(zip(edges[::2], edges[1::2], strict=True), key=lambda run: run[1] - run[0], default=(0, 0))
    if end - begin < 2:
        return np.clip(points, low, high).astype(np.float32)
    return np.asarray(line[begin:end], np.float32)


def wobbled(points: Points, stray: float, chance: np.random.Generator) -> Points:
    """A line as a hand repeats it: shifted a little, and bent by slow noise; `stray` in the grid's pixels."""
    line = densified(points, 2.0)
    if len(line) < 2:
        return line
    count = max(2, len(line) // 30 + 2)
    bend = chance.normal(0, stray, (count, 2))
    t = np.linspace(0, count - 1, len(line))
    smooth = np.stack([np.interp(t, np.arange(count), bend[:, axis]) for axis in range(2)], axis=1)
    # A hand rounds what it repeats a little; it does not round it away.
    bent = _rounded(line, 9) + _rounded(smooth, 31)
    overshoot = (bent[-1] - bent[max(0, len(bent) - 5)]) * chance.uniform(0, 0.8)
    return np.vstack([bent, bent[-1] + overshoot]).astype(np.float32)


def _rounded(line: NDArray[np.floating], most: int) -> NDArray[np.float64]:
    """Samples [n, 2] averaged over at most so many neighbours."""
    kernel = max(1, min(len(line) // 3, most)) | 1
    return np.asarray(cv2.blur(line.astype(np.float64), (1, kernel), borderType=cv2.BORDER_REPLICATE), np.float64)


def ellipse(
    x: float, y: float, a: float, b: float, turn: float = 0.0, begin: float = 0.0, end: float = 2 * np.pi
) -> Points:
    """An arc of an ellipse with half axes a, b, turned by an angle in radians."""
    t = np.linspace(begin, end, 64)
    px, py = a * np.cos(t), b * np.sin(t)
    return np.stack(
        [x + px * np.cos(turn) - py * np.sin(turn), y + px * np.sin(turn) + py * np.cos(turn)], axis=1
    ).astype(np.float32)
