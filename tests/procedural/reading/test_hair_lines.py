"""The ink of hair: shades are none, strands are one thin line each."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.hair_lines import breadths, with_strands, without_shades
from paints_undo_engine.procedural.reading.ink import line_colour
from paints_undo_engine.procedural.reading.model import Cover, Ink, Pixels
from paints_undo_engine.procedural.reading.strokes import find_strokes

EVERYWHERE = np.ones((640, 640), bool)


def lock(*lines: tuple[int, int, int]) -> Pixels:
    """Pink hair with upright lines, each at a column, so broad, and so many levels darker."""
    picture = np.full((640, 640, 3), (220, 160, 190), np.uint8)
    for column, breadth, darker in lines:
        picture[100:540, column : column + breadth] -= np.uint8(darker)
    return picture


def inked(picture: Pixels, *columns: tuple[int, int], explained: float = 0.5) -> Ink:
    """A line art that covers those columns, from one to before another."""
    cover: Cover = np.zeros((640, 640), np.uint8)
    for begin, end in columns:
        cover[100:540, begin:end] = 255
    colour = line_colour(picture, cover)
    return Ink(cover, colour, find_strokes(cover, colour), explained, 0.0, 0.0)


def columns_of(ink: Ink) -> NDArray[np.int64]:
    """The columns that are covered half-way down."""
    return np.flatnonzero(ink.cover[320] > 127)


def test_how_broad_and_deep_a_line_is() -> None:
    picture = lock((200, 3, 80), (400, 8, 30))
    lines = [np.stack([np.full(400, x), np.arange(120, 520)], axis=1).astype(np.float32) for x in (201, 403.5)]
    breadth, depth = breadths(picture, lines)
    assert abs(breadth[0] - 3) <= 1
    assert abs(breadth[1] - 8) <= 1
    assert 60 < depth[0] <= 80
    assert 25 < depth[1] <= 30


def test_what_is_broader_than_the_pen_in_hair_is_a_shade() -> None:
    picture = lock((100, 2, 80), (200, 2, 80), (300, 2, 80), (400, 8, 90))
    ink = inked(picture, (100, 102), (200, 202), (300, 302), (400, 408))
    left, gone = without_shades(ink, picture, EVERYWHERE, ~EVERYWHERE)
    assert len(left.paths) == len(ink.paths) - 1
    assert columns_of(left).max() < 310
    assert gone[320, 400:408].all()
    assert without_shades(ink, picture, EVERYWHERE, EVERYWHERE)[0].paths == ink.paths


def test_a_broad_line_outside_hair_is_a_shade_if_it_is_pale() -> None:
    picture = lock((100, 2, 80), (200, 2, 80), (300, 8, 20), (400, 8, 90))
    ink = inked(picture, (100, 102), (200, 202), (300, 308), (400, 408))
    left = columns_of(without_shades(ink, picture, ~EVERYWHERE, ~EVERYWHERE)[0])
    assert not ((left >= 295) & (left < 315)).any()
    assert (left >= 400).sum() == 8


def test_a_line_of_hair_is_no_bolder_than_the_pen() -> None:
    picture = lock((100, 3, 80), (200, 3, 80), (300, 3, 80), (400, 3, 40))
    ink = inked(picture, (100, 102), (200, 202), (300, 302), (398, 406))
    left, _ = without_shades(ink, picture, EVERYWHERE, ~EVERYWHERE)
    bold = columns_of(left)
    assert 1 <= (bold >= 390).sum() <= 5
    assert len(left.paths) == len(ink.paths)


def test_a_faint_thin_strand_is_one_stroke_with_its_pieces() -> None:
    picture = np.asarray(cv2.GaussianBlur(lock((100, 2, 80), (200, 2, 80), (400, 2, 24)), (0, 0), 0.6), np.uint8)
    ink = inked(picture, (100, 102), (200, 202))
    cover = ink.cover.copy()
    cover[150:190, 400:402] = cover[300:330, 400:402] = 255
    broken = Ink(cover, ink.colour, find_strokes(cover, ink.colour), 0.5, 0.0, 0.0)
    whole = with_strands(broken, picture, EVERYWHERE)
    strand = [path for path in whole.paths if abs(path.points[:, 0].mean() - 400) < 5]
    assert len(strand) == 1
    assert strand[0].length > 400
    assert (whole.cover[120:520, 396:406] > 127).any(axis=1).mean() > 0.95
    assert with_strands(broken, picture, ~EVERYWHERE) is broken


def test_complete_lines_get_no_strands() -> None:
    picture = lock((100, 2, 80), (400, 2, 24))
    ink = inked(picture, (100, 102), explained=0.9)
    assert with_strands(ink, picture, EVERYWHERE) is ink


def test_a_broad_pen_leaves_no_strands() -> None:
    picture = lock((100, 8, 90), (200, 8, 90), (400, 2, 24))
    ink = inked(picture, (100, 108), (200, 208))
    assert with_strands(ink, picture, EVERYWHERE) is ink
