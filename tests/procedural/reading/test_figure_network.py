"""Figures that a network sees: its file, its two looks, what is made of them. The network is our own (`tflite.py`)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from procedural.reading.drawn import agreement, doll, face_at
from procedural.reading.tflite import BLUE, RED, install_red_network, red_figure, red_network

from paints_undo_engine.procedural.reading import figure_network
from paints_undo_engine.procedural.reading.figure import find_figure
from paints_undo_engine.procedural.reading.figure_network import find_figures_cover, find_somebody
from paints_undo_engine.procedural.reading.model import Cover, FaceSource, FigureSource
from paints_undo_engine.procedural.reading.networks import OUTLINES
from paints_undo_engine.procedural.reading.poses import is_empty
from paints_undo_engine.procedural.reading.read import read
from paints_undo_engine.procedural.reading.seen_figure import drawn_to_borders, figures_in, missed, with_seen

FILE = Path("figures") / OUTLINES.name


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of models with our network, which is the one that is known."""
    install_red_network(tmp_path, monkeypatch)
    return tmp_path


@pytest.mark.parametrize(("width", "height"), [(480, 360), (2000, 1500), (360, 480), (900, 200)])
def test_what_the_network_sees_lies_where_it_is_in_the_picture(models: Path, width: int, height: int) -> None:
    picture, inside = red_figure(width, height)
    seen = find_figures_cover(picture)
    assert seen is not None
    assert max(seen.shape) == 320
    true = cv2.resize(inside.astype(np.uint8), seen.shape[::-1], interpolation=cv2.INTER_AREA) > 0
    assert agreement(seen > 127, true) > 0.93


def test_small_figures_are_looked_at_from_near(models: Path) -> None:
    picture = np.full((1000, 1000, 3), BLUE, np.uint8)
    cv2.circle(picture, (550, 450), 50, RED, -1)
    # Bars as narrow as half a pixel of the first look: one even purple there.
    for at in range(400, 500, 4):
        picture[400:500, at : at + 2] = RED
    seen = find_figures_cover(picture)
    first = figure_network._look(picture)
    assert seen is not None
    assert first is not None
    bars = np.s_[132:156, 132:156]
    far = 255 * np.asarray(cv2.resize(first, (320, 320)))
    assert far[bars].std() < 40
    assert seen[bars].std() > 60


def test_where_the_network_sees_not_a_trace_of_anybody_no_pose_is_looked_for(models: Path) -> None:
    picture, _ = red_figure(500, 400)
    assert not is_empty(picture)
    assert is_empty(np.full_like(picture, BLUE))


def test_somebody_is_where_much_is_seen(models: Path) -> None:
    picture, inside = red_figure(500, 400)
    box = find_somebody(picture)
    assert box is not None
    rows, columns = np.nonzero(inside)
    assert all(box.holds((float(x), float(y))) for x, y in zip(columns[::97], rows[::97], strict=True))
    small = np.full_like(picture, BLUE)
    small[20:100, 20:100] = RED
    assert find_somebody(np.full_like(picture, BLUE)) is find_somebody(small) is None


def test_threads_and_repetitions_get_the_same_answer(models: Path) -> None:
    pictures = [red_figure(500 + 40 * number, 400)[0] for number in range(4)]
    alone = [find_figures_cover(picture) for picture in pictures]
    with ThreadPoolExecutor(4) as several:
        for _ in range(3):
            for one, other in zip(alone, several.map(find_figures_cover, pictures), strict=True):
                assert one is not None
                assert other is not None
                assert np.array_equal(one, other)


@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (3, 3), (40, 900)])
def test_any_size_is_looked_at(models: Path, shape: tuple[int, int]) -> None:
    for colour in (RED, BLUE):
        find_figures_cover(np.full((*shape, 3), colour, np.uint8))


def test_no_other_file_is_used(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture, _ = red_figure(480, 360)
    assert find_figures_cover(picture) is not None
    network = (models / FILE).read_bytes()
    parsed: list[object] = []
    monkeypatch.setattr(cv2.dnn, "readNetFromTFLite", parsed.append)
    for other in (network[:-1], network + b"\0", red_network(39.0), b"", b"\0" * (1 << 21)):
        (models / FILE).write_bytes(other)
        assert find_figures_cover(picture) is None
    (models / FILE).unlink()
    assert find_figures_cover(picture) is None
    (models / FILE).mkdir()
    assert find_figures_cover(picture) is None
    assert parsed == []


def test_a_file_that_comes_later_is_used(models: Path) -> None:
    picture, _ = red_figure(480, 360)
    network = (models / FILE).read_bytes()
    (models / FILE).unlink()
    assert find_figures_cover(picture) is None
    (models / FILE).write_bytes(network)
    assert find_figures_cover(picture) is not None


def test_a_figure_that_the_network_sees_is_parted_from_its_ground(models: Path) -> None:
    picture, inside = red_figure(640, 480)
    found = find_figure(picture, None, ())
    assert found.source is FigureSource.NETWORK
    assert agreement(found.cover > 127, inside) > 0.95
    assert len(found.boxes) == 1
    (models / FILE).unlink()
    assert find_figure(picture, None, ()).source is FigureSource.NONE


def test_a_face_is_the_figures_whole_and_one_that_is_not_seen_gets_a_body(models: Path) -> None:
    picture, inside = red_figure(640, 480)
    cv2.circle(picture, (256, 150), 30, BLUE, -1)
    beside = face_at(470, 150, 60)
    cv2.rectangle(picture, (440, 120), (560, 479), (70, 160, 90), -1)
    found = find_figure(picture, None, (face_at(216, 110, 80), beside))
    assert found.source is FigureSource.NETWORK
    assert agreement((found.cover > 127)[:, :400], inside[:, :400]) > 0.95
    assert (found.cover[150:400, 460:540] > 127).mean() > 0.9
    assert len(found.boxes) == 2


def test_alpha_and_a_plain_ground_come_first(models: Path) -> None:
    picture, inside = red_figure(640, 480)
    alpha = np.where(inside, 0, 255).astype(np.uint8)
    assert find_figure(picture, alpha, ()).source is FigureSource.ALPHA
    plain, _ = doll(480)
    assert find_figure(plain, None, ()).source is FigureSource.PLAIN_GROUND


def test_the_size_of_a_picture_does_not_change_its_figure(models: Path) -> None:
    small, large = (read(red_figure(width, 3 * width // 4)[0]).figure for width in (480, 1600))
    assert small.source is large.source is FigureSource.NETWORK
    same = cv2.resize(large.cover, small.cover.shape[::-1], interpolation=cv2.INTER_AREA)
    assert agreement(same > 127, small.cover > 127) > 0.95


def seen_with(*pieces: tuple[slice, slice, int, int]) -> Cover:
    """What a network may have seen on 240 x 320: pieces, of each the upper half and the lower one as sure as said."""
    seen = np.zeros((240, 320), np.uint8)
    for rows, columns, upper, lower in pieces:
        seen[rows, columns] = lower
        seen[rows.start : (rows.start + rows.stop) // 2, columns] = upper
    return seen


UPRIGHT, WIDE, BESIDE = np.s_[40:200, 40:100], np.s_[100:160, 40:240], np.s_[40:200, 200:240]


def test_a_figure_is_sure_in_more_than_half_of_it() -> None:
    sure, unsure = seen_with((*UPRIGHT, 250, 240)), seen_with((*UPRIGHT, 200, 140))
    found = figures_in(sure, (), 320)
    assert found is not None
    assert np.array_equal(found > 0, sure > 0)
    assert figures_in(unsure, (), 320) is None
    assert figures_in(np.full((240, 320), 250, np.uint8), (), 320) is None
    assert figures_in(seen_with((np.s_[40:60], np.s_[40:60], 250, 250)), (), 320) is None


def test_what_is_wide_as_mountains_are_must_be_surer() -> None:
    half = seen_with((*WIDE, 250, 200))
    half[130:140, 40:240] = 250
    assert figures_in(half, (), 320) is None
    assert figures_in(seen_with((*WIDE, 250, 250)), (), 320) is not None


def test_a_face_speaks_for_a_figure_that_is_seen_unsurely() -> None:
    unsure = seen_with((*UPRIGHT, 200, 140))
    unsure[40:80, 40:100] = 240
    face = face_at(120, 120, 60)
    assert figures_in(unsure, (), 640) is None
    found = figures_in(unsure, (face,), 640)
    assert found is not None
    assert missed(found, (face, face_at(420, 120, 60)), 640) == (face_at(420, 120, 60),)


def test_beside_a_sure_figure_an_unsure_one_is_seen_as_well() -> None:
    both = seen_with((*UPRIGHT, 250, 250), (*BESIDE, 150, 140))
    found = figures_in(both, (), 320)
    assert found is not None
    assert np.array_equal(found > 0, both > 0)


def test_the_border_is_drawn_to_the_pictures_own() -> None:
    picture, true = doll(640)
    noise = cv2.GaussianBlur(np.random.default_rng(3).integers(0, 256, (640, 640, 3), dtype=np.uint8), (0, 0), 9)
    picture[~true] = (0.3 * noise + np.array([60, 110, 90]))[~true].astype(np.uint8)
    small = cv2.resize(true.astype(np.uint8) * 255, (320, 320), interpolation=cv2.INTER_AREA)
    rough = cv2.GaussianBlur(np.roll(small, 3, axis=1), (0, 0), 4)
    seen = np.asarray(rough, np.uint8)
    seen[200:, 150:170] = 100
    cover = np.where(seen > 127, np.uint8(255), np.uint8(0))
    before, after = (
        agreement(cover > 0, small > 127),
        agreement(drawn_to_borders(cover, seen, picture) > 0, small > 127),
    )
    assert before < 0.9
    assert after > 0.95


def test_figures_before_a_coloured_shape_on_paper_are_parted_from_it(models: Path) -> None:
    picture = np.full((480, 640, 3), (190, 210, 255), np.uint8)
    cv2.rectangle(picture, (60, 60), (580, 420), BLUE, -1)
    cv2.ellipse(picture, (320, 240), (90, 150), 0, 0, 360, RED, -1)
    found = find_figure(picture, None, ())
    assert found.source is FigureSource.NETWORK
    inside = np.zeros((480, 640), np.uint8)
    cv2.ellipse(inside, (320, 240), (90, 150), 0, 0, 360, 1, -1)
    assert agreement(found.cover > 127, inside > 0) > 0.9


def test_what_has_the_papers_colour_is_a_figures_where_it_was_seen() -> None:
    plain, seen = np.zeros((200, 300), np.uint8), np.zeros((200, 300), np.uint8)
    plain[20:180, 100:140] = 255
    seen[22:178, 98:200] = 255
    joined = with_seen(plain, seen)
    assert (joined[30:170, 145:195] == 255).all()
    assert (joined[:, 210:] == 0).all()
    # A rim, as the network's borders leave it, is nothing.
    seen[:, 142:] = 0
    assert np.array_equal(with_seen(plain, seen), plain)


def test_a_face_seen_from_the_side_reaches_beyond_its_head() -> None:
    picture = np.full((400, 300, 3), 255, np.uint8)
    cv2.ellipse(picture, (140, 130), (60, 80), 0, 0, 360, (200, 150, 120), -1)
    cv2.rectangle(picture, (60, 200), (230, 399), BLUE, -1)
    face = replace(face_at(105, 85, 120), source=FaceSource.MTCNN)
    assert find_figure(picture, None, (face,)).source is FigureSource.PLAIN_GROUND
