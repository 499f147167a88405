"""Lines where a person sees them: which contours are drawn, and what of the line art is thrown away."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from paints_undo_engine.procedural import Options
from paints_undo_engine.procedural.document.model import Cover, Pixels
from paints_undo_engine.procedural.reading import seen_lines
from paints_undo_engine.procedural.reading.model import Ink, InkPath
from paints_undo_engine.procedural.reading.read import read
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.contouring import contours

_SHAPE = (320, 300)


def two_tones() -> Pixels:
    """A red thing above a blue one, on white."""
    picture = np.full((*_SHAPE, 3), 255, np.uint8)
    cv2.rectangle(picture, (60, 40), (240, 170), (158, 62, 42), -1)
    cv2.rectangle(picture, (60, 170), (240, 290), (90, 70, 170), -1)
    return picture


def lines_seen(*lines: tuple[int, int, int, int]) -> Cover:
    seen = np.zeros(_SHAPE, np.uint8)
    for left, top, right, bottom in lines:
        cv2.line(seen, (left, top), (right, bottom), 255, 3)
    return seen


def drawn_of(seen: Cover) -> NDArray[np.bool_]:
    picture = two_tones()
    table = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    reading = read(picture)
    there = np.asarray(cv2.resize(seen, reading.shape[::-1], interpolation=cv2.INTER_LINEAR), np.uint8)
    source = Source(picture, replace(reading, seen_lines=there), table, Options())
    found = contours(source, [region.label for region in source.reading.regions if min(region.colour) < 240])
    drawn = np.zeros(_SHAPE, np.uint8)
    for path in found:
        cv2.polylines(drawn, [np.rint(path.points * source.scale).astype(np.int32)], False, 1, 2)
    return drawn > 0


def ink_of(*lines: tuple[int, int, int, int], explained: float = 0.7) -> Ink:
    cover = np.zeros(_SHAPE, np.uint8)
    paths = []
    for left, top, right, bottom in lines:
        cv2.line(cover, (left, top), (right, bottom), 255, 3)
        points = np.linspace((left, top), (right, bottom), 100).astype(np.float32)
        length = float(np.hypot(right - left, bottom - top))
        paths.append(InkPath(points, np.full(100, 3.0, np.float32), length, -1, (20, 20, 20)))
    return Ink(cover, np.zeros((*_SHAPE, 3), np.uint8), tuple(paths), explained, 1.0, 1.0)


def test_contours_run_where_lines_are_seen_and_not_where_only_tones_meet() -> None:
    drawn = drawn_of(lines_seen((90, 60, 210, 150)))
    assert drawn[105, 145:155].any()
    assert not drawn[160:180, 80:220].any()


def test_no_two_lines_that_only_come_near_each_other_are_joined() -> None:
    drawn = drawn_of(lines_seen((90, 100, 140, 100), (146, 100, 210, 100)))
    assert drawn[100, 95:135].all()
    assert drawn[100, 152:205].all()
    assert not drawn[100, 143]


def test_ink_in_whose_middle_nobody_sees_a_line_is_none() -> None:
    ink, nothing = ink_of((40, 50, 200, 50), (40, 90, 200, 90)), np.zeros(_SHAPE, bool)
    left, gone = seen_lines.without_unseen(ink, lines_seen((40, 50, 200, 50)), nothing, nothing, nothing)
    assert left.paths == ink.paths[:1]
    assert left.cover[50, 100]
    assert not left.cover[90, 100]
    assert gone[90, 100]
    assert not gone[50, 100]


def test_eyes_keep_what_nobody_sees() -> None:
    ink, nothing = ink_of((40, 50, 200, 50)), np.zeros(_SHAPE, bool)
    left, gone = seen_lines.without_unseen(ink, lines_seen(), nothing, ~nothing, nothing)
    assert left is ink
    assert not gone.any()


def test_all_ink_of_hair_goes() -> None:
    ink, nothing = ink_of((40, 50, 200, 50)), np.zeros(_SHAPE, bool)
    left, _ = seen_lines.without_unseen(ink, lines_seen((40, 50, 200, 50)), ~nothing, nothing, nothing)
    assert not left.paths


def test_a_short_broad_stroke_is_a_dark_shape_but_in_a_face() -> None:
    ink, nothing = ink_of((40, 50, 200, 50), (40, 90, 60, 90)), np.zeros(_SHAPE, bool)
    stick = replace(ink.paths[1], width=np.full(100, 12.0, np.float32))
    ink, seen = replace(ink, paths=(ink.paths[0], stick)), lines_seen((40, 50, 200, 50), (40, 90, 60, 90))
    assert seen_lines.without_unseen(ink, seen, nothing, nothing, nothing)[0].paths == ink.paths[:1]
    assert seen_lines.without_unseen(ink, seen, nothing, nothing, ~nothing)[0] is ink


def test_many_short_lines_beside_each_other_are_a_texture_and_a_long_one_is_none() -> None:
    many = [(x, y, x + 8, y) for y in range(60, 160, 6) for x in range(80, 216, 14)]
    drawn = drawn_of(lines_seen(*many, (70, 250, 230, 250)))
    assert not drawn[80:140, 100:200].any()
    assert drawn[250, 90:210].all()


def test_a_short_line_alone_is_no_shapes() -> None:
    assert not drawn_of(lines_seen((120, 100, 125, 100), (70, 250, 230, 250)))[90:110, 90:180].any()


def test_a_figure_on_a_plain_ground_is_outlined_where_no_line_is_seen() -> None:
    drawn = drawn_of(lines_seen((70, 250, 230, 250)))
    assert drawn[60:150, 54:67].any(axis=1).mean() > 0.8


def test_where_the_line_art_lacks_nothing_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen_lines, "find_likely_edges", lambda pixels: np.ones(pixels.shape[:2], np.float32))
    picture = np.zeros((*_SHAPE, 3), np.uint8)
    assert seen_lines.find_seen_lines(picture, ink_of((40, 50, 200, 50), explained=0.95)) is None
    assert seen_lines.find_seen_lines(picture, ink_of((40, 50, 200, 50))) is not None


def test_a_broad_pens_lines_are_looked_at_in_a_smaller_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[tuple[int, ...]] = []

    def likely(pixels: Pixels) -> NDArray[np.float32]:
        looked.append(pixels.shape)
        return np.ones(pixels.shape[:2], np.float32)

    monkeypatch.setattr(seen_lines, "find_likely_edges", likely)
    thin = ink_of((40, 50, 200, 50))
    broad = replace(thin, paths=tuple(replace(path, width=path.width * np.float32(2)) for path in thin.paths))
    picture = np.zeros((*_SHAPE, 3), np.uint8)
    for ink in (thin, broad):
        found = seen_lines.find_seen_lines(picture, ink)
        assert found is not None
        assert found.shape == _SHAPE
        assert found.min() == 255
    assert looked[0][:2] == _SHAPE
    assert looked[1][0] < 0.7 * _SHAPE[0]


def test_nobody_sees_lines_without_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen_lines, "find_likely_edges", lambda pixels: None)
    assert seen_lines.find_seen_lines(np.zeros((*_SHAPE, 3), np.uint8), ink_of()) is None


def test_borders_of_shapes_are_told_from_dark_lines() -> None:
    shapes = two_tones()
    seen = np.zeros(_SHAPE, np.uint8)
    for top, bottom in ((40, 170), (170, 290)):
        cv2.rectangle(seen, (60, top), (240, bottom), 255, 3)
    assert seen_lines.dark_share(shapes, seen) < 0.1
    lined = shapes.copy()
    lined[seen > 0] = 10
    assert seen_lines.dark_share(lined, seen) > 0.9
    assert seen_lines.dark_share(shapes, np.zeros_like(seen)) == 1.0
