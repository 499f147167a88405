"""A camera that follows the work: close where something changes, with a whole view at both ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine._picture.alpha import on_white
from paints_undo_engine.export.geometry import Canvas, fitted
from paints_undo_engine.export.options import ExportOptions, Fill
from paints_undo_engine.export.source import ProcessSource
from paints_undo_engine.export.timeline import Timeline
from paints_undo_engine.painting import Painting, draw
from paints_undo_engine.picture import Picture, Placement

_THUMB = 96
"""Longer side of the pictures that are compared."""
_CALM = 1.2
"""Seconds over which the camera's way is smoothed."""
_ENDS = 0.16
"""The share of the time in which the view goes from the whole to close, and back."""
_CLOSE = 0.62
"""The close view's share of the largest one, where the shape is the painting's own."""

Values = NDArray[np.float64]


Centre = tuple[float, float]
"""Across and down, 0 to 1."""


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
    smooth = _smoothed(np.array([found[frame] for frame in frames]), seconds)
    return [
        canvas.at(_region(painting, canvas, centre, close), painting)
        for centre, close in zip(smooth, _closeness(seconds, frames), strict=True)
    ]


def located(source: ProcessSource, plan: Timeline) -> Iterator[tuple[int, Centre]]:
    """Each shown frame, in the order of the process, and where it differs from the one before. Reads them."""
    width, height = source.painting.width, source.painting.height
    shrink = _THUMB / max(width, height)
    size = max(1, round(width * shrink)), max(1, round(height * shrink))
    before: NDArray[np.int16] | None = None
    centre = (0.5, 0.5)
    for frame in sorted({shot.frame for shot in plan.shots}):
        picture = source.states[frame].read()
        shown = Picture(on_white(picture.pixels), picture.placement)
        now = draw(shown, Placement(0, 0, width, height), *size).astype(np.int16)
        if before is not None:
            change = np.abs(now - before).sum(axis=2, dtype=np.float64)
            change[change < 12] = 0
            total = change.sum()
            if total > 0:
                across, down = change.sum(axis=0), change.sum(axis=1)
                centre = (
                    float(across @ (np.arange(size[0]) + 0.5) / total / size[0]),
                    float(down @ (np.arange(size[1]) + 0.5) / total / size[1]),
                )
        before = now
        yield frame, centre


def _smoothed(centres: Values, seconds: Values) -> Values:
    """The centres, averaged over time with a bell of `_CALM` seconds."""
    middle = np.cumsum(seconds) - seconds / 2
    weights = np.exp(-0.5 * ((middle[:, None] - middle[None, :]) / _CALM) ** 2) * seconds[None, :]
    return np.asarray(weights @ centres / weights.sum(axis=1, keepdims=True))


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


def _region(painting: Painting, canvas: Canvas, centre: Values, close: float) -> Placement:
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


def _inside(start: float, length: float, whole: float) -> float:
    return (whole - length) / 2 if length >= whole else min(max(start, 0.0), whole - length)
