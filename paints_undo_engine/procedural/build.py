"""From a picture to its document: read it, choose a method, plan the steps, share out the time, set up the layers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.picture import SplitLayer
from paints_undo_engine.procedural.document.arrival import Arrival
from paints_undo_engine.procedural.document.document import Curves, Document, MirroredTimes
from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import NEVER, UNIT, Keys, Pixels, Tool
from paints_undo_engine.procedural.methods.choosing import method_for
from paints_undo_engine.procedural.methods.writing import with_lettering
from paints_undo_engine.procedural.mount import Mount, mounted
from paints_undo_engine.procedural.options import Options
from paints_undo_engine.procedural.paints import rebased, unmixed
from paints_undo_engine.procedural.reading.fitting import fitted
from paints_undo_engine.procedural.reading.letters import unlettered
from paints_undo_engine.procedural.reading.model import PictureKind, Reading
from paints_undo_engine.procedural.reading.readings import Reader, read_picture
from paints_undo_engine.procedural.reading.traces import is_clean
from paints_undo_engine.procedural.script import scheduled
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.split import Finished, split_layers
from paints_undo_engine.procedural.techniques.adjusting import curves_table
from paints_undo_engine.request import Method

_UNADJUSTED = (
    PictureKind.LINE_ART,
    PictureKind.PENCIL,
    PictureKind.PIXEL,
    PictureKind.COMIC,
    PictureKind.WATERCOLOUR,
)
"""Kinds whose few levels curves would tear apart, or that are made on paper."""
_PLAIN = (Method.OUTLINE, Method.PENCIL, Method.PIXEL, Method.WATERCOLOUR)
"""Methods that end without curves, whatever the picture was taken for."""
_THREADS = 2
"""That set up layers, of which each has its own data."""
_TINY = 96 * 96
"""Pixels of a picture in which it is looked whether each operation changes one."""
_HIDDEN = (0.94, 0.98)
"""Of the process: when what is left of the sketch fades."""


def make_document(picture: Pixels, options: Options | None = None, reader: Reader = read_picture) -> Document:
    """The document of a picture: uint8 [H, W, 3 or 4], sRGB, straight alpha."""
    return document_in(mounted(picture), options or Options(), reader)


def document_in(mount: Mount, options: Options, reader: Reader = read_picture) -> Document:
    """The document of what lies within surroundings that are known."""
    return _document(_source(mount, options, reader), mount)


def make_split(picture: Pixels, options: Options | None = None, reader: Reader = read_picture) -> Iterator[SplitLayer]:
    """The layer split of a picture, bottom first."""
    mount = mounted(picture)
    source = _source(mount, options or Options(), reader)
    document = _document(source, mount)
    finished = Finished(document, mount.inside, source.grid, source.reading.regions, source.regions.labels)
    for layer in split_layers(finished):
        yield mount.split(layer)
    if not mount.is_whole:
        yield mount.surroundings()


def _source(mount: Mount, options: Options, reader: Reader) -> Source:
    picture = mount.inside
    alpha = np.ascontiguousarray(picture[..., 3]) if picture.shape[2] == 4 else None
    read = mount.known(fitted(reader(picture), np.ascontiguousarray(picture[..., :3]), alpha))
    bare = unlettered(picture, read.letters)
    reading = rebased(unmixed(read, bare))
    table = curves_table(np.random.default_rng((options.seed, 1)), colour=_is_adjusted(reading, options))
    return Source(bare, reading, table, options, picture)


def _is_adjusted(reading: Reading, options: Options) -> bool:
    """Whether curves are moved at the end: in a program alone, not on paint, paper or canvas."""
    if reading.kind in _UNADJUSTED or options.method in _PLAIN:
        return False
    return reading.alpha is not None or is_clean(reading.pixels)


def _document(source: Source, mount: Mount) -> Document:
    method, work = method_for(source)
    recipe = with_lettering(source, work(source))
    timeline = scheduled(recipe.steps, recipe.shares, source.size)
    layers, curves, view = recipe.layers(), recipe.curves(), recipe.view()
    for layer in layers:
        _hide_sketch(layer, timeline.total)
    with ThreadPoolExecutor(_THREADS) as beside:
        list(beside.map(lambda layer: layer.attach(source.grid), layers))
    toggled = np.array([operation.tool is Tool.LAYERS for operation in timeline.operations], bool)
    busy = _busy(toggled, layers, curves, view)

    left, top = mount.corner

    def documented(kept: NDArray[np.int64]) -> Document:
        operations = [
            replace(made, index=number, bounds=(made.bounds[0] + left, made.bounds[1] + top, *made.bounds[2:]))
            for number, made in enumerate(timeline.operations[at] for at in kept.tolist())
        ]
        ticks = np.concatenate([kept, [timeline.total]]).astype(np.int64) * UNIT
        ticks[0] = 0
        return Document(
            mount,
            source.grid,
            layers,
            operations,
            ticks,
            curves=curves,
            view=view,
            paper=recipe.paper,
            kind=source.reading.kind,
            method=method,
        )

    document = documented(busy)
    return document if source.picture[..., 0].size > _TINY else documented(busy[_different(document)])


def _hide_sketch(layer: Layer, operations: int) -> None:
    """A sketch that no later work has hidden goes shortly before the end."""
    left = layer.opacity(NEVER)
    if isinstance(layer, Arrival) and layer.group[:1] == ("Sketch",) and left:
        begin, end = (float(round(share * operations * UNIT)) for share in _HIDDEN)
        earlier = tuple(key for key in layer.opacity.points if key[0] < begin)
        layer.opacity = Keys((*earlier, (begin, layer.opacity(round(begin))), (end, 0.0)))


def _busy(
    toggled: NDArray[np.bool_], layers: Sequence[Layer], curves: Curves | None, view: MirroredTimes
) -> NDArray[np.int64]:
    """The operations in which something can be seen; what happens in the others belongs to the one before.

    `toggled` bool [operations]: in which a layer's visibility is changed. Elsewhere layers fade while others are worked
    on, which cover them more often than not.
    """
    count = len(toggled)
    busy = view.busy(count)
    for layer in layers:
        busy |= layer.busy(count) | (layer.fading(count) & toggled)
    if curves is not None:
        busy |= curves.busy(count)
    return np.flatnonzero(busy) if busy.any() else np.array([0])


def _different(document: Document) -> NDArray[np.int64]:
    """The operations that change any pixel: on a few pixels much of what can be seen elsewhere changes none."""
    states = [document.render(at).tobytes() for at in range(document.count + 1)]
    changes = [at for at in range(document.count) if states[at] != states[at + 1]]
    return np.array(changes or [0])
