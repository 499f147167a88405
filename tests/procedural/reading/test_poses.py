"""Bodies whose joints are known: what is believed of a pose, and how it is constructed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from procedural.reading.drawn import face_at

from paints_undo_engine.procedural.options import Options
from paints_undo_engine.procedural.reading.figure import made
from paints_undo_engine.procedural.reading.joints import Joint, Pose
from paints_undo_engine.procedural.reading.model import Box, FaceSource, Figure, FigureSource, Pixels, Reading
from paints_undo_engine.procedural.reading.networks import POSES
from paints_undo_engine.procedural.reading.poses import (
    find_poses,
    head_of,
    is_astray,
    is_bodiless,
    is_headless,
    is_sunk,
    stands_under,
    with_heads,
    without_beheaded,
    without_guessed,
    without_strays,
    without_unsure,
)
from paints_undo_engine.procedural.reading.read import read
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.building import Lines, Way, body_lines
from paints_undo_engine.procedural.techniques.construction import constructed
from paints_undo_engine.procedural.techniques.mannequins import gesture_of, is_cramped, mannequin_on
from paints_undo_engine.procedural.techniques.sketching import Hand, Pencil
from paints_undo_engine.procedural.techniques.skulls import by_ears, guess_head

STANDING = {
    Joint.NOSE: (200, 60), Joint.LEFT_EYE: (208, 52), Joint.RIGHT_EYE: (192, 52), Joint.LEFT_EAR: (218, 56),
    Joint.RIGHT_EAR: (182, 56), Joint.LEFT_LIP: (206, 70), Joint.RIGHT_LIP: (194, 70),
    Joint.LEFT_SHOULDER: (235, 110), Joint.RIGHT_SHOULDER: (165, 110), Joint.LEFT_ELBOW: (255, 170),
    Joint.RIGHT_ELBOW: (140, 160), Joint.LEFT_WRIST: (250, 225), Joint.RIGHT_WRIST: (110, 120),
    Joint.LEFT_HIP: (222, 230), Joint.RIGHT_HIP: (180, 230), Joint.LEFT_KNEE: (228, 310), Joint.RIGHT_KNEE: (172, 310),
    Joint.LEFT_ANKLE: (232, 385), Joint.RIGHT_ANKLE: (150, 375), Joint.LEFT_TOES: (245, 394),
    Joint.RIGHT_TOES: (140, 385),
}  # fmt: skip


def pose_of(joints: dict[Joint, tuple[int, int]]) -> Pose:
    places, seen = np.zeros((33, 2), np.float32), np.zeros(33, bool)
    for joint, place in joints.items():
        places[joint], seen[joint] = place, True
    return Pose(places, seen)


def drawn_figure() -> Pixels:
    """A figure in flat colours that stands as the pose does: uint8 [400, 400, 3]."""
    canvas = np.full((400, 400, 3), 255, np.uint8)
    for limb in ((11, 13, 15), (12, 14, 16), (23, 25, 27, 31), (24, 26, 28, 32)):
        points = np.array([STANDING[Joint(joint)] for joint in limb], np.int32)
        cv2.polylines(canvas, [points], False, (60, 60, 140), 26, cv2.LINE_AA)
    trunk = np.array([(165, 105), (235, 105), (226, 240), (176, 240)], np.int32)
    cv2.fillPoly(canvas, [trunk], (180, 60, 60), cv2.LINE_AA)
    cv2.ellipse(canvas, (200, 56), (26, 34), 0, 0, 360, (240, 205, 180), -1, cv2.LINE_AA)
    return canvas


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of models without any."""
    monkeypatch.setenv("PAINTS_UNDO_MODELS", str(tmp_path))
    return tmp_path


def figure_everywhere(pixels: Pixels) -> Figure:
    height, width = pixels.shape[:2]
    cover = np.full((height, width), 255, np.uint8)
    return Figure(cover, (Box(0, 0, width, height),), FigureSource.PLAIN_GROUND, "")


def test_without_the_network_no_pose_is_known(models: Path) -> None:
    pixels = drawn_figure()
    assert find_poses(pixels, figure_everywhere(pixels), ()) == ()
    assert read(pixels).poses == ()


def test_a_file_that_is_another_is_never_read(models: Path) -> None:
    path = models / "figures" / POSES.name
    path.parent.mkdir()
    path.write_bytes(b"TFL3" * (POSES.size // 4))
    pixels = drawn_figure()
    assert find_poses(pixels, figure_everywhere(pixels), ()) == ()


def posed_lines(pose: Pose, way: Way) -> Lines:
    """The lines of a body without a head by somebody's way."""
    return body_lines(mannequin_on(pose, None), way, np.random.default_rng(0))


@pytest.mark.parametrize("way", list(Way))
def test_every_way_leads_through_the_joints(way: Way) -> None:
    pose = pose_of(STANDING)
    lines = posed_lines(pose, way)
    points = np.concatenate([points for _, points, _ in lines])
    for joint in (Joint.RIGHT_SHOULDER, Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST, Joint.LEFT_KNEE, Joint.LEFT_ANKLE):
        assert np.hypot(*(points - pose.at(joint)).T).min() < 0.3 * pose.breadth, joint
    assert points[:, 1].max() < 412
    assert points[:, 0].min() > 70


@pytest.mark.parametrize("way", list(Way))
def test_what_is_not_seen_is_not_drawn(way: Way) -> None:
    bust = {joint: place for joint, place in STANDING.items() if place[1] < 200}
    pose = pose_of(bust)
    pose.places[Joint.LEFT_HIP], pose.places[Joint.RIGHT_HIP] = (222, 230), (180, 230)
    points = np.concatenate([points for _, points, _ in posed_lines(pose, way)])
    assert points[:, 1].max() < 200


def test_a_head_is_as_large_as_eyes_and_lips_say() -> None:
    pose = pose_of(STANDING)
    head = head_of(pose)
    assert head is not None
    assert abs(head.centre[0] - 200) < 4
    assert head.y < 30
    assert 72 < head.y + head.height < 105
    seen = Box(198 - 20, 30, 40, 50)
    assert with_heads((pose,), (seen,), ()) == (head,)
    far = Box(20, 20, 40, 50)
    assert with_heads((pose,), (far,), ()) == (head, far)


def test_a_head_deep_in_a_figure_is_believed_only_with_a_face() -> None:
    pose = pose_of(STANDING)
    head = head_of(pose)
    assert head is not None
    around = np.zeros((400, 400), np.uint8)
    around[int(head.y) :] = 255
    everywhere = np.full((400, 400), 255, np.uint8)
    low = replace(pose, places=pose.places + np.float32(60))
    there = head_of(low)
    assert there is not None
    assert not is_headless(pose, around, ())
    assert is_headless(low, everywhere, ())
    assert not is_headless(low, everywhere, (face_at(there.x, there.y, there.width),))


def test_a_head_between_its_shoulders_is_believed_only_with_a_face() -> None:
    pose = pose_of(STANDING)
    places = pose.places.copy()
    places[[Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER]] -= np.array([0, 40], np.float32)
    sunk = replace(pose, places=places)
    assert not is_sunk(pose, ())
    assert is_sunk(sunk, ())
    assert not is_sunk(sunk, (face_at(180, 40, 40),))


def test_a_face_alone_has_no_shoulders() -> None:
    pose = pose_of(STANDING)
    bust = replace(pose, seen=pose.seen & (np.arange(33) < Joint.LEFT_HIP))
    face, chest = np.zeros((400, 400), np.uint8), np.zeros((400, 400), np.uint8)
    face[20:80, 170:230] = chest[20:140, 150:250] = 255
    assert is_bodiless(bust, face)
    assert not is_bodiless(bust, chest)
    assert not is_bodiless(pose, face)


def test_a_figure_is_constructed_on_its_joints() -> None:
    pixels = drawn_figure()
    reading = replace(read(pixels), faces=(), heads=(), poses=())
    scale = reading.shape[0] / 400
    pose = pose_of(STANDING)
    known = replace(reading, poses=(Pose(pose.places * scale, pose.seen),))
    assert {"figure, arm, axis", "figure, leg, axis", "figure, rib cage"} <= construction(pixels, known)
    assert not any("arm" in label for label in construction(pixels, reading))


def test_no_body_runs_through_somebody_elses_face() -> None:
    pixels = drawn_figure()
    reading = replace(read(pixels), heads=())
    scale = reading.shape[0] / 400
    pose = pose_of(STANDING)
    posed = replace(reading, poses=(Pose(pose.places * np.float32(scale), pose.seen),))
    own, below = face_at(175 * scale, 35 * scale, 50 * scale), face_at(175 * scale, 145 * scale, 50 * scale)
    held = face_at(185 * scale, 155 * scale, 30 * scale)
    limb = "figure, leg, axis"
    assert limb in construction(pixels, replace(posed, faces=(own,)))
    assert limb not in construction(pixels, replace(posed, faces=(own, below)))
    assert limb in construction(pixels, replace(posed, faces=(own, held)))


def test_a_pose_that_no_head_took_is_not_built_into_a_known_one() -> None:
    pixels = drawn_figure()
    reading = replace(read(pixels), heads=(), poses=())
    scale = reading.shape[0] / 400
    pose = pose_of(STANDING)
    body = Pose((pose.places * scale).astype(np.float32), pose.seen)
    small = Pose(((pose.places * 0.2 + np.array([160, 30])) * scale).astype(np.float32), pose.seen)
    labels = [
        in_order(pixels, replace(reading, faces=(face_at(165 * scale, 20 * scale, 70 * scale),), poses=poses), 0)
        for poses in ((body,), (body, small))
    ]
    assert labels[0].count("figure, rib cage") == labels[1].count("figure, rib cage") == 1


def test_a_pose_that_is_not_sure_is_believed_under_a_known_head() -> None:
    pose = pose_of(STANDING)
    nowhere = Figure(np.zeros((400, 400), np.uint8), (), FigureSource.NONE, "")
    assert stands_under(pose, nowhere, (face_at(175, 30, 50),))
    assert not stands_under(pose, nowhere, ())
    assert not stands_under(pose, nowhere, (face_at(120, 30, 50),))
    assert not stands_under(pose, nowhere, (face_at(150, 0, 110),))
    cover = np.where((drawn_figure() == 255).all(axis=2), 0, 255).astype(np.uint8)
    assert stands_under(pose, made(cover, FigureSource.ALPHA, ""), ())
    assert not stands_under(pose, made(cover, FigureSource.LINES, ""), ())


def test_a_short_trunk_without_feet_is_a_bust() -> None:
    hips = {Joint.LEFT_HIP: (222, 180), Joint.RIGHT_HIP: (180, 180)}
    standing = pose_of(STANDING | hips)
    assert without_guessed(standing).has(Joint.LEFT_HIP, Joint.LEFT_KNEE)
    feet = (Joint.LEFT_ANKLE, Joint.RIGHT_ANKLE)
    cut = replace(standing, seen=standing.seen & ~np.isin(np.arange(33), feet))
    assert not without_guessed(cut).seen[Joint.LEFT_HIP :].any()
    assert without_guessed(cut).has(Joint.LEFT_WRIST)


def test_a_bust_into_which_legs_were_squeezed_has_none() -> None:
    close = {Joint.LEFT_KNEE: (228, 250), Joint.RIGHT_KNEE: (172, 250), Joint.LEFT_ANKLE: (230, 262)}
    hips = {Joint.LEFT_HIP: (222, 180), Joint.RIGHT_HIP: (180, 180)}
    standing = pose_of(STANDING | hips)
    squeezed = pose_of(STANDING | hips | close | {Joint.RIGHT_ANKLE: (175, 190), Joint.LEFT_ANKLE: (225, 195)})
    assert without_guessed(standing).has(Joint.LEFT_HIP)
    assert not without_guessed(squeezed).has(Joint.LEFT_HIP)


def test_folded_and_raised_arms_are_built_only_where_they_are_seen_surely() -> None:
    surely = np.ones(33, bool)
    standing = pose_of(STANDING)
    assert without_unsure(standing, surely).has(Joint.LEFT_WRIST, Joint.RIGHT_WRIST)
    folded = pose_of(STANDING | {Joint.LEFT_WRIST: (150, 190), Joint.RIGHT_WRIST: (158, 196)})
    assert not without_unsure(folded, surely).seen[[Joint.LEFT_WRIST, Joint.RIGHT_WRIST]].any()
    raised = pose_of(STANDING | {Joint.LEFT_WRIST: (250, 60)})
    assert without_unsure(raised, surely).has(Joint.LEFT_WRIST)
    assert not without_unsure(raised, ~surely).has(Joint.LEFT_WRIST)
    assert without_unsure(raised, ~surely).has(Joint.RIGHT_WRIST, Joint.LEFT_ELBOW)


def test_no_arm_begins_within_the_ball_of_a_head() -> None:
    def arms(head: Box) -> int:
        return sum(limb.name == "arm" for limb in mannequin_on(pose_of(STANDING), guess_head(head)).limbs)

    assert (arms(Box(165, 10, 70, 95)), arms(Box(120, 0, 160, 170))) == (2, 0)


def test_shoulders_that_are_a_collar_are_not_believed() -> None:
    bust = pose_of({joint: place for joint, place in STANDING.items() if place[1] < 200})
    bust.places[Joint.LEFT_HIP], bust.places[Joint.RIGHT_HIP] = STANDING[Joint.LEFT_HIP], STANDING[Joint.RIGHT_HIP]
    assert not is_cramped(bust, guess_head(Box(165, 10, 70, 95)))
    assert is_cramped(bust, guess_head(Box(120, 0, 160, 140)))
    assert not is_cramped(pose_of(STANDING), guess_head(Box(120, 0, 160, 140)))
    squat = STANDING | {Joint.LEFT_HIP: (222, 190), Joint.RIGHT_HIP: (180, 190)}
    assert is_cramped(pose_of(squat), guess_head(Box(120, 0, 160, 140)))
    assert not is_cramped(pose_of(squat), guess_head(Box(165, 10, 70, 80)))


def test_joints_that_contradict_a_head_are_not_its_body() -> None:
    head = guess_head(Box(165, 10, 70, 95))
    assert not is_cramped(pose_of(STANDING), head)
    aside = {joint: (x + 110, y) for joint, (x, y) in STANDING.items()}
    above = {joint: (x, y - 60) for joint, (x, y) in STANDING.items()}
    slender = STANDING | {
        Joint.LEFT_SHOULDER: (212, 110), Joint.RIGHT_SHOULDER: (188, 110), Joint.LEFT_HIP: (210, 200),
        Joint.RIGHT_HIP: (190, 200),
    }  # fmt: skip
    assert all(is_cramped(pose_of(places), head) for places in (aside, above, slender))


def test_a_body_is_that_of_the_head_in_which_its_nose_lies() -> None:
    pixels = drawn_figure()
    reading = read(pixels)
    scale = reading.shape[0] / 400
    pose = Pose(pose_of(STANDING).places * np.float32(scale), pose_of(STANDING).seen)
    own, close = Box(165 * scale, 15 * scale, 70 * scale, 90 * scale), face_at(205 * scale, 40 * scale, 60 * scale)
    alone = in_order(pixels, replace(reading, faces=(close,), heads=(), poses=(pose,)), 0)
    both = in_order(pixels, replace(reading, faces=(close,), heads=(own,), poses=(pose,)), 0)
    assert alone.index("figure, arm, axis") < len(alone) - 1
    assert both.index("figure, arm, axis") > len(both) - 1 - both[::-1].index("head, ball")


def test_limbs_that_leave_their_figure_or_have_no_end_are_not_built() -> None:
    pose = pose_of(STANDING)
    cover = np.full((400, 400), 255, np.uint8)
    cover[:, :135] = 0
    parted = Figure(cover, (Box(135, 0, 265, 400),), FigureSource.PLAIN_GROUND, "")
    within = without_strays(pose, parted)
    assert not within.has(Joint.RIGHT_WRIST)
    assert within.has(Joint.LEFT_WRIST, Joint.RIGHT_ELBOW, Joint.RIGHT_SHOULDER)
    assert without_strays(pose, replace(parted, source=FigureSource.FACE)).has(Joint.RIGHT_WRIST)
    arms = [limb for limb in mannequin_on(within, None).limbs if limb.name == "arm"]
    assert len(arms) == 1


def test_what_one_finder_alone_sees_on_a_lap_or_tiny_beside_a_figure_gets_no_head() -> None:
    pixels = drawn_figure()
    scale = read(pixels).shape[0] / 400
    reading = replace(read(pixels), heads=(), poses=())
    own = face_at(175 * scale, 35 * scale, 50 * scale)
    for x, y, width in ((190, 150, 30), (20, 20, 14)):
        other = face_at(x * scale, y * scale, width * scale)
        seen = [
            sum(label == "jaw" for label in in_order(pixels, replace(reading, faces=(own, face)), 0))
            for face in (other, replace(other, source=FaceSource.BLAZEFACE))
        ]
        assert seen == [2, 1]


def test_a_face_that_turns_away_has_its_head_where_the_ears_are() -> None:
    head = guess_head(Box(165, 10, 70, 95))
    eyes = {Joint.LEFT_EYE: (208, 65), Joint.RIGHT_EYE: (192, 65)}
    frontal = pose_of(STANDING | eyes)
    assert by_ears(head, frontal) is head
    turned = {Joint.NOSE: (222, 72), Joint.LEFT_EAR: (196, 68), Joint.RIGHT_EAR: (178, 68)}
    aside = by_ears(head, pose_of(STANDING | eyes | turned))
    assert head.x - 0.6 * head.radius <= aside.x < head.x - 0.3 * head.radius
    assert (aside.eyes == head.eyes).all()
    elsewhere = pose_of(STANDING | turned | {Joint.LEFT_EYE: (208, 20), Joint.RIGHT_EYE: (192, 20)})
    assert by_ears(head, elsewhere) is head
    assert by_ears(head, pose_of(STANDING | eyes | turned | {Joint.NOSE: (180, 72)})) is head


def test_some_begin_with_a_line_through_the_whole_figure() -> None:
    pose = pose_of(STANDING)
    line = gesture_of(mannequin_on(pose, None), np.array([200.0, 25.0]))
    assert np.hypot(*(line[0] - [200, 25])) < 1
    assert np.hypot(*(line - pose.at(Joint.LEFT_ANKLE)).T).min() < 1
    kicking = pose_of(STANDING | {Joint.LEFT_KNEE: (300, 240), Joint.LEFT_ANKLE: (370, 230),
                                  Joint.RIGHT_KNEE: (90, 250), Joint.RIGHT_ANKLE: (20, 240)})  # fmt: skip
    assert float(np.ptp(gesture_of(mannequin_on(kicking, None), None)[:, 0])) < 60
    pixels = drawn_figure()
    reading = replace(read(pixels), faces=(), heads=(), poses=())
    scale = reading.shape[0] / 400
    head = Box(170, 20, 60, 75).scaled(float(scale))
    known = replace(reading, heads=(head,), poses=(Pose(pose.places * scale, pose.seen),))
    firsts = [in_order(pixels, known, seed)[0] for seed in range(4)]
    assert firsts.count("figure, line of action") == 2
    assert any(first.startswith("head, ") for first in firsts)


def in_order(pixels: Pixels, reading: Reading, seed: int) -> list[str]:
    """What is said step by step while a picture is constructed."""
    table = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    source = Source(pixels, reading, table, Options(seed=seed))
    pencil = Pencil(source, Hand((90, 110, 190), 0.0018, 0.002, 1.5), "Construction")
    return [step.label for step in constructed(source, pencil)]


def construction(pixels: Pixels, reading: Reading) -> set[str]:
    """What is said while a picture is constructed."""
    return set(in_order(pixels, reading, 0))


def test_no_second_head_is_believed_beside_a_known_face() -> None:
    pose = pose_of(STANDING)
    width = 60.0
    assert not is_astray(pose, ())
    assert not is_astray(pose, (face_at(200 - width / 2, 60 - width / 2, width),))
    assert is_astray(pose, (face_at(280 - width / 2, 60 - width / 2, width),))
    assert not is_astray(pose, (face_at(320 - width / 2, 60 - width / 2, width),))


def test_a_balloon_above_a_known_face_is_no_head_of_its_body() -> None:
    above = {
        Joint.LEFT_EYE: (130, 60),
        Joint.RIGHT_EYE: (110, 60),
        Joint.LEFT_LIP: (126, 76),
        Joint.RIGHT_LIP: (114, 76),
    }
    body = {Joint.LEFT_SHOULDER: (170, 130), Joint.RIGHT_SHOULDER: (70, 130), Joint.LEFT_HIP: (150, 320)}
    pose = pose_of({**above, **body, Joint.RIGHT_HIP: (90, 320)})
    face = face_at(100, 150, 40)
    assert without_beheaded((pose,), (face,), ()) == ()
    assert without_beheaded((pose,), (face,), (Box(85, 20, 70, 90),)) == (pose,)
    assert without_beheaded((pose,), (face_at(300, 150, 40),), ()) == (pose,)
