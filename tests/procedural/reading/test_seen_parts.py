"""Parts that a network sees: how it is asked for them, what becomes of its answers, and what figures, heads and flats
have of them. The network itself is replaced by one that answers with the shapes of a drawn picture.
"""

from __future__ import annotations

from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading import seen_parts
from paints_undo_engine.procedural.reading.figure_parts import before_ground, ended_by_parts
from paints_undo_engine.procedural.reading.flats import find_flats
from paints_undo_engine.procedural.reading.model import Box, Colour, Figure, FigureSource, Labels, Pixels
from paints_undo_engine.procedural.reading.part_flats import shades_by_part, told_by_part
from paints_undo_engine.procedural.reading.part_masks import SeenParts
from paints_undo_engine.procedural.reading.seen_parts import along_edges, find_seen_parts
from paints_undo_engine.procedural.reading.segmenter_decoder import Answer
from paints_undo_engine.procedural.reading.segments import Segments, find_segments
from paints_undo_engine.procedural.reading.zones import Zone

SIDE = 160
SHAPES = ((10, 10, 60, 110), (20, 20, 25, 40), (20, 70, 25, 40), (100, 30, 50, 90))
"""Left, top, width and height: the second and the third lie in the first."""


def masks_of(*shapes: tuple[int, int, int, int], side: int = SIDE) -> NDArray[np.float32]:
    masks = np.full((len(shapes), side, side), -8, np.float32)
    for mask, (x, y, width, height) in zip(masks, shapes, strict=True):
        mask[y : y + height, x : x + width] = 8
    return masks


def seen(*shapes: tuple[int, int, int, int], side: int = SIDE) -> SeenParts:
    return SeenParts(masks_of(*shapes, side=side), np.full(len(shapes), -1, np.int64))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, float]]:
    """The points that are asked for, x and y; the answer to each is every shape that it lies in, and one that does not
    fit."""
    points: list[tuple[float, float]] = []
    masks = masks_of(*SHAPES)

    def answer(_: object, places: SimpleNamespace, point: NDArray[np.float32], least: float) -> Answer:
        x, y = (int(along * max(places.sides) * 4) for along in point)
        points.append((x, y))
        within = [mask for mask in masks if mask[y, x] > 0]
        if not within:
            return Answer(None, np.full(3, least - 0.1, np.float32))
        drawn = np.stack([*within[-2:], *[np.full_like(masks[0], 8)] * 3][:3])
        quality = np.array([0.95] * len(within[-2:]) + [0.1] * 3, np.float32)[:3]
        return Answer(drawn, quality)

    monkeypatch.setattr(seen_parts, "read_segmenter", lambda: (None, None))
    monkeypatch.setattr(seen_parts, "encode", lambda _, planes: planes)
    monkeypatch.setattr(
        seen_parts, "see", lambda _, planes: SimpleNamespace(sides=(planes.shape[1] // 16, planes.shape[2] // 16))
    )
    monkeypatch.setattr(seen_parts, "answer", answer)
    return points


def painted() -> Pixels:
    picture = np.full((4 * SIDE, 4 * SIDE, 3), 250, np.uint8)
    for (x, y, width, height), colour in zip(
        SHAPES, ((200, 60, 60), (40, 40, 90), (40, 90, 40), (60, 60, 200)), strict=True
    ):
        picture[4 * y : 4 * (y + height), 4 * x : 4 * (x + width)] = colour
    return picture


def test_each_part_is_found_once_and_knows_the_one_it_lies_in(asked: list[tuple[float, float]]) -> None:
    found = find_seen_parts(painted())
    assert found is not None
    areas = [int((mask > 0).sum()) for mask in found.masks]
    assert sorted(areas) == sorted(width * height for _, _, width, height in SHAPES)
    assert areas == sorted(areas, reverse=True)
    first = areas.index(60 * 110)
    assert [int(parent) for parent in found.parents].count(first) == 2
    assert len(asked) == len(set(asked))


def test_what_a_part_holds_is_not_asked_again_but_where_it_has_another_colour(asked: list[tuple[float, float]]) -> None:
    find_seen_parts(painted())
    # Points are chosen eight at a time.
    rounds = {at // 8 for at, (x, y) in enumerate(asked) if 100 <= x < 150 and 30 <= y < 120}
    assert len(rounds) == 1
    assert any(20 <= x < 45 and 20 <= y < 60 for x, y in asked)
    assert any(20 <= x < 45 and 70 <= y < 110 for x, y in asked)


def test_without_the_network_nobody_sees_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen_parts, "read_segmenter", lambda: None)
    assert find_seen_parts(painted()) is None


def test_labels_are_those_of_the_smallest_part_on_any_grid() -> None:
    parts = seen(*SHAPES)
    for side in (80, 320):
        labels = parts.labels((side, side))
        at = {(30, 40): 2, (30, 90): 3, (60, 100): 1, (120, 60): 4, (80, 140): 0}
        assert all(labels[y * side // SIDE, x * side // SIDE] == number for (x, y), number in at.items())


def test_a_border_is_drawn_to_the_edge_beside_it() -> None:
    picture = np.full((400, 400, 3), 240, np.uint8)
    picture[:, 203:] = (60, 80, 160)
    labels = np.zeros((400, 400), np.int32)
    labels[:, 200:] = 1
    made = along_edges(labels, picture)
    assert (made[5:-5, 201] == 0).all()
    assert (made[5:-5, 204] == 1).all()


def test_a_figure_that_was_parted_roughly_ends_where_its_parts_do() -> None:
    picture = np.full((SIDE, SIDE, 3), 235, np.uint8)
    picture[10:120, 10:70], picture[30:120, 100:150] = (200, 60, 60), (60, 60, 200)
    cover = np.zeros((SIDE, SIDE), np.uint8)
    cover[20:130, 10:66], cover[30:120, 100:112] = 255, 255
    figure = Figure(cover, (), FigureSource.NETWORK, "seen")
    parts = seen((10, 10, 60, 110), (100, 30, 50, 90))
    made = ended_by_parts(figure, parts, picture).cover > 127
    assert made[14, 40]
    assert made[60, 68]
    assert not made[30:120, 100:150].any()
    sure = Figure(cover, (), FigureSource.ALPHA, "cut out")
    assert ended_by_parts(sure, parts, picture) is sure
    assert ended_by_parts(figure, None, picture) is figure


def test_a_head_on_the_ground_is_none() -> None:
    around = np.full((1, SIDE, SIDE), 8, np.float32)
    around[0, 20:150, 20:90] = -8
    body, space = Box(30, 30, 40, 40), Box(100, 60, 40, 40)
    parts = SeenParts(around, np.array([-1]))
    assert before_ground((body, space), parts, (SIDE, SIDE)) == (body,)
    assert before_ground((body, space), None, (SIDE, SIDE)) == (body, space)


def flats_of(picture: Pixels, parts: Labels) -> tuple[Segments, NDArray[np.int64]]:
    """The segments of a figure that fills its picture, and the flat of each."""
    ink, zones = np.zeros(picture.shape[:2], np.uint8), np.full(picture.shape[:2], Zone.FIGURE, np.int32)
    segments = find_segments(picture, ink, zones, seen_parts=parts)
    none = np.zeros((0, 3))
    found = find_flats(segments, True, none, np.zeros(picture.shape[:2], bool))
    return segments, shades_by_part(segments, told_by_part(segments, found, none), none).of


def dressed(upper: Colour, lower: Colour, other: Colour | None = None) -> tuple[Pixels, Labels]:
    """Two things one above the other, the upper one perhaps with a shade on its right, and their parts."""
    picture, parts = np.full((SIDE, SIDE, 3), upper, np.uint8), np.ones((SIDE, SIDE), np.int32)
    picture[90:], parts[90:] = lower, 2
    if other is not None:
        picture[:90, 110:] = other
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.7), np.uint8), parts


@pytest.mark.parametrize("told", [True, False])
def test_things_of_one_hue_are_two_flats_where_they_are_two_parts(told: bool) -> None:
    picture, parts = dressed((200, 177, 163), (234, 222, 216))
    segments, of = flats_of(picture, parts if told else np.zeros_like(parts))
    one, other = (of[segments.labels[y, 60]] for y in (40, 130))
    assert bool(one != other) is told


@pytest.mark.parametrize("told", [True, False])
def test_light_and_shade_of_one_part_are_one_flat(told: bool) -> None:
    picture, parts = dressed((250, 226, 210), (40, 50, 90), (222, 176, 152))
    segments, of = flats_of(picture, parts if told else np.zeros_like(parts))
    light, shade, trousers = (of[segments.labels[y, x]] for x, y in ((50, 40), (140, 40), (60, 130)))
    assert light != trousers
    assert light == shade or not told
