"""A layer of brush strokes: opaque, overlapping bristles, drawn in their order onto a canvas of its own.

A stroke is a bundle of bristles, each a polyline with a colour of its own, so that ends are ragged and edges are lost
and found. Strokes that are complete stay on the layer's canvas; the one being made is drawn on top and taken back.
The tiles that a run of strokes has changed are kept, so that going back replays no more than one run.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.grain import grained
from paints_undo_engine.procedural.document.layer import Drawn, Layer
from paints_undo_engine.procedural.document.model import UNIT, Blending, Pixels
from paints_undo_engine.procedural.document.tiles import Grid, Tile

RUN = 1500
"""Strokes between two checkpoints."""
_KEPT_SIDE = 128
_FEW = 32
"""Strokes for which a second thread does not pay."""
_SHIFT = 3
"""Fractional bits of a bristle's points."""


@dataclass(frozen=True, slots=True, eq=False)
class Strokes:
    """Strokes in their order, as bristles: bristle j has the points `points[ends[j]:ends[j + 1]]`.

    `points` float32 [p, 2] x, y in the canvas' pixels; `ends` int64 [b + 1]; `colours` uint8 [b, 3]; `thickness` int32
    [b] in pixels; `first` int64 [s + 1]: stroke i has the bristles first[i] .. first[i + 1] - 1.
    """

    points: NDArray[np.float32]
    ends: NDArray[np.int64]
    colours: NDArray[np.uint8]
    thickness: NDArray[np.int32]
    first: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.first) - 1

    def boxes(self) -> NDArray[np.float32]:
        """float32 [s, 4]: left, top, right, bottom of each stroke, its thickness and soft edge included."""
        if not len(self):
            return np.zeros((0, 4), np.float32)
        begin = self.ends[self.first[:-1]]
        low = np.minimum.reduceat(self.points, begin)
        high = np.maximum.reduceat(self.points, begin)
        reach = np.maximum.reduceat(self.thickness, self.first[:-1])[:, None] / 2 + 3
        return np.hstack([low - reach, high + reach]).astype(np.float32)

    def scaled(self, scale: float) -> Strokes:
        """The same strokes on a canvas that is `scale` times as large."""
        if scale == 1:
            return self
        thickness = np.maximum(1, np.rint(self.thickness * scale)).astype(np.int32)
        return Strokes(
            (self.points + np.float32(0.5)) * np.float32(scale) - np.float32(0.5),
            self.ends,
            self.colours,
            thickness,
            self.first,
        )

    def simplified(self) -> Strokes:
        """The same strokes without points that lie, as nearly as can be seen, on the line between their neighbours."""
        found = self
        for _ in range(2):
            found = found._halved()
        return found

    def _halved(self) -> Strokes:
        """Every second point is left out where that is not seen: a fifteenth of the bristle's thickness."""
        counts = np.diff(self.ends)
        if len(self.points) < 3:
            return self
        place = np.arange(len(self.points)) - np.repeat(self.ends[:-1], counts)
        inner = np.flatnonzero((place % 2 == 1) & (place < np.repeat(counts, counts) - 1))
        before, here, after = self.points[inner - 1], self.points[inner], self.points[inner + 1]
        chord, offset = after - before, here - before
        length = np.maximum(np.hypot(chord[:, 0], chord[:, 1]), np.float32(1e-6))
        away = np.abs(chord[:, 0] * offset[:, 1] - chord[:, 1] * offset[:, 0]) / length
        forward = (chord * offset).sum(axis=1) > 0
        allowed = np.maximum(0.25, np.repeat(self.thickness, counts)[inner] / 15)
        kept = np.ones(len(self.points), bool)
        kept[inner[(away < allowed) & forward]] = False
        ends = np.concatenate([[0], np.cumsum(kept)])[self.ends].astype(np.int64)
        return Strokes(self.points[kept], ends, self.colours, self.thickness, self.first)

    def taken(self, order: NDArray[np.int64]) -> Strokes:
        """Some of the strokes, or all in another order."""
        bristles = _ranges(self.first[order], self.first[order + 1])
        points = _ranges(self.ends[bristles], self.ends[bristles + 1])
        ends = np.concatenate([[0], np.cumsum(self.ends[bristles + 1] - self.ends[bristles])]).astype(np.int64)
        first = np.concatenate([[0], np.cumsum(self.first[order + 1] - self.first[order])]).astype(np.int64)
        return Strokes(self.points[points], ends, self.colours[bristles], self.thickness[bristles], first)


def joined(parts: Sequence[Strokes]) -> Strokes:
    """Several runs of strokes, one after the other."""
    points = np.concatenate([part.points for part in parts])
    ends = np.concatenate([[0], np.cumsum(np.concatenate([np.diff(part.ends) for part in parts]))]).astype(np.int64)
    first = np.concatenate([[0], np.cumsum(np.concatenate([np.diff(part.first) for part in parts]))]).astype(np.int64)
    colours = np.concatenate([part.colours for part in parts])
    return Strokes(points, ends, colours, np.concatenate([part.thickness for part in parts]), first)


def _ranges(begin: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.int64]:
    """All numbers of several ranges, one range after the other."""
    sizes = end - begin
    if not len(sizes) or not sizes.sum():
        return np.zeros(0, np.int64)
    offsets = np.repeat(begin - np.concatenate([[0], np.cumsum(sizes)[:-1]]), sizes)
    return np.asarray(offsets + np.arange(int(sizes.sum())), np.int64)


def paint(canvas: Pixels, strokes: Strokes, begin: int, end: int, share: float = 1.0, *, smooth: bool = True) -> None:
    """Draw strokes `begin` .. `end` - 1 onto a canvas of three or four channels, each up to a share of its length.

    Without `smooth` edges are hard, which costs a quarter: enough for planning.
    """
    _paint(canvas, strokes, np.arange(begin, end), share, 0, smooth)


def _paint(
    canvas: Pixels, strokes: Strokes, numbers: NDArray[np.int64], share: float, top: int, smooth: bool = True
) -> None:
    """Draw some strokes onto a canvas, or onto its rows from `top` on."""
    bristles = _ranges(strokes.first[numbers], strokes.first[numbers + 1])
    if not len(bristles):
        return
    low, high = int(strokes.ends[bristles[0]]), int(strokes.ends[bristles[-1] + 1])
    placed = np.rint((strokes.points[low:high] - np.array([0, top], np.float32)) * (1 << _SHIFT)).astype(np.int32)
    opaque = (255,) if canvas.shape[2] == 4 else ()
    colours, thickness = strokes.colours[bristles].tolist(), strokes.thickness[bristles].tolist()
    begins, ends = (strokes.ends[bristles] - low).tolist(), (strokes.ends[bristles + 1] - low).tolist()
    kind = cv2.LINE_AA if smooth else cv2.LINE_8
    for begin, end, colour, width in zip(begins, ends, colours, thickness, strict=True):
        line = placed[begin:end]
        if share < 1:
            line = _begun(line, share)
        cv2.polylines(canvas, [line], False, (*colour, *opaque), width, kind, _SHIFT)


def _begun(line: NDArray[np.int32], share: float) -> NDArray[np.int32]:
    """The first part of a polyline, by a share of its length."""
    reached = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    at = share * reached[-1]
    kept = max(1, int(np.searchsorted(reached, at)))
    tip = [np.interp(at, reached, line[:, axis]) for axis in range(2)]
    return np.vstack([line[:kept], np.rint(tip).astype(np.int32)])


class Brush(Layer):
    """Strokes with their ticks: `begin` and `end` int64 [strokes], never falling, no two strokes at the same time.

    For `grain` see `grained`; None: their paint has none.
    """

    def __init__(
        self,
        name: str,
        strokes: Strokes,
        begin: NDArray[np.int64],
        end: NDArray[np.int64],
        *,
        group: tuple[str, ...] = (),
        grain: NDArray[np.float32] | None = None,
    ) -> None:
        super().__init__(name, group, Blending.NORMAL)
        self.strokes, self.begin, self.end, self.grain = strokes, begin, end, grain

    def attach(self, grid: Grid) -> None:
        """Set up an empty canvas."""
        self._grid = grid
        self._canvas = np.zeros((*grid.size, 4), np.uint8)
        self._boxes = self.strokes.boxes()
        self._done = 0
        self._keeper = _Keeper(grid.size)
        self._back: tuple[tuple[slice, slice], Pixels] | None = None
        self._first = np.full(len(grid.tiles), np.iinfo(np.int64).max)
        for start in range(0, len(self.strokes), 64):
            touched = grid.touched(self._boxes[start : start + 64])
            self._first[touched] = np.minimum(self._first[touched], self.begin[start])

    def changed(self, early: int, late: int) -> NDArray[np.bool_]:
        """See `Layer.changed`."""
        first, last = np.searchsorted(self.end, early, "right"), np.searchsorted(self.begin, late, "left")
        return self._grid.touched(self._boxes[first:last])

    def shown(self, clock: int) -> NDArray[np.bool_]:
        """See `Layer.shown`."""
        return np.asarray(self._first < clock, bool)

    def advance(self, clock: int) -> None:
        """Draw the strokes up to a tick: from where the canvas is, or from a checkpoint that is nearer."""
        if self._back is not None:
            place, pixels = self._back
            self._canvas[place] = pixels
            self._back = None
        done = int(np.searchsorted(self.end, clock, "right"))
        if done < self._done or self._keeper.latest(done) > self._done:
            self._done = self._keeper.restore(self._canvas, done)
        while self._done < done:
            goal = min(done, (self._done // RUN + 1) * RUN)
            self._paint(self._done, goal)
            if goal % RUN == 0:
                boxes = self._boxes[goal - RUN : goal]
                self._keeper.keep(self._canvas, goal, boxes)
            self._done = goal
        if done < len(self.strokes) and self.begin[done] < clock:
            self._half(done, (clock - int(self.begin[done])) / max(1, int(self.end[done] - self.begin[done])))

    def _half(self, number: int, share: float) -> None:
        """Draw a part of the stroke that is being made, and keep what was there before."""
        height, width = self._grid.size
        left, top, right, bottom = (int(value) for value in np.rint(self._boxes[number]))
        place = (slice(max(0, top), min(height, bottom + 1)), slice(max(0, left), min(width, right + 1)))
        self._back = (place, self._canvas[place].copy())
        self._paint(number, number + 1, share)

    def _paint(self, begin: int, end: int, share: float = 1.0) -> None:
        """Draw strokes onto the canvas: always its upper and its lower half apart, in a long run beside each other."""
        middle = self._grid.size[0] // 2
        numbers = np.arange(begin, end)
        upper = numbers[self._boxes[begin:end, 1] < middle]
        lower = numbers[self._boxes[begin:end, 3] >= middle]
        halves = ((self._canvas[:middle], upper, 0), (self._canvas[middle:], lower, middle))
        if len(numbers) < _FEW:
            for canvas, some, top in halves:
                _paint(canvas, self.strokes, some, share, top)
            return
        with ThreadPoolExecutor(1) as beside:
            other = beside.submit(_paint, halves[1][0], self.strokes, lower, share, middle)
            _paint(halves[0][0], self.strokes, upper, share, 0)
            other.result()

    def busy(self, operations: int) -> NDArray[np.bool_]:
        """See `Layer.busy`."""
        busy = np.zeros(operations, bool)
        seen = self._seen()
        busy[np.clip(self.begin[seen] // UNIT, 0, operations - 1)] = True
        busy[np.clip((self.end[seen] - 1) // UNIT, 0, operations - 1)] = True
        for stroke in np.flatnonzero(seen & (self.end - self.begin > UNIT)):
            busy[self.begin[stroke] // UNIT : (self.end[stroke] - 1) // UNIT + 1] = True
        return busy

    def _seen(self) -> NDArray[np.bool_]:
        """Which strokes are ever seen: bool [strokes]."""
        if self._grid.seen is None:
            return np.ones(len(self.begin), bool)
        so_far = np.concatenate([[0], np.cumsum(self._grid.sees(self.strokes.points))])
        ends = so_far[self.strokes.ends[self.strokes.first]]
        return np.asarray(np.diff(ends) > 0, bool)

    def draw(self, tile: Tile, clock: int) -> Drawn | None:
        """See `Layer.draw`; `advance` has brought the layer to the tick."""
        del clock
        part = self._canvas[tile.at]
        cover = np.asarray(cv2.extractChannel(part, 3), np.uint8)
        painted = cv2.countNonZero(cover)
        if not painted:
            return None
        colour = np.asarray(cv2.cvtColor(part, cv2.COLOR_RGBA2RGB), np.uint8)
        full = painted == cover.size and int(cover.min()) == 255
        if self.grain is not None:
            # No premultiplied colour is stronger than its cover.
            colour = np.minimum(grained(colour, self.grain, tile), cover[..., None])
        return Drawn(colour, None if full else cover, premultiplied=not full)


class _Keeper:
    """Small tiles of a canvas as they were at every checkpoint that has changed them."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._rows, self._columns = (-(-side // _KEPT_SIDE) for side in size)
        self._kept: dict[tuple[int, int], list[tuple[int, Pixels]]] = {}
        self._counts: set[int] = set()

    def keep(self, canvas: Pixels, count: int, boxes: NDArray[np.float32]) -> None:
        """Keep what `boxes` touch, as it is after `count` strokes."""
        if count in self._counts:
            return
        self._counts.add(count)
        limit = np.array([self._columns - 1, self._rows - 1] * 2)
        cells = np.clip(np.floor(boxes / _KEPT_SIDE), 0, limit).astype(int)
        marked = np.zeros((self._rows, self._columns), bool)
        for left, top, right, bottom in np.unique(cells, axis=0):
            marked[top : bottom + 1, left : right + 1] = True
        for row, column in np.argwhere(marked):
            at = _cell(int(row), int(column))
            self._kept.setdefault((int(row), int(column)), []).append((count, canvas[at].copy()))

    def latest(self, count: int) -> int:
        """The last checkpoint at or before `count` strokes; 0 is the empty canvas."""
        return max((kept for kept in self._counts if kept <= count), default=0)

    def restore(self, canvas: Pixels, count: int) -> int:
        """Put the canvas back to the last checkpoint at or before `count` strokes, and say which that is."""
        found = self.latest(count)
        for row in range(self._rows):
            for column in range(self._columns):
                at = _cell(row, column)
                past = [pixels for kept, pixels in self._kept.get((row, column), ()) if kept <= found]
                canvas[at] = past[-1] if past else 0
        return found


def _cell(row: int, column: int) -> tuple[slice, slice]:
    top, left = row * _KEPT_SIDE, column * _KEPT_SIDE
    return slice(top, top + _KEPT_SIDE), slice(left, left + _KEPT_SIDE)
