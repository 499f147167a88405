"""The size that frames are exported in: restored to the painting's, or the engine's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

from paints_undo_engine.export.extent import own_side
from paints_undo_engine.export.geometry import painting_side
from paints_undo_engine.export.options import NEARLY_FINISHED, ExportOptions, FrameSize
from paints_undo_engine.export.source import ProcessSource, Still
from paints_undo_engine.painting import Painting
from paints_undo_engine.picture import Picture
from paints_undo_engine.restoring import Calibration, at_size, calibrate
from paints_undo_engine.restoring.calibration import EXACT
from paints_undo_engine.upscaling import installed


def with_size(painting: Painting, options: ExportOptions) -> ExportOptions:
    """The options with the size that their format has by itself, where none is asked for."""
    return replace(options, max_side=options.max_side or own_side(options.format, max(painting.width, painting.height)))


def sized(source: ProcessSource, options: ExportOptions) -> ProcessSource:
    """The same process whose frames and keyframes have the size that the options ask for, made as they are read.

    A video's may be larger: it scales and converts in one pass. Where the format keeps depth, they have the painting's.
    """
    if options.format.is_sheet or (options.size is FrameSize.MODEL and not options.max_side):
        return source
    calibration = cache(lambda: _calibration(source))

    def all_sized(stills: Sequence[Still]) -> list[Still]:
        return [
            replace(still, read=_reader(source, still, options, calibration), glance=still.read) for still in stills
        ]

    return replace(source, frames=all_sized(source.frames), keyframes=all_sized(source.keyframes))


def _reader(
    source: ProcessSource, still: Still, options: ExportOptions, calibration: Callable[[], Calibration]
) -> Callable[[], Picture]:
    side = painting_side(source.painting, options)

    def read() -> Picture:
        picture, painting = still.read(), still.of() if still.of else source.painting
        if options.is_video and _is_enough(picture, painting, side):
            return picture
        return at_size(picture, painting, side, calibration(), deep=options.keeps_depth, upscaler=installed())

    return read


def _is_enough(picture: Picture, painting: Painting, side: int) -> bool:
    """Whether a picture has the resolution of a painting whose longer side is `side`; 0: its own."""
    share = (side or max(painting.width, painting.height)) / max(painting.width, painting.height)
    height, width = picture.pixels.shape[:2]
    return bool(width >= picture.placement.width * share and height >= picture.placement.height * share)


def _calibration(source: ProcessSource) -> Calibration:
    """Measured on the last state before the painting; of states that are far from it, nothing is measured."""
    before = [still for still in source.states if still.operation_step > 0]
    if not before or before[-1].operation_step > NEARLY_FINISHED:
        return EXACT
    return calibrate(before[-1].read(), source.painting)
