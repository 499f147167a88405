"""Heads that a network sees whole: where its answers lie, whose heads they are, and what only looked like a face. The
published file is no part of this repository: one of our own has its length, and hardly any number in it but 0."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from procedural.reading.drawn import face_at, portrait

from paints_undo_engine.procedural.reading import drawn_faces_network, drawn_heads, faces, networks
from paints_undo_engine.procedural.reading.animeface import is_installed
from paints_undo_engine.procedural.reading.drawn_faces_network import SeenHead, look_for_drawn_faces
from paints_undo_engine.procedural.reading.drawn_heads import (
    find_drawn_heads,
    headed,
    rather_heads,
    sure_heads,
    traced,
    unfaced,
)
from paints_undo_engine.procedural.reading.faces import find_faces
from paints_undo_engine.procedural.reading.joints import Joint, Pose
from paints_undo_engine.procedural.reading.model import Box, Figure, FigureSource, Pixels
from paints_undo_engine.procedural.techniques.skulls import in_box, measure_head

LIKELY = 1981564
"""Where the bias of the likelihood of boxes 256 pixels wide lies in the file."""
GREY = np.full((512, 512, 3), 120, np.uint8)


def installed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file in which nothing is likely but boxes of 256 pixels, whatever is to be seen."""
    pin = networks.DRAWN_FACES
    data = bytearray(pin.size)
    data[LIKELY : LIKELY + 8] = np.array([-4, 4], "<f4").tobytes()
    place = folder / "figures" / pin.name
    place.parent.mkdir()
    place.write_bytes(data)
    known = replace(pin, sha256=hashlib.sha256(data).hexdigest())
    monkeypatch.setattr(drawn_faces_network, "DRAWN_FACES", known)
    return place


def test_the_network_answers_with_boxes_in_the_pictures_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(tmp_path, monkeypatch)
    seen = look_for_drawn_faces(GREY, 512, 0.9)
    assert seen
    assert all(one.likelihood == pytest.approx(1 / (1 + np.exp(-8))) for one in seen)
    assert {(one.box.width, one.box.height) for one in seen} == {(256, 256)}
    assert all((one.box.centre[0] - 32) % 64 == 0 for one in seen)
    large = look_for_drawn_faces(np.zeros((1024, 1024, 3), np.uint8), 512, 0.9)
    assert large
    assert {one.box.width for one in large} == {512}


def test_another_file_than_the_known_one_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_drawn_heads(GREY) is None
    place = installed(tmp_path, monkeypatch)
    assert find_drawn_heads(GREY) is not None
    data = bytearray(place.read_bytes())
    data[LIKELY] ^= 1
    place.write_bytes(data)
    assert find_drawn_heads(GREY) is None
    place.write_bytes(data[:-1])
    assert find_drawn_heads(GREY) is None


def sees(monkeypatch: pytest.MonkeyPatch, *boxes: Box, likelihood: float = 1.0) -> None:
    def look(pixels: Pixels, side: int, least: float) -> list[SeenHead]:
        del side, least
        return [SeenHead(likelihood, box) for box in boxes] if pixels.shape == GREY.shape else []

    monkeypatch.setattr(drawn_heads, "look_for_drawn_faces", look)


def test_a_face_has_the_head_in_which_it_lies_as_a_face_does(monkeypatch: pytest.MonkeyPatch) -> None:
    own, lower, other = Box(160, 60, 200, 240), Box(160, 200, 200, 240), Box(20, 20, 90, 100)
    sees(monkeypatch, lower, own, other)
    seen = find_drawn_heads(GREY)
    assert seen is not None
    heads = sure_heads([*seen, SeenHead(0.5, Box(300, 300, 90, 100))])
    assert heads == (lower, own, other)
    (face,) = headed(GREY, [face_at(250, 200, 120)], heads)
    assert face.head == own
    assert unfaced(heads, [face.box]) == (other,)


@pytest.mark.skipif(not is_installed(), reason="the extra `faces` is not installed")
def test_a_drawn_face_of_which_no_network_sees_anything_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = portrait(512)
    assert len(find_faces(picture)) == 1
    sees(monkeypatch, Box(60, 10, 400, 460))
    (face,) = find_faces(picture, find_drawn_heads(picture))
    assert face.head == Box(60, 10, 400, 460)
    sees(monkeypatch, Box(300, 20, 100, 100), likelihood=0.1)
    monkeypatch.setattr(faces, "without_unseen", lambda pixels, drawn: ())
    assert find_faces(picture, find_drawn_heads(picture)) == ()


def test_where_there_is_no_trace_of_a_head_nobody_looks_for_drawn_faces(monkeypatch: pytest.MonkeyPatch) -> None:
    def look(pixels: Pixels, *, thorough: bool) -> None:
        raise AssertionError

    sees(monkeypatch)
    monkeypatch.setattr(faces, "find_with_animeface", look)
    assert find_faces(GREY, find_drawn_heads(GREY)) == ()
    with pytest.raises(AssertionError):
        find_faces(GREY)


def test_a_ball_and_a_chin_lie_in_the_head_that_was_seen() -> None:
    for middle, box in ((250, Box(170, 100, 160, 200)), (280, Box(160, 100, 160, 200))):
        face = replace(face_at(middle - 55, 165, 110), chin=(middle, 330))
        head = in_box(measure_head(face), box, drawn=True)
        assert box.y + 0.85 * box.height < head.chin[1] < box.y + box.height
        assert box.x <= head.x - head.radius
        assert head.x + head.radius <= box.x + box.width
        assert abs(head.x - box.centre[0]) < abs(middle - box.centre[0]) + 1
        assert abs(head.y - head.radius - box.y) < 0.2 * box.height


def test_the_nose_says_how_far_behind_a_face_its_ball_lies() -> None:
    face, beside = face_at(195, 165, 110), Box(180, 80, 230, 250)
    aside = [
        in_box(measure_head(replace(face, nose=(250 + 22 * turn, 240))), beside, drawn=True).x for turn in (-1, 0, 1)
    ]
    assert aside[0] > 258
    assert aside[1] == aside[2] == 250


def test_a_head_that_is_cut_off_is_as_large_as_its_face_says() -> None:
    head = measure_head(face_at(195, 165, 110))
    cut = in_box(head, Box(150, 0, 210, 300), drawn=True)
    assert in_box(head, Box(150, 130, 210, 170), drawn=True).radius < cut.radius == head.radius


def test_a_head_that_is_cut_off_is_no_broader_than_the_skull_below_its_hair() -> None:
    head = replace(measure_head(face_at(195, 165, 110)), radius=104.0)
    for drawn in (True, False):
        assert 0.4 * 210 < in_box(head, Box(150, 0, 210, 300), drawn=drawn).radius < 0.45 * 210


FIGURE = Figure(
    np.pad(np.tri(492, 400, 150, np.uint8) * np.uint8(255), ((20, 0), (40, 72))), (Box(40, 20, 400, 492),),
    FigureSource.PLAIN_GROUND, "",
)  # fmt: skip


def test_what_is_hardly_seen_is_a_head_if_something_else_tells_of_it() -> None:
    top, lower = SeenHead(0.15, Box(80, 40, 200, 200)), SeenHead(0.15, Box(80, 250, 200, 200))
    assert rather_heads([top, lower], (), (), FIGURE, ()) == (top.box,)
    assert rather_heads([lower], (), (), FIGURE, ()) == ()
    assert rather_heads([top], (), (), replace(FIGURE, cover=np.full_like(FIGURE.cover, 255)), ()) == ()
    assert rather_heads([top], [Box(340, 100, 60, 60)], (), FIGURE, ()) == ()
    unsure = replace(lower, likelihood=0.3)
    assert rather_heads([unsure], (), (), FIGURE, [Box(40, 220, 300, 280)]) == (lower.box,)
    places = np.zeros((33, 2), np.float32)
    places[Joint.NOSE] = (190, 355)
    pose = Pose(places, np.ones(33, bool))
    assert rather_heads([unsure], (), (pose,), FIGURE, ()) == (lower.box,)
    # Another one's face lies before it.
    (beside,) = rather_heads([unsure], [Box(220, 320, 90, 90)], (pose,), FIGURE, ())
    assert beside == Box(80, 250, 185, 200)
    assert rather_heads([unsure], [Box(150, 310, 90, 90)], (pose,), FIGURE, ()) == ()


def test_a_silhouette_of_which_no_trace_is_seen_is_no_head() -> None:
    sails, hood = Box(100, 20, 120, 150), Box(300, 40, 100, 120)
    assert traced((sails, hood), [SeenHead(0.04, Box(290, 30, 120, 120))]) == (hood,)
