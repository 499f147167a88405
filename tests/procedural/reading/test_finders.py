"""Faces, figures, perspective, lettering, panels: each on a picture of which the truth is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest
from procedural.reading.drawn import BLACK, GROUND, SHIRT, SKIN, agreement, doll, face_at, portrait

from paints_undo_engine.procedural.reading import looking
from paints_undo_engine.procedural.reading.animeface import is_installed
from paints_undo_engine.procedural.reading.faces import find_faces
from paints_undo_engine.procedural.reading.figure import find_figure, made
from paints_undo_engine.procedural.reading.heads import find_heads, without_buried
from paints_undo_engine.procedural.reading.ink import find_cover
from paints_undo_engine.procedural.reading.lettering import find_text
from paints_undo_engine.procedural.reading.model import Box, FigureSource, Pixels
from paints_undo_engine.procedural.reading.panels import find_panels
from paints_undo_engine.procedural.reading.perspective import find_perspective, find_straight_lines
from paints_undo_engine.procedural.reading.strokes import find_strokes


@pytest.mark.parametrize("shape", [(1, 1), (3, 900), (60, 60), (640, 480)])
def test_the_face_finder_bears_any_size(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (*shape, 3), dtype=np.uint8)
    assert find_faces(noise) == ()


needs_finder = pytest.mark.skipif(not is_installed(), reason="the extra `faces` is not installed")


@needs_finder
@pytest.mark.parametrize("degrees", [33, -33])
def test_a_face_is_found_however_it_is_tilted(degrees: int) -> None:
    picture = np.full((600, 700, 3), GROUND, np.uint8)
    picture[60:460, 150:550] = portrait(400, degrees)
    (face,) = find_faces(picture)
    middle = np.mean([eye.centre for eye in face.eyes], axis=0)
    assert np.hypot(*(middle - np.array([350, 290]))) < 30
    assert abs(face.tilt + np.radians(degrees)) < 0.3


@needs_finder
def test_all_of_several_small_faces_are_found() -> None:
    places = ((40, 60), (250, 80), (440, 300), (100, 380))
    picture = np.full((560, 640, 3), GROUND, np.uint8)
    for x, y in places:
        picture[y : y + 66, x : x + 66] = portrait(66)
    found = find_faces(picture)
    assert len(found) == len(places)
    for x, y in places:
        assert min(np.hypot(face.box.centre[0] - x - 33, face.box.centre[1] - y - 36) for face in found) < 12


@needs_finder
@pytest.mark.parametrize("patient", [True, False])
def test_small_faces_have_smaller_ones_looked_for_beside_them_with_patience_alone(
    monkeypatch: pytest.MonkeyPatch, *, patient: bool
) -> None:
    picture = np.full((560, 640, 3), GROUND, np.uint8)
    picture[60:160, 40:140] = portrait(100)
    sides = []
    suspected = looking._suspected

    def watched(pixels: Pixels, parts: Sequence[Box], side: int, *turns: Sequence[float]) -> list[Box]:
        sides.append(side)
        return suspected(pixels, parts, side, *turns)

    monkeypatch.setattr(looking, "_suspected", watched)
    assert looking.find_with_animeface(picture, thorough=patient)
    assert (len(set(sides)) > 1) == patient


@needs_finder
def test_a_blank_face_in_a_coloured_picture_is_none() -> None:
    drawn = portrait(400)
    blank = np.where(np.abs(drawn.astype(int) - BLACK).max(axis=2, keepdims=True) < 60, drawn, 255).astype(np.uint8)
    blank[340:] = SHIRT
    coloured = drawn.copy()
    coloured[340:] = SHIRT
    assert len(find_faces(coloured)) == 1
    assert find_faces(blank) == ()


@needs_finder
def test_clouds_in_the_colours_of_skin_are_no_faces() -> None:
    draw = np.random.default_rng(5)
    picture = np.full((400, 600, 3), GROUND, np.uint8)
    for _ in range(60):
        x, y, a, b = draw.integers((40, 40, 6, 6), (560, 360, 34, 34))
        colour = (250, 218 - int(a), 200 - int(b))
        cv2.ellipse(picture, (int(x), int(y)), (int(a), int(b)), 0, 0, 360, colour, -1)
    assert find_faces(np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.5), np.uint8)) == ()


@pytest.mark.parametrize("source", [FigureSource.PLAIN_GROUND, FigureSource.NETWORK])
def test_a_head_is_told_by_skin_under_hair(source: FigureSource) -> None:
    picture = np.full((640, 400, 3), GROUND, np.uint8)
    picture[:400] = portrait(400)
    cv2.rectangle(picture, (90, 390), (310, 639), SHIRT, -1)
    figure = replace(find_figure(picture, None, ()), source=source)
    (head,) = find_heads(picture, figure, ())
    assert abs(head.centre[0] - 200) < 20
    assert head.y < 100
    assert 260 < head.y + head.height < 350
    assert find_heads(picture, figure, (face_at(100, 100, 200),)) == ()
    assert find_heads(picture, replace(figure, source=FigureSource.FACE), ()) == ()


def test_what_is_too_small_for_its_figure_is_no_head() -> None:
    picture = np.full((900, 400, 3), GROUND, np.uint8)
    picture[20:120, 150:250] = portrait(100)
    cv2.rectangle(picture, (175, 115), (225, 250), SHIRT, -1)
    (head,) = find_heads(picture, find_figure(picture, None, ()), ())
    assert abs(head.centre[0] - 200) < 10
    cv2.rectangle(picture, (175, 115), (225, 899), SHIRT, -1)
    assert find_heads(picture, find_figure(picture, None, ()), ()) == ()


def test_skin_without_hair_or_marks_is_no_head() -> None:
    bald, plain = np.full((300, 300, 3), GROUND, np.uint8), np.full((300, 300, 3), GROUND, np.uint8)
    cv2.rectangle(bald, (60, 40), (240, 290), SHIRT, -1)
    cv2.ellipse(bald, (150, 150), (40, 50), 0, 0, 360, SKIN, -1)
    cv2.rectangle(plain, (100, 20), (200, 290), SKIN, -1)
    for picture in (bald, plain):
        assert find_heads(picture, find_figure(picture, None, ()), ()) == ()


@pytest.mark.parametrize("looks", [-1, 1])
def test_a_face_from_the_side_has_its_head_behind_it(looks: int) -> None:
    picture = np.full((500, 400, 3), GROUND, np.uint8)
    cv2.ellipse(picture, (200 - 15 * looks, 130), (90, 100), 0, 0, 360, SHIRT, -1)
    cv2.rectangle(picture, (150, 210), (250, 499), SHIRT, -1)
    cv2.rectangle(picture, (230, 110) if looks > 0 else (110, 110), (290, 210) if looks > 0 else (170, 210), SKIN, -1)
    cv2.rectangle(picture, (262, 130) if looks > 0 else (118, 130), (282, 150) if looks > 0 else (138, 150), BLACK, -1)
    (head,) = find_heads(picture, find_figure(picture, None, ()), ())
    front = head.x + head.width if looks > 0 else head.x
    assert abs(front - (290 if looks > 0 else 110)) < 12
    assert 110 < head.width < 240
    assert abs(head.y - 35) < 25


@pytest.mark.parametrize("torn", [False, True])
def test_a_hand_below_a_face_in_pieces_is_no_head(torn: bool) -> None:
    picture = np.full((500, 400, 3), GROUND, np.uint8)
    cv2.rectangle(picture, (60, 20), (340, 499), SHIRT, -1)
    cv2.ellipse(picture, (110, 165), (28, 32), 0, 0, 360, SKIN, -1)
    for x in (98, 122):
        cv2.line(picture, (x, 150), (x, 175), BLACK, 5)
    if torn:
        cv2.ellipse(picture, (230, 110), (50, 60), 0, 0, 360, SKIN, -1)
        for x in (200, 228, 256):
            cv2.line(picture, (x, 50), (x, 150), SHIRT, 15)
    found = find_heads(picture, find_figure(picture, None, ()), ())
    assert bool(found) is not torn


@pytest.mark.parametrize(("enclosed", "at_border"), [(True, False), (False, False), (True, True)])
def test_a_back_is_no_head(*, enclosed: bool, at_border: bool) -> None:
    picture = np.full((500, 400, 3), GROUND, np.uint8)
    cv2.rectangle(picture, (0 if at_border else 40, 60), (360, 499), SHIRT, -1)
    left = 0 if at_border else 140
    cv2.rectangle(picture, (left, 120), (left + 120, 250), SKIN, -1)
    for x in (30, 90) if enclosed else (0, 120):
        cv2.rectangle(picture, (left + x - 10, 150), (left + x + 10, 190), BLACK, -1)
    figure = find_figure(picture, np.where((picture == GROUND).all(axis=2), 0, 255).astype(np.uint8), ())
    assert bool(find_heads(picture, figure, ())) is (enclosed and not at_border)


@needs_finder
@pytest.mark.parametrize("blank", [False, True])
def test_what_lies_deep_in_a_figure_is_a_face_only_if_it_is_seen_as_one(*, blank: bool) -> None:
    picture = np.full((800, 500, 3), GROUND, np.uint8)
    cv2.rectangle(picture, (60, 20), (440, 799), SHIRT, -1)
    shown = picture.copy()
    shown[400:600, 150:350] = portrait(200)
    (deep,) = find_faces(shown)
    high = face_at(190, 60, 120)
    pixels = picture if blank else shown
    figure = find_figure(picture, None, ())
    assert without_buried(pixels, figure, (high, deep)) == ((high,) if blank else (high, deep))
    assert without_buried(picture, find_figure(picture[:9, :9], None, ()), (deep,)) == (deep,)


def test_a_figure_is_parted_from_a_painted_ground_by_its_face() -> None:
    picture, true = doll(600)
    y, x = np.mgrid[:600, :600]
    ground = np.stack([90 + x / 8 + 20 * np.sin(y / 40), 140 + y / 9, 120 + 25 * np.cos(x / 31)], axis=2).astype(
        np.uint8
    )
    picture[~true] = cv2.GaussianBlur(ground, (0, 0), 3)[~true]
    found = find_figure(picture, None, (face_at(0.37 * 600, 0.24 * 600, 0.26 * 600),))
    assert found.source is FigureSource.FACE
    assert agreement(found.cover > 127, true) > 0.93
    box = found.boxes[0]
    assert abs(box.x - 0.3 * 600) < 20
    assert abs(box.width - 0.4 * 600) < 30


def test_alpha_that_cuts_nothing_out_is_no_figure() -> None:
    picture, true = doll(400)
    veiled = find_figure(picture, np.full((400, 400), 253, np.uint8), ())
    assert veiled.source is FigureSource.PLAIN_GROUND
    assert agreement(veiled.cover > 127, true) > 0.95


def test_several_small_faces_are_a_crowd_and_nobody_stands_out() -> None:
    noise = cv2.GaussianBlur(np.random.default_rng(1).integers(0, 256, (300, 400, 3), dtype=np.uint8), (0, 0), 9)
    faces = tuple(face_at(x, 80, 30) for x in (40, 180, 320))
    crowd = find_figure(np.asarray(noise, np.uint8), None, faces)
    assert crowd.source is FigureSource.CROWD
    assert crowd.cover.min() == 255
    assert find_figure(np.asarray(noise, np.uint8), None, faces[:2]).source is not FigureSource.CROWD


def test_no_figure_without_a_hint() -> None:
    noise = cv2.GaussianBlur(np.random.default_rng(1).integers(0, 256, (300, 400, 3), dtype=np.uint8), (0, 0), 9)
    found = find_figure(np.asarray(noise, np.uint8), None, ())
    assert found.source is FigureSource.NONE
    assert found.reason
    assert not found.cover.any()


def street(width: int, height: int, point: tuple[float, float]) -> Pixels:
    picture = np.full((height, width, 3), 235, np.uint8)
    for number, end in enumerate(np.linspace(-width, 2 * width, 13)):
        start = np.array([end, height - 1.0])
        near = start + 0.65 * (np.array(point) - start)
        cv2.line(picture, tuple(start.astype(int)), tuple(near.astype(int)), (30 + 5 * number, 40, 40), 2, cv2.LINE_AA)
    for end in np.linspace(-height, 0, 6):
        start = np.array([0.0, end])
        near = start + 0.65 * (np.array(point) - start)
        cv2.line(picture, tuple(start.astype(int)), tuple(near.astype(int)), (40, 40, 90), 2, cv2.LINE_AA)
    return picture


@pytest.mark.parametrize("point", [(300.0, 250.0), (620.0, 330.0)])
def test_a_vanishing_point_and_its_horizon_are_found(point: tuple[float, float]) -> None:
    picture = street(900, 600, point)
    lines = find_straight_lines(picture)
    found = find_perspective(lines, np.zeros((600, 900), np.uint8))
    assert np.hypot(found.points[0][0] - point[0], found.points[0][1] - point[1]) < 12
    assert found.horizon is not None
    assert abs(found.horizon[0][1] - point[1]) < 12
    assert len(found.guides) >= 3
    assert len(find_perspective(lines, np.full((600, 900), 255, np.uint8)).points) == 0


@pytest.mark.parametrize("ink", [(20, 20, 60), (250, 250, 240)])
def test_lettering_is_found_with_its_baseline(ink: tuple[int, int, int]) -> None:
    ground = (240, 235, 220) if ink[0] < 128 else (30, 40, 60)
    picture = np.full((400, 800, 3), ground, np.uint8)
    for text, baseline in (("PAINTS AND BRUSHES", 120), ("an inked drawing", 260)):
        cv2.putText(picture, text, (60, baseline), cv2.FONT_HERSHEY_DUPLEX, 1.5, ink, 3, cv2.LINE_AA)
    found = find_text(picture)
    assert len(found) == 2
    assert [abs(line.baseline - baseline) < 4 for line, baseline in zip(found, (120, 260), strict=True)] == [True] * 2
    assert len(found[0].letters) >= 14
    assert 25 < found[0].baseline - found[0].cap_line < 45


def test_bars_dots_and_commas_belong_to_their_line() -> None:
    picture = np.full((200, 900, 3), (240, 235, 220), np.uint8)
    cv2.putText(picture, "INK, WASH AND LINE.", (60, 120), cv2.FONT_HERSHEY_DUPLEX, 1.5, (20, 20, 60), 3, cv2.LINE_AA)
    (line,) = find_text(picture)
    assert len(line.letters) >= 15
    assert [letter.x for letter in line.letters] == sorted(letter.x for letter in line.letters)


def test_grain_and_leaves_are_no_lettering() -> None:
    draw = np.random.default_rng(8)
    noise = cv2.GaussianBlur(draw.integers(0, 256, (500, 700, 3), dtype=np.uint8), (0, 0), 2.5)
    loud = np.clip((noise.astype(int) - 128) * 4 + 128, 0, 255).astype(np.uint8)
    assert find_text(loud) == ()
    leaves = np.full((500, 700, 3), 90, np.uint8)
    for _ in range(700):
        x, y, a, b, turn = draw.integers((0, 0, 4, 3, 0), (700, 500, 18, 12, 180))
        cv2.ellipse(
            leaves, (int(x), int(y)), (int(a), int(b)), int(turn), 0, 360, draw.integers(40, 220, 3).tolist(), -1
        )
    assert find_text(leaves) == ()


def test_panels_of_a_page_are_found_in_reading_order() -> None:
    page = np.full((900, 640, 3), 255, np.uint8)
    boxes = [(30, 30, 280, 260), (330, 30, 280, 260), (30, 320, 580, 250), (30, 600, 580, 270)]
    for number, (x, y, width, height) in enumerate(boxes):
        cv2.rectangle(page, (x, y), (x + width, y + height), (10, 10, 10), 4)
        cv2.circle(page, (x + width // 2, y + height // 2), 60 + 5 * number, (200, 60, 60), -1)
    found = find_panels(page)
    assert [(round(box.x / 10), round(box.y / 10)) for box in found] == [(3, 3), (33, 3), (3, 32), (3, 60)]
    assert find_panels(doll(400)[0]) == ()


def test_panels_that_something_joins_are_found_one_by_one() -> None:
    page = np.full((900, 640, 3), (255, 250, 180), np.uint8)
    boxes = [(30, 30, 340, 250), (30, 310, 340, 250), (30, 590, 340, 250)]
    for x, y, width, height in boxes:
        cv2.rectangle(page, (x, y), (x + width, y + height), (160, 220, 230), -1)
        cv2.rectangle(page, (x, y), (x + width, y + height), (10, 10, 10), 5)
    # Somebody leans on the second one, and a foot touches the third.
    for x, y, right, bottom in ((370, 330, 440, 550), (430, 330, 632, 700), (365, 650, 440, 690)):
        cv2.rectangle(page, (x, y), (right, bottom), (60, 60, 70), -1)
    assert [round(box.y / 10) for box in find_panels(page)] == [3, 31, 59]
    assert {round(box.width / 20) for box in find_panels(page)} == {17}


def test_grain_gives_a_bounded_number_of_strokes() -> None:
    noise = np.random.default_rng(2).integers(0, 256, (960, 960, 3), dtype=np.uint8)
    strokes = find_strokes(find_cover(noise), noise)
    assert sum(path.length for path in strokes) < 60 * np.hypot(960, 960)


@pytest.mark.parametrize(("width", "heads"), [(180, 1), (500, 1), (760, 0)])
def test_what_looks_like_a_face_in_the_middle_of_a_broad_thing_is_no_head(width: int, heads: int) -> None:
    picture, cover = np.full((600, 800, 3), GROUND, np.uint8), np.zeros((600, 800), np.uint8)
    for canvas, colour in ((picture, SHIRT), (cover, 255)):
        cv2.rectangle(canvas, (400 - width // 2, 40), (400 + width // 2, 590), colour, -1)
    cv2.ellipse(picture, (400, 150), (45, 52), 0, 0, 360, SKIN, -1)
    for x in (382, 418):
        cv2.circle(picture, (x, 142), 8, (20, 20, 20), -1)
    assert len(find_heads(picture, made(cover, FigureSource.NETWORK, ""), ())) == heads
