"""Soft shading keeps within its forms and never leads away from the picture; late work comes thing after thing."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from paints_undo_engine.procedural import Options, make_document
from paints_undo_engine.procedural.document.document import Document
from paints_undo_engine.procedural.document.model import Phase, Pixels
from paints_undo_engine.procedural.techniques import finishing
from paints_undo_engine.procedural.techniques.refining import narrow_forms
from paints_undo_engine.request import Corrections, Method

ROUND = ((210, 250), (150, 190))
"""Middle and halves of the coat's ellipse."""


def coat() -> Pixels:
    """A coat on white that is softly lit from one side, and on its dark side has fine light stripes and dark seams."""
    picture = np.full((520, 420, 3), 255, np.uint8)
    inside = np.zeros((520, 420), np.uint8)
    cv2.ellipse(inside, *ROUND, 0, 0, 360, 1, -1)
    x = np.arange(420)[None, :, None]
    cloth = np.array([80.0, 130.0, 200.0]) * np.clip(1.35 - x / 360, 0.45, 1) * np.ones((520, 1, 1))
    picture[inside > 0] = np.clip(cloth, 0, 255).astype(np.uint8)[inside > 0]
    for y in range(180, 330, 14):
        cv2.line(picture, (270, y), (325, y + 10), (210, 220, 235), 2, cv2.LINE_AA)
    for at in (120, 150):
        cv2.line(picture, (at, 180), (at + 12, 330), (30, 60, 110), 1, cv2.LINE_AA)
    cv2.ellipse(picture, *ROUND, 0, 0, 360, (24, 20, 30), 4, cv2.LINE_AA)
    return picture


@pytest.fixture(scope="module")
def document() -> Document:
    return make_document(coat(), Options(seed=1, method=Method.LINE, corrections=Corrections.NONE))


def test_soft_shading_leads_no_colour_away_and_keeps_within_its_form(document: Document) -> None:
    soft = [operation.index for operation in document.operations if operation.phase is Phase.SOFT_SHADING]
    assert soft
    picture = coat().astype(int)
    states = [document.render(at)[..., :3].astype(int) for at in (soft[0], soft[-1] + 1)]
    before, after = (np.abs(state - picture).max(axis=2) for state in states)
    changed = np.abs(states[1] - states[0]).max(axis=2) > 8
    assert float(changed.mean()) > 0.05
    assert float((after > before + 8).sum()) < 0.01 * float(changed.sum())
    around = np.zeros(picture.shape[:2], np.uint8)
    cv2.ellipse(around, *ROUND, 0, 0, 360, 1, -1)
    # Contours beside the lines go meanwhile.
    assert float(changed[cv2.dilate(around, np.ones((9, 9), np.uint8)) == 0].mean()) < 0.0002


def test_in_each_area_patterns_come_before_thin_dark_lines_and_these_before_lights(document: Document) -> None:
    order = ("details", "pattern", "texture", "seams and folds", "fine lines", "lights")
    steps = [op.label.split(", ")[-1] for op in document.operations if op.phase is Phase.DETAILS]
    listed = [order.index(step) for step in steps]
    rank = [0, 1, 1, 2, 2, 3]
    ranks = np.array([rank[at] for at in listed])
    assert len(set(ranks.tolist())) > 1
    assert 0 < int((np.diff(ranks) < 0).sum()) < 16


def test_stripes_and_seams_are_thin_and_forms_are_not() -> None:
    picture = coat()
    wide, thin = narrow_forms(picture, float(np.hypot(*picture.shape[:2])))
    stripes = picture[184:336, 272:323].min(axis=2) > 190
    assert float(thin[184:336, 272:323][stripes].mean()) > 0.9
    assert not thin[180:330, 180:250].any()
    assert int(wide[184:336, 272:323].min(axis=2).max()) < 120


def plates() -> Pixels:
    """Four plates with fine patterns on an even table, two by two."""
    picture = np.full((420, 420, 3), (150, 120, 90), np.uint8)
    for row, column in np.ndindex(2, 2):
        middle = (110 + 200 * column, 110 + 200 * row)
        cv2.circle(picture, middle, 80, (60 + 60 * column, 110, 90 + 60 * row), -1, cv2.LINE_AA)
        for radius in range(12, 76, 8):
            cv2.circle(picture, middle, radius, (230, 220, 180), 1, cv2.LINE_AA)
            cv2.circle(picture, middle, radius + 3, (20, 20, 40), 1, cv2.LINE_AA)
    return picture


@pytest.mark.parametrize("method", [Method.PAINTER, Method.WATERCOLOUR, Method.PENCIL, Method.VALUES])
def test_things_are_finished_one_after_another_in_every_medium(method: Method, monkeypatch: pytest.MonkeyPatch) -> None:
    def edges(pixels: Pixels) -> NDArray[np.float32]:
        shown = np.zeros(pixels.shape[:2], np.float32)
        scale = pixels.shape[0] / 420
        for row, column in np.ndindex(2, 2):
            middle = (round((110 + 200 * column) * scale), round((110 + 200 * row) * scale))
            cv2.circle(shown, middle, round(80 * scale), 1.0, 2)
        return shown

    monkeypatch.setattr(finishing, "find_likely_edges", edges)
    picture = plates()
    document = make_document(picture, Options(seed=1, method=method, corrections=Corrections.NONE))
    boxes = [np.s_[60 + 200 * row : 160 + 200 * row, 60 + 200 * col : 160 + 200 * col] for row, col in np.ndindex(2, 2)]
    done = []
    for at in np.linspace(0.3, 1, 36):
        away = np.abs(document.render(document.count * at)[..., :3].astype(int) - picture).max(axis=2)
        done.append([float((away[box] < 16).mean()) > 0.9 for box in boxes])
    first = np.array(done).argmax(axis=0)
    assert int(np.ptp(first)) > 3  # of 36 moments
    assert np.array_equal(document.render(document.count)[..., :3], picture)
