"""Readings that are kept while several processes of one picture are made."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator
from typing import cast

import numpy as np

from paints_undo_engine.procedural.reading.glimpses import flats, lines
from paints_undo_engine.procedural.reading.model import Pixels, Reading
from paints_undo_engine.procedural.reading.read import read, read_in_stages

_Key = tuple[bytes, tuple[int, ...]]
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
        self._kept: dict[_Key, Reading] = {}

    def __call__(self, picture: Pixels) -> Reading:
        """The reading of a picture, uint8 [H, W, 3 or 4]."""
        key = _key(picture)
        reading = self._kept.pop(key, None) or read_picture(picture)
        self._keep(key, reading)
        return reading

    def glimpses(self, picture: Pixels) -> Generator[Pixels, None, None]:
        """Read a picture, and meanwhile yield small pictures of what is seen of it: its lines, then its flats too.

        uint8 [h, w, 3] of at most `glimpses.SIDE` pixels a side. A picture whose reading is kept has the last alone.
        """
        key = _key(picture)
        reading = self._kept.get(key)
        if reading is None:
            rgb = np.ascontiguousarray(picture[..., :3])
            stages = read_in_stages(rgb, picture[..., 3] if picture.shape[2] == 4 else None)
            try:
                while True:
                    yield lines(next(stages))
            except StopIteration as end:
                reading = cast(Reading, end.value)
            finally:
                stages.close()
            self._keep(key, reading)
        yield flats(reading)

    def _keep(self, key: _Key, reading: Reading) -> None:
        self._kept[key] = reading
        if len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]

    def clear(self) -> None:
        """Forget all readings."""
        self._kept.clear()


def _key(picture: Pixels) -> _Key:
    return hashlib.blake2b(np.ascontiguousarray(picture).data).digest(), picture.shape
