"""Heads that are told by the silhouette alone."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from procedural.reading.drawn import GROUND, SHIRT, SKIN, face_at

from paints_undo_engine.procedural.options import Options
from paints_undo_engine.procedural.reading.crowns import crown_of, is_page, with_crowns
from paints_undo_engine.procedural.reading.figure import made
from paints_undo_engine.procedural.reading.model import Box, Cover, FigureSource, Pixels
from paints_undo_engine.procedural.reading.read import read
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.construction import constructed
from paints_undo_engine.procedural.techniques.sketching import Hand, Pencil


def standing(scale: float = 1.0) -> Cover:
    """Somebody seen from behind, uint8 [600, 400] at scale 1: the head is 100 wide, from row 50 to the neck at 180."""
    cover = np.zeros((600, 400), np.uint8)
    cv2.ellipse(cover, (200, 110), (50, 60), 0, 0, 360, 255, -1)
    cv2.rectangle(cover, (180, 150), (220, 200), 255, -1)
    trunk = np.array([(175, 190), (120, 215), (135, 380), (150, 580), (250, 580), (265, 380), (280, 215), (225, 190)])
    cv2.fillPoly(cover, [trunk.astype(np.int32)], 255)
    cv2.line(cover, (200, 60), (215, 10), 255, 4)
    return np.asarray(cv2.resize(cover, None, fx=scale, fy=scale, interpolation=cv2.INTER_NEAREST), np.uint8)


def hooded() -> Cover:
    """A bust under a hood that widens into its shoulders, uint8 [500, 400]: there is no neck."""
    cover = np.zeros((500, 400), np.uint8)
    outline = np.array([(200, 60), (150, 85), (115, 150), (105, 260), (85, 330), (30, 400), (10, 499),
                        (390, 499), (370, 400), (315, 330), (295, 260), (285, 150), (250, 85)], np.int32)  # fmt: skip
    cv2.fillPoly(cover, [outline], 255)
    return cover


def painted_in(cover: Cover, colour: tuple[int, int, int]) -> Pixels:
    """A figure in one colour on an even ground."""
    return np.where(cover[..., None] > 127, np.array(colour, np.uint8), np.array(GROUND, np.uint8))


@pytest.mark.parametrize("scale", [0.25, 1.0, 2.0])
def test_a_head_lies_above_the_neck(scale: float) -> None:
    crown = crown_of(standing(scale) > 127)
    assert crown is not None
    assert crown.has_neck
    box = crown.box.scaled(1 / scale)
    assert np.allclose((box.x, box.y, box.x + box.width), (150, 50, 250), atol=14)
    assert 155 < box.y + box.height < 200


def test_a_hood_is_as_deep_as_it_is_broad() -> None:
    crown = crown_of(hooded() > 127)
    assert crown is not None
    assert not crown.has_neck
    assert 140 < crown.box.width < 220
    assert abs(crown.box.centre[0] - 200) < 8
    assert 220 < crown.box.y + crown.box.height < 330


def test_whoever_turns_away_has_a_head() -> None:
    for cover, source in ((standing(), FigureSource.ALPHA), (hooded(), FigureSource.PLAIN_GROUND)):
        (head,) = with_crowns(painted_in(cover, SHIRT), made(cover, source, ""), (), ())
        assert abs(head.centre[0] - 200) < 10


def test_houses_and_pages_have_no_heads() -> None:
    house, page, card = (np.zeros((500, 400), np.uint8) for _ in range(3))
    cv2.fillPoly(house, [np.array([(60, 180), (200, 60), (340, 180), (340, 440), (60, 440)], np.int32)], 255)
    page[2:-2, 2:-2] = 255
    page[80:240, 60:340] = 0
    page[:60, :2] = page[:2, :60] = page[-60:, -2:] = page[-2:, -60:] = 255
    cv2.rectangle(card, (30, 30), (370, 470), 255, -1)
    assert is_page(made(page, FigureSource.PLAIN_GROUND, ""))
    assert not is_page(made(house, FigureSource.PLAIN_GROUND, ""))
    for cover in (house, page, card):
        assert with_crowns(painted_in(cover, SHIRT), made(cover, FigureSource.PLAIN_GROUND, ""), (), ()) == ()


def test_a_bust_without_a_neck_is_told_by_its_own_end_at_the_border() -> None:
    hanging = np.zeros((500, 400), np.uint8)
    hanging[:440] = cv2.resize(hooded(), (400, 440), interpolation=cv2.INTER_NEAREST)
    hanging[480:] = 255
    figure = made(hanging, FigureSource.PLAIN_GROUND, "")
    assert with_crowns(painted_in(hanging, SHIRT), figure, (), ()) == ()


def test_two_heads_that_touch_are_not_one() -> None:
    cover = standing()
    cv2.ellipse(cover, (140, 105), (50, 55), 0, 0, 360, 255, -1)
    cv2.ellipse(cover, (260, 105), (50, 55), 0, 0, 360, 255, -1)
    crown = crown_of(cover > 127)
    assert crown is not None
    assert crown.has_neck
    assert with_crowns(painted_in(cover, SHIRT), made(cover, FigureSource.ALPHA, ""), (), ()) == ()


def test_what_crouches_and_what_has_horns_gets_no_head_by_its_top() -> None:
    lump, horned = np.zeros((500, 400), np.uint8), np.zeros((500, 640), np.uint8)
    cv2.ellipse(lump, (200, 330), (160, 300), 0, 0, 360, 255, -1)
    cv2.ellipse(horned, (430, 330), (200, 110), 0, 0, 360, 255, -1)
    cv2.ellipse(horned, (420, 230), (60, 70), 0, 0, 360, 255, -1)
    cv2.line(horned, (430, 190), (450, 60), 255, 56)
    for cover in (lump, horned):
        assert with_crowns(painted_in(cover, SHIRT), made(cover, FigureSource.NETWORK, ""), (), ()) == ()
    (head,) = with_crowns(painted_in(hooded(), SHIRT), made(hooded(), FigureSource.NETWORK, ""), (), ())
    assert abs(head.centre[0] - 200) < 10


def test_a_head_in_an_ear_is_put_right() -> None:
    cover = standing()
    figure = made(cover, FigureSource.ALPHA, "")
    (head,) = with_crowns(painted_in(cover, SHIRT), figure, (), (Box(220, 90, 20, 30),))
    assert 80 < head.width < 125
    right = Box(152, 60, 96, 115)
    assert with_crowns(painted_in(cover, SHIRT), figure, (), (right,)) == (right,)


def test_hands_before_a_chest_are_no_heads() -> None:
    cover = standing()
    figure = made(cover, FigureSource.ALPHA, "")
    hand = Box(180, 280, 40, 45)
    assert with_crowns(painted_in(cover, SHIRT), figure, (face_at(155, 80, 90),), (hand,)) == ()
    right = Box(152, 60, 96, 115)
    assert with_crowns(painted_in(cover, SHIRT), figure, (), (right, hand)) == (right,)


def test_a_leg_that_the_border_cuts_off_has_no_head() -> None:
    foot = np.zeros((500, 400), np.uint8)
    cv2.fillPoly(foot, [np.array([(120, 0), (280, 0), (260, 300), (250, 400), (80, 400), (150, 300)], np.int32)], 255)
    for source in (FigureSource.ALPHA, FigureSource.NETWORK):
        assert with_crowns(painted_in(foot, SKIN), made(foot, source, ""), (), ()) == ()


def test_a_disc_behind_somebody_is_not_the_head_that_a_pose_has_in_it() -> None:
    badge = np.zeros((600, 500), np.uint8)
    cv2.circle(badge, (250, 250), 220, 255, -1)
    cv2.rectangle(badge, (150, 420), (190, 580), 255, -1)
    pixels, figure, head = painted_in(badge, SHIRT), made(badge, FigureSource.ALPHA, ""), Box(290, 60, 70, 90)
    assert with_crowns(pixels, figure, (), (head,), (head,)) == (head,)


def test_a_fist_before_a_chest_is_not_the_head_that_a_pose_has_in_it() -> None:
    cover = standing()
    pixels, figure, fist = painted_in(cover, SHIRT), made(cover, FigureSource.ALPHA, ""), Box(170, 250, 60, 80)
    assert with_crowns(pixels, figure, (), (fist,), (fist,)) != ()
    cv2.rectangle(pixels, (170, 250), (230, 290), SKIN, -1)
    assert with_crowns(pixels, figure, (), (fist,), (fist,)) == ()
    head = Box(150, 50, 100, 130)
    cv2.ellipse(pixels, (200, 110), (50, 60), 0, 0, 360, SKIN, -1)
    assert with_crowns(pixels, figure, (), (head,), (head,)) == (head,)


def test_a_top_that_holds_a_body_is_not_the_head_that_a_pose_has_in_it() -> None:
    seated = np.zeros((600, 500), np.uint8)
    cv2.ellipse(seated, (250, 230), (150, 200), 0, 0, 360, 255, -1)
    cv2.rectangle(seated, (200, 400), (300, 470), 255, -1)
    cv2.rectangle(seated, (140, 470), (360, 570), 255, -1)
    pixels, figure, head = painted_in(seated, SHIRT), made(seated, FigureSource.NETWORK, ""), Box(200, 60, 80, 100)
    assert with_crowns(pixels, figure, (), (head,), (head,)) == (head,)
    assert with_crowns(pixels, figure, (), (head,)) != (head,)
    bent = np.zeros((500, 400), np.uint8)
    cv2.ellipse(bent, (200, 270), (130, 170), 0, 0, 360, 255, -1)
    figure, face = made(bent, FigureSource.NETWORK, ""), Box(110, 190, 60, 70)
    assert with_crowns(painted_in(bent, SHIRT), figure, (), (face,)) == (face,)


def test_nothing_is_told_by_a_silhouette_that_is_not_sure() -> None:
    cover = standing()
    for source in (FigureSource.FACE, FigureSource.LINES, FigureSource.CROWD):
        assert with_crowns(painted_in(cover, SKIN), made(cover, source, ""), (), ()) == ()


def test_a_figure_without_a_face_is_constructed_with_a_head() -> None:
    cover = standing()
    pixels = painted_in(cover, SHIRT)
    cv2.drawContours(pixels, cv2.findContours(cover, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0], -1, (30, 20, 20), 3)
    reading = read(pixels, cover)
    table = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    for seed in range(4):
        pencil = Pencil(
            Source(pixels, reading, table, Options(seed=seed)), Hand((90, 110, 190), 0.0018, 0.002, 1.5), "C"
        )
        labels = {step.label for step in constructed(pencil.source, pencil)}
        assert any(label.startswith("head, ") for label in labels), seed
        assert any(label.startswith("figure, ") for label in labels), seed


def test_wings_are_searched_for_beside_a_body_that_is_built() -> None:
    table = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    winged = cv2.copyMakeBorder(standing(), 0, 0, 200, 200, cv2.BORDER_CONSTANT)
    for x, turn in ((220, 20), (580, -20)):
        cv2.ellipse(winged, (x, 330), (150, 60), turn, 0, 360, 255, -1)
    for cover, beside in ((standing(), False), (np.asarray(winged, np.uint8), True)):
        pixels = painted_in(cover, SHIRT)
        source = Source(pixels, read(pixels, cover), table, Options())
        pencil = Pencil(source, Hand((90, 90, 90), 0.002, 0.002, 1), "Construction")
        labels = [step.label for step in constructed(source, pencil)]
        assert any(label.startswith("head, ") for label in labels)
        places = [points for label, (points, _) in zip(labels, pencil._lines, strict=True) if "silhouette" in label]
        if not beside:
            # Only what lies below the hips, as no legs are seen.
            assert all(points[:, 1].min() > 0.4 * source.reading.shape[0] for points in places)
        else:
            across = np.concatenate(places)[:, 0] * source.scale
            assert across.min() < 130
            assert across.max() > 670
            assert ((across > 340) & (across < 460)).mean() < 0.3
