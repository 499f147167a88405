"""What an export becomes, told before it is made: pictures, length, bytes and memory; only the standard library.

How many bytes there will be is told by what the stored frames take as PNG: that is how much there is to see in them.
For each format,

    bytes = e^base * density^a * pictures^b * pixels^c * ticks^d

where density is the mean of bytes for each pixel of the stored frames, pictures how many different ones the file holds,
pixels how many of a picture's show the painting, and ticks how many pictures a video shows in all. The numbers are
fitted to files (`benchmarks/export_size.py`, which also says how far off they are).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from paints_undo_engine.errors import ExportError
from paints_undo_engine.export import budget
from paints_undo_engine.export.budget import BUDGETS
from paints_undo_engine.export.extent import picture_size, shown_region
from paints_undo_engine.export.options import Aspect, ExportFormat, ExportOptions, Fill, FrameSize, LayerContent
from paints_undo_engine.export.timeline import film_timeline, timeline


class EncodedFrame(NamedTuple):
    """A frame at the size that it is stored in, and what it takes as PNG."""

    width: int
    height: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class FileEstimate:
    """Pictures of `width` x `height` pixels, shown for so many `seconds` (0: it does not play), in a file of about
    `size_bytes`; nine of ten files lie between `least_bytes` and `most_bytes`. Making it takes at most `memory_bytes`
    beside the painting."""

    width: int
    height: int
    seconds: float
    size_bytes: int
    least_bytes: int
    most_bytes: int
    memory_bytes: int


class _Fit(NamedTuple):
    """The numbers of a format; `spread` is the factor by which nine of ten files are larger or smaller at most.

    A camera makes a video larger by the factor `following`, and what is drawn over it by `drawn_over`, or by its root
    where a camera moves all anyway. Zooming adds e^`zoom` * detail * pixels^`pixels` * seconds^0.5 bytes, and wiping
    the same with `wipe`; detail is the density of the last stored frame by the root of that of all: a smooth painting
    has less of it than its process, which begins with rough strokes.
    """

    base: float
    density: float
    pictures: float
    pixels: float
    ticks: float
    spread: float
    following: float = 1.0
    drawn_over: float = 1.0
    zoom: float = 0.0
    wipe: float = 0.0


_FITS: Mapping[ExportFormat, _Fit] = {
    ExportFormat.MP4: _Fit(2.45, 0.93, 0.18, 0.73, 0.13, 1.75, following=2.8, drawn_over=1.4, zoom=2.9, wipe=1.6),
    ExportFormat.WEBM: _Fit(2.56, 0.88, 0.34, 0.72, 0.0, 1.6, following=2.1, drawn_over=1.75, zoom=2.8, wipe=2.3),
    ExportFormat.GIF: _Fit(1.24, 1.05, 0.32, 0.92, 0.0, 1.65),
    ExportFormat.WEBP: _Fit(3.30, 1.20, 0.65, 0.78, 0.0, 2.35),
    ExportFormat.APNG: _Fit(2.67, 1.17, 0.8, 0.80, 0.0, 1.8),
    ExportFormat.PNG_SEQUENCE: _Fit(2.71, 1.0, 1.0, 0.79, 0.0, 1.2),
    ExportFormat.ORA: _Fit(2.60, 1.07, 1.0, 0.81, 0.0, 1.2),
    ExportFormat.PSD: _Fit(1.91, 0.79, 1.0, 0.91, 0.0, 1.25),
    ExportFormat.CONTACT_SHEET: _Fit(3.20, 0.97, 1.0, 0.75, 0.0, 1.2),
    ExportFormat.HTML: _Fit(2.19, 0.24, 1.0, 0.64, 0.0, 2.8),
    ExportFormat.PDF: _Fit(4.27, 0.94, 1.0, 0.67, 0.0, 1.2),
    ExportFormat.SPRITE_SHEET: _Fit(2.30, 1.0, 1.0, 0.82, 0.0, 1.2),
}
_STATES_OF_A_SHEET = 16
_LAYERS_OF_A_SPLIT, _STATES_OF_STAGES = 8, 20
"""Layers that are as large as a state: about so many, as the parts of a painting are not known here."""
_ENLARGED = -0.3
"""A video that enlarges its painting has less to see in each pixel, by this power of how many there are for one."""
_LEAST = 1e-6
"""A density above nothing, for what is divided by it."""
_NOTES = 8_000
"""Bytes of the note and the signature, about."""
_SPLITS_DIFFER = 2.0
"""The factor by which that makes the spread larger."""


def estimate(
    width: int, height: int, frames: Sequence[EncodedFrame], options: ExportOptions, keyframes: int = 0
) -> FileEstimate:
    """What an export becomes of a process with a painting of `width` x `height` pixels, so many `keyframes`, and these
    frames (its keyframes, where there are no frames). Raises `ExportError` where there is nothing to export, and as
    `check_budget` does.

    >>> told = estimate(1000, 800, [EncodedFrame(1000, 800, 300_000)] * 106, ExportOptions(duration_seconds=15))
    >>> told.width, told.height, told.seconds
    (1000, 800, 15.0)
    """
    if not (width and height and frames):
        raise ExportError("There is nothing to export yet: the process has neither frames nor keyframes.")
    check_budget(width, height, len(frames), options, keyframes, frames[0].width)
    across, down = picture_size(width, height, options, frames[0].width)
    pictures, ticks, seconds = _shown(len(frames), keyframes, options)
    fit = _FITS[options.format]
    stored = frames[:-1] or frames
    density = _density(stored)
    size = math.exp(fit.base) * density**fit.density * pictures**fit.pictures
    pixels = across * down * _covered(width, height, options)
    size *= pixels**fit.pixels * ticks**fit.ticks
    if options.is_video:
        size *= _moved(fit, options)
        zoom, wipe = math.exp(fit.zoom) * options.zoom_seconds**0.5, math.exp(fit.wipe) * options.wipe_seconds**0.5
        detail = _density(stored[-1:]) / max(density, _LEAST) ** 0.5
        size += detail * (zoom * (across * down) ** fit.pixels + wipe * pixels**fit.pixels)
        size *= max(1.0, pixels / (width * height)) ** _ENLARGED
    spread = fit.spread
    if options.format.is_layered and options.layer_content in (LayerContent.SPLIT, LayerContent.STAGES):
        spread *= _SPLITS_DIFFER
    notes = 0 if options.omit_metadata else _NOTES
    return FileEstimate(
        width=across,
        height=down,
        seconds=seconds,
        size_bytes=round(size) + notes,
        least_bytes=round(size / spread) + notes,
        most_bytes=round(size * spread) + notes,
        memory_bytes=BUDGETS[options.format].peak_bytes(across * down, pictures),
    )


def check_budget(
    width: int, height: int, frames: int, options: ExportOptions, keyframes: int = 0, engine_width: int = 0
) -> None:
    """Check what is asked for before anything is read or made: of a process with a painting of `width` x `height`
    pixels and so many frames. Raises `ExportError`, which names what would fit.

    Nothing is said of pictures in the engine's size while `engine_width`, that of its frames, is not known, nor of how
    many layers a split has; the writers check again what they make.
    """
    if options.size is FrameSize.MODEL and not (options.max_side or engine_width):
        return
    across, down = picture_size(width, height, options, engine_width)
    pictures, ticks, _ = _shown(frames, keyframes, options)
    if options.format.is_layered and options.layer_content in (LayerContent.SPLIT, LayerContent.STAGES):
        pictures = 1
    budget.check(options.format, across, down, ticks if options.is_video else pictures)


def _density(frames: Sequence[EncodedFrame]) -> float:
    """The mean of bytes for each pixel."""
    return sum(frame.size_bytes for frame in frames) / sum(frame.width * frame.height for frame in frames)


def _shown(frames: int, keyframes: int, options: ExportOptions) -> tuple[int, int, float]:
    """How many different pictures a file holds, how many it shows in all, and for how many seconds."""
    if options.format.is_sheet:
        return min(_STATES_OF_A_SHEET, frames), 1, 0.0
    if options.format.is_layered:
        layers = {
            LayerContent.KEYFRAMES: keyframes or frames,
            LayerContent.FRAMES: frames,
            LayerContent.SPLIT: _LAYERS_OF_A_SPLIT,
            LayerContent.STAGES: _LAYERS_OF_A_SPLIT + _STATES_OF_STAGES,
        }
        return layers[options.layer_content] + 1, 1, 0.0
    if options.is_video:
        plan, rate = film_timeline(frames, options)
        different = len({shot.frame for shot in plan.shots})
        return different, sum(plan.ticks(rate)), float(plan.seconds)
    plan = timeline(frames, options)
    held_once = options.format in (ExportFormat.HTML, ExportFormat.SPRITE_SHEET)
    pictures = len({shot.frame for shot in plan.shots}) if held_once else len(plan.shots)
    return pictures, 1, float(plan.seconds)


def _moved(fit: _Fit, options: ExportOptions) -> float:
    """By what factor a video is larger, for what moves in it or over it."""
    if options.fill is Fill.FOLLOW:
        return fit.following * (math.sqrt(fit.drawn_over) if options.has_overlays else 1.0)
    return fit.drawn_over if options.has_overlays else 1.0


def _covered(width: int, height: int, options: ExportOptions) -> float:
    """The share of a picture that the painting takes."""
    if options.aspect is Aspect.OWN or options.fill in (Fill.CROP, Fill.FOLLOW):
        return 1.0
    shown_width, shown_height = shown_region(width, height, options)
    return width * height / (shown_width * shown_height)
