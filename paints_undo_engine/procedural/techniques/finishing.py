"""In which order a picture's places are finished: the focus first, then figures, then the ground; late work of every
kind goes over these areas, one kind a little behind the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.edge_network import find_likely_edges
from paints_undo_engine.procedural.reading.likely_faces import likely_faces
from paints_undo_engine.procedural.reading.model import Box
from paints_undo_engine.procedural.script import ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import wide_blur
from paints_undo_engine.procedural.techniques.focus import focus_of, panel_at

_AREAS, _PIECE = 12, 1 / 7
"""Into how many areas a picture is parted that are finished one after another; of the diagonal, how large the pieces
are into which regions go that are larger than one.
"""
_WAY, _WHOLE = 0.5, 0.15
"""What a step from one place to the next counts beside how far that is from the focus; of the diagonal, how much
farther away is what belongs to the thing that was begun.
"""
_GRID, _AFAR, _SURE, _DEEP = 420.0, 240.0, 0.3, 0.009
"""Pixels: the diagonals of the grids on which lines are looked for that somebody would draw, and from afar; how likely
those are that part two things; of the diagonal, half the breadth of what is a thing of its own.
"""
_ABOUT, _MIDDLE = 0.07, 0.3
"""Of the diagonal, how far around a place it is asked how much is to be drawn there, and how far from the picture's
middle one looks.
"""
_FIGURE = 2.5
"""How many times as many areas as a ground of its size a figure has: whoever looks at it sees more."""


def head_boxes(source: Source) -> list[Box]:
    """All faces and heads that were found, and where others are likely."""
    sure = [face.box for face in source.reading.faces] + list(source.reading.heads)
    some = () if source.reading.faceless else likely_faces(source.reading.pixels)
    likely = [box.grown(0.15, 0.3, 0.15, 0.1) for box in some]
    return [box.grown(0.05, 0.05, 0.05, 0.05) for box in sure + likely]


def areas_of(source: Source, heads: Sequence[Box]) -> NDArray[np.int32]:
    """The areas in which a picture is finished, int32 [h, w], numbered in their order: heads, then figures, then the
    ground, each from what is looked at on to what lies beside it; on a page of panels one panel after another. They are
    of whole things, but for large ones.
    """
    things, finer = _things(source)
    pieces = _pieces(source, finer)
    numbers = pieces.ravel()
    size = np.bincount(numbers)
    rows, columns = np.indices(pieces.shape, np.float32)
    middles = np.stack([np.bincount(numbers, along.ravel()) / size for along in (columns, rows)], axis=1)
    if source.reading.panels:
        panels = [panel_at(source.reading, (float(x), float(y))) for x, y in middles]
        return np.asarray(np.array(panels, np.int32)[pieces], np.int32)
    figure = np.bincount(numbers, (source.reading.figure.cover > 127).ravel()) / size > 0.5
    thing = things.ravel()[np.unique(numbers, return_index=True)[1]]
    focus = _focus(source)
    order: list[int] = []
    for among in (np.flatnonzero(figure), np.flatnonzero(~figure)):
        order += among[_visited(middles[among] / source.diagonal, thing[among], focus)].tolist()
    telling = size * np.where(figure, _FIGURE, 1.0)
    before = np.cumsum(telling[order]) - telling[order]
    area = np.zeros(len(size), np.int32)
    area[order] = 1 + before * _AREAS // telling.sum()
    made = area[pieces]
    for box in heads:
        inside = np.hypot((columns - box.centre[0]) / box.width, (rows - box.centre[1]) / box.height) < 0.5
        made[inside] = 0
    return made


def _things(source: Source) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The things of a picture, int32 [h, w] from 1: seen parts, and what is enclosed elsewhere. Beside them the same
    with large parts taken apart into what is enclosed in them.
    """
    shape = source.reading.shape
    likely = _likely(source, _GRID)
    closed = source.reading.labels + 1 if likely is None else _closed(likely, shape)
    seen = source.reading.seen_parts
    if seen is None or not len(seen.masks):
        return closed, closed
    parts, count = seen.labels(shape), int(closed.max()) + 1
    things = np.where(parts > 0, count * parts, closed).astype(np.int32)
    large = (np.bincount(parts.ravel()) * _AREAS > parts.size)[parts] & (parts > 0)
    return things, np.where(large, count * parts + closed, things).astype(np.int32)


def _likely(source: Source, grid: float) -> NDArray[np.float32] | None:
    """Where somebody would draw lines, on a grid with such a diagonal, 0 to 1; None if nobody can tell."""
    height, width = source.reading.shape
    shrink = max(1.0, source.diagonal / grid)
    size = (max(8, round(width / shrink)), max(8, round(height / shrink)))
    small = np.asarray(cv2.resize(source.reading.pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    return find_likely_edges(small)


def _closed(likely: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.int32]:
    """The things that likely lines, float32 [h, w], enclose, gaps and all: int32 of a shape, numbered from 1 on."""
    depth = cv2.distanceTransform((likely < _SURE).astype(np.uint8), cv2.DIST_L2, 5)
    inner = depth > _DEEP * float(np.hypot(*likely.shape))
    count, markers = cv2.connectedComponents(inner.astype(np.uint8), connectivity=4)
    if count < 2:
        return np.ones(shape, np.int32)
    relief = np.repeat(np.rint(255 * likely).astype(np.uint8)[..., None], 3, axis=2)
    things = np.asarray(cv2.watershed(relief, np.ascontiguousarray(markers, np.int32)), np.int32)
    things = np.where(things < 1, 0, things).astype(np.float32)
    # What lies on a border belongs to a side.
    things = np.where(things == 0, cv2.dilate(things, np.ones((3, 3), np.uint8)), things)
    return np.asarray(cv2.resize(things, shape[::-1], interpolation=cv2.INTER_NEAREST), np.int32)


def _focus(source: Source) -> NDArray[np.float64]:
    """What is looked at first, in diagonals: x, y. In a scene that is where most is to be drawn, about its middle."""
    reading = source.reading
    known = reading.faces or reading.heads or reading.figure.boxes
    likely = None if known else _likely(source, _AFAR)
    if likely is None:
        return np.array(focus_of(source)) / source.diagonal
    diagonal = float(np.hypot(*likely.shape))
    much = wide_blur(likely, _ABOUT * diagonal)
    height, width = likely.shape
    rows, columns = np.indices(likely.shape, np.float32)
    away = ((rows - height / 2) ** 2 + (columns - width / 2) ** 2) / np.float32((_MIDDLE * diagonal) ** 2)
    row, column = divmod(int((much * np.exp(-away / 2)).argmax()), width)
    return np.array([column, row]) / diagonal


def _visited(
    middles: NDArray[np.floating], thing: NDArray[np.integer], focus: NDArray[np.floating]
) -> NDArray[np.int64]:
    """The order in which places [n, 2], in diagonals, are visited: from the focus outward, by short ways, and each
    `thing` [n] as a whole.
    """
    away = np.hypot(*(middles - focus).T)
    left = np.ones(len(away), bool)
    order: list[int] = []
    here, one = focus, -1
    for _ in range(len(away)):
        costs = away + _WAY * np.hypot(*(middles - here).T) - _WHOLE * (thing == one)
        at = int(np.where(left, costs, np.inf).argmin())
        order.append(at)
        left[at] = False
        here, one = middles[at], int(thing[at])
    return np.array(order, np.int64)


def _pieces(source: Source, number: NDArray[np.int32]) -> NDArray[np.int32]:
    """Numbered things, of which large ones are parted loosely into pieces: int32 [h, w], numbered from 0 on."""
    large = np.bincount(number.ravel()) * _AREAS > number.size
    side = max(2, round(source.diagonal * _PIECE))
    height, width = number.shape
    seeds = np.ones(number.shape, np.uint8)
    chance = source.chance("areas")
    for top in range(0, height, side):
        for left in range(0, width, side):
            down, across = chance.integers(0, side, 2).tolist()
            seeds[min(top + down, height - 1), min(left + across, width - 1)] = 0
    _, cells = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    own = number * (int(cells.max()) + 1) + np.where(large[number], cells, 0)
    _, pieces = np.unique(own, return_inverse=True)
    return np.asarray(pieces.reshape(number.shape), np.int32)


def within_areas(steps: Sequence[ScriptStep], areas: NDArray[np.int32], scale: float) -> list[ScriptStep]:
    """Steps from area to area, by where their middles lie; `scale`: canvas pixels for each of `areas`, int32 [h, w]."""
    height, width = areas.shape
    placed = []
    for step in steps:
        x, y, across, down = step.bounds
        row, column = int((y + down / 2) / scale), int((x + across / 2) / scale)
        placed.append(replace(step, area=int(areas[min(max(row, 0), height - 1), min(max(column, 0), width - 1)])))
    return sorted(placed, key=lambda step: step.area)


def area_by_area(coats: Sequence[tuple[int, Sequence[ScriptStep]]]) -> list[ScriptStep]:
    """The steps of several coats in the order in which areas get them, each so many areas behind the first as is told;
    those that are as far behind do an area one after another. What has no area is done with what comes before it.
    """
    placed: list[tuple[int, int, ScriptStep]] = []
    for number, (behind, coat) in enumerate(coats):
        area = 0
        for step in coat:
            area = max(area, step.area)
            placed.append((area + behind, number, step))
    return [step for *_, step in sorted(placed, key=lambda one: one[:2])]


def by_turns(one: Sequence[ScriptStep], other: Sequence[ScriptStep], turns: int) -> list[ScriptStep]:
    """So many parts of some steps, each followed by a part of others."""
    steps: list[ScriptStep] = []
    for turn in range(turns):
        for some in (one, other):
            steps += some[turn * len(some) // turns : (turn + 1) * len(some) // turns]
    return steps


def last_touches(steps: Sequence[ScriptStep], share: float) -> tuple[list[ScriptStep], list[ScriptStep]]:
    """Steps without such a share of their time, and these: small lights all over the picture, then what is small."""
    order = sorted(range(len(steps)), key=lambda at: (not steps[at].label.endswith("lights"), steps[at].weight))
    times = np.array([steps[at].weight for at in order])
    count = int(np.searchsorted(np.cumsum(times), share * float(times.sum()))) if order else 0
    last = set(order[:count])
    return [step for at, step in enumerate(steps) if at not in last], [steps[at] for at in sorted(last)]
