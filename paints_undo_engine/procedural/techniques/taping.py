"""Margins around a painting: paper under tape, or the even ground that it was photographed on, with straight edges.

Nobody paints them. They are bare from the beginning, and paint ends at them as straight as tape makes it.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.arrival import Arrival
from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import NEVER, Pixels
from paints_undo_engine.procedural.reading.channels import greatest
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.brushing import Stretch
from paints_undo_engine.procedural.techniques.papering import on_grid

_EVEN, _PALE, _SAME = 24, 205, 16
"""Levels: how far a margin's pixels are from its colour, how light bare paper is, and how alike two sides of it."""
_BORDER = (0.005, 0.01)
"""Of a picture's side: there it tells a margin's colour; what is nearer to the border may be the scanner's."""
_THINNEST, _DEEPEST = 0.008, 0.22
"""Of a picture's side: how deep a margin is."""
_SEEN, _STRAIGHT, _BENT = 0.6, 0.88, 0.003
"""Of a margin's length, how much of its edge is seen at least; of that, how much is straight; and of the diagonal, how
far that strays.
"""
_TILTED = 0.02
"""How steep its edge is to the picture's border at most."""
_MARK, _SOFT, _UNDER = 5, 5, 0.03
"""Pixels around a mark on the margin that are not seen bare, and around the tape's edge that have the colours of both;
of the diagonal, how far paint goes on below it.
"""


def tape_of(source: Source) -> Tape | None:
    """The tape around a painting; None where there is no margin."""
    margin = _margin(source)
    return None if margin is None else Tape(source, margin)


def _margin(source: Source) -> NDArray[np.bool_] | None:
    """What is left bare around a painting: bool [h, w] on the grid.

    Pale ones lie along two sides that face each other, at least, others along all four.
    """
    if source.alpha is not None:
        return None
    calm = np.asarray(cv2.medianBlur(source.small, 3), np.uint8)
    found = [_side(np.asarray(np.rot90(calm, turns), np.uint8), source.diagonal) for turns in range(4)]
    colours = [None if one is None else one[0] for one in found]
    facing = [one for one, other in ((0, 2), (1, 3)) if _alike(colours[one], colours[other])]
    if not facing:
        return None
    first = colours[facing[0]]
    assert first is not None
    sides = [side for side in range(4) if _alike(colours[side], first)]
    if len(sides) < 4 and float(first.min()) < _PALE:
        return None
    margin = np.zeros(calm.shape[:2], bool)
    for side in sides:
        one = found[side]
        if one is not None:
            turned = np.rot90(margin, side)
            turned |= np.arange(len(turned))[:, None] < one[1][None]
    return margin


def _alike(one: NDArray[np.float64] | None, other: NDArray[np.float64] | None) -> bool:
    return one is not None and other is not None and float(np.abs(one - other).max()) < _SAME


def _side(pixels: Pixels, diagonal: float) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """The colour of a margin along the upper side of uint8 [h, w, 3], and its depth in each column: float64 [w]."""
    height, width = pixels.shape[:2]
    deepest = int(_DEEPEST * height)
    begin, end = (max(at, round(share * height)) for at, share in zip((1, 3), _BORDER, strict=True))
    if deepest <= end:
        return None
    colour = np.asarray(np.median(pixels[begin:end].reshape(-1, 3), axis=0), np.float64)
    other = greatest(np.abs(pixels[:deepest].astype(np.int16) - colour.astype(np.int16))) > _EVEN
    other[:begin] = False
    depth = np.where(other.any(axis=0), other.argmax(axis=0), deepest).astype(np.float64)
    columns = np.flatnonzero(depth < deepest)
    if len(columns) < max(3, _SEEN * width):
        return None
    third = len(columns) // 3
    left, right = columns[:third], columns[-third:]
    low, high = float(np.median(depth[left])), float(np.median(depth[right]))
    slope = (high - low) / max(float(right.mean() - left.mean()), 1.0)
    edge = np.asarray(low + slope * (np.arange(width) - float(left.mean())), np.float64)
    bent = np.abs(depth - edge)[columns] > max(1.5, _BENT * diagonal)
    thin = float(edge.min()) < max(3.0, _THINNEST * height)
    return None if thin or abs(slope) > _TILTED or float(bent.mean()) > 1 - _STRAIGHT else (colour, edge)


class Tape:
    """What is stuck around a painting: paint goes on below it, and so ends as straight as it does.

    `margin` bool [h, w]: what it covers; `within`: the painting, which is carried on to where it is `reached` by paint.
    """

    def __init__(self, source: Source, margin: NDArray[np.bool_]) -> None:
        self.margin = margin
        clear = cv2.dilate(margin.astype(np.uint8), np.ones((_SOFT, _SOFT), np.uint8)) == 0
        self.within = Stretch(np.asarray(clear, bool))
        deep = cv2.distanceTransform(margin.astype(np.uint8), cv2.DIST_L2, 3)
        self.reached = np.asarray(deep < _UNDER * source.diagonal, bool)
        self._bare = _bared(source, margin)
        self._standing = on_grid(source, self._bare)[margin]

    def taken_off(self, canvas: Pixels) -> None:
        """The margin as it is left, on the grid."""
        canvas[self.margin] = self._standing

    def layers(self, group: tuple[str, ...]) -> list[Layer]:
        """The margin from the beginning on, over paint that runs across its edge."""
        come = np.where(self.margin, 0, NEVER).astype(np.uint16)
        return [Arrival("Margin", self._bare, come, ramp=1, group=group)]


def _bared(source: Source, margin: NDArray[np.bool_]) -> Pixels:
    """The picture, uint8 [H, W, 3], without what is written or has strayed onto its margin, which comes last."""
    height, width = source.size
    colour = np.median(source.small[margin], axis=0).astype(np.uint8)
    marked = margin & (greatest(np.abs(source.small.astype(np.int16) - colour.astype(np.int16))) > _EVEN)
    near = cv2.dilate(marked.astype(np.uint8), np.ones((_MARK, _MARK), np.uint8))
    near = cv2.resize(near, (width, height), interpolation=cv2.INTER_NEAREST)
    pixels = source.pixels.copy()
    pixels[near > 0] = colour
    return pixels
