"""How large an export becomes and what it takes, told before it is made; only the standard library."""

from __future__ import annotations

from dataclasses import dataclass

from paints_undo_engine.export.budget import BUDGETS
from paints_undo_engine.export.options import ExportFormat, ExportOptions, Fill, FrameSize


@dataclass(frozen=True, slots=True)
class Extent:
    """Pictures of `width` x `height` pixels; making them takes at most `memory_bytes` beside the painting."""

    width: int
    height: int
    memory_bytes: int


def extent_of(width: int, height: int, pictures: int, options: ExportOptions) -> Extent | None:
    """What an export of a process with a painting of `width` x `height` pixels becomes.

    None where that is not the painting's business: sheets and pages have sizes of their own, and frames at the engine's
    size are as large as the engine made them. None also while the painting's size is not known (0).

    >>> extent_of(2481, 3508, 106, ExportOptions(format=ExportFormat.MP4))
    Extent(width=2480, height=3508, memory_bytes=1112665824)
    """
    has_own_size = options.format.is_sheet or options.format is ExportFormat.HTML
    if not width or has_own_size or (options.size is FrameSize.MODEL and not options.max_side):
        return None
    shown_width, shown_height = shown_region(width, height, options)
    scale = options.max_side / max(shown_width, shown_height) if options.max_side else 1.0
    least = 2 if options.is_video else 1
    across, down = (max(least, round(side * scale)) // least * least for side in (shown_width, shown_height))
    return Extent(across, down, BUDGETS[options.format].peak_bytes(across * down, pictures))


def shown_region(width: int, height: int, options: ExportOptions) -> tuple[float, float]:
    """Width and height of what an export shows of a painting, in the painting's pixels."""
    ratio = options.aspect.ratio
    if ratio is None:
        return width, height
    return fitted(width, height, ratio, inside=options.fill in (Fill.CROP, Fill.FOLLOW))


def fitted(width: float, height: float, ratio: float, *, inside: bool) -> tuple[float, float]:
    """The largest rectangle of a ratio (width by height) inside another, or the smallest around it."""
    too_wide = width / height > ratio
    return (height * ratio, height) if too_wide == inside else (width, width / ratio)
