"""How large the pictures of an export are, and what of the painting they show; only the standard library."""

from __future__ import annotations

from collections.abc import Mapping

from paints_undo_engine.export.options import ExportFormat, ExportOptions, Fill, FrameSize

_OWN_SIDES: Mapping[ExportFormat, int] = {
    ExportFormat.HTML: 1080,
    ExportFormat.SPRITE_SHEET: 256,
    ExportFormat.CONTACT_SHEET: 320,
    ExportFormat.PDF: 640,
}


def own_side(export_format: ExportFormat, longer: int) -> int:
    """The longer side of a page's pictures, or of a state on a sheet, where none is asked for; 0: the painting's.

    `longer` is the painting's own longer side: a page and a sprite sheet do not enlarge it.
    """
    side = _OWN_SIDES.get(export_format, 0)
    return 0 if longer <= side and not export_format.is_sheet else side


def picture_size(width: int, height: int, options: ExportOptions, engine_width: int = 0) -> tuple[int, int]:
    """Width and height of each picture, or of each state on a sheet, for a painting of `width` x `height` pixels.

    `engine_width` is the width of the engine's own frames, for the size `FrameSize.MODEL`.

    >>> picture_size(2481, 3508, ExportOptions(format=ExportFormat.MP4))
    (2480, 3508)
    """
    shown_width, shown_height = shown_region(width, height, options)
    scale = 1.0
    if side := options.max_side or own_side(options.format, max(width, height)):
        scale = side / max(shown_width, shown_height)
    elif options.size is FrameSize.MODEL and engine_width:
        scale = engine_width / width
    least = 2 if options.is_video else 1
    across, down = (max(least, round(side * scale)) // least * least for side in (shown_width, shown_height))
    return across, down


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
