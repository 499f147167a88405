"""Pictures as video has them: luma and halved chroma (yuv420p, BT.709, limited range; ITU-R BT.709-6, section 3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

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
WHITE = (235, 128, 128)
"""The three values of a white pixel."""


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
        made, whole = cls.empty(width, height), in_yuv(pixels)
        half = cv2.resize(whole, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        for number, (full, plane) in enumerate(((whole, made.y), (half, made.u), (half, made.v))):
            cv2.extractChannel(full, number, plane)
        return made

    @classmethod
    def enlarged(cls, small: Pixels, width: int, height: int) -> Planes:
        """The planes of a picture of any size, uint8 [h, w, 3], drawn smoothly at `width` x `height`."""
        made, yuv = cls.empty(width, height), in_yuv(small)
        for number, plane in enumerate((made.y, made.u, made.v)):
            cv2.resize(yuv[..., number], plane.shape[::-1], dst=plane, interpolation=cv2.INTER_LINEAR)
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

    @property
    def parts(self) -> Iterator[tuple[Pixels, int]]:
        """Each plane, and how many of the picture's pixels lie beside each other in one of its own."""
        yield from ((self.y, 1), (self.u, 2), (self.v, 2))

    def copy(self) -> Planes:
        """The same in memory of its own."""
        return Planes(self.buffer.copy())

    def _chroma(self, number: int) -> Pixels:
        size = self.width * self.height // 4
        start = self.width * self.height + number * size
        return self.buffer.reshape(-1)[start : start + size].reshape(self.height // 2, self.width // 2)


def in_yuv(pixels: Pixels) -> Pixels:
    """Luma and both colour differences of each pixel: uint8 [h, w, 3] from RGB of the same shape."""
    return np.asarray(cv2.transform(pixels, _MATRIX), np.uint8)


class Patch:
    """A small picture with alpha that is laid over others: uint8 [h, w, 4] whose top left corner lies at `left`, `top`.

    What reaches beyond the picture below is cut off.
    """

    def __init__(self, pixels: Pixels, left: int, top: int) -> None:
        right, bottom = left + pixels.shape[1], top + pixels.shape[0]
        padding = ((top % 2, bottom % 2), (left % 2, right % 2), (0, 0))
        padded = np.pad(pixels, padding)
        self._left, self._top = left - left % 2, top - top % 2
        colours = in_yuv(np.ascontiguousarray(padded[..., :3]))
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
