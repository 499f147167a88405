"""Short dark marks in painted cloth are no pen's work: they come on the paint, and lines on paper before it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np

from paints_undo_engine.procedural import Options, make_document
from paints_undo_engine.procedural.document.model import Phase, Pixels
from paints_undo_engine.procedural.reading.model import InkPath
from paints_undo_engine.procedural.reading.read import read
from paints_undo_engine.procedural.reading.readings import read_picture
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.accents import find_accents
from paints_undo_engine.request import Corrections, Method

FOLDS = [(x, y) for x in range(90, 320, 40) for y in range(100, 310, 50)]
LINES = [(30, 80), (30, 140), (30, 200)]


def cloth() -> Pixels:
    """Folds, dark at one side and fading to the other, in red cloth, and short pen lines on white beside it."""
    picture = np.full((400, 380, 3), 255, np.uint8)
    # With a straight border it would be a sheet on a table.
    hem = [(x, 362 - 18 * (number % 2)) for number, x in enumerate(range(350, 59, -29))]
    collar = [(60, 60), (150, 76), (200, 92), (250, 76), (350, 60)]
    cv2.fillPoly(picture, [np.array([*collar, *hem], np.int32)], (200, 84, 72))
    for x, y in FOLDS:
        for away in range(8, 0, -1):
            share = away / 8
            paint = (round(120 + 80 * share), round(34 + 50 * share), round(30 + 42 * share))
            cv2.line(picture, (x + away, y), (x + away, y + 22), paint, 1)
        cv2.line(picture, (x, y), (x, y + 22), (92, 20, 22), 2)
    for x, y in LINES:
        cv2.line(picture, (x, y), (x, y + 22), (30, 24, 30), 1)
    return picture


def source_on(picture: Pixels) -> Source:
    return Source(picture, read(picture), np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1), Options())


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


def ink(colour: tuple[int, int, int], *points: tuple[float, float]) -> InkPath:
    """A stroke two pixels wide."""
    path = np.array(points, np.float32)
    length = float(np.hypot(*np.diff(path, axis=0).T).sum())
    return InkPath(path, np.full(len(path), 2, np.float32), length, 0, colour)


def with_ink(source: Source, paths: list[InkPath]) -> Source:
    """The picture with these lines as its line art."""
    cover = np.zeros(source.reading.shape, np.uint8)
    for path in paths:
        cv2.polylines(cover, [np.rint(path.points).astype(np.int32)], False, 255, 2)
    return replace(
        source, reading=replace(source.reading, ink=replace(source.reading.ink, cover=cover, paths=tuple(paths)))
    )


def test_ornaments_that_a_marker_drew_come_with_the_paint() -> None:
    picture = np.full((400, 400, 3), 255, np.uint8)
    source = Source(picture, read(picture), np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1), Options())
    outline = [ink((20, 16, 24), (100, y), (540, y)) for y in (100, 540)]
    heart = ink((230, 90, 60), (300, 300), (330, 270), (360, 300), (300, 360))
    assert find_accents(with_ink(source, [*outline, heart])).own.tolist() == [False, False, True]


def test_short_lines_in_a_paints_colour_are_shading_where_the_pen_is_dark() -> None:
    picture = np.full((400, 400, 3), 255, np.uint8)
    cv2.rectangle(picture, (60, 60), (340, 340), (240, 170, 220), -1)
    source = Source(picture, read(picture), np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1), Options())
    pen, pink = (20, 16, 24), (220, 90, 190)
    dashes = [ink(pink, (x, 200), (x + 6, 222)) for x in range(200, 320, 30)]
    seam = ink(pink, (200, 400), (420, 430))
    outline = [ink(pen, (100, 100 + y), (540, 100 + y)) for y in (0, 440)] + [ink(pen, (200, 300), (206, 322))]
    dark = find_accents(with_ink(source, [*dashes, seam, *outline])).own.tolist()
    assert dark == [True] * len(dashes) + [False] * 4
    # Where each line has the colour of what it surrounds, that is the pen's.
    coloured = [replace(line, colour=(150, 40, 90)) for line in outline]
    assert not find_accents(with_ink(source, [*dashes, seam, *coloured])).own[: len(dashes)].any()


def test_what_is_left_between_light_patterns_is_no_line_and_a_dark_seam_is() -> None:
    picture = np.full((300, 300, 3), (168, 190, 226), np.uint8)
    for y in (120, 140):
        cv2.line(picture, (40, y), (260, y), (250, 250, 252), 7)
    cv2.line(picture, (40, 220), (260, 220), (70, 84, 120), 3)
    source = source_on(picture)
    scale = 1 / source.reading.scale
    colours = {130: (168, 190, 226), 220: (70, 84, 120)}
    lines = [ink(own, *((x * scale, y * scale) for x in range(50, 250, 4))) for y, own in colours.items()]
    assert find_accents(with_ink(source, lines)).own.tolist() == [True, False]


def test_a_wide_red_line_is_darker_than_the_cloth_beside_it() -> None:
    picture, red = np.full((300, 300, 3), (230, 214, 170), np.uint8), (190, 40, 40)
    cv2.line(picture, (40, 150), (260, 150), red, 9)
    source = source_on(picture)
    scale = 1 / source.reading.scale
    line = ink(red, *((x * scale, 150 * scale) for x in range(50, 250, 4)))
    wide = replace(line, width=np.full(len(line.points), 9 * scale, np.float32))
    assert find_accents(with_ink(source, [wide])).own.tolist() == [False]


def test_dots_along_a_silhouette_are_no_outline_and_a_drawn_one_is() -> None:
    picture = np.zeros((400, 400, 4), np.uint8)
    cv2.rectangle(picture, (60, 60), (340, 340), (90, 110, 160, 255), -1)
    source = Source(
        picture, read_picture(picture), np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1), Options()
    )
    left, right = (round(x / source.reading.scale) for x in (60, 340))
    rows = range(left + 20, right - 20, 40)
    dots = [ink((20, 20, 20), (x, y), (x, y + 8)) for x in (left, right) for y in rows]
    found = find_accents(with_ink(source, dots))
    assert found.own.all()
    assert not found.specks
    # A dot without a path of its own comes with the others, and not with the nearest line.
    traced = with_ink(source, dots)
    traced = replace(traced, reading=replace(traced.reading, ink=replace(traced.reading.ink, paths=tuple(dots[1:]))))
    (speck,) = find_accents(traced).specks
    assert np.abs(speck.points - dots[0].points).max() < 4
    corners = [(left, left), (right, left), (right, right), (left, right), (left, left)]
    drawn = [ink((20, 20, 20), one, other) for one, other in pairwise(corners)]
    assert not find_accents(with_ink(source, [*drawn, *dots])).own[:4].any()


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
