"""Enlarging a map band by band, so that the large one never lies in memory as a whole."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.restoring.calibration import Values

_SHARPNESS = -0.75
"""The free parameter of cubic convolution (Keys 1981), as OpenCV has it."""
_WORTH = 1.5
"""How many times larger a frame must become for an upscaler to be asked."""
_SMALL = 2**19
"""Pixels up to which a frame is small; the models' have 0.2 to 0.4 million. An upscaler takes 20 s for a million."""

_COLUMNS = 8192
"""How many values wide a product is: so few that its library uses no threads of its own, which would wait here."""


class Upscaler(Protocol):
    """Enlarges values by itself: float32 [h, w, 3], or premultiplied [h, w, 4], 0 to 1, to `scale` times their size."""

    scale: int

    def __call__(self, values: Values) -> Values:
        """The enlarged values."""


def upscaled(values: Values, height: int, width: int, upscaler: Upscaler | None) -> Values:
    """`values` [h, w, channels] by an upscaler, where it is worth its time and as far as [height, width, channels]."""
    small = values.shape[0] * values.shape[1] <= _SMALL
    if upscaler is None or not small or min(height / values.shape[0], width / values.shape[1]) < _WORTH:
        return values
    values = upscaler(values)
    if values.shape[0] > height or values.shape[1] > width:
        values = np.asarray(cv2.resize(values, (width, height), interpolation=cv2.INTER_AREA), np.float32)
    return values


class EnlargedMaps:
    """Maps [h, w, channels] as [height, width, channels]; `rows` gives a few rows of them at a time.

    It is cubic convolution. Maps that are smaller than the first are brought to its size first.
    """

    def __init__(self, maps: Sequence[Values], height: int, width: int) -> None:
        self._width = width
        self._channels = [values.shape[2] for values in maps]
        size = maps[0].shape[:2]
        # The outermost rows repeat, so that four neighbouring ones are there for every row.
        self._wide = np.empty((2 + size[0] + 2, width * sum(self._channels)), np.float32)
        begin = 0
        for values in maps:
            alike = values if values.shape[:2] == size else _resized(values, *size)
            end = begin + width * values.shape[2]
            self._wide[2:-2, begin:end] = _resized(alike, size[0], width).reshape(size[0], -1)
            begin = end
        self._wide[:2], self._wide[-2:] = self._wide[2], self._wide[-3]
        at = (np.arange(height) + 0.5) * (size[0] / height) - 0.5
        self._firsts = np.floor(at).astype(np.int64) + 1
        self._weights = _weights(at - np.floor(at))

    def rows(self, top: int, bottom: int) -> Iterator[Values]:
        """Rows `top` to `bottom` - 1 of each map: float32 [bottom - top, width, channels]."""
        out = np.empty((bottom - top, self._wide.shape[1]), np.float32)
        firsts = self._firsts[top:bottom]
        edges = [0, *(np.flatnonzero(np.diff(firsts)) + 1).tolist(), len(firsts)]
        for begin, end in itertools.pairwise(edges):
            first = int(firsts[begin])  # of the four that all these rows lie between
            for left in range(0, out.shape[1], _COLUMNS):
                columns = slice(left, left + _COLUMNS)
                four = self._wide[first : first + 4, columns]
                np.matmul(self._weights[top + begin : top + end], four, out=out[begin:end, columns])
        begin = 0
        for channels in self._channels:
            end = begin + channels * self._width
            yield out[:, begin:end].reshape(bottom - top, self._width, channels)
            begin = end


def _weights(past: NDArray[np.float64]) -> NDArray[np.float32]:
    """float32 [n, 4], each row with sum 1: those of the four places around one that is `past` (0 to 1) the second."""
    far = np.stack([past + 1, past, 1 - past, 2 - past], axis=1)
    near = ((_SHARPNESS + 2) * far - (_SHARPNESS + 3)) * far * far + 1
    outer = ((far - 5) * far + 8) * far * _SHARPNESS - 4 * _SHARPNESS
    return np.where(far <= 1, near, outer).astype(np.float32)


def _resized(values: Values, height: int, width: int) -> Values:
    """Enlarged: float32 [height, width, channels]."""
    large = cv2.resize(values, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(large, np.float32).reshape(height, width, -1)
