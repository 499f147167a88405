"""Pictures and where they lie in the painting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Placement:
    """A picture's rectangle in the painting's pixels (x, y: top left corner; may be fractional)."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Pixels of a keyframe or frame: [height, width, 3 or 4], sRGB, straight alpha.

    uint8, as engines give them; uint16 where it was restored from a painting of that depth.
    """

    pixels: NDArray[Any]
    placement: Placement


class Blending(StrEnum):
    """The blending modes that Krita and PSD share; OpenRaster has all but `SUBTRACT`."""

    NORMAL = "normal"
    MULTIPLY = "multiply"
    SCREEN = "screen"
    ADD = "add"
    SUBTRACT = "subtract"


@dataclass(frozen=True, slots=True)
class SplitLayer:
    """A layer of the layer split. `read` gives uint8 [height, width, 4], straight alpha, in the painting's size.

    `group` names the groups that it lies in, outermost first; layers of one group follow each other. A `clipped` layer
    shows only on the layer below it in its group that is not clipped itself.
    """

    name: str
    read: Callable[[], NDArray[np.uint8]]
    visible: bool = True
    opacity: float = 1.0
    group: tuple[str, ...] = ()
    blending: Blending = Blending.NORMAL
    clipped: bool = False
