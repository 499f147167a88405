"""Which flats lie in another one: that one's colour is laid under them, so that no white paper is left in a thing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Labels, Part

_SMALL, _INSIDE = 0.012, 0.5
"""Of the picture: a larger flat lies in no other; of its border, along so much of it lies the one that it lies in."""
_THIN, _BESIDE = 170.0, 0.6
"""The diagonal divided by it: a flat whose middle is nearer to its border is a strip, which lies in the one that it is
longest beside, if so much of its border is beside flats that come before it."""
_OF_ONE_KIND = (Part.SKIN, Part.HAIR)
"""Parts that are laid whole, each in its own colour."""
_FLOWS, _OPEN, _ALONG = 0.03, 0.5, 0.15
"""Of the picture: the largest flat into which a bucket flows that fills what is beside it; of their border, along so
much of it no line stops it; of the flat's whole border, so much lies open to it.
"""
_BIT, _CHIEF, _AROUND = 0.006, 0.5, 0.6
"""Of the picture: the largest separate bit of a flat that lies in another one; of the flat, what is no bit of it; of a
bit's border, along so much of it lies the flat that it lies in.
"""


def hosts_of(
    labels: Labels,
    order: Sequence[int],
    bare: NDArray[np.bool_] | None = None,
    closed: Collection[int] = (),
    kin: Mapping[int, Part] | None = None,
    unlike: Callable[[int, int], bool] | None = None,
) -> dict[int, int]:
    """For each flat that lies in an earlier one, that one's number.

    `labels` int32 [h, w], `order` the numbers of flats as they are filled; what is none has another number, or -1.
    `bare` bool [h, w]: where no line runs, so that the bucket flows on from a flat that is not one of the `closed`.
    `kin`: the part of each flat. What is skin or hair is filled with its own kind alone, and skin and hair with things
    that lie in them, into which no bucket flows, nor from one flat into an `unlike` one.
    """
    kin = kin or {}

    def open_to(number: int, one: int) -> bool:
        parted = one in closed or (kin.get(one) in _OF_ONE_KIND and kin.get(one) is not kin.get(number))
        return not parted and (unlike is None or not unlike(one, number))

    count = max(int(labels.max()), *order, 0) + 2 if order else 2
    shared = _borders(labels, count)
    free = np.zeros_like(shared) if bare is None else _borders(labels, count, bare)
    area = np.bincount((labels + 1).ravel(), minlength=count)[1:]
    hosts: dict[int, int] = {}
    for place, number in enumerate(order):
        before = [one for one in order[:place] if _may_hold(kin.get(one), kin.get(number))]
        if not before or not 0 < area[number] < _FLOWS * labels.size:
            continue
        flowing = _flowing(number, [one for one in before if open_to(number, one)], shared, free)
        if flowing is not None and area[flowing] > area[number]:
            hosts[number] = hosts.get(flowing, flowing)
        if area[number] >= _SMALL * labels.size:
            continue
        beside = shared[number, before]
        whole, chief = float(shared[number].sum()), before[int(beside.argmax())]
        inside = shared[number, chief] > _INSIDE * whole
        if area[chief] > area[number] and (inside or (beside.sum() > _BESIDE * whole and _is_thin(labels == number))):
            hosts[number] = hosts.get(chief, chief)
    return hosts


def bits_of(
    labels: Labels, order: Sequence[int], bare: NDArray[np.bool_], kin: Mapping[int, Part], first: int
) -> tuple[Labels, dict[int, tuple[int, int]]]:
    """The separate small bits of flats that lie in earlier ones without a line between: the map with each bit numbered
    from `first` on, and for each the flat whose it is and the one that it lies in.

    `labels` int32 [h, w], `order`, `bare` and `kin` as for `hosts_of`. No skin or hair is filled with other things, nor
    they with it.
    """
    count = max(int(labels.max()), *order, 0) + 2 if order else 2
    found: dict[int, tuple[int, int]] = {}
    numbered = labels.copy()
    for place, number in enumerate(order):
        before = [
            one for one in order[:place] if kin[one] is kin[number] or not {kin[one], kin[number]} & {*_OF_ONE_KIND}
        ]
        parts, pieces, boxes, _ = cv2.connectedComponentsWithStats((labels == number).astype(np.uint8))
        areas = boxes[:, cv2.CC_STAT_AREA]
        most = min(_BIT * labels.size, _CHIEF * float(areas[1:].sum()))
        for part in range(1, parts) if before else ():
            if areas[part] >= most:
                continue
            x, y, width, height = boxes[part, :4]
            at = np.s_[max(y - 1, 0) : y + height + 1, max(x - 1, 0) : x + width + 1]
            own = pieces[at] == part
            alone = np.where(own, count - 1, labels[at])
            shared, free = (_borders(alone, count + 1, some)[count - 1] for some in (None, bare[at]))
            chief = before[int(shared[before].argmax())]
            if shared[chief] > _AROUND * shared.sum() and free[chief] > _OPEN * shared[chief]:
                numbered[at][own] = first + len(found)
                found[first + len(found)] = (number, chief)
    return numbered, found


def _may_hold(one: Part | None, other: Part | None) -> bool:
    """Whether what is of one part may be filled with what is of another one: a ribbon with hair, no hair with skin."""
    return other not in _OF_ONE_KIND or one is other


def _flowing(number: int, before: Sequence[int], shared: NDArray[np.int64], free: NDArray[np.int64]) -> int | None:
    """The flat before another one from which the bucket flows on into that one, if there is one."""
    least = _ALONG * float(shared[number].sum())
    some = [one for one in before if free[number, one] > max(least, _OPEN * float(shared[number, one]))]
    return max(some, key=lambda one: int(free[number, one]), default=None)


def _borders(labels: Labels, count: int, bare: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
    """int64 [count, count]: how long each number's border with each other one is, or is where bare; -1 is the last."""
    shared = np.zeros((count, count), np.int64)
    for first, second in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        meet = labels[first] != labels[second]
        if bare is not None:
            meet &= bare[first] & bare[second]
        pair = (labels[first][meet] % count).astype(np.int64) * count + labels[second][meet] % count
        shared += np.bincount(pair, minlength=count * count).reshape(count, count)
    return shared + shared.T


def _is_thin(mask: NDArray[np.bool_]) -> bool:
    depth = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 3).max()
    return float(depth) < float(np.hypot(*mask.shape)) / _THIN
