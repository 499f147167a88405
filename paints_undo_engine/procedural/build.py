"""From a picture to its document: read it, choose a method, plan the steps, share out the time, set up the layers."""

from __future__ import annotations

import numpy as np

from paints_undo_engine.procedural.document.document import Document
from paints_undo_engine.procedural.document.model import UNIT, Pixels
from paints_undo_engine.procedural.methods.choosing import method_for
from paints_undo_engine.procedural.options import Options
from paints_undo_engine.procedural.reading.model import Kind
from paints_undo_engine.procedural.reading.read import read
from paints_undo_engine.procedural.script import scheduled
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.adjusting import curves_table


def make_document(picture: Pixels, options: Options | None = None) -> Document:
    """The document of a picture: uint8 [H, W, 3 or 4], sRGB, straight alpha."""
    colours = np.ascontiguousarray(picture[..., :3])
    reading = read(colours, picture[..., 3] if picture.shape[2] == 4 else None)
    options = options or Options()
    chance = np.random.default_rng((options.seed, 1))
    table = curves_table(chance, colour=reading.kind not in (Kind.LINE_ART, Kind.PIXEL))
    source = Source(picture, reading, table, options)
    method, work = method_for(source)
    recipe = work(source)
    timeline = scheduled(recipe.steps, recipe.shares, source.size)
    ticks = np.arange(len(timeline.operations) + 1, dtype=np.int64) * UNIT
    return Document(
        picture,
        source.grid,
        recipe.layers(),
        timeline.operations,
        ticks,
        curves=recipe.curves(),
        view=recipe.view(),
        paper=recipe.paper,
        kind=reading.kind,
        method=method,
    )
