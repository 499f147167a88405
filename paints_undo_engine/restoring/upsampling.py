"""Enlarging a map band by band, so that the large one never lies in memory as a whole."""

from __future__ import annotations

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


class Upscaler(Protocol):
    """Enlarges values by itself: float32 [h, w, 3], or premultiplied [h, w, 4], 0 to 1, to `scale` times their size."""

    scale: int

    def __call__(self, values: Values) -> Values:
        """The enlarged values."""


def enlarged(values: Values, height: int, width: int, upscaler: Upscaler | None = None) -> Enlarged:
    """`values` [h, w, channels] as [height, width, channels], by an upscaler where it is worth its time."""
    if upscaler is not None and min(height / values.shape[0], width / values.shape[1]) >= _WORTH:
        values = upscaler(values)
        if values.shape[0] > height or values.shape[1] > width:
            values = np.asarray(cv2.resize(values, (width, height), interpolation=cv2.INTER_AREA), np.float32)
    return Enlarged(values, height, width)


class Enlarged:
    """`values` [h, w, channels] as [height, width, channels]; `rows` gives a few rows of it at a time.

    It is cubic convolution, the same values whatever the bands.
    """

    def __init__(self, values: Values, height: int, width: int) -> None:
        self._channels = values.shape[2]
        self._wide = _widened(values, width)
        self._height, self._width = height, width

    def rows(self, top: int, bottom: int) -> Values:
        """Rows `top` to `bottom` - 1: float32 [bottom - top, width, channels]."""
        # Row by row with OpenCV: a matrix product this small costs more in its library's waiting threads than in work.
        out = np.empty((bottom - top, self._wide.shape[1]), np.float32)
        spare = np.empty((1, self._wide.shape[1]), np.float32)
        places, weights = self._places[top:bottom].tolist(), self._weights[top:bottom].tolist()
        for line, ((a, b, c, d), (wa, wb, wc, wd)) in enumerate(zip(places, weights, strict=True)):
            row = out[line : line + 1]
            cv2.addWeighted(self._wide[a : a + 1], wa, self._wide[b : b + 1], wb, 0, dst=row)
            cv2.addWeighted(self._wide[c : c + 1], wc, self._wide[d : d + 1], wd, 0, dst=spare)
            cv2.add(row, spare, dst=row)
        return out.reshape(bottom - top, self._width, self._channels)

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


def _widened(values: Values, width: int) -> Values:
    """Enlarged to `width` alone: float32 [h, width * channels]."""
    height = values.shape[0]
    wide = cv2.resize(values, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.ascontiguousarray(np.asarray(wide, np.float32).reshape(height, -1))
