"""What a request asks of the models that they were not trained for, said where it is chosen."""

from __future__ import annotations

import math
from collections.abc import Iterator

from paints_undo_engine.diffusion.interpolation.conditions import Size
from paints_undo_engine.diffusion.windows import WINDOW, is_chained
from paints_undo_engine.request import InterpolationParameters, ProcessRequest, TemporalWindow
from paints_undo_engine.stages import Stage

_NEAR = 1.5
"""How many times larger or smaller the area of keyframes may be than the published one before it is said."""


def untrained(request: ProcessRequest, keyframe_size: Size, published: Size) -> Iterator[str]:
    """Sentences on what is unjudged in a request; `keyframe_size` and `published` are (height, width)."""
    share = math.prod(keyframe_size) / math.prod(published)
    if not 1 / _NEAR <= share <= _NEAR:
        yield (
            f"Keyframes of {keyframe_size[1]} x {keyframe_size[0]}: the model is published for the area of "
            f"{published[1]} x {published[0]}, and how others look has not been judged."
        )
    if request.stop_after is Stage.INTERPOLATION:
        yield from _of_intervals(request.interpolation)


def _of_intervals(wanted: InterpolationParameters) -> Iterator[str]:
    if is_chained(wanted):
        yield (
            f"Intervals of {wanted.frames} frames in windows of {WINDOW} that share their ends: the model was trained "
            "for one window, and how chains of them look has not been judged."
        )
    elif wanted.frames != WINDOW:
        yield (
            f"Intervals of {wanted.frames} frames: the model was trained for {WINDOW}, and how others look has not "
            "been judged."
        )
    if wanted.temporal_window is not TemporalWindow.OFF:
        yield "A temporal window: the published application runs without, and how it looks has not been judged."
