"""A camera that follows the work: close where something changes, with a whole view at both ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine._picture.alpha import on_white
from paints_undo_engine.export.extent import fitted
from paints_undo_engine.export.geometry import Canvas, nearly_shrunk
from paints_undo_engine.export.options import ExportOptions, Fill
from paints_undo_engine.export.source import ProcessSource
from paints_undo_engine.export.timeline import Timeline
from paints_undo_engine.painting import Painting, draw
from paints_undo_engine.picture import Picture, Placement

_THUMB = 96
"""Longer side of the pictures that are compared."""
_CALM = 1.2
"""Seconds over which the camera's way is smoothed."""
_REACH, _BLOCK = 5, 256
"""Standard deviations beyond which nothing counts, and how many moments are averaged at once."""
_ENDS = 0.16
"""The share of the time in which the view goes from the whole to close, and back."""
_CLOSE = 0.62
"""The close view's share of the largest one, where the shape is the painting's own."""

Values = NDArray[np.float64]


Centre = tuple[float, float]
"""Across and down, 0 to 1."""
Thumbnail = NDArray[np.uint8]
"""[h, w, 3], at most 96 pixels long."""


def views(
    source: ProcessSource,
    canvas: Canvas,
    plan: Timeline,
    options: ExportOptions,
    centres: Mapping[int, Centre] | None = None,
) -> Sequence[Canvas]:
    """The canvas of each shot: the same for all, but with `Fill.FOLLOW` one that moves.

    `centres` is what `located` gives; without it every shown state is read here. Raises what reading them raises.
    """
    if options.fill is not Fill.FOLLOW:
        return [canvas] * len(plan.shots)
    painting = source.painting
    seconds = np.array([float(shot.seconds) for shot in plan.shots])
    frames = [shot.frame for shot in plan.shots]
    found = dict(located(source, plan)) if centres is None else centres
    smooth = smoothed(np.array([found[frame] for frame in frames]), seconds)
    made = []
    for centre, close in zip(smooth, _closeness(seconds, frames), strict=True):
        region = _region(painting, canvas, (float(centre[0]), float(centre[1])), float(close))
        made.append(canvas.at(_on_pixels(region, canvas) if close == 1 else region, painting))
    return made


def located(source: ProcessSource, plan: Timeline) -> Iterator[tuple[int, Centre]]:
    """Each shown frame, in the order of the process, and where it differs from the one before. Reads them."""
    locator = FocusFinder()
    for frame, small in small_states(source, plan):
        yield frame, locator.see(small)


def small_states(source: ProcessSource, plan: Timeline) -> Iterator[tuple[int, Thumbnail]]:
    """Each shown frame, in the order of the process, at most 96 pixels long and on white. Reads them."""
    for frame in sorted({shot.frame for shot in plan.shots}):
        still = source.states[frame]
        yield frame, thumbnail((still.glance or still.read)(), source.painting)


def thumbnail(picture: Picture, painting: Painting) -> Thumbnail:
    """A picture in its place of the painting, at most 96 pixels long and on white."""
    shrink = _THUMB / max(painting.width, painting.height)
    size = max(1, round(painting.width * shrink)), max(1, round(painting.height * shrink))
    shown = Picture(nearly_shrunk(on_white(picture.pixels), _THUMB), picture.placement)
    return draw(shown, Placement(0, 0, painting.width, painting.height), *size)


class FocusFinder:
    """Where the work is: the middle of what has changed since the state before; where nothing has, it stays."""

    def __init__(self) -> None:
        self._before: NDArray[np.int16] | None = None
        self._centre: Centre = (0.5, 0.5)

    def see(self, small: Thumbnail) -> Centre:
        """The place in the next state."""
        now = small.astype(np.int16)
        if self._before is not None:
            change = np.abs(now - self._before).sum(axis=2, dtype=np.float64)
            change[change < 12] = 0
            total = change.sum()
            if total > 0:
                height, width = change.shape
                self._centre = (
                    float(change.sum(axis=0) @ (np.arange(width) + 0.5) / total / width),
                    float(change.sum(axis=1) @ (np.arange(height) + 0.5) / total / height),
                )
        self._before = now
        return self._centre


def smoothed(centres: Values, seconds: Values, calm: float = _CALM) -> Values:
    """The centres, averaged over time with a Gaussian of `calm` seconds."""
    middle = np.cumsum(seconds) - seconds / 2
    out = np.empty_like(centres)
    for first in range(0, len(out), _BLOCK):
        rows = slice(first, first + _BLOCK)
        near = slice(
            int(np.searchsorted(middle, middle[rows][0] - _REACH * calm)),
            int(np.searchsorted(middle, middle[rows][-1] + _REACH * calm, "right")),
        )
        away = (middle[rows, None] - middle[None, near]) / calm
        weights = np.exp(-0.5 * away**2) * seconds[None, near]
        out[rows] = weights @ centres[near] / weights.sum(axis=1, keepdims=True)
    return out


def _closeness(seconds: Values, frames: Sequence[int]) -> Values:
    """How close each shot is: 0 for the whole painting, 1 for the close view. The painting itself is seen whole."""
    ends = np.cumsum(seconds) / seconds.sum()
    starts = np.concatenate([[0.0], ends[:-1]])
    middle = (starts + ends) / 2
    far = np.minimum(middle, 1 - middle)
    painting = max(frames)
    for start, end, frame in zip(starts, ends, frames, strict=True):
        if frame == painting:
            far = np.minimum(far, np.maximum(0.0, np.maximum(start - middle, middle - end)))
    rise = np.clip(far / _ENDS, 0, 1)
    close = rise * rise * (3 - 2 * rise)
    close[[0, -1]] = 0
    return np.asarray(close)


def whole_view(canvas: Canvas, painting: Painting) -> Canvas:
    """The view that shows the whole painting."""
    return canvas.at(_region(painting, canvas, (0.5, 0.5), 0.0), painting)


def _region(painting: Painting, canvas: Canvas, centre: Centre, close: float) -> Placement:
    """What is seen, in the painting's pixels: around `centre`, and inside the painting as far as it is smaller."""
    ratio = canvas.width / canvas.height
    whole = fitted(painting.width, painting.height, ratio, inside=False)
    near = fitted(painting.width, painting.height, ratio, inside=True)
    if near[0] / whole[0] > _CLOSE:
        near = whole[0] * _CLOSE, whole[1] * _CLOSE
    width, height = (far ** (1 - close) * size**close for far, size in zip(whole, near, strict=True))
    left = _inside(centre[0] * painting.width - width / 2, width, painting.width)
    top = _inside(centre[1] * painting.height - height / 2, height, painting.height)
    return Placement(left, top, width, height)


def _on_pixels(region: Placement, canvas: Canvas) -> Placement:
    """A region moved to whole pixels of the canvas, so that a view of unchanging size need not be resampled."""
    across, down = canvas.width / region.width, canvas.height / region.height
    return replace(region, x=round(region.x * across) / across, y=round(region.y * down) / down)


def _inside(start: float, length: float, whole: float) -> float:
    return (whole - length) / 2 if length >= whole else min(max(start, 0.0), whole - length)
