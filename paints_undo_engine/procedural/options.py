"""What decides a process beside the picture."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Method(StrEnum):
    """How the imagined artist works."""

    AUTO = "auto"
    LINE = "line"
    """Line art, flats, hard and soft shading."""
    PARTS = "parts"
    """The same, but each part to its finish before the next."""
    LINELESS = "lineless"
    """Shapes by lasso, without lines."""
    PAINTER = "painter"
    """Masses with large brushes, forms with small ones."""
    VALUES = "values"
    """Light and dark first, colour glazed over them."""
    OUTLINE = "outline"
    """Lines alone."""
    PENCIL = "pencil"
    """Lines and hatching."""
    WATERCOLOUR = "watercolour"
    """Washes from light to dark; the paper stays white."""
    PIXEL = "pixel"
    """Pixel by pixel, without soft edges."""
    FLAT = "flat"
    """Shapes of even colour on construction lines; lettering."""


class Corrections(StrEnum):
    """How much the imagined artist gets wrong and mends."""

    NONE = "none"
    FEW = "few"
    MANY = "many"


@dataclass(frozen=True, slots=True)
class Options:
    """`seed` chooses another artist; `flip`: the view is mirrored now and then for a look."""

    seed: int = 0
    method: Method = Method.AUTO
    corrections: Corrections = Corrections.FEW
    flip: bool = False
