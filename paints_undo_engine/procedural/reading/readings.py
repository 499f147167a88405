"""Readings that are kept while several processes of one picture are made."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np

from paints_undo_engine.procedural.reading.model import Pixels, Reading
from paints_undo_engine.procedural.reading.read import read

Reader = Callable[[Pixels], Reading]
"""Reads uint8 [H, W, 3 or 4], sRGB, straight alpha."""

_KEPT = 2
"""The picture at the frames' size, and at its own or after a branch."""


def read_picture(picture: Pixels) -> Reading:
    """Read a picture whose alpha, where it has one, is its fourth channel: uint8 [H, W, 3 or 4]."""
    return read(np.ascontiguousarray(picture[..., :3]), picture[..., 3] if picture.shape[2] == 4 else None)


class Readings:
    """A `Reader` that keeps the readings of the last pictures; reading them again costs next to nothing.

    For one thread at a time.

    >>> reader = Readings()
    >>> reader(picture) is reader(picture.copy())
    True
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[bytes, tuple[int, ...]], Reading] = {}

    def __call__(self, picture: Pixels) -> Reading:
        """The reading of a picture, uint8 [H, W, 3 or 4]."""
        key = (hashlib.blake2b(np.ascontiguousarray(picture).data).digest(), picture.shape)
        reading = self._kept.pop(key, None) or read_picture(picture)
        self._kept[key] = reading
        if len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]
        return reading

    def clear(self) -> None:
        """Forget all readings."""
        self._kept.clear()
