"""The words of a document: phases, tools, operations and values that change over time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.picture import Blending

UNIT = 32
"""Clock ticks in one operation: how finely a moment within an operation is told apart."""
NEVER = 65535
"""The clock's last tick, which stands for what does not happen."""
MOST_OPERATIONS = NEVER // UNIT - 1
"""No document has more operations than its clock can tell apart."""

Pixels = NDArray[np.uint8]
"""uint8 [h, w, 3] sRGB, or with a fourth channel for alpha."""
Cover = NDArray[np.uint8]
"""uint8 [h, w]: opacity."""
Times = NDArray[np.uint16]
"""uint16 [h, w]: clock ticks."""
Colour = tuple[int, int, int]
"""sRGB, 0 to 255."""
Paper = Colour | Pixels
"""What all is painted on: one colour, or a sheet with a grain, uint8 [H, W, 3]."""


class Phase(StrEnum):
    """What an operation belongs to, in the words of someone who teaches painting."""

    CONSTRUCTION = "construction"
    SKETCH = "sketch"
    LINE = "line"
    FLATS = "flats"
    SHADING = "shading"
    SOFT_SHADING = "soft shading"
    BACKGROUND = "background"
    BLOCK_IN = "block-in"
    PAINTING = "painting"
    DETAILS = "details"
    EFFECTS = "effects"
    ADJUSTMENT = "adjustment"


class Tool(StrEnum):
    """What the hand holds."""

    PENCIL = "pencil"
    PEN = "pen"
    RULER = "ruler"
    BRUSH = "brush"
    AIRBRUSH = "airbrush"
    BUCKET = "bucket"
    LASSO = "lasso"
    ERASER = "eraser"
    TRANSFORM = "transform"
    FILTER = "filter"
    CURVES = "curves"
    LAYERS = "layers"
    VIEW = "view"


@dataclass(frozen=True, slots=True)
class PaintOperation:
    """One operation of the imagined artist.

    `bounds` is (x, y, width, height) in the document's pixels; it is made while the count of operations goes from
    `index` to `index` + 1. `label` says what it is, such as ``hair, second shadow``.
    """

    index: int
    phase: Phase
    tool: Tool
    label: str
    bounds: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Keys:
    """A value that changes over time: straight lines between (tick, value) keys, held before and after them.

    >>> Keys(((10, 0.0), (20, 1.0)))(15)
    0.5
    """

    points: tuple[tuple[float, float], ...] = ((0.0, 1.0),)

    def __call__(self, clock: int) -> float:
        """The value at a tick."""
        return self.points[0][1] if len(self.points) == 1 else float(self.along(np.array([clock]))[0])

    def along(self, clocks: NDArray[np.integer]) -> NDArray[np.float64]:
        """The values at several ticks: float64 [n]."""
        ticks, values = np.array(self.points, np.float64).T
        return np.asarray(np.interp(clocks, ticks, values), np.float64)


__all__ = [
    "MOST_OPERATIONS",
    "NEVER",
    "UNIT",
    "Blending",
    "Colour",
    "Cover",
    "Keys",
    "PaintOperation",
    "Paper",
    "Phase",
    "Pixels",
    "Times",
    "Tool",
]
