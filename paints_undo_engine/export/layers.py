"""What the layers of an ORA or PSD file are: keyframes, frames or the layer split."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.errors import ExportError
from paints_undo_engine.export.geometry import Canvas, canvas_for, channels_of
from paints_undo_engine.export.options import ExportOptions, Fill, LayerContent
from paints_undo_engine.export.source import ProcessSource, Still
from paints_undo_engine.export.timeline import chosen_states
from paints_undo_engine.picture import Blending, Picture, SplitLayer


@dataclass(frozen=True, slots=True)
class Sheet:
    """One layer of the file; `read` gives uint8 [canvas height, canvas width, 3 or 4].

    `group`, `blending` and `clipped` as in `SplitLayer`. With `group_hidden` its group is not shown.
    """

    name: str
    read: Callable[[], NDArray[np.uint8]]
    visible: bool
    opacity: float
    group: tuple[str, ...] = ()
    blending: Blending = Blending.NORMAL
    clipped: bool = False
    group_hidden: bool = False


_STATES_OF_A_STAGE = 3
_FINISHED = "painting"
"""The group of the layer split below the stages."""


def sheets(source: ProcessSource, options: ExportOptions) -> tuple[Canvas, list[Sheet]]:
    """The canvas and the layers, bottom first. Of states, only the painting is visible.

    Raises `ExportError` when the process has no such layers.
    """
    if options.fill in (Fill.BLUR, Fill.FOLLOW):
        options = replace(options, fill=Fill.BARS)
    if options.layer_content is LayerContent.SPLIT:
        if not source.layers:
            raise ExportError("This process has no layer split: choose keyframes or frames as layers.")
        canvas = canvas_for(source.painting, source.painting.picture(), options)
        return canvas, [_split(source, layer, canvas) for layer in source.layers]
    if options.layer_content is LayerContent.STAGES:
        canvas = canvas_for(source.painting, source.painting.picture(), options)
        return canvas, [*_finished(source, canvas), *_stages(source, canvas)]
    stills = source.frames if options.layer_content is LayerContent.FRAMES else source.keyframes
    if not stills:
        raise ExportError("This process has no keyframes: choose frames as layers.")
    canvas = canvas_for(source.painting, source.sample(), options)
    channels = channels_of(source.painting)
    last = len(stills) - 1
    return canvas, [_state(still, number, canvas, channels, number == last) for number, still in enumerate(stills)]


def _finished(source: ProcessSource, canvas: Canvas) -> list[Sheet]:
    """The painting in its layers, or in one where the engine has no split."""
    split = [_split(source, layer, canvas) for layer in source.layers]
    if split:
        return [replace(sheet, group=(_FINISHED, *sheet.group)) for sheet in split]
    channels = channels_of(source.painting)
    return [Sheet(_FINISHED, lambda: canvas.show(source.painting.picture(), channels), True, 1.0, (_FINISHED,))]


def _stages(source: ProcessSource, canvas: Canvas) -> Iterator[Sheet]:
    """A hidden group for each phase, in the order in which they begin, with up to three of its states, its end on top.

    Whoever shows a group sees the picture as it was when the phase was done.
    """
    states, channels = source.states, channels_of(source.painting)
    phases = dict.fromkeys(source.phases)
    for number, phase in enumerate(phases, 1):
        last = len(states) - 1
        of_it = [place for place, known in enumerate(source.phases) if known == phase and 0 < place < last]
        group = (f"{number} · {phase}",)
        for place in (of_it[chosen] for chosen in chosen_states(len(of_it), _STATES_OF_A_STAGE)):
            yield replace(_state(states[place], place, canvas, channels, True), group=group, group_hidden=True)


def _split(source: ProcessSource, layer: SplitLayer, canvas: Canvas) -> Sheet:
    def read() -> NDArray[np.uint8]:
        return canvas.show(Picture(layer.read(), source.painting.placement), 4)

    return Sheet(layer.name, read, layer.visible, layer.opacity, layer.group, layer.blending, layer.clipped)


def _state(still: Still, number: int, canvas: Canvas, channels: int, visible: bool) -> Sheet:
    name = f"{number:03d} · step {still.operation_step:.0f}" + (f" · {still.label}" if still.label else "")
    return Sheet(name, lambda: canvas.show(still.read(), channels), visible, 1.0)
