"""Pixel art of a figure before a ground."""

from __future__ import annotations

from functools import cache

import numpy as np

from paints_undo_engine.procedural import Options, make_document
from paints_undo_engine.procedural.document.document import Document
from paints_undo_engine.procedural.reading.model import Pixels
from paints_undo_engine.request import Corrections, Method

SKY, CUBE = (90, 190, 240), 10


@cache
def knight() -> Pixels:
    """A red figure with an outline, 14 cells wide, before an even sky in which dark crumbs lie: 48 cells a side."""
    cells = np.full((48, 48, 3), SKY, np.uint8)
    y, x = np.mgrid[:48, :48]
    body = ((x - 24) / 7) ** 2 + ((y - 26) / 14) ** 2
    cells[body < 1.35] = (20, 20, 40)
    cells[body < 1] = np.array([(200, 60, 60), (230, 110, 90)], np.uint8)[(y // 5) % 2][body < 1]
    for row, column in ((5, 6), (8, 40), (42, 5), (40, 42)):
        cells[row, column : column + 2] = (20, 20, 40)
    return np.repeat(np.repeat(cells, CUBE, axis=0), CUBE, axis=1)


@cache
def document() -> Document:
    return make_document(knight(), Options(method=Method.PIXEL, corrections=Corrections.NONE))


def _after(label: str) -> Pixels:
    """The canvas after the last operation of that label."""
    last = max(op.index for op in document().operations if op.label == label)
    return np.asarray(document().render(last + 1))[..., :3]


def test_the_silhouette_has_the_figures_colour_and_not_the_skys() -> None:
    tone = _after("silhouette")[26 * CUBE + 5, 24 * CUBE + 5].astype(int)
    assert tone[0] > tone[2] + 60


def test_the_outline_is_the_figures_and_crumbs_in_the_sky_are_none() -> None:
    state = _after("outline, pixels")
    assert state[10 * CUBE + 5, 24 * CUBE + 5].max() < 60
    assert (state[5 * CUBE + 5, 6 * CUBE + 5] == 255).all()
