"""What a bucket fills at once, and what it leaves, which a small brush touches up afterwards."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import UNIT, Times
from paints_undo_engine.procedural.techniques.arriving import nearest_order

_NARROW, _REACH = 420.0, 1.5
"""The diagonal divided by it: what is not twice as broad, the bucket leaves; so many times it flows back towards lines
and borders from where there is room."""
_CLICKS, _CLICK = 32, 0.004
"""Separate parts of an area that are poured one by one at most, and their least share of it; others are touched up."""
_WITHIN = 0.9
"""Of a piece: where so much of it lies in the holes of another one, that is all round it."""
_LARGE = 0.45
"""Of the canvas: what is larger is poured in two pieces."""
_TOUCH = 0.00006
"""Of the canvas: what is touched up in one operation at least."""
_FEW, _MANY = 2.0, 22.0
"""Operations in which an area is touched up at most: a small one, and more with the root of its share of the canvas."""
_UNEVEN, _SLANT, _BOWED = 40.0, 0.4, 0.08
"""Pixels by which the border between two pieces is uneven; how far it is from straight across, and of the longer side,
how far it swings: a hand's is no ruler's.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Pour:
    """How an area is filled: `turn` uint16 [n] says for each of its pixels, row by row, in which of `turns` it is."""

    turn: NDArray[np.uint16]
    turns: int

    def times(self, begin: int, end: int) -> Times:
        """When each pixel is filled, if the whole lasts from one tick to another: uint16 [n]. An operation of which it
        takes less than half is another's.
        """
        whole = -(-begin // UNIT) * UNIT
        begin = whole if whole - begin < UNIT / 2 and whole + UNIT / 2 <= end else begin
        share = np.arange(self.turns) / self.turns
        return np.asarray(begin + share * max(0, end - begin), np.uint16)[self.turn]


def poured(
    mask: NDArray[np.bool_],
    shown: NDArray[np.bool_],
    size: tuple[int, int],
    ripple: NDArray[np.floating],
    care: float = 1.0,
) -> Pour:
    """The turns of a mask, bool [h, w], that is a part of a canvas of some height and width.

    The bucket fills its broad parts, the largest first; after each a brush goes round it and fills its sharp corners,
    narrow ends and small separate bits. `shown` bool [h, w]: where paint is seen, which is not below lines.
    `ripple` [h, w] about -.5 to .5 makes borders between the pieces of a large area uneven. `care`: how many times as
    much time as usual a brush takes.
    """
    if not mask.any():
        return Pour(np.zeros(0, np.uint16), 1)
    canvas = float(np.prod(size))
    turn = _clicked(mask, shown, size, ripple)
    clicks = int(turn.max(initial=0))
    turn[mask & ~shown] = min(clicks, 1)
    left = mask & (turn == 0)
    seen = int((left & shown).sum())
    most = care * (_FEW + _MANY * (float(mask.sum()) / canvas) ** 0.5)
    touches = min(round(most), round(care * seen / (_TOUCH * canvas)))
    if not touches or not clicks:
        turn[left] = clicks + _touched(left, touches) if touches else max(clicks, 1)
        return Pour((turn[mask] - 1).astype(np.uint16), max(1, clicks + touches))
    return _piece_by_piece(mask, turn, left, touches)


def _piece_by_piece(mask: NDArray[np.bool_], turn: NDArray[np.int32], left: NDArray[np.bool_], touches: int) -> Pour:
    """Clicks, `turn` int32 [h, w] from 1, and after each the touches of what is `left` beside it, bool [h, w]. A click
    all round which another one has filled follows that at once: nobody tidies an edge beside a hole.
    """
    _, nearest = cv2.distanceTransformWithLabels(
        (turn == 0).astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    click_of = np.zeros(int(nearest.max()) + 1, np.int32)
    click_of[nearest[turn > 0]] = turn[turn > 0]
    beside = np.where(left, click_of[nearest], 0)
    made = np.zeros(turn.shape, np.int32)
    now, share = 0, touches / int(left.sum())
    waiting = list(range(1, int(turn.max()) + 1))
    while waiting:
        within = [waiting.pop(0)]
        inside = _filled_up(turn == within[0])
        within += [click for click in waiting if (inside[turn == click]).mean() > _WITHIN]
        waiting = [click for click in waiting if click not in within]
        for click in within:
            made[turn == click] = now
            now += 1
        own = np.isin(beside, within)
        count = min(max(1, round(share * float(own.sum()))), int(own.sum()))
        if count:
            made[own] = now - 1 + _touched(own, count)
            now += count
    return Pour(made[mask].astype(np.uint16), now)


def _filled_up(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A mask, bool [h, w], with its holes."""
    outer, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(cv2.drawContours(np.zeros(mask.shape, np.uint8), outer, -1, 1, -1) > 0)


def _clicked(
    mask: NDArray[np.bool_], shown: NDArray[np.bool_], size: tuple[int, int], ripple: NDArray[np.floating]
) -> NDArray[np.int32]:
    """int32 [h, w]: with which click of the bucket a pixel is filled, from 1; 0 where with none."""
    narrow = float(np.hypot(*size)) / _NARROW
    open_to = mask & shown
    broad = cv2.distanceTransform(open_to.astype(np.uint8), cv2.DIST_L2, 3) > narrow
    away, parts = cv2.distanceTransformWithLabels((~broad).astype(np.uint8), cv2.DIST_L2, 3)
    area = np.bincount(parts[broad], minlength=1)
    order = [int(at) for at in np.argsort(-area, kind="stable")[:_CLICKS] if area[at] > _CLICK * mask.sum()]
    order = _onward(np.asarray(parts, np.int32), order, area)
    table = np.zeros(max(int(parts.max()) + 1, len(area)), np.int32)
    table[np.array(order, np.int64)] = np.arange(len(order)) + 1
    turn = np.where(open_to & (away <= _REACH * narrow), table[parts], 0)
    if order and area[order[0]] > _LARGE * float(np.prod(size)):
        turn[turn > 0] += 1
        turn[_first_piece(turn == 2, ripple)] = 1
    return np.asarray(turn, np.int32)


def _onward(parts: NDArray[np.int32], order: list[int], area: NDArray[np.int64]) -> list[int]:
    """Some of the `parts` of int32 [h, w], of which the first is begun with, as one goes on to the nearest."""
    if len(order) < 3:
        return order
    rows, columns = np.nonzero(np.isin(parts, order))
    own = parts[rows, columns]
    share = np.maximum(np.bincount(own, minlength=len(area)), 1)
    middles = np.stack([np.bincount(own, at, len(area)) / share for at in (columns, rows)], axis=1)[order]
    return [order[at] for at in nearest_order(middles, (float(middles[0, 0]), float(middles[0, 1])))]


def _first_piece(mask: NDArray[np.bool_], ripple: NDArray[np.floating]) -> NDArray[np.bool_]:
    """About half of a large mask, cut aslant across its longer side: bool [h, w]."""
    height, width = mask.shape
    along, across = np.arange(width)[None], np.arange(height)[:, None]
    if height >= width:
        along, across = across, along
    swing = max(mask.shape) * np.sin(2 * np.pi * across / min(mask.shape))
    way = along + _SLANT * across + _BOWED * swing + _UNEVEN * ripple
    return np.asarray(mask & (way < np.median(way[mask])))


def _touched(left: NDArray[np.bool_], touches: int) -> NDArray[np.int32]:
    """Which of so many touches, from 1, fills each pixel that the bucket left, int32 [n]: the brush goes once round,
    and fills each bit whole.
    """
    _, bits, _, middles = cv2.connectedComponentsWithStats(left.astype(np.uint8), connectivity=8)
    away = middles - np.array([[axis.mean() for axis in np.nonzero(left)[::-1]]])
    way = np.arctan2(away[:, 1], away[:, 0])[bits[left]]
    return 1 + in_turns(np.lexsort((round_about(left), bits[left], way)), touches)


def round_about(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """In which way, in radians, each pixel of a mask bool [h, w] lies from its middle: float64 [n], row by row."""
    rows, columns = np.nonzero(mask)
    return np.asarray(np.arctan2(rows - rows.mean(), columns - columns.mean()), np.float64)


def in_turns(order: NDArray[np.int64], turns: int) -> NDArray[np.int32]:
    """In which of so many turns, from 0, each of n things comes that are taken in an order [n], as many in each."""
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return np.asarray(rank * turns // len(order), np.int32)
