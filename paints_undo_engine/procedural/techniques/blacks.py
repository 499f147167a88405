"""Spotting blacks: solid black areas of a drawing are outlined with the lines, and filled with a brush at once.

What is several lines wide is no line: a pen that went over it would leave a row of dashes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.arrival import Arrival
from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import NEVER, UNIT, Phase, Times, Tool
from paints_undo_engine.procedural.reading.along import label_along, values_along
from paints_undo_engine.procedural.reading.channels import largest
from paints_undo_engine.procedural.reading.model import InkPath
from paints_undo_engine.procedural.reading.tracing import smooth
from paints_undo_engine.procedural.script import ScriptStep, visible
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import Points, Trail, nearest_order, reaching
from paints_undo_engine.procedural.techniques.contouring import runs_of
from paints_undo_engine.procedural.techniques.focus import focus_of
from paints_undo_engine.procedural.techniques.lining import Stroke
from paints_undo_engine.procedural.techniques.pouring import Pour, in_turns, poured, round_about

_BLACK = 92
"""Levels: no channel of black is higher."""
_WIDE = 1.15
"""Widths of the pen: how far the middle of a black area is from its borders at least."""
_LEAST = 1 / 4000
"""Of the picture: a smaller area is part of a line."""
_SOLID = 0.72
"""Of an area with its small gaps: what is black; with less it is hatching."""
_STUB = 2.5
"""Widths of the pen: what is left of a line beside an area, and shorter, is not drawn."""
_RING = 5.0
"""Widths of the pen: a shorter outline is the rim of a speck."""
_HOLE = 60.0
"""Squares of the pen's width: a smaller white place in an area gets no outline."""
_SEVERAL, _THING, _OF_FIGURE = 0.04, 0.01, 127
"""Of the picture: a larger black area may be a figure and its ground, if each has so much of it; of 255, the figure."""
_BROAD, _TURNS = 3.0, 60
"""Widths of the pen: how broad the brush is; pieces of its way that are told apart."""
_ALIKE, _LEVEL, _APART = 2.0, 0.3, 4.0
"""Times its area, what a pair's other one has at most; of their distance, how far one lies above the other; in roots of
their areas, how far they are apart at most.
"""
_POURED = 0.2
"""Of the picture: what is larger is no work for a brush."""
GROUP = ("Line art",)


@dataclass(frozen=True, slots=True, eq=False)
class Blacks:
    """The solid black areas: `labels` int32 [h, w] from 1, 0 elsewhere; `pen` is the lines' width on the grid."""

    labels: NDArray[np.int32]
    count: int
    pen: float

    @property
    def mask(self) -> NDArray[np.bool_]:
        """bool [h, w]."""
        return self.labels > 0

    def numbered(self) -> NDArray[np.uint16]:
        """The areas with their rims by their numbers: uint16 [h, w]."""
        side = 2 * max(1, round(self.pen)) + 1
        return np.asarray(cv2.dilate(self.labels.astype(np.uint16), np.ones((side, side), np.uint8)), np.uint16)

    def around(self) -> NDArray[np.bool_]:
        """The areas with their soft rims: bool [h, w]."""
        side = 2 * max(1, round(0.4 * self.pen)) + 1
        return np.asarray(cv2.dilate(self.mask.astype(np.uint8), np.ones((side, side), np.uint8)) > 0)


@dataclass(frozen=True, slots=True, eq=False)
class Spotted:
    """The outlines of black areas, the steps that fill each by its number, and what makes their layer."""

    rims: list[Stroke]
    fills: dict[int, list[ScriptStep]]
    layers: Callable[[], list[Layer]]


def find_blacks(source: Source) -> Blacks:
    """The areas of solid black that are several lines of the picture's own pen wide."""
    pen = _pen(source)
    black = ((largest(source.on_white) < _BLACK) & (source.reading.labels >= 0)).astype(np.uint8)
    closed = cv2.morphologyEx(black, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    core = cv2.morphologyEx(closed, cv2.MORPH_OPEN, _disk(max(2, round(_WIDE * pen))))
    reached = cv2.bitwise_and(cv2.dilate(core, _disk(max(1, round(0.5 * pen)))), closed)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(reached, connectivity=4)
    area = stats[:, cv2.CC_STAT_AREA]
    solid = np.bincount(labels.ravel(), black.ravel(), count) / np.maximum(area, 1)
    kept = (area > _LEAST * black.size) & (solid > _SOLID)
    kept[0] = False
    table = np.where(kept, np.cumsum(kept), 0).astype(np.int32)
    things = _things(np.where(black > 0, table[labels], 0).astype(np.int32), source)
    return Blacks(things, int(things.max(initial=0)), pen)


def _things(labels: NDArray[np.int32], source: Source) -> NDArray[np.int32]:
    """The same areas, but where figures end before a ground as black as they are, what is large of them is another."""
    figure = source.reading.figure.cover > _OF_FIGURE
    area, own = np.bincount(labels.ravel()), np.bincount(labels[figure], minlength=int(labels.max()) + 1)
    area[0], least = 0, _THING * labels.size
    parted, made = labels.copy(), len(area) - 1
    for number in np.flatnonzero((area > _SEVERAL * labels.size) & (np.minimum(own, area - own) > least)).tolist():
        within = ((labels == number) & figure).astype(np.uint8)
        _, found, stats, _ = cv2.connectedComponentsWithStats(within, connectivity=4)
        for thing in np.flatnonzero(stats[1:, cv2.CC_STAT_AREA] > least).tolist():
            made += 1
            parted[found == thing + 1] = made
    return parted


def outside(source: Source, blacks: Blacks) -> list[Stroke]:
    """The lines without what runs through black areas."""
    within = blacks.around()
    kept: list[Stroke] = []
    for path, hatching in zip(source.reading.ink.paths, source.hatching.tolist(), strict=True):
        covered = values_along(within, path.points)
        if not covered.any():
            kept.append(Stroke(path, hatching=hatching))
            continue
        for begin, end in runs_of(~covered):
            points = path.points[begin:end]
            length = _length(points)
            if length > _STUB * blacks.pen:
                rest = replace(path, points=points, width=path.width[begin:end], length=length)
                kept.append(Stroke(rest, hatching=hatching))
    return kept


def pairs_in(blacks: Blacks) -> list[tuple[int, int]]:
    """The numbers of areas about as large as each other, side by side and each nearest to the other: eyes and sockets
    are, which nobody fills one without the other.
    """
    if blacks.count < 2:
        return []
    area = np.bincount(blacks.labels.ravel(), minlength=blacks.count + 1)[1:].astype(np.float64)
    rows, columns = np.nonzero(blacks.labels)
    number = blacks.labels[rows, columns]
    x, y = (np.bincount(number, place, blacks.count + 1)[1:] / np.maximum(area, 1) for place in (columns, rows))
    across, down = np.abs(x[:, None] - x), np.abs(y[:, None] - y)
    size = np.sqrt(np.minimum(area[:, None], area))
    alike = np.maximum(area[:, None], area) < _ALIKE * np.minimum(area[:, None], area)
    fits = alike & (down < _LEVEL * across) & (across < _APART * size)
    away = np.where(fits, across, np.inf)
    nearest = away.argmin(axis=1)
    return [
        (one + 1, int(other) + 1)
        for one, other in enumerate(nearest)
        if one < other and nearest[other] == one and np.isfinite(away[one, other])
    ]


def spotted(source: Source, blacks: Blacks) -> Spotted:
    """The areas' outlines, which are drawn among the lines, and what fills them, on one layer for both."""
    if not blacks.count:
        return Spotted([], {}, list)
    outlines, fills = Trail(blacks.labels.shape), np.full(blacks.labels.shape, NEVER, np.uint16)
    boxes = [_box(blacks.labels == number) for number in range(1, blacks.count + 1)]
    middles = np.array([[box[0] + box[2] / 2, box[1] + box[3] / 2] for box in boxes])
    order = nearest_order(middles, focus_of(source))
    fill = {at + 1: [_fill(source, blacks, at + 1, boxes[at], fills)] for at in order}
    rims = [stroke for number in range(1, blacks.count + 1) for stroke in _outlined(source, blacks, number, outlines)]

    def layers() -> list[Layer]:
        come = _arrivals(blacks, outlines, fills)
        return [Arrival("Blacks", source.pixels, come, cover=source.alpha, ramp=UNIT // 8, group=GROUP)]

    return Spotted(rims, fill, layers)


def _arrivals(blacks: Blacks, outlines: Trail, fills: Times) -> Times:
    """A rim as broad as a line comes with the outline, the rest with the brush."""
    around = blacks.around()
    rim = outlines.arrivals(reach=max(1.0, 0.5 * blacks.pen), within=around)
    inner = np.where(around, reaching(fills), NEVER)
    return np.where(rim != NEVER, np.minimum(rim, inner), inner).astype(np.uint16)


def _pen(source: Source) -> float:
    """The width of most lines, on the grid."""
    paths = source.reading.ink.paths
    if not paths:
        return 2.0
    widths = np.array([float(np.median(path.width)) for path in paths])
    lengths = np.array([path.length for path in paths])
    order = np.argsort(widths)
    reached = np.cumsum(lengths[order])
    return float(np.clip(widths[order][np.searchsorted(reached, 0.4 * reached[-1])], 1.5, source.diagonal / 130))


def _outlined(source: Source, blacks: Blacks, number: int, trail: Trail) -> list[Stroke]:
    """The outline of one area, in pieces where it leaves the canvas."""
    height, width = blacks.labels.shape
    # Nobody goes round every streak of hair.
    mask = cv2.morphologyEx((blacks.labels == number).astype(np.uint8), cv2.MORPH_CLOSE, _disk(round(blacks.pen)))
    found, nested = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    strokes = []
    for outline, (_, _, _, around) in zip(found, nested[0] if len(found) else (), strict=True):
        if around >= 0 and cv2.contourArea(outline) < _HOLE * blacks.pen**2:
            continue
        points = outline[:, 0].astype(np.float32)
        inside = (points > 0.5).all(axis=1) & (points[:, 0] < width - 1.5) & (points[:, 1] < height - 1.5)
        for begin, end in runs_of(inside):
            if end - begin > _RING * blacks.pen:
                line = smooth(points[begin:end], 1.5)
                thick = np.full(len(line), blacks.pen, np.float32)
                path = InkPath(line, thick, _length(line), label_along(source.reading.labels, line), (0, 0, 0))
                strokes.append(Stroke(path, trail=trail))
    return strokes


def _length(points: Points) -> float:
    return float(np.hypot(*np.diff(points, axis=0).T).sum())


def _fill(source: Source, blacks: Blacks, number: int, box: tuple[int, int, int, int], come: Times) -> ScriptStep:
    """One area: a large one by bucket, others with a brush that follows the outline inward."""
    left, top, width, height = box
    at = slice(top, top + height), slice(left, left + width)
    mask = blacks.labels[at] == number
    share = float(mask.sum()) / blacks.labels.size
    large = share > _POURED
    turns = poured(mask, mask, source.reading.shape, source.ripple[at]) if large else _inward(mask, blacks.pen)

    def when(begin: int, end: int) -> None:
        come[at][mask] = turns.times(begin, end)

    bounds = source.bounds(np.array([[left, top], [left + width, top + height]], np.float32))
    brushed = min(3 + 160 * share**0.5, max(1.0, visible(200 * share)))
    tool, most = (Tool.BUCKET, float(turns.turns)) if large else (Tool.BRUSH, brushed)
    weight = share**0.5 + 0.01
    return ScriptStep(Phase.FLATS, tool, "solid black, filled", bounds, weight, when, most=most)


def _inward(mask: NDArray[np.bool_], pen: float) -> Pour:
    """The turns of a brush that goes round along the outline, and round again farther in, until an area is full."""
    depth = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1][mask]
    turns = min(len(depth), _TURNS)
    order = np.lexsort((round_about(mask), np.floor(depth / (_BROAD * pen))))
    return Pour(in_turns(order, turns).astype(np.uint16), turns)


def _box(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    x, y, width, height = cv2.boundingRect(mask.astype(np.uint8))
    return int(x), int(y), int(width), int(height)


def _disk(radius: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)), np.uint8)
