"""What of a picture's dark strokes is line art: letters are, buttons are not."""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.procedural.reading import read
from paints_undo_engine.procedural.reading.ink import find_cover, line_colour, without_dark_bits, without_masses
from paints_undo_engine.procedural.reading.model import Ink, Pixels
from paints_undo_engine.procedural.reading.strokes import find_strokes

_LETTERS = (300, 322, 344, 366)


def drawing() -> Pixels:
    """Thin lines, the strokes of "IIII" in a thicker pen on white, and buttons on a shirt."""
    picture = np.full((500, 500, 3), 255, np.uint8)
    cv2.rectangle(picture, (30, 200), (220, 470), (120, 160, 220), -1)
    for radius in range(20, 110, 15):
        cv2.circle(picture, (120, 110), min(radius, 80), (10, 10, 10), 2, cv2.LINE_AA)
        cv2.circle(picture, (380, 330), radius, (10, 10, 10), 2, cv2.LINE_AA)
    for y in (240, 290, 340, 390):
        cv2.line(picture, (120, y - 4), (120, y + 4), (10, 10, 10), 4)
    for x in _LETTERS:
        cv2.line(picture, (x, 52), (x, 68), (10, 10, 10), 4)
    return picture


def test_letters_are_inked_whole_and_buttons_are_filled() -> None:
    picture = drawing()
    cover = find_cover(picture)
    colour = line_colour(picture, cover)
    found = Ink(cover, colour, find_strokes(cover, colour), 0.0, 0.0, 0.0)
    ink = without_masses(found, picture, np.zeros(cover.shape, bool))
    assert all(found.cover[60, x] > 200 and ink.cover[60, x] > 200 for x in _LETTERS)
    assert all(found.cover[y, 120] > 200 and not ink.cover[y, 120] for y in (240, 290, 340, 390))


def on_dark() -> Pixels:
    """An "O" with a thin outline, paler within, on a dark ground, and folds of a dark cloth: soft at one side."""
    picture = np.full((500, 500, 3), (72, 56, 48), np.uint8)
    cv2.circle(picture, (120, 120), 26, (92, 72, 62), -1)
    for radius in (14, 26):
        cv2.circle(picture, (120, 120), radius, (34, 24, 20), 2, cv2.LINE_AA)
    for x in (300, 340, 380):
        for away in range(20):
            light = 50 + 44 * min(away, 20 - away) // 6
            cv2.line(picture, (x + away, 300), (x + away, 350), (min(light, 92),) * 3, 1)
        cv2.line(picture, (x, 300), (x, 350), (46, 40, 36), 2)
    return picture


def test_letters_on_a_dark_ground_are_inked_and_folds_of_dark_cloth_are_not() -> None:
    picture = on_dark()
    cover = find_cover(picture)
    colour = line_colour(picture, cover)
    found = Ink(cover, colour, find_strokes(cover, colour), 0.0, 0.0, 0.0)
    ink = without_dark_bits(found, picture, np.zeros(cover.shape, bool))
    outlines = [(120, 146), (146, 120), (120, 106), (106, 120)]
    assert all(found.cover[y, x] > 200 and ink.cover[y, x] > 200 for x, y in outlines)
    assert found.cover[325, 300:390].max() > 200
    assert not ink.cover[300:350, 290:400].any()


def test_thick_crayon_lines_are_lines_however_rough_the_picture_is() -> None:
    chance = np.random.default_rng(3)
    picture = np.full((640, 640, 3), (214.0, 224, 236))
    lines = np.zeros((640, 640), np.uint8)
    body = np.array([(220, 400), (420, 400), (470, 630), (170, 630)], np.int32)
    cv2.ellipse(picture, (320, 220), (150, 130), 0, 0, 360, (250, 214, 190), -1)
    cv2.fillPoly(picture, [body], (150, 140, 200))
    cv2.ellipse(lines, (320, 220), (150, 130), 0, 0, 360, 255, 22)
    cv2.polylines(lines, [body], True, 255, 22)
    cv2.ellipse(lines, (320, 280), (40, 16), 0, 0, 180, 255, 22)
    grain = cv2.GaussianBlur(chance.normal(0, 60, (640, 640)), (0, 0), 1.2)[..., None]
    for x in (270, 370):
        cv2.ellipse(lines, (x, 220), (8, 14), 0, 0, 360, 255, -1)
    picture += cv2.GaussianBlur(chance.normal(0, 500, picture.shape), (0, 0), 14) + 0.3 * grain
    drawn = np.where(lines[..., None] > 0, np.array([190.0, 50, 20]) + grain, picture)
    assert read(np.clip(drawn, 0, 255).astype(np.uint8)).ink.explained > 0.9
