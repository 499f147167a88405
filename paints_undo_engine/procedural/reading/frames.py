"""Rectangles whose four sides are straight borders against paper: panels that something joins to others."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Box

_LONG, _COVERED = 0.6, 0.7
"""Of a panel's least side, a piece of a border that may be a side's; of a side, what of it is a border at least."""
_WOBBLE, _JOINED = 0.006, 0.01
"""Of the longer side: how far a border drawn by hand strays, and how long a gap in it is that something crosses."""
_GUTTER, _MOST = 0.07, 16
"""Of the longer side: how broad gutters are at most; so many sides of one kind are looked at, the longest."""

_Sides = list[tuple[float, float, float]]
"""Where sides lie across, and from where to where they reach."""


def frames_in(marked: NDArray[np.bool_], least: float, area: float) -> list[Box]:
    """The rectangles in bool [h, w], what stands out from paper, that have paper along their sides, the largest first:
    no narrower than `least` and no smaller than `area`, in pixels.
    """
    height, width = marked.shape
    longer = max(height, width)
    wobble, joined = max(2, round(_WOBBLE * longer)), max(3, round(_JOINED * longer))
    begins = [_borders(turned, wobble, joined, least) for turned in (marked, marked[::-1], marked.T, marked.T[::-1])]
    tops, lefts = _sides(begins[0]), _sides(begins[2])
    bottoms = [(height - 1 - at, start, end) for at, start, end in _sides(begins[1])]
    rights = [(width - 1 - at, start, end) for at, start, end in _sides(begins[3])]
    maps = [begins[0], begins[1][::-1], begins[2].T, begins[3][::-1].T]
    sums = [np.cumsum(one, axis=1 - number // 2, dtype=np.int32) for number, one in enumerate(maps)]
    ends = [np.rint([side[0] for side in sides]).astype(np.int64) for sides in (tops, bottoms, lefts, rights)]
    y, end, x, last = (one.ravel() for one in np.meshgrid(*ends, indexing="ij"))
    kept = (end - y >= least) & (last - x >= least) & ((end - y) * (last - x) >= area)
    y, end, x, last = (one[kept] for one in (y, end, x, last))
    across = [(sums[0][y, last] - sums[0][y, x]), (sums[1][end, last] - sums[1][end, x])]
    down = [(sums[2][end, x] - sums[2][y, x]), (sums[3][end, last] - sums[3][y, last])]
    covered = [*(one > _COVERED * (last - x) for one in across), *(one > _COVERED * (end - y) for one in down)]
    seen = np.sum(covered, axis=0, dtype=np.int64)
    found: list[Box] = []
    for sides in (4, 3):
        chosen = [Box(*map(float, one)) for one in np.stack([x, y, last - x, end - y], axis=1)[seen == sides].tolist()]
        for box in sorted(chosen, key=lambda box: -box.area):
            if any(box.shared(other) > 0 for other in found):
                continue
            # What something stands before is a panel's side in line with another's.
            if sides == 3 and not any(_is_in_line(box, other, 2 * wobble) for other in found):
                continue
            parted = _is_parted(box, tops, bottoms, longer) or _is_parted(_turned(box), lefts, rights, longer)
            found += [] if parted else [box]
    return found


def _is_in_line(box: Box, other: Box, wobble: float) -> bool:
    """Whether two boxes lie above or beside each other and are as wide or as high."""
    above = max(abs(box.x - other.x), abs(box.x + box.width - other.x - other.width))
    beside = max(abs(box.y - other.y), abs(box.y + box.height - other.y - other.height))
    return min(above, beside) <= wobble


def _borders(marked: NDArray[np.bool_], wobble: int, joined: int, least: float) -> NDArray[np.bool_]:
    """Where what is marked in bool [h, w] begins below paper, and as far from there as a border strays."""
    begin = marked.copy()
    for step in range(1, wobble + 1):
        begin[step:] &= ~marked[:-step]
    thick = cv2.dilate(begin.astype(np.uint8), np.ones((2 * wobble + 1, 1), np.uint8))
    thick = cv2.morphologyEx(thick, cv2.MORPH_CLOSE, np.ones((1, joined), np.uint8))
    return cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, round(_LONG * least)), np.uint8)) > 0


def _sides(borders: NDArray[np.bool_]) -> _Sides:
    _, _, stats, centres = cv2.connectedComponentsWithStats(borders.astype(np.uint8), connectivity=4)
    found = [
        (float(centre[1]), float(one[cv2.CC_STAT_LEFT]), float(one[cv2.CC_STAT_LEFT] + one[cv2.CC_STAT_WIDTH]))
        for one, centre in zip(stats[1:], centres[1:], strict=True)
    ]
    return sorted(found, key=lambda side: side[1] - side[2])[:_MOST]


def _turned(box: Box) -> Box:
    return Box(box.y, box.x, box.height, box.width)


def _is_parted(box: Box, begins: _Sides, ends: _Sides, longer: float) -> bool:
    """Whether a gutter runs through a box: a panel ends at one and another begins at it."""
    gutter = _GUTTER * longer

    def crosses(side: tuple[float, float, float]) -> bool:
        inside = box.y + gutter < side[0] < box.y + box.height - gutter
        return inside and min(side[2], box.x + box.width) - max(side[1], box.x) > _COVERED * box.width

    lower = [begin[0] for begin in begins if crosses(begin)]
    return any(0 < begin - end[0] < gutter for end in ends if crosses(end) for begin in lower)
