"""What goes wrong and is mended: it happens, it is seen, and without corrections it does not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from procedural.pictures import sticker

from paints_undo_engine.procedural import Document, Options, make_document
from paints_undo_engine.procedural.document.arrival import Arrival
from paints_undo_engine.procedural.document.model import Keys, Tool
from paints_undo_engine.procedural.document.moving import Moving, Transform
from paints_undo_engine.procedural.document.tiles import Grid
from paints_undo_engine.procedural.reading.readings import Reader, read_picture
from paints_undo_engine.request import Corrections, Method

Pixels = NDArray[np.uint8]

SEED = 2
MENDED = ("rubbed out", "into its place", "taken back", "another hue", "hidden and shown", "mirrored")


@pytest.fixture(scope="module")
def many() -> Document:
    """A figure with everything that can go wrong."""
    return make_document(sticker(), Options(SEED, Method.LINE, Corrections.MANY, flip=True))


def happening(document: Document, words: str) -> list[int]:
    """The operations whose label has some words."""
    return [operation.index for operation in document.operations if words in operation.label]


def change(document: Document, begin: float, end: float) -> float:
    """The share of the pixels that differ by more than 10 levels between two states."""
    before, after = document.render(begin), document.render(end)
    return float((np.abs(before.astype(int) - after).max(axis=2) > 10).mean())


@pytest.mark.parametrize("words", MENDED)
def test_each_correction_happens_and_is_seen(many: Document, words: str) -> None:
    found = happening(many, words)
    assert found
    assert change(many, found[0], found[-1] + 1) > 0.0005


def test_without_corrections_there_are_none() -> None:
    document = make_document(sticker(), Options(SEED, Method.LINE, Corrections.NONE))
    assert [words for words in MENDED if happening(document, words)] == []
    assert not [layer for layer in document.layers if isinstance(layer, Moving) or "first try" in layer.name]
    assert not [operation for operation in document.operations if operation.tool is Tool.ERASER]


@pytest.fixture(scope="module")
def read() -> Reader:
    """What gives the sticker's reading without reading it again for each seed."""
    reading = read_picture(sticker())
    return lambda _: reading


def test_few_corrections_are_fewer_than_many(read: Reader) -> None:
    counts = dict.fromkeys((Corrections.FEW, Corrections.MANY), 0)
    for amount in counts:
        for seed in range(2):
            document = make_document(sticker(), Options(seed, Method.LINE, amount), read)
            counts[amount] += sum(len(happening(document, words)) for words in MENDED)
    assert 0 < counts[Corrections.FEW] < counts[Corrections.MANY]


def test_the_line_art_is_hidden_only_where_many_things_go_wrong(read: Reader) -> None:
    """Without its lines half of a face is gone, which looks like a fault."""

    def seen(amount: Corrections) -> set[str]:
        documents = (make_document(sticker(), Options(seed, Method.LINE, amount), read) for seed in range(10, 16))
        return {label for document in documents for label in toggled(document)}

    assert seen(Corrections.FEW) == {"soft shading hidden and shown"}
    assert seen(Corrections.MANY) == {"line art hidden and shown"}


def toggled(document: Document) -> list[str]:
    """What is said of layers that are hidden for a look."""
    return [operation.label for operation in document.operations if operation.tool is Tool.LAYERS]


def test_a_part_of_the_sketch_is_drawn_askew_and_moved_to_where_it_belongs(many: Document) -> None:
    layer = next(layer for layer in many.layers if isinstance(layer, Moving))
    labels = [operation.label for operation in many.operations if operation.tool is Tool.TRANSFORM]
    assert any("moved into its place" in label for label in labels)
    begin, end = layer.transform.span
    assert (end - begin) / 32 > 4
    ways = [layer.transform.at(tick) for tick in range(begin + 1, end + 1, 16)]
    assert all(way is not None for way in ways)
    drawn, placed = layer.cover, layer.finished()
    assert drawn is not None
    assert placed is not None
    assert np.abs(drawn.astype(int) - placed).max() > 100
    # About as much line is there before and after.
    assert 0.7 < placed.sum() / drawn.sum() < 1.4


def test_lines_go_exactly_where_their_transform_says() -> None:
    cover = np.zeros((300, 420), np.uint8)
    cv2.rectangle(cover, (100, 120), (139, 159), 255, -1)
    come = np.where(cover > 0, 32, 65535).astype(np.uint16)
    move = Transform((119.5, 139.5), (150.0, 40.0), np.pi / 2, 1.0, shifted=Keys(((320, 0.0), (640, 1.0))))
    layer = Moving("part", (0, 0, 0), come, cover, move)
    grid = Grid((300, 420), (300, 420))
    layer.attach(grid)

    def at(clock: int) -> Pixels:
        canvas = np.zeros((300, 420), np.uint8)
        for tile in grid.tiles:
            drawn = layer.draw(tile, clock)
            if drawn is not None:
                canvas[tile.at] = 255 if drawn.cover is None else drawn.cover
        return canvas

    assert np.array_equal(at(200), cover)
    half = np.roll(cover, (20, 75), axis=(0, 1))
    assert np.array_equal(at(480), half)
    assert np.array_equal(at(640), np.roll(cover, (40, 150), axis=(0, 1)))
    finished = layer.finished()
    assert finished is not None
    assert np.array_equal(finished, at(9999))
    # It has moved on from where it was: both places are drawn anew.
    assert layer.changed(300, 640)[:2].all()
    assert layer.busy(40)[10:20].all()
    assert not layer.busy(40)[21:].any()


def test_no_sketch_is_left_at_the_end(many: Document) -> None:
    left = [
        layer.name
        for layer in many.layers
        if isinstance(layer, Arrival) and layer.group[:1] == ("Sketch",) and layer.level(int(many.ticks[-1]))
    ]
    assert left == []
