"""Pictures as video has them: luma and halved chroma (yuv420p, BT.709, limited range; ITU-R BT.709-6, section 3)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.export.geometry import Canvas
from paints_undo_engine.picture import Placement

Pixels = NDArray[np.uint8]

_RED, _BLUE = 0.2126, 0.0722
_LUMA, _CHROMA = 219 / 255, 224 / 255
_LUMA_ROW = np.array([_RED, 1 - _RED - _BLUE, _BLUE])
_MATRIX = np.column_stack(
    [
        np.array(
            [
                _LUMA * _LUMA_ROW,
                _CHROMA * (np.array([0, 0, 1]) - _LUMA_ROW) / (2 * (1 - _BLUE)),
                _CHROMA * (np.array([1, 0, 0]) - _LUMA_ROW) / (2 * (1 - _RED)),
            ]
        ),
        (16, 128, 128),
    ]
)
_WHITE = (235, 128, 128)
_LARGEST = -2
"""A picture is doubled so many times at most: a view that enlarges it by more shows its pixels anyway."""
_COVERED = 0.01
"""A picture that misses its painting's edge by no more of the painting's pixels counts as covering it."""


@dataclass(frozen=True, slots=True)
class Planes:
    """A picture of even size: `buffer` is uint8 [height * 3 / 2, width], luma first, then both halved chroma planes."""

    buffer: Pixels

    @classmethod
    def empty(cls, width: int, height: int) -> Planes:
        """Memory for a picture."""
        return cls(np.empty((height * 3 // 2, width), np.uint8))

    @classmethod
    def of(cls, pixels: Pixels) -> Planes:
        """The planes of uint8 [height, width, 3]; both sides are even.

        >>> Planes.of(np.full((2, 2, 3), 255, np.uint8)).y[0, 0]
        235
        """
        height, width = pixels.shape[:2]
        made, whole = cls.empty(width, height), cv2.transform(pixels, _MATRIX)
        half = cv2.resize(whole, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        for number, (full, plane) in enumerate(((whole, made.y), (half, made.u), (half, made.v))):
            cv2.extractChannel(full, number, plane)
        return made

    @property
    def width(self) -> int:
        """In pixels."""
        return int(self.buffer.shape[1])

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.buffer.shape[0]) * 2 // 3

    @property
    def y(self) -> Pixels:
        """Luma, uint8 [height, width]: a view."""
        return self.buffer[: self.height]

    @property
    def u(self) -> Pixels:
        """Blue difference, uint8 [height / 2, width / 2]: a view."""
        return self._chroma(0)

    @property
    def v(self) -> Pixels:
        """Red difference, uint8 [height / 2, width / 2]: a view."""
        return self._chroma(1)

    def copy(self) -> Planes:
        """The same in memory of its own."""
        return Planes(self.buffer.copy())

    def _chroma(self, number: int) -> Pixels:
        size = self.width * self.height // 4
        start = self.width * self.height + number * size
        return self.buffer.reshape(-1)[start : start + size].reshape(self.height // 2, self.width // 2)


class Patch:
    """A small picture with alpha that is laid over others: uint8 [h, w, 4] whose top left corner lies at `left`, `top`.

    What reaches beyond the picture below is cut off.
    """

    def __init__(self, pixels: Pixels, left: int, top: int) -> None:
        right, bottom = left + pixels.shape[1], top + pixels.shape[0]
        padding = ((top % 2, bottom % 2), (left % 2, right % 2), (0, 0))
        padded = np.pad(pixels, padding)
        self._left, self._top = left - left % 2, top - top % 2
        colours = cv2.transform(np.ascontiguousarray(padded[..., :3]), _MATRIX)
        alpha = np.asarray(padded[..., 3] / np.float32(255), np.float32)
        half = (padded.shape[1] // 2, padded.shape[0] // 2)
        small = cv2.resize(colours, half, interpolation=cv2.INTER_AREA).astype(np.float32)
        small_alpha = np.asarray(cv2.resize(alpha, half, interpolation=cv2.INTER_AREA), np.float32)
        self._planes: tuple[tuple[NDArray[np.float32], NDArray[np.float32], int], ...] = (
            (colours[..., 0].astype(np.float32), alpha, 1),
            (small[..., 1], small_alpha, 2),
            (small[..., 2], small_alpha, 2),
        )

    def lay_over(self, planes: Planes, opacity: float = 1.0) -> None:
        """Change the picture below, with an opacity of 0 to 1."""
        for (colour, alpha, share), below in zip(self._planes, (planes.y, planes.u, planes.v), strict=True):
            left, top = self._left // share, self._top // share
            x0, y0 = max(0, left), max(0, top)
            x1, y1 = min(below.shape[1], left + colour.shape[1]), min(below.shape[0], top + colour.shape[0])
            if x0 >= x1 or y0 >= y1:
                continue
            here, inside = np.s_[y0:y1, x0:x1], np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
            covered = alpha[inside] * np.float32(opacity)
            below[here] = np.rint(below[here] * (1 - covered) + colour[inside] * covered).astype(np.uint8)


class Pyramid:
    """A picture from which a moving view is cut out: halved and doubled until a linear step gives the view's size.

    `pixels` is uint8 [h, w, 3], `placement` where it lies in the painting's plane; `ground` gives what is seen beside
    the painting, uint8 [h, w, 3] of any size.
    """

    def __init__(self, pixels: Pixels, placement: Placement, ground: Callable[[], Pixels]) -> None:
        whole = cv2.transform(pixels, _MATRIX)
        self._planes = {(number, 0): np.asarray(cv2.extractChannel(whole, number), np.uint8) for number in range(3)}
        self._placement = placement
        self._make_ground = ground

    def show(self, view: Canvas, painting: Placement) -> Planes:
        """What a canvas shows of the picture, as `Canvas.show` does, but resampled once."""
        shown = Planes.empty(view.width, view.height)
        covers = _covers(self._placement, painting)
        for number, plane in enumerate((shown.y, shown.u, shown.v)):
            self._warp(number, plane, view.region, None if covers else _WHITE[number])
        if view.inner != (0, 0, view.width, view.height):
            self._put_beside(shown, view.inner)
        return shown

    def _put_beside(self, shown: Planes, inner: tuple[int, int, int, int]) -> None:
        """Put the ground around the inner rectangle (left, top, right, bottom)."""
        left, top, right, bottom = inner
        for number, (plane, share) in enumerate(((shown.y, 1), (shown.u, 2), (shown.v, 2))):
            height, width = plane.shape
            a, b, c, d = left // share, top // share, -(-right // share), -(-bottom // share)
            ground = cv2.resize(self._ground[number], (width, height), interpolation=cv2.INTER_LINEAR)
            for part in (np.s_[:b, :], np.s_[d:height, :], np.s_[b:d, :a], np.s_[b:d, c:width]):
                plane[part] = ground[part]

    @cached_property
    def _ground(self) -> tuple[Pixels, ...]:
        whole = cv2.transform(self._make_ground(), _MATRIX)
        return tuple(np.asarray(cv2.extractChannel(whole, number), np.uint8) for number in range(3))

    def _warp(self, number: int, target: Pixels, region: Placement, beyond: int | None) -> None:
        """Fill a plane with what a region shows of it; from a level with one to two of its pixels for each."""
        height, width = target.shape
        full_height, full_width = self._planes[number, 0].shape
        step = max(
            full_width / self._placement.width * region.width / width,
            full_height / self._placement.height * region.height / height,
        )
        plane = self._level(number, max(_LARGEST, math.floor(math.log2(step))))
        per_x, per_y = plane.shape[1] / self._placement.width, plane.shape[0] / self._placement.height
        across, down = per_x * region.width / width, per_y * region.height / height
        left, top = (region.x - self._placement.x) * per_x, (region.y - self._placement.y) * per_y
        matrix = np.array([[across, 0, left + (across - 1) / 2], [0, down, top + (down - 1) / 2]])
        cv2.warpAffine(
            plane, matrix, (width, height), dst=target, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE if beyond is None else cv2.BORDER_CONSTANT, borderValue=(beyond or 0,),
        )  # fmt: skip

    def _level(self, number: int, level: int) -> Pixels:
        """A plane, halved so many times; doubled where `level` is negative."""
        if (number, level) not in self._planes:
            nearer = self._level(number, level - 1 if level > 0 else level + 1)
            height, width = nearer.shape
            size = (max(1, width // 2), max(1, height // 2)) if level > 0 else (width * 2, height * 2)
            method = cv2.INTER_AREA if level > 0 else cv2.INTER_CUBIC
            self._planes[number, level] = np.asarray(cv2.resize(nearer, size, interpolation=method), np.uint8)
        return self._planes[number, level]


def _covers(picture: Placement, painting: Placement) -> bool:
    return (
        picture.x <= painting.x + _COVERED
        and picture.y <= painting.y + _COVERED
        and picture.x + picture.width >= painting.x + painting.width - _COVERED
        and picture.y + picture.height >= painting.y + painting.height - _COVERED
    )
