"""Short dark marks in painted cloth are no pen's work: they come on the paint, and lines on paper before it."""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.procedural import Options, make_document
from paints_undo_engine.procedural.document.model import Phase, Pixels
from paints_undo_engine.procedural.reading.read import read
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.accents import find_accents
from paints_undo_engine.request import Corrections, Method

FOLDS = [(x, y) for x in range(90, 320, 40) for y in range(100, 310, 50)]
LINES = [(30, 80), (30, 140), (30, 200)]


def cloth() -> Pixels:
    """Folds, dark at one side and fading to the other, in red cloth, and short pen lines on white beside it."""
    picture = np.full((400, 380, 3), 255, np.uint8)
    cv2.rectangle(picture, (60, 70), (350, 350), (200, 84, 72), -1)
    for x, y in FOLDS:
        for away in range(8, 0, -1):
            share = away / 8
            paint = (round(120 + 80 * share), round(34 + 50 * share), round(30 + 42 * share))
            cv2.line(picture, (x + away, y), (x + away, y + 22), paint, 1)
        cv2.line(picture, (x, y), (x, y + 22), (92, 20, 22), 2)
    for x, y in LINES:
        cv2.line(picture, (x, y), (x, y + 22), (30, 24, 30), 1)
    return picture


def test_folds_of_cloth_are_accents_and_lines_on_paper_are_not() -> None:
    picture = cloth()
    reading = read(picture)
    source = Source(picture, reading, np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1), Options())
    accents = find_accents(source)
    where = cv2.resize(accents.where.astype(np.uint8), picture.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    inked = cv2.resize(reading.ink.cover, picture.shape[1::-1]) > 127
    assert np.mean([where[y : y + 22, x - 2 : x + 3].any() for x, y in FOLDS]) > 0.8
    assert all(inked[y : y + 22, x - 2 : x + 3].any() for x, y in LINES)
    assert not any(where[y : y + 22, x - 3 : x + 4].any() for x, y in LINES)


def test_accents_are_set_on_flats() -> None:
    picture = cloth()
    document = make_document(picture, Options(seed=2, method=Method.LINE, corrections=Corrections.NONE))
    lines = max(operation.index for operation in document.operations if operation.phase is Phase.LINE)
    accents = [operation.index for operation in document.operations if operation.label.endswith("accent")]
    flats = max(operation.index for operation in document.operations if operation.phase is Phase.FLATS)
    assert lines < flats < min(accents)
    drawn = document.render(lines + 1).max(axis=2)
    assert all(drawn[y : y + 22, x - 2 : x + 3].min() > 128 for x, y in FOLDS)
    assert all(drawn[y : y + 22, x - 2 : x + 3].min() < 128 for x, y in LINES)
    assert np.array_equal(document.render(document.count), picture)
