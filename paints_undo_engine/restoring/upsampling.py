"""Enlarging a map band by band, so that the large one never lies in memory as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
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

    It is cubic convolution, the same values whatever the bands. Maps that are smaller than the first are brought to its
    size first.
    """

    def __init__(self, maps: Sequence[Values], height: int, width: int) -> None:
        self._height, self._width = height, width
        self._channels = [values.shape[2] for values in maps]
        size = maps[0].shape[:2]
        self._wide = np.empty((size[0], width * sum(self._channels)), np.float32)
        begin = 0
        for values in maps:
            alike = values if values.shape[:2] == size else _resized(values, *size)
            end = begin + width * values.shape[2]
            self._wide[:, begin:end] = _resized(alike, size[0], width).reshape(size[0], -1)
            begin = end

    def rows(self, top: int, bottom: int) -> Iterator[Values]:
        """Rows `top` to `bottom` - 1 of each map: float32 [bottom - top, width, channels]."""
        # Row by row with OpenCV: a matrix product this small costs more in its library's waiting threads than in work.
        out = np.empty((bottom - top, self._wide.shape[1]), np.float32)
        spare = np.empty((1, self._wide.shape[1]), np.float32)
        places, weights = self._places[top:bottom].tolist(), self._weights[top:bottom].tolist()
        for line, ((a, b, c, d), (wa, wb, wc, wd)) in enumerate(zip(places, weights, strict=True)):
            row = out[line : line + 1]
            cv2.addWeighted(self._wide[a : a + 1], wa, self._wide[b : b + 1], wb, 0, dst=row)
            cv2.addWeighted(self._wide[c : c + 1], wc, self._wide[d : d + 1], wd, 0, dst=spare)
            cv2.add(row, spare, dst=row)
        begin = 0
        for channels in self._channels:
            end = begin + channels * self._width
            yield out[:, begin:end].reshape(bottom - top, self._width, channels)
            begin = end

    @cached_property
    def _at(self) -> NDArray[np.float64]:
        return np.asarray((np.arange(self._height) + 0.5) * (len(self._wide) / self._height) - 0.5, np.float64)

    @cached_property
    def _places(self) -> NDArray[np.int64]:
        """int64 [height, 4]: the rows that each row is made of, ascending; the outermost repeat."""
        whole = np.floor(self._at).astype(np.int64)[:, None] + np.arange(-1, 3)
        return np.asarray(np.clip(whole, 0, len(self._wide) - 1), np.int64)

    @cached_property
    def _weights(self) -> NDArray[np.float32]:
        """float32 [height, 4]: their weights, which sum to 1."""
        past = self._at - np.floor(self._at)
        far = np.stack([past + 1, past, 1 - past, 2 - past], axis=1)
        near = ((_SHARPNESS + 2) * far - (_SHARPNESS + 3)) * far * far + 1
        outer = ((far - 5) * far + 8) * far * _SHARPNESS - 4 * _SHARPNESS
        return np.where(far <= 1, near, outer).astype(np.float32)


def _resized(values: Values, height: int, width: int) -> Values:
    """Enlarged: float32 [height, width, channels]."""
    large = cv2.resize(values, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(large, np.float32).reshape(height, width, -1)
