"""Pictures on their way, as plain data. Importing this loads no network library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

FILE, PNG, RAW_RGB8, RAW_RGBA8 = 1, 2, 3, 4
"""The protocol's `PictureEncoding`."""


@dataclass(frozen=True)
class Pixels:
    """A picture's bytes: `encoding` is one of this module's RAW_RGB8, RAW_RGBA8, PNG, FILE."""

    data: bytes | bytearray
    encoding: Any
    width: int
    height: int


@dataclass(frozen=True)
class Layer:
    """One layer of the layer split, as PNG."""

    index: int
    count: int
    name: str
    visible: bool
    opacity: float
    pixels: Pixels
