"""Faces by the third finder: where they lie, and which of its sights are believed. The network is one of our own, that
sees what is red; the published one is no part of this repository."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from procedural.reading.drawn import face_at, portrait
from procedural.reading.test_crowns import hooded, painted_in

from paints_undo_engine.procedural.reading import blazeface, drawn_heads
from paints_undo_engine.procedural.reading.animeface import is_installed
from paints_undo_engine.procedural.reading.blazeface import (
    find_faint,
    find_in_heads,
    find_with_blazeface,
    without_unseen,
)
from paints_undo_engine.procedural.reading.crowns import tops_of
from paints_undo_engine.procedural.reading.drawn_faces_network import SeenHead
from paints_undo_engine.procedural.reading.faces import find_faces
from paints_undo_engine.procedural.reading.figure import find_figure
from paints_undo_engine.procedural.reading.model import Box, FaceSource, FigureSource, Pixels
from paints_undo_engine.procedural.reading.read import read

GREY, RED, GREEN, BLUE = (120, 120, 120), (230, 40, 40), (40, 200, 40), (40, 40, 230)
SIDE, CELLS = 192, 48


def sees_red(file: object, pixels: NDArray[np.float32], outputs: Sequence[str] = ()) -> tuple[NDArray[np.float32], ...]:
    """A red disk is a face: eyes a quarter of its width to either side of its middle, nose and mouth below it. A green
    one is seen where it is small alone, a blue one where it is not large."""
    del file, outputs
    red, green, blue = pixels[0]
    boxes, scores = np.zeros((1, CELLS**2, 16), np.float32), np.full((1, CELLS**2, 1), -9, np.float32)
    others = np.maximum(green, blue), np.maximum(red, blue), np.maximum(red, green)
    for colour, other, widest in zip(pixels[0], others, (120, 25, 50), strict=True):
        mask = colour - other > 0.7
        count, _, stats, middles = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
        for number in range(1, count):
            width = int(stats[number, cv2.CC_STAT_WIDTH])
            if not 8 < width < widest:
                continue
            x, y = middles[number]
            column, row = int(x / 4), int(y / 4)
            offsets = np.array([(0, 0), (0, 0), (-0.25, 0), (0.25, 0), (0, 0.1), (0, 0.3), (-0.5, 0), (0.5, 0)])
            places = offsets * width + (x, y) - (4 * column + 2, 4 * row + 2)
            boxes[0, row * CELLS + column] = places.ravel()
            scores[0, row * CELLS + column] = 2
    return scores, boxes


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blazeface, "run_network", sees_red)


def picture(width: int, height: int, *disks: tuple[float, float, float, tuple[int, int, int]]) -> Pixels:
    """Disks of a place, a radius (shares of the longer side) and a colour."""
    canvas = np.full((height, width, 3), GREY, np.uint8)
    longer = max(width, height)
    for x, y, radius, colour in disks:
        cv2.circle(canvas, (round(x * longer), round(y * longer)), round(radius * longer), colour, -1, cv2.LINE_AA)
    return canvas


@pytest.mark.parametrize("size", [(480, 360), (2000, 1500), (900, 1300)])
def test_faces_lie_where_they_are_whatever_the_pictures_size(network: None, size: tuple[int, int]) -> None:
    longer = max(size)
    faces = find_with_blazeface(picture(*size, (0.3, 0.4, 0.1, RED), (0.55, 0.15, 0.035, RED)))
    assert faces is not None
    found = sorted(faces, key=lambda face: face.eyes[0].centre[0])
    for face, (x, y, radius) in zip(found, ((0.3, 0.4, 0.1), (0.55, 0.15, 0.035)), strict=True):
        for eye, way in zip(face.eyes, (-0.5, 0.5), strict=True):
            assert np.hypot(eye.centre[0] / longer - x - way * radius, eye.centre[1] / longer - y) < 0.008
        assert abs(face.mouth.centre[1] / longer - y - 0.6 * radius) < 0.01
        assert (face.source, face.confidence > 0.7) == (FaceSource.BLAZEFACE, True)


def test_what_is_seen_from_one_place_alone_is_no_face(network: None) -> None:
    assert find_with_blazeface(picture(800, 800, (0.4, 0.4, 0.04, GREEN))) == []


def test_in_what_may_be_a_head_less_is_asked(network: None) -> None:
    whole = picture(800, 800, (0.5, 0.4, 0.1, BLUE))
    assert find_with_blazeface(whole) == []
    (face,) = find_in_heads(whole, [Box(240, 120, 320, 400)])
    assert np.allclose([eye.centre for eye in face.eyes], [(360, 320), (440, 320)], atol=6)
    for elsewhere in (Box(240, 250, 320, 400), Box(380, 120, 320, 400), Box(0, 0, 800, 700)):
        assert find_in_heads(whole, [elsewhere]) == []


def test_where_nobody_is_seen_a_faint_face_is_believed_if_it_is_large(network: None) -> None:
    whole = picture(800, 800, (0.5, 0.4, 0.1, BLUE))
    assert find_with_blazeface(whole) == []
    (face,) = find_faint(whole, Box(200, 100, 400, 700))
    assert np.allclose([eye.centre for eye in face.eyes], [(360, 320), (440, 320)], atol=6)
    everywhere = Box(0, 0, 800, 800)
    assert find_faint(picture(800, 800, (0.5, 0.4, 0.02, BLUE)), everywhere) == ()
    assert find_faint(picture(800, 800), everywhere) == ()


@pytest.mark.parametrize(
    ("about", "count"), [(None, 1), ((), 0), ((Box(0, 0, 150, 150),), 0), ((Box(290, 200, 220, 260),), 1)]
)
def test_a_faint_face_lies_in_what_may_be_a_head(
    network: None, monkeypatch: pytest.MonkeyPatch, about: Sequence[Box] | None, count: int
) -> None:
    """Two colours, so that what is seen is no drawing without any."""
    whole = picture(800, 800, (0.5, 0.4, 0.1, BLUE))
    cv2.rectangle(whole, (0, 640), (800, 800), GREEN, -1)
    seen = None if about is None else [SeenHead(0.1, box) for box in about]
    monkeypatch.setattr(drawn_heads, "look_for_drawn_faces", lambda pixels, side, least: seen)
    assert len(read(whole).faces) == count


def test_a_face_is_looked_for_in_the_top_of_a_figure_without_one(network: None) -> None:
    figure = painted_in(hooded(), GREEN)
    bare = read(figure)
    (head,) = tops_of(bare.figure, ())
    x, y = head.scaled(bare.scale).centre
    cv2.circle(figure, (round(x), round(y)), round(0.25 * bare.scale * head.width), BLUE, -1, cv2.LINE_AA)
    (face,) = read(figure).faces
    assert bare.faces == ()
    assert np.hypot(*np.subtract(np.mean([eye.centre for eye in face.eyes], axis=0), head.centre)) < 6


def test_drawn_faces_of_which_it_sees_no_trace_are_none(network: None) -> None:
    whole = picture(800, 800, (0.5, 0.4, 0.1, RED), (0.2, 0.8, 0.1, BLUE))
    left, right = (replace(eye, centre=(x, 320)) for eye, x in zip(face_at(0, 0, 1).eyes, (360, 440), strict=True))
    seen = replace(face_at(320, 240, 160), eyes=(left, right))
    nowhere = face_at(560, 560, 160)
    assert without_unseen(whole, (seen, nowhere)) == (seen,)


def test_a_drawn_face_that_something_else_speaks_for_is_believed(network: None) -> None:
    faces = find_faces(portrait(480))
    assert [face.source for face in faces] == ([FaceSource.ANIMEFACE] if is_installed() else [])


def test_smaller_faces_are_seen_from_nearer(network: None) -> None:
    small = picture(1024, 1024, (0.5, 0.4, 0.008, RED))
    assert find_with_blazeface(small) == []
    (face,) = find_with_blazeface(small, nearer=True) or ()
    assert np.hypot(face.nose[0] - 512, face.nose[1] - 410) < 6


def test_known_faces_are_not_looked_at_again(network: None) -> None:
    whole = picture(800, 800, (0.3, 0.3, 0.08, RED), (0.7, 0.7, 0.08, RED))
    (face,) = find_with_blazeface(whole, [face_at(180, 180, 120)]) or ()
    assert face.box.centre[0] > 400


def test_a_face_that_the_other_finders_do_not_know_is_added(network: None) -> None:
    (face,) = find_faces(picture(800, 800, (0.5, 0.4, 0.1, RED)))
    assert face.source is FaceSource.BLAZEFACE


@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (40, 900)])
def test_any_size_is_looked_at(network: None, shape: tuple[int, int]) -> None:
    assert find_with_blazeface(np.full((*shape, 3), GREY, np.uint8)) == []


def test_without_the_network_there_is_no_answer() -> None:
    whole = picture(400, 400, (0.5, 0.4, 0.1, RED))
    assert find_with_blazeface(whole) is None
    assert find_in_heads(whole, [Box(100, 50, 200, 250)]) == []
    assert without_unseen(whole, (face_at(10, 10, 60),))


def test_small_faces_that_it_alone_knows_part_no_figures_from_their_ground() -> None:
    noise = np.random.Generator(np.random.PCG64(2)).integers(0, 255, (20, 30, 3), np.uint8)
    ground = np.asarray(cv2.resize(noise, (600, 400), interpolation=cv2.INTER_CUBIC), np.uint8)
    small = replace(face_at(200, 80, 40), source=FaceSource.BLAZEFACE)
    nothing = find_figure(ground, None, ())
    assert nothing.source is FigureSource.NONE
    assert find_figure(ground, None, (small,)).reason == nothing.reason
    for face in (replace(face_at(200, 80, 150), source=FaceSource.BLAZEFACE), face_at(200, 80, 40)):
        assert find_figure(ground, None, (face,)).reason != nothing.reason
