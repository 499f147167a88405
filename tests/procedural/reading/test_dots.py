"""Dots of the pen's colour are drawn with the lines: pupils and short brows; a pattern of many is none of them."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from paints_undo_engine.procedural.reading import read
from paints_undo_engine.procedural.reading.dots import with_dots
from paints_undo_engine.procedural.reading.model import Pixels

PEN, SKIN, SHIRT = (30, 26, 28), (236, 200, 170), (70, 120, 190)
EYES = ((285, 205), (345, 205))


def comic_face() -> Pixels:
    """A head and shoulders in thick lines and flats, before a wall; nothing of it is as small as a dot."""
    picture = np.full((640, 640, 3), (196, 214, 226), np.uint8)
    body = np.array([(150, 620), (190, 380), (440, 380), (490, 620)], np.int32)
    for shape, colour in ((body, SHIRT),):
        cv2.fillPoly(picture, [shape], colour)
        cv2.polylines(picture, [shape], True, PEN, 7, cv2.LINE_AA)
    cv2.ellipse(picture, (315, 220), (110, 140), 0, 0, 360, SKIN, -1)
    cv2.ellipse(picture, (315, 220), (110, 140), 0, 0, 360, PEN, 7, cv2.LINE_AA)
    cv2.ellipse(picture, (315, 290), (40, 18), 0, 10, 170, PEN, 6, cv2.LINE_AA)
    return picture


@pytest.mark.parametrize("colour", [PEN, (200, 60, 60)])
def test_pupils_are_strokes_of_the_pen_and_freckles_are_not(colour: tuple[int, int, int]) -> None:
    picture = comic_face()
    for eye in EYES:
        cv2.ellipse(picture, eye, (4, 6), 0, 0, 360, colour, -1, cv2.LINE_AA)
    found = read(picture)
    places = [path.points.mean(axis=0) / found.scale for path in found.ink.paths if path.length < 20]
    near = [min((float(np.hypot(*(place - eye))) for place in places), default=99.0) < 6 for eye in EYES]
    assert near == [colour == PEN] * 2


def test_a_pattern_of_dots_is_not_drawn_with_the_pen() -> None:
    picture = comic_face()
    before = read(picture)
    for x in range(220, 440, 24):
        for y in range(410, 600, 24):
            cv2.circle(picture, (x, y), 4, PEN, -1, cv2.LINE_AA)
    shown = cv2.resize(picture, before.pixels.shape[1::-1], interpolation=cv2.INTER_AREA)
    ink = with_dots(replace(before.ink, explained=1.0), np.asarray(shown, np.uint8))
    assert len(ink.paths) == len(before.ink.paths)
