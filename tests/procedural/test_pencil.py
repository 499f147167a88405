"""How a drawing in tones is drawn: contours in long strokes, then tone in passes over all of it."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from paints_undo_engine.procedural import Document, make_document
from paints_undo_engine.procedural.document.model import Phase, Pixels
from paints_undo_engine.procedural.options import Options
from paints_undo_engine.request import Corrections, Method

ONE, OTHER = (110, 130), (270, 150)
"""The middles of the balls."""


@cache
def balls() -> Pixels:
    """Two balls in graphite on white, full of grain, without outlines, each from light grey to nearly black."""
    y, x = np.mgrid[:280, :380].astype(np.float32)
    noise = np.random.default_rng(7).normal(0, 1, (280, 380))
    grain = 34 * noise + 60 * cv2.GaussianBlur(noise, (0, 0), 1.0)
    light = np.full((280, 380), 255.0, np.float32)
    for (left, top), radius in ((ONE, 70), (OTHER, 75)):
        inside = np.hypot(x - left, y - top) < radius
        tone = np.clip(150 + 1.3 * (left - x) + 0.3 * grain, 20, 225)
        light[inside] = tone[inside]
    soft = np.rint(cv2.GaussianBlur(light, (0, 0), 0.5))
    return np.repeat(soft[..., None], 3, axis=2).astype(np.uint8)


@cache
def drawn() -> Document:
    return make_document(balls(), Options(seed=2, method=Method.PENCIL, corrections=Corrections.NONE))


def after(phase: Phase) -> int:
    """The number of operations at the end of a phase."""
    return 1 + max(operation.index for operation in drawn().operations if operation.phase is phase)


def test_contours_are_long_strokes_and_grain_is_none() -> None:
    state = drawn().render(after(Phase.LINE))
    marks = (cv2.cvtColor(state, cv2.COLOR_RGB2GRAY) < 200).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(marks, np.ones((3, 3), np.uint8)))
    size = stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    assert float(size[size > 25].sum()) > 0.8 * float(size.sum())
    inner = np.s_[ONE[1] - 35 : ONE[1] + 35, ONE[0] - 35 : ONE[0] + 35]
    assert float(marks[inner].mean()) < 0.04


def test_darks_stand_by_the_middle_of_the_tones() -> None:
    begin, end = after(Phase.LINE), after(Phase.SHADING)
    state = drawn().render((begin + end) / 2).astype(np.float32)
    for left, top in (ONE, OTHER):
        dark = np.s_[top - 15 : top + 15, left + 35 : left + 58]
        assert float(state[dark].mean()) < float(balls()[dark].mean()) + 60


def test_nothing_of_a_drawing_is_on_the_bare_sheet_however_pale_it_is() -> None:
    y, x = np.mgrid[:300, :400].astype(np.float64)
    noise = np.random.default_rng(3).normal(0, 1.2, (300, 400))
    light = 236 - 14 * x / 400 + noise
    pale = 14 * np.exp(-(((x - 200) / 60) ** 2 + ((y - 150) / 45) ** 2))
    shirt = np.rint(light - pale)
    picture = np.repeat(np.clip(shirt, 0, 255)[..., None], 3, axis=2).astype(np.uint8)
    cv2.ellipse(picture, (200, 150), (110, 100), 0, 0, 360, (80, 80, 80), 2, cv2.LINE_AA)
    blank = make_document(picture, Options(seed=2, method=Method.PENCIL)).render(0)[..., 0].astype(np.float32)
    away = cv2.GaussianBlur(blank - (light - noise).astype(np.float32), (0, 0), 8)
    assert float(np.abs(away[80:220, 100:300]).max()) < 4


def test_colours_between_many_lines_come_in_passes_too() -> None:
    picture = np.full((300, 400, 3), 255, np.uint8)
    for left, colour in ((120, (60, 150, 70)), (280, (190, 90, 60))):
        inside = np.zeros((300, 400), np.uint8)
        cv2.ellipse(inside, (left, 150), (65, 110), 0, 0, 360, 1, -1)
        strokes = picture.copy()
        for foot in range(-300, 400, 9):
            cv2.line(strokes, (foot, 300), (foot + 300, 0), colour, 2, cv2.LINE_AA)
        picture[inside > 0] = strokes[inside > 0]
        cv2.ellipse(picture, (left, 150), (65, 110), 0, 0, 360, (30, 30, 30), 3, cv2.LINE_AA)
    document = make_document(picture, Options(seed=2, method=Method.PENCIL, corrections=Corrections.NONE))
    second = max(operation.index for operation in document.operations if "second" in operation.label)
    state = document.render(second + 1)
    for left in (120, 280):
        at = np.s_[80:220, left - 40 : left + 40]
        goal, seen = (float(np.ptp(one[at].reshape(-1, 3).mean(axis=0))) for one in (picture, state))
        assert seen > 0.5 * goal
