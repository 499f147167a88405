"""Patterns: what is nothing but short edges of all ways is one; strands, contours and hands are none."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.main_edges import find_edges
from paints_undo_engine.procedural.reading.model import Box, Ink, InkPath
from paints_undo_engine.procedural.reading.patterns import find_patterns, is_of_pattern, without_patterns
from paints_undo_engine.procedural.reading.read import read

SIDE = 640
NOBODY = np.zeros((SIDE, SIDE), bool)


def lace(picture: NDArray[np.uint8], left: int, top: int, right: int, bottom: int) -> None:
    """Short strokes of all ways in a box of uint8 [h, w, 3]."""
    chance = np.random.default_rng(3)
    for y in range(top, bottom, 12):
        for x in range(left, right, 12):
            turn = chance.uniform(0, np.pi)
            way = np.array([np.cos(turn), np.sin(turn)]) * 7
            begin, end = (np.rint((x, y) + sign * way).astype(int).tolist() for sign in (-1, 1))
            cv2.line(picture, begin, end, (40, 30, 60), 3, cv2.LINE_AA)


def strands_and_lace() -> NDArray[np.uint8]:
    """Strands at the left, an outline below, lace at the right: uint8 [h, w, 3]."""
    picture = np.full((SIDE, SIDE, 3), 225, np.uint8)
    for x in range(40, 240, 10):
        cv2.line(picture, (x, 60), (x + 30, 300), (40, 30, 60), 3, cv2.LINE_AA)
    cv2.ellipse(picture, (150, 480), (90, 90), 0, 0, 360, (40, 30, 60), 3, cv2.LINE_AA)
    lace(picture, 360, 60, 600, 300)
    return picture


def path(*places: tuple[float, float]) -> InkPath:
    corners = np.array(places, np.float32)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))])
    at = np.arange(0.0, along[-1], 1.0)
    points = np.stack([np.interp(at, along, corners[:, axis]) for axis in range(2)], axis=1).astype(np.float32)
    return InkPath(points, np.full(len(points), 3, np.float32), float(along[-1]), 0, (40, 30, 60))


def test_short_edges_of_all_ways_are_a_pattern_and_strands_and_outlines_are_none() -> None:
    found = find_patterns(strands_and_lace(), (), (), NOBODY)
    assert found[90:270, 390:570].mean() > 0.95
    assert not found[:, :300].any()


def test_a_head_and_a_hand_are_no_pattern() -> None:
    skin = NOBODY.copy()
    skin[200:300, 360:480] = True
    found = find_patterns(strands_and_lace(), (), (Box(500, 60, 90, 90),), skin)
    assert found[150:180, 390:470].any()
    assert not found[70:140, 510:580].any()
    assert not found[210:290, 365:475].any()


def test_a_long_even_line_through_a_pattern_is_none_of_its_lines() -> None:
    patterns = NOBODY.copy()
    patterns[60:300, 360:600] = True
    short, even = path((400, 100), (415, 110)), path((380, 150), (590, 170))
    wriggles = path(*((380 + 8 * n, 220 + 10 * (n % 2)) for n in range(26)))
    beside = path((100, 100), (115, 110))
    assert [is_of_pattern(one.points, patterns) for one in (short, even, wriggles, beside)] == [
        True,
        False,
        True,
        False,
    ]
    cover = np.zeros((SIDE, SIDE), np.uint8)
    for one in (short, even, wriggles, beside):
        cv2.polylines(cover, [np.rint(one.points).astype(np.int32)], False, 255, 3)
    ink, gone = without_patterns(
        Ink(cover, np.zeros((SIDE, SIDE, 3), np.uint8), (short, even, wriggles, beside), 1.0, 1.0, 1.0), patterns
    )
    assert ink.paths == (even, beside)
    assert not ink.cover[215:235, 390:560].any()
    assert gone[215:235, 390:560].any()
    assert ink.cover[105, 107]
    assert ink.cover[160, 485]


def coloured(*, shapes: bool) -> NDArray[np.uint8]:
    """Strands and lace on blue, and, if there are `shapes`, stripes without lines below them: uint8 [h, w, 3]."""
    picture = strands_and_lace()
    picture[picture.min(axis=2) > 200] = (170, 205, 230)
    for y in range(320, SIDE, 32):
        if shapes:
            picture[y : y + 16] = (200, 90, 60)
    return picture


def test_a_drawing_that_is_nothing_but_lines_has_no_patterns() -> None:
    reading = read(coloured(shapes=False))
    assert not reading.patterns.any()
    assert sum(one.length for one in reading.ink.paths if one.points[0, 0] > 350) > SIDE


def test_the_ink_and_the_edges_of_a_coloured_picture_have_no_lace() -> None:
    reading = read(coloured(shapes=True))
    assert reading.patterns[90:270, 390:570].all()
    left, right = (sum(one.length for one in reading.ink.paths if one.points[0, 0] > x) for x in (0, 350))
    assert right < 0.1 * left
    assert 0 < len(reading.edges.all) < len(find_edges(reading.pixels, reading.figure).all)
