"""A process without some of what belongs to it: without what goes wrong and is mended, or without some layers.

Without corrections, an engine that knows its operations makes the same process again in which nothing goes wrong. A
layer is left out of every picture where it is what is seen of the finished painting: there is paper, or nothing in a
transparent painting, from the first state to the last.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.contract import BLANK_OPERATION_STEP, Engine, operations_of, state_of
from paints_undo_engine.errors import ExportError
from paints_undo_engine.export.options import ExportOptions
from paints_undo_engine.export.source import ProcessSource, Still
from paints_undo_engine.painting import Painting, draw
from paints_undo_engine.picture import Blending, Picture, Placement, SplitLayer
from paints_undo_engine.request import Corrections, ProcessRequest

Pixels = NDArray[np.uint8]
_MOST_NAMED = 40


def left_out(
    source: ProcessSource,
    options: ExportOptions,
    engine: Callable[[], Engine],
    given: Painting,
    request: ProcessRequest,
) -> ProcessSource:
    """The process without what `options` leave out; `engine` has made it of the painting `given`.

    Raises `EngineUnavailableError` for an engine that cannot tell it, and `ExportError` for layers that there are not.
    """
    if options.omit_corrections:
        source = _without_corrections(source, engine(), given, request)
    return _without_layers(source, options.omit_layers) if options.omit_layers.strip(" ,") else source


def _without_corrections(
    source: ProcessSource, engine: Engine, given: Painting, request: ProcessRequest
) -> ProcessSource:
    calm = replace(request, procedural=replace(request.procedural, corrections=Corrections.NONE))
    operations = list(operations_of(engine, given, calm))
    begun = [BLANK_OPERATION_STEP - operation.operation_step for operation in operations]

    def again(still: Still) -> Still:
        step = still.operation_step
        if not 0 < step < BLANK_OPERATION_STEP:
            return still
        made = operations[max(0, bisect_right(begun, BLANK_OPERATION_STEP - step) - 1)]
        read = partial(state_of, engine, given, calm, step)
        return replace(still, read=read, label=f"{made.phase}, {made.label}")

    return replace(source, frames=list(map(again, source.frames)), keyframes=list(map(again, source.keyframes)))


def _without_layers(source: ProcessSource, asked: str) -> ProcessSource:
    names = _chosen(source.layers, asked)
    unseen = _covered_by(source.layers, names, source.painting)
    whole = Placement(0, 0, source.painting.width, source.painting.height)

    @cache
    def unseen_in(place: Placement, width: int, height: int) -> Pixels:
        matte = draw(Picture(np.repeat(unseen[..., None], 3, axis=2), whole), place, width, height)
        return np.ascontiguousarray(matte[..., :1])

    def cleared(picture: Picture) -> Picture:
        height, width = picture.pixels.shape[:2]
        return Picture(_cleared(picture.pixels, unseen_in(picture.placement, width, height)), picture.placement)

    def shown(still: Still) -> Still:
        end = still.of
        of = None if end is None else lambda: Painting(_cleared(end().pixels8(), unseen[..., None]))
        return replace(still, read=lambda: cleared(still.read()), of=of)

    painting = Painting(_cleared(source.painting.pixels8(), unseen[..., None]))
    return replace(
        source,
        painting=painting,
        frames=list(map(shown, source.frames)),
        keyframes=list(map(shown, source.keyframes)),
        layers=list(_kept(source.layers, names, unseen)),
    )


def layer_names(layers: Sequence[SplitLayer]) -> tuple[str, ...]:
    """What of a split can be left out by its name: groups and layers that cover, each once, the topmost first.

    `layers` come from the bottom to the top. Names are in lower case; one with a comma cannot be asked for.

    >>> layer_names([])
    ()
    """
    return tuple(name for name in reversed(_there(layers)) if "," not in name)


def _there(layers: Sequence[SplitLayer]) -> list[str]:
    return list(dict.fromkeys(name for layer in layers if _is_paint(layer) for name in _names(layer)))


def _names(layer: SplitLayer) -> Sequence[str]:
    return [name.lower() for name in (*layer.group, layer.name)]


def _chosen(layers: Sequence[SplitLayer], asked: str) -> frozenset[str]:
    """The names of the layers and groups that are asked for: exactly so called, or else with these words in their name.

    Raises `ExportError`, which lists the names that there are.
    """
    there = _there(layers)
    found: set[str] = set()
    for wanted in (" ".join(each.lower().split()) for each in asked.split(",")):
        if not wanted:
            continue
        named = [name for name in there if name == wanted] or [name for name in there if f" {wanted} " in f" {name} "]
        if not named:
            known = ", ".join(there[:_MOST_NAMED])
            raise ExportError(f"This painting has no layer that is called {wanted!r}. There are: {known}.")
        found.update(named)
    return frozenset(found)


def _is_paint(layer: SplitLayer) -> bool:
    """Whether a layer covers what lies below it, instead of changing it."""
    return layer.visible and layer.blending is Blending.NORMAL


def _covered_by(layers: Sequence[SplitLayer], names: frozenset[str], painting: Painting) -> Pixels:
    """How much of each pixel is what the named layers show, uint8 [H, W]."""
    seen = np.zeros((painting.height, painting.width), np.float32)
    through = np.ones_like(seen)
    for layer in reversed(layers):
        if not _is_paint(layer):
            continue
        cover = through * (layer.read()[..., 3].astype(np.float32) * (layer.opacity / 255))
        through -= cover
        if not names.isdisjoint(_names(layer)):
            seen += cover
    return np.asarray(np.rint(seen * 255), np.uint8)


def _kept(layers: Sequence[SplitLayer], names: frozenset[str], unseen: Pixels) -> Iterator[SplitLayer]:
    """The other layers. Those that change what lies below do not change the paper."""
    for layer in layers:
        if _is_paint(layer) or not layer.visible:
            if names.isdisjoint(_names(layer)):
                yield layer
        elif names.isdisjoint(_names(layer)):
            yield replace(layer, read=partial(_read_cleared, layer, unseen))


def _read_cleared(layer: SplitLayer, unseen: Pixels) -> Pixels:
    return _cleared(layer.read(), unseen[..., None])


def _cleared(pixels: Pixels, unseen: Pixels) -> Pixels:
    """Pixels with paper, or with nothing where they have alpha, as far as `unseen`, uint8 [h, w, 1], covers them."""
    left = 1 - unseen.astype(np.float32) / 255
    if pixels.shape[2] == 4:
        made = pixels.copy()
        made[..., 3:] = np.rint(pixels[..., 3:] * left)
        made[made[..., 3] == 0] = 0
        return made
    return np.asarray(np.rint(255 - (255 - pixels.astype(np.float32)) * left), np.uint8)
