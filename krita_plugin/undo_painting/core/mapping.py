"""From frames to the canvas. The painting is a rectangle of the document; a frame is a rectangle of the painting."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

SOURCES = ("picture", "visible", "layer", "selection")


@dataclass(frozen=True)
class Rect:
    """Whole pixels of the document; `x`, `y` is the top left corner."""

    x: int
    y: int
    width: int
    height: int

    @property
    def empty(self) -> bool:
        """Whether it holds no pixel."""
        return self.width <= 0 or self.height <= 0

    def clipped(self, other: Rect) -> Rect:
        """What lies in both."""
        left, top = max(self.x, other.x), max(self.y, other.y)
        right = min(self.x + self.width, other.x + other.width)
        bottom = min(self.y + self.height, other.y + other.height)
        return Rect(left, top, max(0, right - left), max(0, bottom - top))


@dataclass(frozen=True)
class Placement:
    """A frame's rectangle in the painting's pixels; may be fractional."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class PaintingSource:
    """Where a painting came from: kind, its rectangle in the document, the document's size then."""

    kind: str
    rect: Rect
    canvas_width: int
    canvas_height: int

    @property
    def canvas(self) -> tuple[int, int]:
        """The document's width and height then."""
        return self.canvas_width, self.canvas_height

    def scales_to(self, width: int, height: int) -> bool:
        """Whether a document of this size can be the same picture scaled: both sides changed by the same factor."""
        return _scale(self, width, height) != (1.0, 1.0)

    def as_json(self) -> dict[str, Any]:
        rect = self.rect
        return {
            "kind": self.kind,
            "rect": [rect.x, rect.y, rect.width, rect.height],
            "canvas": [self.canvas_width, self.canvas_height],
        }


def source_from_json(data: Any) -> PaintingSource | None:
    """Read a source, or None when it cannot be one."""
    try:
        x, y, width, height = (int(value) for value in data["rect"])
        canvas_width, canvas_height = (int(value) for value in data["canvas"])
        kind = str(data["kind"])
    except (TypeError, KeyError, ValueError, OverflowError):
        return None
    rect = Rect(x, y, width, height)
    if kind not in SOURCES or rect.empty or canvas_width <= 0 or canvas_height <= 0:
        return None
    return PaintingSource(kind, rect, canvas_width, canvas_height)


def frame_rect(source: PaintingSource, placement: Placement | None, width: int, height: int) -> Rect:
    """The document's rectangle that a frame covers, for a document of `width` x `height` pixels now.

    Edges are rounded each by itself, so that neighbouring rectangles neither overlap nor leave a gap. When the document
    was scaled since, the frame is scaled with it; a document that only grew or was cropped keeps its pixels where
    they are, which cannot be told apart from scaling unless both sides changed by the same factor.
    """
    across, down = _scale(source, width, height)
    where = placement or Placement(0.0, 0.0, source.rect.width, source.rect.height)
    left = _edge((source.rect.x + where.x) * across)
    top = _edge((source.rect.y + where.y) * down)
    right = _edge((source.rect.x + where.x + where.width) * across)
    bottom = _edge((source.rect.y + where.y + where.height) * down)
    return Rect(left, top, max(1, right - left), max(1, bottom - top))


def _edge(value: float) -> int:
    """The whole pixel nearest to an edge; halves go up, however the fraction was rounded on its way."""
    return math.floor(value + 0.5 + 1e-6)


def _scale(source: PaintingSource, width: int, height: int) -> tuple[float, float]:
    across, down = width / source.canvas_width, height / source.canvas_height
    tolerance = 1.0 / min(source.canvas_width, source.canvas_height)
    return (across, down) if abs(across - down) <= tolerance else (1.0, 1.0)
