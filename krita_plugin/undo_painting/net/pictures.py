"""Pictures on their way, as plain data. Importing this loads no network library."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
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

    @property
    def density(self) -> float:
        """Bytes a pixel as PNG: how much there is in it to be packed; 0 in another encoding."""
        return len(self.data) / max(1, self.width * self.height) if self.encoding == PNG else 0.0


class Blending(Enum):
    """How a layer is blended with what is below it, by Krita's own names."""

    NORMAL = "normal"
    MULTIPLY = "multiply"
    SCREEN = "screen"
    ADD = "add"
    SUBTRACT = "subtract"


@dataclass(frozen=True)
class SplitLayer:
    """One layer of the layer split, as PNG. `group` names the groups that it lies in, outermost first; `clipped`: it
    shows only on the layer below it that is not clipped itself."""

    index: int
    count: int
    name: str
    visible: bool
    opacity: float
    pixels: Pixels
    group: tuple[str, ...] = ()
    blending: Blending = Blending.NORMAL
    clipped: bool = False
