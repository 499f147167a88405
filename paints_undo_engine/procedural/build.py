"""From a picture to its document: read it, choose a method, plan the steps, share out the time, set up the layers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.picture import SplitLayer
from paints_undo_engine.procedural.document.document import Curves, Document, View
from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import UNIT, Operation, Pixels
from paints_undo_engine.procedural.methods.choosing import method_for
from paints_undo_engine.procedural.options import Options
from paints_undo_engine.procedural.reading.model import Kind
from paints_undo_engine.procedural.reading.readings import Reader, read_picture
from paints_undo_engine.procedural.script import scheduled
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.split import Finished, split_layers
from paints_undo_engine.procedural.techniques.adjusting import curves_table

_UNADJUSTED = (Kind.LINE_ART, Kind.PENCIL, Kind.PIXEL, Kind.COMIC)
"""Kinds whose few levels curves would tear apart."""


def make_document(picture: Pixels, options: Options | None = None, reader: Reader = read_picture) -> Document:
    """The document of a picture: uint8 [H, W, 3 or 4], sRGB, straight alpha."""
    return _document(_source(picture, options or Options(), reader))


def make_split(picture: Pixels, options: Options | None = None, reader: Reader = read_picture) -> Iterator[SplitLayer]:
    """The layer split of a picture, bottom first."""
    source = _source(picture, options or Options(), reader)
    document = _document(source)
    yield from split_layers(Finished(document, source.grid, source.reading.regions, source.regions.labels))


def _source(picture: Pixels, options: Options, reader: Reader) -> Source:
    reading = reader(picture)
    table = curves_table(np.random.default_rng((options.seed, 1)), colour=reading.kind not in _UNADJUSTED)
    return Source(picture, reading, table, options)


def _document(source: Source) -> Document:
    method, work = method_for(source)
    recipe = work(source)
    timeline = scheduled(recipe.steps, recipe.shares, source.size)
    layers, curves, view = recipe.layers(), recipe.curves(), recipe.view()
    for layer in layers:
        layer.attach(source.grid)
    operations, ticks = _seen(timeline.operations, layers, curves, view)
    return Document(
        source.picture,
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


def _seen(
    operations: Sequence[Operation], layers: Sequence[Layer], curves: Curves | None, view: View
) -> tuple[list[Operation], NDArray[np.int64]]:
    """Only the operations in which something can be seen; what happens in the others belongs to the one before."""
    count = len(operations)
    busy = np.zeros(count, bool)
    for layer in layers:
        busy |= layer.busy(count) | layer.fading(count)
    busy |= view.busy(count)
    if curves is not None:
        busy |= curves.busy(count)
    kept = np.flatnonzero(busy)
    if not len(kept):
        kept = np.array([0])
    ticks = np.concatenate([kept, [count]]).astype(np.int64) * UNIT
    ticks[0] = 0
    return [replace(operations[at], index=number) for number, at in enumerate(kept.tolist())], ticks
