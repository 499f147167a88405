"""What a picture is about, as a network finds it. The network is our own (`salient.py`)."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from procedural.reading.drawn import agreement, face_at
from procedural.reading.salient import install_red_subject
from procedural.reading.tflite import BLUE, RED, red_figure

from paints_undo_engine.procedural.reading.figure import find_figure
from paints_undo_engine.procedural.reading.model import Cover, FigureSource, Pixels
from paints_undo_engine.procedural.reading.seen_figure import drawn_to_borders
from paints_undo_engine.procedural.reading.subject_network import find_subject_cover
from paints_undo_engine.procedural.reading.subjects import figure_of, nearly, with_subject, within_subject

PAPER = 245


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of our network, which is the one that is known; it lies in the folder of models alone."""
    monkeypatch.setenv("PAINTS_UNDO_MODELS", str(tmp_path))
    return install_red_subject(tmp_path, monkeypatch)


def wavy(height: int = 240, width: int = 320) -> Pixels:
    """A ground of soft blue waves."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    wave = 25 * np.sin(19 * x / width) + 25 * np.cos(17 * y / height)
    return np.clip(np.array(BLUE) + wave[..., None], 0, 255).astype(np.uint8)


def ellipse(shape: tuple[int, ...], x: int, y: int, a: int, b: int, value: int = 255) -> Cover:
    return np.asarray(cv2.ellipse(np.zeros(shape[:2], np.uint8), (x, y), (a, b), 0, 0, 360, value, -1), np.uint8)


def painted(pixels: Pixels, cover: Cover, colour: tuple[int, int, int]) -> Pixels:
    pixels[cover > 0] = colour
    return pixels


@pytest.mark.parametrize(("width", "height"), [(480, 360), (1500, 2000), (900, 200)])
def test_what_it_is_about_lies_where_it_is_in_the_picture(network: Path, width: int, height: int) -> None:
    picture, inside = red_figure(width, height)
    found = find_subject_cover(picture)
    assert found is not None
    true = cv2.resize(inside.astype(np.uint8), found.shape[::-1], interpolation=cv2.INTER_AREA) > 0
    assert agreement(found > 127, true) > 0.93
    network.write_bytes(network.read_bytes() + b"\0")
    assert find_subject_cover(picture) is None
    network.unlink()
    assert find_subject_cover(picture) is None


def test_what_no_other_finder_knows_is_a_figure_with_the_network_alone(network: Path) -> None:
    picture, inside = red_figure(640, 480)
    found = find_figure(picture, None, ())
    assert found.source is FigureSource.NETWORK
    assert agreement(found.cover > 127, inside) > 0.95
    network.unlink()
    assert find_figure(picture, None, ()).source is FigureSource.NONE


def test_a_figure_that_was_seen_gets_its_tail() -> None:
    picture = wavy()
    body, tail = ellipse(picture.shape, 120, 120, 30, 70), ellipse(picture.shape, 190, 150, 60, 12)
    painted(painted(picture, body, RED), tail, (70, 200, 70))
    whole = np.maximum(body, tail)
    assert agreement(with_subject(body, whole, picture) > 0, whole > 0) > 0.95


def test_nothing_far_away_nor_behind_nor_of_the_grounds_colour_is_added() -> None:
    picture = wavy()
    cover = ellipse(picture.shape, 160, 120, 30, 70)
    painted(picture, cover, RED)
    far = ellipse(picture.shape, 260, 60, 25, 25)
    pale = ellipse(picture.shape, 100, 120, 40, 15)
    frame = np.asarray(cv2.rectangle(np.zeros_like(cover), (126, 46), (194, 194), 255, 6), np.uint8)
    painted(painted(picture, far, RED), frame, (90, 200, 90))
    cover[frame > 0] = 0
    for more in (far, pale, frame, np.full_like(cover, 255)):
        assert np.array_equal(with_subject(cover, np.maximum(cover, more), picture), cover)


def test_a_thing_is_a_figure_where_it_has_an_outline_and_is_no_scene() -> None:
    picture = wavy()
    thing = ellipse(picture.shape, 160, 130, 60, 90)
    assert figure_of(thing, None, (), picture) is None, "no outline"
    painted(picture, thing, RED)
    found = figure_of(thing, None, (), picture)
    assert found is not None
    assert agreement(found > 0, thing > 0) == 1
    assert figure_of(np.where(thing > 0, np.uint8(180), np.uint8(0)), None, (), picture) is None, "not sure"
    assert figure_of(ellipse(picture.shape, 160, 130, 20, 30), None, (), picture) is None, "too small"


def test_near_a_subject_its_colours_tell_what_belongs_to_it() -> None:
    picture = wavy()
    head, hair = ellipse(picture.shape, 130, 120, 50, 80), ellipse(picture.shape, 165, 130, 40, 60)
    painted(painted(picture, hair, (120, 70, 30)), head, RED)
    picture[:140][head[:140] > 0] = (120, 70, 30)
    seen = drawn_to_borders(head, nearly(head, head), picture)
    assert agreement(seen > 0, np.maximum(head, hair) > 0) > 0.95
    assert agreement(drawn_to_borders(head, head, picture) > 0, np.maximum(head, hair) > 0) < 0.9


SHORE = [(0, 150), (0, 110), (60, 60), (120, 110), (200, 50), (319, 120), (319, 150), (160, 190)]
SCENES = {
    "a page": cv2.rectangle(np.zeros((240, 320), np.uint8), (30, 20), (290, 220), 255, -1),
    "the sky": ellipse((240, 320), 160, 0, 90, 130),
    "a meadow": ellipse((240, 320), 160, 130, 140, 60),
    "a shore": cv2.fillPoly(np.zeros((240, 320), np.uint8), [np.array(SHORE, np.int32)], 255),
}


@pytest.mark.parametrize("name", SCENES)
def test_a_part_of_a_scene_is_no_figure(name: str) -> None:
    subject = np.asarray(SCENES[name], np.uint8)
    picture = painted(wavy(), subject, RED)
    assert figure_of(subject, None, (), picture) is None
    if name != "a meadow":
        assert figure_of(subject, subject, (), picture) is None, "nor where mountains look like figures"


def test_a_subject_without_the_pictures_face_is_not_its_figure() -> None:
    picture = wavy()
    thing = ellipse(picture.shape, 100, 130, 60, 90)
    painted(picture, thing, RED)
    assert figure_of(thing, None, (face_at(80, 90, 40),), picture) is not None
    assert figure_of(thing, None, (face_at(80, 90, 40), face_at(230, 90, 40)), picture) is None


def squared_paper() -> tuple[Pixels, Cover]:
    """Someone in dark lines on squares, and where."""
    picture = np.full((480, 640, 3), PAPER, np.uint8)
    picture[::16] = 225
    picture[:, ::16] = 225
    someone = ellipse(picture.shape, 320, 240, 90, 150)
    cv2.ellipse(picture, (320, 240), (90, 150), 0, 0, 360, (40, 40, 40), 3)
    return picture, someone


def test_the_squares_of_squared_paper_are_not_the_figures() -> None:
    picture, someone = squared_paper()
    plain = np.where(picture.min(axis=2) < PAPER, np.uint8(255), someone)
    plain[:200, :200] = 255
    small = np.asarray(cv2.resize(someone, (320, 240)), np.uint8)
    nobody = np.zeros_like(small)
    assert agreement(within_subject(plain, small, nobody, (), picture) > 0, someone > 0) > 0.9
    assert within_subject(plain, small // 2, nobody, (), picture) is plain, "not sure"
    assert within_subject(plain, small, np.full_like(small, 255), (), picture) is plain, "somebody is there"


def test_what_is_drawn_beside_the_subject_stays() -> None:
    picture = np.full((480, 640, 3), PAPER, np.uint8)
    someone, fish = ellipse(picture.shape, 220, 240, 90, 150), ellipse(picture.shape, 500, 240, 80, 60)
    painted(painted(picture, someone, RED), fish, BLUE)
    plain = np.maximum(someone, fish)
    small = np.asarray(cv2.resize(someone, (320, 240)), np.uint8)
    assert within_subject(plain, small, np.zeros_like(small), (), picture) is plain
