"""The panels of a comic page: rectangles between straight gutters of the paper's colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.frames import frames_in
from paints_undo_engine.procedural.reading.model import Box, Pixels

_LEAST_SIDE, _LEAST_AREA = 0.1, 0.025
_MOST = 24
_FRAMED, _ROOM = 0.6, 12
"""Of a side, what is a frame at least; pixels of paper about a part of the page."""
_EVEN, _BARE, _CAPTION, _MARGIN = 10, 0.985, 0.6, 0.004
"""Levels that a strip's colour strays; of a row, what has that colour where the strip is bare, and where letters are;
of the height, how much is bare above and below the letters."""
_LETTERED, _LEAST_STRIP, _STRIPS = 0.02, 0.02, 2
"""Of a strip, what letters cover at least; of the page, how high a strip is at least; how many there are."""


def find_panels(pixels: Pixels) -> tuple[Box, ...]:
    """The panels of uint8 [h, w, 3], row by row from the top left; empty for what is no comic page.

    The page is cut again and again along rows and columns that are paper all the way (X-Y cut, Nagy & Seth 1984); what
    is left must be framed by lines or stand out from the paper along its border.
    """
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    rim = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    paper = float(np.median(rim))
    if float((np.abs(rim.astype(np.int16) - paper) < 12).mean()) < 0.8:
        return ()
    marked = np.abs(grey.astype(np.int16) - paper) > 24
    found = [panel for box in _cut(marked, 0, 0, 0) for panel in _panels_in(marked, box)]
    return tuple(found) if 2 <= len(found) <= _MOST else ()


def _panels_in(marked: NDArray[np.bool_], box: Box) -> list[Box]:
    """A part of the page as a panel, or the panels in one that something joins, row by row."""
    height, width = marked.shape
    rows, columns = box.slices(marked.shape)
    if box.width < _LEAST_SIDE * width or box.height < _LEAST_SIDE * height:
        return []
    # Beyond the part's own border is paper.
    part = np.pad(marked[rows, columns], _ROOM)
    found = frames_in(part, _LEAST_SIDE * min(height, width), _LEAST_AREA * marked.size)
    inside = [replace(one, x=one.x + columns.start - _ROOM, y=one.y + rows.start - _ROOM) for one in found]
    several = len(inside) > 1 and sum(one.area for one in inside) > _FRAMED * box.area
    return [box] if _is_framed(marked, box) and not several else _row_by_row(inside)


def _row_by_row(boxes: Sequence[Box]) -> list[Box]:
    """Boxes in the order of reading: those that lie beside each other from the left."""
    rows: list[list[Box]] = []
    for box in sorted(boxes, key=lambda box: box.y):
        row = next((row for row in rows if box.y + box.height / 2 < row[0].y + row[0].height), None)
        if row is None:
            rows.append([box])
        else:
            row.append(box)
    return [box for row in rows for box in sorted(row, key=lambda box: box.x)]


def find_strips(pixels: Pixels) -> tuple[Box, ...]:
    """The panels of uint8 [h, w, 3] that reach from side to side between strips of one even colour with lettering.
    Empty where there are no two of each.
    """
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    middle = np.median(grey, axis=1)
    bare = (np.abs(grey - middle[:, None]) <= _EVEN).mean(axis=1) > _BARE
    if not bare.any():
        return ()
    colour = float(np.median(middle[bare]))
    covered = np.abs(grey.astype(np.float32) - colour) > _EVEN
    edges = np.flatnonzero(np.diff((covered.mean(axis=1) < 1 - _CAPTION).astype(np.int8), prepend=0, append=0))
    strips = [
        (int(a), int(b))
        for a, b in zip(edges[::2], edges[1::2], strict=True)
        if b - a > _LEAST_STRIP * height and _is_caption(covered[a:b], max(2, round(_MARGIN * height)))
    ]
    ends = [0, *(at for strip in strips for at in strip), height]
    gaps = [(a, b) for a, b in zip(ends[::2], ends[1::2], strict=True) if b - a > _LEAST_SIDE * height]
    if len(strips) < _STRIPS or not 2 <= len(gaps) <= _MOST:
        return ()
    return tuple(Box(0.0, float(a), float(width), float(b - a)) for a, b in gaps)


def _is_caption(covered: NDArray[np.bool_], margin: int) -> bool:
    """Whether a strip is bare at its upper and lower edge, and has letters between."""
    # Without the soft edge to the panels.
    rows = covered.mean(axis=1)[margin:-margin]
    if len(rows) < 2 * margin:
        return False
    bare = max(rows[:margin].mean(), rows[-margin:].mean()) < 1 - _BARE
    return bool(bare) and float(covered.mean()) > _LETTERED


def _cut(marked: NDArray[np.bool_], left: int, top: int, depth: int) -> list[Box]:
    """The rectangles of one part of the page, which is trimmed and then cut along its gutters."""
    rows, columns = np.flatnonzero(marked.any(axis=1)), np.flatnonzero(marked.any(axis=0))
    if not len(rows):
        return []
    marked = marked[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    left, top = left + int(columns[0]), top + int(rows[0])
    if depth < 4:
        for axis in (1, 0):
            filled = marked.mean(axis=axis) > 0.004
            edges = np.flatnonzero(np.diff(filled.astype(np.int8), prepend=0, append=0))
            parts = [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
            if len(parts) > 1:
                if axis == 1:
                    return [box for a, b in parts for box in _cut(marked[a:b], left, top + a, depth + 1)]
                return [box for a, b in parts for box in _cut(marked[:, a:b], left + a, top, depth + 1)]
    return [Box(float(left), float(top), float(marked.shape[1]), float(marked.shape[0]))]


def _is_framed(marked: NDArray[np.bool_], box: Box) -> bool:
    height, width = marked.shape
    if box.width < _LEAST_SIDE * width or box.height < _LEAST_SIDE * height or box.area < _LEAST_AREA * marked.size:
        return False
    part = marked[box.slices(marked.shape)]
    reach = max(2, round(0.004 * max(height, width)))
    sides = (
        part[:reach].any(axis=0),
        part[-reach:].any(axis=0),
        part[:, :reach].any(axis=1),
        part[:, -reach:].any(axis=1),
    )
    return all(float(side.mean()) > _FRAMED for side in sides)
