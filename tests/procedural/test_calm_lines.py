"""A line art as somebody draws it: even strokes, nothing loose beside them, and one person after the other."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np

from paints_undo_engine.procedural.methods.outlines import Contours
from paints_undo_engine.procedural.options import Options
from paints_undo_engine.procedural.reading.calm_lines import calmed
from paints_undo_engine.procedural.reading.model import Box, Colour, InkPath, Part, Pixels
from paints_undo_engine.procedural.reading.read import read
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.carrying_on import whole_strokes
from paints_undo_engine.procedural.techniques.features import Features, penned
from paints_undo_engine.procedural.techniques.lining import Stroke, in_order
from paints_undo_engine.procedural.techniques.telling_lines import without_scraps

PEN: Colour = (40, 30, 40)
NOWHERE = np.zeros((200, 200), bool)


def source_of(picture: Pixels) -> Source:
    return Source(picture, read(picture), np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1), Options())


def ink(*points: tuple[float, float], width: float = 3, colour: Colour = PEN) -> InkPath:
    """A stroke along a polygon, with a place at each pixel."""
    ends = np.array(points, np.float32)
    pieces = [
        np.linspace(one, other, max(2, round(float(np.hypot(*(other - one))))), dtype=np.float32)
        for one, other in pairwise(ends)
    ]
    line = np.concatenate(pieces)
    length = float(np.hypot(*np.diff(line, axis=0).T).sum())
    return InkPath(line, np.full(len(line), width, np.float32), length, -1, colour)


def ring(x: float, y: float, radius: float) -> InkPath:
    turns = np.linspace(0, 2 * np.pi, 24)
    places = [(x + radius * float(np.cos(turn)), y + radius * float(np.sin(turn))) for turn in turns]
    return ink(*places)


def test_a_ragged_line_is_an_even_stroke() -> None:
    cover = np.zeros((200, 200), np.uint8)
    cover[99:102, 20:180] = 255
    cover[102:107, 60:66] = 255
    cover[99:101, 120:123] = 0
    calm = calmed(cover, [ink((20, 100), (180, 100))], 1.0, NOWHERE)
    assert not calm[104:107, 60:66].any()
    assert (calm[100, 30:170] > 150).all()
    assert (calm[99:102, 30:170].mean(axis=0) > 120).all()


def test_no_gap_is_filled_and_a_line_still_meets_the_next_one() -> None:
    cover = np.zeros((200, 200), np.uint8)
    cover[99:102, 20:80] = cover[99:102, 100:180] = 255
    cover[102:106, 178:181] = 255
    calm = calmed(cover, [ink((20, 100), (180, 100))], 1.0, NOWHERE)
    assert not calm[:, 84:96].any()
    assert calm[102:105, 179].all()


def test_a_short_line_is_no_patch_unless_it_is_kept() -> None:
    cover = np.zeros((200, 200), np.uint8)
    cover[99:102, 20:180] = 255
    cover[30:42, 50:62] = 255
    paths = [ink((20, 100), (180, 100)), ink((50, 36), (62, 36), width=12)]
    eyes = NOWHERE.copy()
    eyes[25:50, 40:70] = True
    assert float((calmed(cover, paths, 1.0, NOWHERE)[30:42, 50:62] > 127).mean()) < 0.75
    assert (calmed(cover, paths, 1.0, eyes)[30:42, 50:62] == 255).all()


def test_a_small_contour_that_touches_nothing_is_none() -> None:
    source = source_of(np.full((300, 300, 3), 255, np.uint8))
    pen = Contours(source).pen
    line, petal, bead, eye, large = (
        Stroke(ink((100, 500), (500, 500))),
        Stroke(ring(300, 200, 12), pen),
        Stroke(ring(300, 488, 12), pen),
        Stroke(ring(500, 200, 12), pen),
        Stroke(ring(150, 250, 80), pen),
    )
    headed = replace(source, reading=replace(source.reading, heads=(Box(460, 160, 80, 80),)))
    assert without_scraps(headed, [line, petal, bead, eye, large]) == [line, bead, eye, large]


def test_who_is_begun_is_finished_before_the_next_one() -> None:
    source = source_of(np.full((300, 300, 3), 255, np.uint8))
    region = replace(source.reading.regions[0], label=0, figure=0, part=Part.CLOTH)
    heads = Box(100, 60, 100, 100), Box(420, 60, 100, 100)
    source = replace(source, reading=replace(source.reading, regions=(region,), heads=heads))
    persons = [
        [replace(line, region=0) for line in (ring(x, 110, 45), ink((x, 170), (x, 330)), ink((x, 340), (x - 30, 560)))]
        for x in (150, 470)
    ]
    lines = [line for both in zip(*persons, strict=True) for line in both]
    order = [lines.index(stroke.path) % 2 for stroke in in_order(source, [Stroke(line) for line in lines])]
    assert order == [0, 0, 0, 1, 1, 1]


def test_a_line_goes_on_neither_in_paint_nor_in_a_complete_face() -> None:
    picture = np.full((300, 300, 3), 230, np.uint8)
    picture[150:] = (150, 160, 210)
    source = source_of(np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.8), np.uint8))
    none = replace(source.reading.ink, cover=np.zeros(source.reading.shape, np.uint8), paths=())
    source = replace(source, reading=replace(source.reading, ink=none))
    scale = source.reading.scale

    def more(colour: Colour) -> int:
        ends = [((40, 150), (142, 150)), ((158, 150), (260, 150))]
        paths = [ink(*((x / scale, y / scale) for x, y in both), colour=colour) for both in ends]
        strokes = [Stroke(path) for path in paths]
        return len(whole_strokes(source, strokes, Contours(source).pen, faces=False)) - len(strokes)

    assert more(PEN) > 0
    assert more((240, 170, 60)) == 0


def test_an_iris_is_no_line_and_a_lash_is() -> None:
    picture = np.full((300, 300, 3), 255, np.uint8)
    cv2.ellipse(picture, (150, 120), (47, 23), 0, 0, 360, (50, 76, 130), -1, cv2.LINE_AA)
    cv2.ellipse(picture, (150, 95), (61, 7), 0, 0, 360, (44, 30, 34), -1, cv2.LINE_AA)
    source = source_of(picture)
    height, width = source.reading.shape
    region = replace(source.reading.regions[0], label=0, part=Part.EYES)
    known = replace(source.reading, labels=np.zeros((height, width), np.int32), regions=(region,))
    source = replace(source, reading=known)
    (drawn,) = penned(source, [Features(np.full((height, width), 255, np.uint8), 2.0)], PEN)
    scale = source.reading.scale
    assert drawn.cover[round(95 / scale), round(150 / scale)] == 255
    assert drawn.cover[round(120 / scale), round(150 / scale)] == 0
