"""Which lines are inked and in which order: crisp borders, each line from what stands, no gap closed that is one."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from paints_undo_engine.procedural.methods.outlines import Contours
from paints_undo_engine.procedural.options import Options
from paints_undo_engine.procedural.reading.model import Colour, FigureSource, InkPath, Part, Pixels
from paints_undo_engine.procedural.reading.read import read
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.contouring import contours
from paints_undo_engine.procedural.techniques.lining import Stroke, in_order

BLUE, ORANGE, SKIN = (60, 70, 150), (210, 120, 60), (236, 190, 170)


def source_of(picture: Pixels) -> Source:
    return Source(picture, read(picture), np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1), Options())


def ink(begin: tuple[float, float], end: tuple[float, float]) -> InkPath:
    length = float(np.hypot(end[0] - begin[0], end[1] - begin[1]))
    points = np.linspace(begin, end, round(length) + 1, dtype=np.float32)
    return InkPath(points, np.full(len(points), 2, np.float32), length, -1, (40, 30, 40))


def halved(source: Source, parts: tuple[tuple[Colour, Part], ...]) -> Source:
    """The source with a figure all over the picture, in vertical stripes of some parts, and without a line."""
    height, width = source.reading.shape
    labels = np.repeat(np.arange(width)[None] * len(parts) // width, height, axis=0).astype(np.int32)
    regions = tuple(
        replace(source.reading.regions[0], label=label, figure=0, colour=colour, part=part)
        for label, (colour, part) in enumerate(parts)
    )
    none = replace(source.reading.ink, cover=np.zeros((height, width), np.uint8), paths=())
    cover = np.full((height, width), 255, np.uint8)
    figure = replace(source.reading.figure, source=FigureSource.NETWORK, cover=cover)
    known = replace(source.reading, labels=labels, regions=regions, ink=none, figure=figure)
    return replace(source, reading=replace(known, clean=known.pixels))


def along(source: Source, x: float, begin: float, end: float) -> float:
    """How much of a column of the picture has a contour, between two shares of its height; all are shares."""
    height, width = source.reading.shape
    drawn = np.zeros((height, width), np.uint8)
    for path in contours(source, [region.label for region in source.reading.regions]):
        cv2.polylines(drawn, [np.rint(path.points).astype(np.int32)], False, 1, 3)
    column = drawn[round(begin * height) : round(end * height), round(x * width) - 4 : round(x * width) + 4]
    return float(column.any(axis=1).mean())


def test_a_soft_border_is_not_inked_and_a_crisp_one_is() -> None:
    picture = np.full((320, 300, 3), BLUE, np.uint8)
    picture[:, 150:] = ORANGE
    picture[:160] = cv2.GaussianBlur(picture, (0, 0), 9)[:160]
    source = halved(source_of(picture), ((BLUE, Part.CLOTH), (ORANGE, Part.PROP)))
    assert along(source, 0.5, 0.05, 0.4) == 0
    assert along(source, 0.5, 0.58, 0.95) > 0.95


def test_a_light_on_skin_is_not_inked_and_the_dark_between_two_fingers_is() -> None:
    picture = np.full((320, 300, 3), SKIN, np.uint8)
    picture[:, 150:] = ORANGE
    fingers = picture.copy()
    picture[:, 75:150] = [round(0.75 * level) for level in SKIN]
    fingers[:, 73:77] = [round(0.5 * level) for level in SKIN]
    lit, parted = (halved(source_of(one), ((SKIN, Part.SKIN), (ORANGE, Part.CLOTH))) for one in (picture, fingers))
    assert along(lit, 0.25, 0.05, 0.95) == 0
    assert along(parted, 0.25, 0.05, 0.95) > 0.8


def test_a_line_art_grows_and_leaves_no_lines_about() -> None:
    source = source_of(np.full((320, 300, 3), 255, np.uint8))
    middle = source.reading.shape[1] / 2
    chain = [ink((middle, y), (middle, y + 60)) for y in (200, 262, 324, 386)]
    far = [ink((20, 600), (110, 600)), ink((560, 40), (560, 130))]
    lines = [far[0], chain[2], chain[0], far[1], chain[3], chain[1]]
    order = [lines.index(stroke.path) for stroke in in_order(source, [Stroke(line) for line in lines])]
    assert set(order[:4]) == {1, 2, 4, 5}
    for number in range(1, 4):
        before = np.concatenate([lines[at].points for at in order[:number]])
        assert np.hypot(*(before[:, None] - lines[order[number]].points).reshape(-1, 2).T).min() < 5


def test_gaps_in_lines_that_are_complete_are_their_artists() -> None:
    source = source_of(np.full((300, 300, 3), 255, np.uint8))
    for share, count in ((0.5, 2), (0.95, 1)):
        lines = replace(source.reading.ink, explained=share)
        known = Contours(replace(source, reading=replace(source.reading, ink=lines)))
        assert len(known.strokes([ink((20, 20), (30, 20)), ink((20, 40), (200, 40))])) == count
