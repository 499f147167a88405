"""The sheet before the first stroke."""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.procedural import make_document
from paints_undo_engine.procedural.document.model import Pixels
from paints_undo_engine.procedural.options import Options
from paints_undo_engine.procedural.reading.beside_sheet import beside
from paints_undo_engine.procedural.reading.model import PaperSheet
from paints_undo_engine.request import Corrections, Method


def blank(picture: Pixels, method: Method) -> np.ndarray:
    """What stands before the first stroke: float32 [h, w]."""
    document = make_document(picture, Options(seed=2, method=method, corrections=Corrections.NONE))
    return np.asarray(document.render(0)[..., :3].astype(np.float32).mean(axis=2))


def test_a_white_sheet_is_even_however_dense_the_ink_on_it_is() -> None:
    chance = np.random.default_rng(3)
    picture = np.full((360, 320), 255.0)
    for top in range(0, 360, 5):
        cv2.line(picture, (0, top + 12), (int(chance.integers(120, 190)), top), 20, 2, cv2.LINE_AA)
    cv2.circle(picture, (240, 190), 60, 10, 3, cv2.LINE_AA)
    soft = cv2.GaussianBlur(picture, (0, 0), 0.8) - np.abs(chance.normal(0, 1.5, picture.shape))
    drawing = np.repeat(np.clip(np.rint(soft), 0, 255)[..., None], 3, axis=2).astype(np.uint8)
    assert float(np.ptp(blank(drawing, Method.OUTLINE))) == 0


def test_a_mottled_sheet_is_as_it_was_photographed_before_anything_is_drawn() -> None:
    chance = np.random.default_rng(4)
    mottled = 9 * cv2.GaussianBlur(chance.normal(0, 1, (480, 360)), (0, 0), 24) * 48
    sheet = 205 + np.linspace(0, 25, 360)[None] + np.clip(mottled, -9, 9) + chance.normal(0, 1, (480, 360))
    drawing = sheet.copy()
    for left in range(120, 240, 12):
        cv2.line(drawing, (left, 140), (left + 30, 330), 90, 2, cv2.LINE_AA)
    soft = np.clip(np.rint(cv2.GaussianBlur(drawing, (0, 0), 0.6)), 0, 255).astype(np.uint8)
    away = blank(np.repeat(soft[..., None], 3, axis=2), Method.PENCIL) - sheet
    away[100:370, 80:310] = 0
    assert float(np.abs(cv2.GaussianBlur(away, (0, 0), 6)).mean()) < 1.5


def test_the_edge_of_a_sheet_on_a_table_has_no_stairs() -> None:
    edge = 60 - 50 * np.arange(960) / 960
    table = np.arange(720)[None] < edge[:, None]
    picture = np.where(table[..., None], 40, 220).astype(np.uint8).repeat(3, axis=2)
    found = beside(picture, PaperSheet(np.full(picture.shape, 220, np.float32), 0.9, grained=True))
    ends = found[60:800].sum(axis=1).astype(np.float64)
    line = np.polyval(np.polyfit(np.arange(len(ends)), ends, 1), np.arange(len(ends)))
    assert float(np.abs(ends - line).max()) < 2


def test_a_finger_that_holds_a_sheet_is_there_before_the_first_stroke_and_a_cut_stroke_is_not() -> None:
    chance = np.random.default_rng(5)
    sheet = 205 + np.linspace(0, 25, 360)[None] + chance.normal(0, 3.5, (480, 360))
    drawing = sheet.copy()
    for left in range(120, 240, 12):
        cv2.line(drawing, (left, 140), (left + 30, 330), 90, 2, cv2.LINE_AA)
    cv2.line(drawing, (0, 240), (150, 220), 70, 3, cv2.LINE_AA)
    cv2.ellipse(drawing, (356, 60), (18, 16), 0, 0, 360, 60, -1, cv2.LINE_AA)
    soft = np.clip(np.rint(cv2.GaussianBlur(drawing, (0, 0), 0.6)), 0, 255).astype(np.uint8)
    before = blank(np.repeat(soft[..., None], 3, axis=2), Method.PENCIL)
    assert float(before[52:68, 345:].mean()) < 70
    assert float(before[200:280, :40].min()) > 170
