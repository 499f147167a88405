"""The few colours that a painting is made of, and since when each is in use."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from paints_undo_engine.export.camera import Thumbnail

COLOURS = 8
_PAPER = 12
"""A pixel that differs from white by no more is bare."""
_USED = 0.35
"""The share of its final area from which a colour counts as used."""


class Palette:
    """Colours of a painting, dark to light: `colours` is uint8 [n, 3], n at most 8."""

    def __init__(self, painting: Thumbnail) -> None:
        painted = _painted(painting)
        painted = painted if len(painted) else painting.reshape(-1, 3)
        found = Image.fromarray(painted[None]).quantize(COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=4)
        flat = np.array(found.getpalette(), np.uint8).reshape(-1, 3)[: len(found.getcolors() or [])]
        self.colours: NDArray[np.uint8] = flat[np.argsort(flat @ np.array([0.2126, 0.7152, 0.0722]))]
        self._wanted = self._areas(painted)
        self._used = np.zeros(len(self.colours), bool)

    def see(self, state: Thumbnail) -> tuple[bool, ...]:
        """Which colours are in use after the next state; none is ever forgotten."""
        self._used |= self._areas(_painted(state)) >= np.maximum(1, self._wanted * _USED)
        return tuple(map(bool, self._used))

    def _areas(self, pixels: NDArray[np.uint8]) -> NDArray[np.int64]:
        """How many pixels (uint8 [n, 3]) are nearest to each colour."""
        away = np.square(pixels[:, None].astype(np.int32) - self.colours[None].astype(np.int32)).sum(axis=2)
        return np.bincount(away.argmin(axis=1), minlength=len(self.colours))


def _painted(small: Thumbnail) -> NDArray[np.uint8]:
    """The pixels that are not bare, uint8 [n, 3]."""
    pixels = small.reshape(-1, 3)
    return np.asarray(pixels[(255 - pixels.astype(np.int16)).max(axis=1) > _PAPER], np.uint8)
