"""How flats are poured: broad areas at once, what the bucket leaves afterwards."""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.procedural import Options, make_document
from paints_undo_engine.procedural.document.model import Phase, Pixels
from paints_undo_engine.procedural.techniques.pouring import poured
from paints_undo_engine.request import Corrections, Method

SIZE = (300, 400)


def sleeves() -> np.ndarray:
    """A broad shape, a smaller one, and narrow ends: bool [h, w]."""
    mask = np.zeros(SIZE, np.uint8)
    cv2.ellipse(mask, (150, 150), (90, 70), 20, 0, 360, 1, -1)
    cv2.ellipse(mask, (330, 150), (30, 50), 0, 0, 360, 1, -1)
    cv2.line(mask, (60, 30), (150, 150), 1, 1)
    cv2.circle(mask, (250, 30), 2, 1, -1)
    return mask > 0


def test_the_broad_part_is_filled_at_once_and_each_turn_fills_something() -> None:
    mask = sleeves()
    pour = poured(mask, mask, SIZE, np.zeros(SIZE))
    filled = np.bincount(pour.turn, minlength=pour.turns)
    assert 6 <= pour.turns <= 14
    assert filled.min() > 0
    assert filled[0] > 0.6 * mask.sum()
    assert np.sort(filled)[-2:].sum() > 0.9 * mask.sum()
    assert (filled[1 : int(filled[1:].argmax()) + 1] < 0.02 * mask.sum()).sum() >= 2, "touched up before the next piece"
    first = np.zeros(SIZE, bool)
    first[mask] = pour.turn == 0
    assert not first[:, 290:].any()
    assert not first[30:40, 60:68].any()
    assert first[150, 64:236].all(), "up to the border where nothing is narrow"


def test_a_piece_all_round_which_was_filled_comes_before_the_edges_are_tidied() -> None:
    mask = np.zeros(SIZE, np.uint8)
    cv2.ellipse(mask, (200, 150), (180, 130), 0, 0, 360, 1, -1)
    cv2.line(mask, (5, 5), (200, 150), 1, 1)
    shown = mask > 0
    cv2.rectangle(mask, (180, 120), (230, 170), 0, 2)
    pour = poured(shown, shown & (mask > 0), SIZE, np.zeros(SIZE))
    turn = np.full(SIZE, -1)
    turn[shown] = pour.turn
    assert turn[150, 100] == 0
    assert (turn[130:160, 190:220] == 1).all()
    assert pour.turns > 2


def test_what_a_line_covers_comes_with_what_is_beside_it() -> None:
    mask = sleeves()
    shown = mask.copy()
    shown[:, 145:155] = False
    pour = poured(mask, shown, SIZE, np.zeros(SIZE))
    first = np.zeros(SIZE, bool)
    first[mask] = pour.turn == 0
    assert first[mask & ~shown].all()


def test_a_ground_is_poured_in_two_pieces_and_a_speck_in_one() -> None:
    whole, level = np.ones(SIZE, bool), np.zeros(SIZE)
    everywhere = poured(whole, whole, SIZE, level)
    assert everywhere.turns == 2
    assert 0.45 < float((everywhere.turn == 0).mean()) < 0.6
    speck = np.zeros(SIZE, bool)
    speck[3, 4] = True
    assert poured(speck, speck, SIZE, level).times(64, 96).tolist() == [64]
    for nothing in (~whole, np.zeros((0, 0), bool)):
        assert poured(nothing, nothing, SIZE, np.zeros(nothing.shape)).times(64, 96).tolist() == []


def coats() -> Pixels:
    """Three lined shapes on white."""
    picture = np.full((400, 420, 3), 255, np.uint8)
    blue, red, green = (60, 90, 170), (190, 70, 60), (70, 140, 80)
    places = (((110, 130), (80, 90), blue), ((300, 140), (80, 100), red), ((200, 320), (150, 60), green))
    for at, half, colour in places:
        cv2.ellipse(picture, at, half, 0, 0, 360, colour, -1, cv2.LINE_AA)
        cv2.ellipse(picture, at, half, 0, 0, 360, (20, 20, 24), 3, cv2.LINE_AA)
    return picture


def test_a_flat_is_there_whole_with_one_operation() -> None:
    picture = coats()
    document = make_document(picture, Options(method=Method.LINE, corrections=Corrections.NONE))
    inner = []
    for at, (across, down) in (((110, 130), (80, 90)), ((300, 140), (80, 100)), ((200, 320), (150, 60))):
        place = np.zeros(picture.shape[:2], np.uint8)
        cv2.ellipse(place, at, (across - 3, down - 3), 0, 0, 360, 1, -1)
        inner.append(place > 0)
    flats = [operation.index for operation in document.operations if operation.phase is Phase.FLATS]
    hollow = set()
    for index in flats:
        state = document.render(index + 1)
        white = [float((state[place].min(axis=1) > 200).mean()) for place in inner]
        assert all(share < 0.03 or share > 0.9 for share in white)
        hollow |= {number for number, share in enumerate(white) if share > 0.9}
    assert hollow == {0, 1, 2} or len(hollow) == 2
