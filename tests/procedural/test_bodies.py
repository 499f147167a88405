"""Bodies that bend, heads that are turned aside: constructed where they are."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from procedural.reading.drawn import GROUND, SHIRT, SKIN, doll, face_at

from paints_undo_engine.procedural.options import Options
from paints_undo_engine.procedural.reading.facing import facing_of
from paints_undo_engine.procedural.reading.figure import made
from paints_undo_engine.procedural.reading.joints import Joint, Pose
from paints_undo_engine.procedural.reading.model import Box, FigureSource
from paints_undo_engine.procedural.reading.readings import read_picture
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.bodies import measure_body
from paints_undo_engine.procedural.techniques.building import Lines, Way, body_lines
from paints_undo_engine.procedural.techniques.construction import constructed
from paints_undo_engine.procedural.techniques.heads import Build, head_built
from paints_undo_engine.procedural.techniques.mannequins import mannequin_in
from paints_undo_engine.procedural.techniques.sketching import Hand, Pencil, cut_off, ellipse
from paints_undo_engine.procedural.techniques.skulls import Head, guess_head, on_crown, within_figure


def bending() -> np.ndarray:
    """Somebody whose back is level and whose head hangs before it, bool [400, 500]."""
    cover = np.zeros((400, 500), np.uint8)
    cv2.ellipse(cover, (110, 170), (36, 42), 0, 0, 360, 1, -1)
    cv2.polylines(cover, [np.array([(130, 170), (330, 140), (350, 240), (340, 380)], np.int32)], False, 1, 70)
    return cover > 0


@pytest.mark.parametrize("way", list(Way))
def test_a_body_that_bends_is_constructed_along_its_back(way: Way) -> None:
    cover = bending()
    lines = lines_under(cover, Box(80, 140, 60, 70), (110, 212), way)
    points = np.concatenate([points for _, points, _ in lines]).astype(int)
    near = cv2.dilate(cover.astype(np.uint8), np.ones((21, 21), np.uint8)) > 0
    inside = [bool(near[np.clip(y, 0, 399), np.clip(x, 0, 499)]) for x, y in points]
    assert np.mean(inside) > 0.8
    assert points[:, 0].max() > 260
    assert points[points[:, 0] > 220][:, 1].max() < 230


@pytest.mark.parametrize("way", list(Way))
def test_loose_hair_beside_a_head_is_no_body(way: Way) -> None:
    cover = np.zeros((400, 500), np.uint8)
    cv2.ellipse(cover, (250, 150), (90, 100), 0, 0, 360, 1, -1)
    cv2.polylines(cover, [np.array([(320, 180), (420, 120), (460, 60)], np.int32)], False, 1, 50)
    cv2.rectangle(cover, (230, 250), (270, 300), 1, -1)
    lines = lines_under(cover > 0, Box(190, 110, 120, 130), (250, 245), way)
    points = np.concatenate([points for _, points, _ in lines])
    assert points[:, 1].min() > 200


def standing() -> np.ndarray:
    """Somebody with loose hair and a skirt who stands on two legs, bool [500, 400]."""
    cover = np.zeros((500, 400), np.uint8)
    cv2.ellipse(cover, (200, 80), (105, 60), 0, 0, 360, 1, -1)
    trunk = [(180, 100), (220, 100), (222, 145), (255, 165), (260, 300), (140, 300), (145, 165), (178, 145)]
    cv2.fillPoly(cover, [np.array(trunk, np.int32)], 1)
    cv2.fillPoly(cover, [np.array([(140, 300), (260, 300), (260, 380), (140, 380)], np.int32)], 1)
    for x in (180, 220):
        cv2.rectangle(cover, (x - 8, 290), (x + 8, 480), 1, -1)
    return cover > 0


def lines_under(cover: np.ndarray, head: Box, chin: tuple[int, int], way: Way) -> Lines:
    """The lines of the body under a head, whose face takes all of its box."""
    body = measure_body(cover, head, chin)
    assert body is not None
    return body_lines(mannequin_in(body, guess_head(head)), way, np.random.default_rng(1))


@pytest.mark.parametrize("way", list(Way))
def test_a_body_is_no_broader_than_its_head_says(way: Way) -> None:
    lines = lines_under(standing(), Box(165, 45, 70, 90), (200, 135), way)
    trunk = np.concatenate([points for label, points, _ in lines if "leg" not in label and "foot" not in label])
    assert 90 < np.ptp(trunk[:, 0]) < 150
    assert np.concatenate([points for _, points, _ in lines])[:, 1].max() > 450
    assert any("leg" in label for label, _, _ in lines)


@pytest.mark.parametrize("way", list(Way))
def test_legs_that_a_skirt_hides_are_not_drawn(way: Way) -> None:
    cover = standing()
    cover[300:470, 110:290] = True
    assert not any("leg" in label for label, _, _ in lines_under(cover, Box(165, 45, 70, 90), (200, 135), way))


def test_a_bust_that_ends_above_its_ribs_is_shoulders() -> None:
    cover = standing()
    cover[190:] = False
    labels = {label for label, _, _ in lines_under(cover, Box(165, 45, 70, 90), (200, 135), Way.ACTION)}
    assert labels == {"neck and shoulder", "shoulders"}


def test_feet_that_touch_the_border_are_not_cut_off() -> None:
    cover, (head, chin) = standing(), (Box(165, 45, 70, 90), (200, 135))
    cover[480:] = False
    for x in (180, 220):
        cover[470:480, x - 8 : x + 8] = cv2.ellipse(np.zeros((10, 16), np.uint8), (8, 0), (8, 9), 0, 0, 180, 1, -1) > 0
    trimmed = measure_body(cover[:480], head, chin)
    assert trimmed is not None
    assert not trimmed.cut
    thighs = measure_body(cover[:420], head, chin)
    assert thighs is not None
    assert thighs.cut


@pytest.mark.parametrize("way", list(Way))
def test_a_body_hangs_together_from_the_neck_down(way: Way) -> None:
    lines = lines_under(standing(), Box(165, 45, 70, 90), (200, 135), way)
    neck = np.concatenate([points for _, points, _ in lines])
    assert 100 < neck[:, 1].min() < 140
    assert abs(neck[neck[:, 1] < 145][:, 0].mean() - 200) < 6


def test_a_turned_face_does_not_lie_in_the_middle_of_its_head() -> None:
    across, down = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    head = Head(100, 100, 50, across, down, np.array([100.0, 170.0]), np.array([100.0, 119.0]))
    placed = on_crown(head, Box(72, 48, 104, 130))
    assert abs(placed.x - 124) < 1
    assert np.array_equal(placed.eyes, head.eyes)
    assert on_crown(head, Box(52, 48, 104, 130)) == head
    assert on_crown(head, Box(20, 40, 300, 200)).x == head.x


def test_a_head_of_which_the_face_alone_was_measured_grows_with_a_top_that_ends_at_its_chin() -> None:
    across, down = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    head = Head(100, 100, 50, across, down, np.array([100.0, 170.0]), np.array([100.0, 119.0]))
    top = Box(60, 10, 160, 165)
    grown = on_crown(head, top, ends=True)
    assert 60 < grown.radius < 80
    assert 110 < grown.x < 145
    assert on_crown(head, top) == head
    assert on_crown(head, Box(60, 10, 160, 260), ends=True) == head


def test_a_ball_lies_within_its_hair_and_above_the_chin() -> None:
    across, down = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    figure = np.zeros((300, 300), np.uint8)
    cv2.ellipse(figure, (150, 110), (105, 104), 0, 0, 360, 1, -1)
    large = Head(150, 75, 130, across, down, np.array([150.0, 205.0]), np.array([150.0, 125.0]))
    placed = within_figure(large, figure > 0)
    assert placed.y - placed.radius > 0
    assert placed.y + placed.radius < 215
    assert placed.radius > 90
    aside = replace(large, x=125.0, radius=110.0, eyes=np.array([125.0, 110.0]), y=68.0)
    placed = within_figure(aside, figure > 0)
    assert placed.x > 130
    assert placed.x - placed.radius > 35


def test_below_a_neck_that_ends_no_body_is_built() -> None:
    picture = np.full((400, 300, 3), 255, np.uint8)
    neck = np.array([(105, 190), (195, 190), (185, 290), (150, 330), (115, 290)], np.int32)
    cv2.fillPoly(picture, [neck], SKIN)
    cv2.ellipse(picture, (150, 130), (80, 100), 0, 0, 360, SHIRT, -1)
    cover = np.where((picture < 250).any(axis=2), np.uint8(255), np.uint8(0))
    figure = made(cover, FigureSource.PLAIN_GROUND, "")
    reading = replace(read_picture(picture), figure=figure, heads=(), poses=(), faces=(face_at(90, 100, 120),))
    source = Source(picture, reading, np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1), Options())
    labels = {step.label for step in constructed(source, Pencil(source, Hand((90, 90, 90), 0.002, 0.002, 1), ""))}
    assert "head, ball" in labels
    assert not [label for label in labels if "shoulder" in label or "rib" in label]


@pytest.mark.parametrize("side", [-1, 0, 1])
def test_a_head_looks_where_its_skin_lies(side: int) -> None:
    picture, cover = np.full((200, 200, 3), GROUND, np.uint8), np.zeros((200, 200), np.uint8)
    for canvas, colour in ((picture, SHIRT), (cover, 255)):
        cv2.ellipse(canvas, (100, 100), (60, 70), 0, 0, 360, colour, -1)
    cv2.ellipse(picture, (100 + 30 * side, 115), (28, 45), 0, 0, 360, SKIN, -1)
    box = Box(40, 30, 120, 140)
    facing = facing_of(picture, cover, box)
    assert np.sign(facing) == side
    assert abs(guess_head(box, facing).eyes[0] - 100 - 45 * side) < 15


@pytest.mark.parametrize("build", list(Build))
@pytest.mark.parametrize("side", [-1, 1])
def test_a_profile_is_a_ball_and_a_wedge_to_the_side_that_it_looks_to(side: int, build: Build) -> None:
    pencil, box = pencil_on_paper(), Box(40, 30, 120, 140)
    steps = head_built(pencil, guess_head(box, side), build, np.random.default_rng(2))
    drawn = {step.label: points for step, (points, _) in zip(steps, pencil._lines, strict=True)}
    wedge = drawn["face, wedge"]
    assert abs(wedge[:, 0].mean() - 100 - 52 * side) < 14
    assert (side * (drawn["head, ball"][:, 0].mean() - 100)) < 5
    assert abs(wedge[:, 1].max() - 170) < 8
    assert "face, middle line" not in drawn
    away = head_built(pencil, guess_head(box, 0.3 * side), build, np.random.default_rng(2))
    assert "face, middle line" in {step.label for step in away}


@pytest.mark.parametrize("chin", [(100, 175), (82, 170), (112, 120)])
def test_a_jaw_is_nowhere_hollow_and_ends_at_the_chin(chin: tuple[int, int]) -> None:
    pencil = pencil_on_paper()
    across, down = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    head = Head(100, 80, 45, across, down, np.array(chin, float), np.array([100.0, 97.0]))
    steps = head_built(pencil, head, Build.BALL, np.random.default_rng(2))
    (jaw,) = (points for step, (points, _) in zip(steps, pencil._lines, strict=True) if step.label == "jaw")
    area = cv2.contourArea(jaw.astype(np.float32))
    assert area > 0.95 * cv2.contourArea(cv2.convexHull(jaw.astype(np.float32)))
    assert float(np.hypot(*(jaw - chin).T).min()) < 4


def pencil_on_paper() -> Pencil:
    """A pencil on a picture of 200 by 200."""
    picture = np.full((200, 200, 3), GROUND, np.uint8)
    table = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    source = Source(picture, read_picture(doll(200)[0]), table, Options())
    return Pencil(source, Hand((90, 90, 90), 0.002, 0.002, 1), "")


def test_ways_differ_in_where_their_lines_lie() -> None:
    drawn = []
    for way in Way:
        canvas = np.zeros((500, 400), np.uint8)
        for _, points, _ in lines_under(standing(), Box(165, 45, 70, 90), (200, 135), way):
            cv2.polylines(canvas, [np.rint(points).astype(np.int32)], False, 1)
        drawn.append((canvas > 0, cv2.dilate(canvas, np.ones((9, 9), np.uint8)) > 0))
    for number, (lines, near) in enumerate(drawn):
        for other, beside in drawn[:number]:
            assert min(beside[lines].mean(), near[other].mean()) < 0.85


def test_a_line_ends_at_the_border_of_its_panel() -> None:
    panel = Box(40, 40, 100, 80)
    ring = ellipse(90.0, 50.0, 30.0, 30.0)
    kept = cut_off(ring, panel)
    assert kept[:, 1].min() >= 40
    assert kept[:, 1].max() > 79
    lower = ring + np.array([0, 20], np.float32)
    assert (cut_off(lower, panel) == lower).all()


def test_joints_without_a_head_are_no_second_body_where_one_is_built() -> None:
    picture, head = np.full((400, 300, 3), GROUND, np.uint8), Box(120, 40, 60, 60)
    cv2.ellipse(picture, (150, 70), (30, 30), 0, 0, 360, SKIN, -1)
    cv2.rectangle(picture, (110, 100), (190, 399), SHIRT, -1)
    places = {Joint.NOSE: (0.0, -60.0), Joint.LEFT_SHOULDER: (40.0, 0.0), Joint.RIGHT_SHOULDER: (-40.0, 0.0)}
    places |= {Joint.LEFT_HIP: (25.0, 130.0), Joint.RIGHT_HIP: (-25.0, 130.0)}

    def pose(x: float) -> Pose:
        at = np.zeros((33, 2), np.float32)
        for joint, place in places.items():
            at[joint] = place[0] + x, place[1] + 130
        return Pose(at, np.array([joint in places for joint in range(33)]))

    table = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)

    def ribs(beside: float) -> int:
        reading = replace(read_picture(picture), faces=(), heads=(head,), poses=(pose(150), pose(beside)))
        source = Source(picture, reading, table, Options())
        steps = constructed(source, Pencil(source, Hand((90, 90, 90), 0.002, 0.002, 1), ""))
        return sum(step.label == "figure, rib cage" for step in steps)

    assert ribs(170) == 1
    assert ribs(250) == 2
