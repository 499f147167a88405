"""Drawings on paper that a lens has seen: tinted, unevenly lit, on a table."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from procedural.pictures import Pixels, cartoon, graphite, photo, photographed, posters

from paints_undo_engine.procedural import Options, make_document
from paints_undo_engine.procedural.document.model import Phase
from paints_undo_engine.procedural.reading import read
from paints_undo_engine.procedural.reading.beside_sheet import beside
from paints_undo_engine.procedural.reading.model import PictureKind
from paints_undo_engine.procedural.reading.paper_sheet import evened, find_sheet
from paints_undo_engine.procedural.reading.sheet_drawing import on_white_paper
from paints_undo_engine.procedural.reading.view import view_of
from paints_undo_engine.request import Corrections, Method


def test_paper_is_told_from_its_light_and_from_the_table() -> None:
    drawing = graphite()
    picture = photographed(drawing)
    sheet = find_sheet(picture)
    assert sheet is not None
    bare = photographed(np.full_like(drawing, 255)).astype(np.float32)
    table = beside(picture, sheet)
    assert np.abs(np.log(sheet.light / bare))[~table].mean() < 0.03
    assert table[-6:, :10].all()
    assert not table[40:200, 40:320].any()
    even = evened(picture, sheet).astype(int)
    assert np.abs(even - drawing)[~table].mean() < 9
    assert even[table].min() > 240


def test_what_is_drawn_into_a_shadow_does_not_lie_beside_the_sheet() -> None:
    picture = photographed(graphite())
    height, width = picture.shape[:2]
    shade = np.ones((height, width), np.float32)
    cv2.fillPoly(shade, [np.array([[285, height], [315, 235], [width, 225], [width, height]], np.int32)], 0.6)
    shade = np.asarray(cv2.GaussianBlur(shade, (0, 0), 6), np.float32)
    picture = np.rint(picture * shade[..., None]).astype(np.uint8)
    shoe = np.zeros((height, width), np.uint8)
    cv2.ellipse(shoe, (325, 255), (20, 10), 0, 0, 360, 1, -1)
    picture[shoe > 0] = (18, 17, 16)
    sheet = find_sheet(picture)
    assert sheet is not None
    around = beside(picture, sheet)
    assert around[-6:, :10].all()
    assert around[shoe > 0].mean() < 0.3


def test_what_lies_on_the_table_lies_beside_the_sheet() -> None:
    picture = photographed(np.pad(graphite(), ((0, 0), (0, 80), (0, 0)), constant_values=255))
    height, width = picture.shape[:2]
    table = np.zeros((height, width), np.uint8)
    cv2.fillPoly(table, [np.array([[360, height], [380, 0], [width, 0], [width, height]], np.int32)], 1)
    picture[table > 0] = (70, 36, 20)
    things = np.zeros((height, width), np.uint8)
    for top in (60, 150):
        for drawn, colour, thick in ((things, 1, 11), (picture, (20, 40, 120), 11), (picture, (160, 140, 90), 4)):
            cv2.line(drawn, (400, top), (412, top + 60), colour, thick)
    sheet = find_sheet(picture)
    assert sheet is not None
    around = beside(picture, sheet)
    assert around[things > 0].mean() > 0.95
    assert not around[40:200, 40:340].any()


def with_a_pen(drawing: Pixels) -> Pixels:
    """A photographed drawing at whose right a striped blue pen lies, from the lower corner nearly to the top."""
    picture = photographed(np.pad(drawing, ((0, 0), (0, 80), (0, 0)), constant_values=255))
    height, width = picture.shape[:2]
    pen = np.zeros((height, width), np.uint8)
    outline = [[width, height], [width - 44, 12], [width - 64, 14], [width - 24, height]]
    cv2.fillPoly(pen, [np.array(outline, np.int32)], 1)
    pattern = np.where(np.arange(height)[:, None, None] % 8 < 4, (20, 60, 150), (60, 120, 200)).astype(np.uint8)
    return np.where(pen[..., None] > 0, pattern, picture)


def test_a_coloured_pen_that_lies_on_a_pencil_drawing_is_there_from_the_start() -> None:
    picture = with_a_pen(graphite())
    sheet = find_sheet(picture)
    assert sheet is not None
    around = beside(picture, sheet)
    assert around[20:, -26:].mean() > 0.9
    assert not around[40:200, 40:340].any()
    assert read(picture).kind is PictureKind.PENCIL
    blank = make_document(picture, Options(corrections=Corrections.NONE)).render(0)[..., :3].astype(int)
    assert np.abs(blank - picture)[60:, -20:].mean() < 4


def test_a_coloured_shape_in_the_corner_of_a_coloured_drawing_was_painted() -> None:
    drawing = graphite()
    cv2.circle(drawing, (200, 120), 40, (220, 120, 60), -1, cv2.LINE_AA)
    picture = with_a_pen(drawing)
    sheet = find_sheet(picture)
    assert sheet is None or not beside(picture, sheet)[100:200, -26:-20].any()


def test_what_is_drawn_in_a_corner_does_not_lie_beside_the_sheet_and_an_edge_goes_on() -> None:
    drawing = graphite()
    height, width = drawing.shape[:2]
    cv2.circle(drawing, (width, height), 60, (96, 96, 96), -1, cv2.LINE_AA)
    picture = photographed(drawing)
    # The table is seen at the left but for a place where it is as bright as the sheet.
    picture[:, :24] = (52, 34, 24)
    picture[:70, :24] = (206, 190, 168)
    sheet = find_sheet(picture)
    assert sheet is not None
    around = beside(picture, sheet)
    assert not around[-40:, -40:].any()
    assert around[:, :18].all()
    assert not around[20:200, 34:320].any()


def test_a_sheet_has_no_notches() -> None:
    picture = photographed(graphite())
    height, width = picture.shape[:2]
    picture[:, :24] = (52, 34, 24)
    hair = np.array([(1, 0.3), (0.84, 0.4), (0.78, 0.62), (0.82, 0.85), (0.96, 1), (1, 1)]) * (width, height)
    cv2.fillPoly(picture, [np.rint(hair).astype(np.int32)], (52, 34, 24))
    sheet = find_sheet(picture)
    assert sheet is not None
    assert not beside(picture, sheet).any()


def test_soft_tone_that_was_drawn_near_the_border_is_not_taken_for_light() -> None:
    drawing = graphite().astype(np.float32)
    y, x = np.mgrid[: drawing.shape[0], : drawing.shape[1]]
    tone = 60 * np.exp(-(((x - 290) / 30) ** 2 + ((y - 50) / 18) ** 2))
    bare = photographed(np.full(drawing.shape, 255, np.uint8)).astype(np.float32)
    sheet = find_sheet(photographed(np.clip(drawing - tone[..., None], 0, 255).astype(np.uint8)))
    assert sheet is not None
    assert np.log(bare[45:55, 285:295] / sheet.light[45:55, 285:295]).mean() < 0.02


def test_a_clear_sky_is_no_paper() -> None:
    sky = np.full((200, 360, 3), (96, 140, 186), np.uint8) + np.arange(200)[:, None, None] // 8
    picture = sky.astype(np.uint8)
    picture[150:] = (38, 44, 40)
    picture[40:150, 280:288] = (150, 140, 125)
    assert find_sheet(picture) is None


def shore() -> Pixels:
    """A bright sky with grain above a calm green shore, in the middle of which a dark grey town rises."""
    noise = np.random.default_rng(6).normal(0, 3, (240, 360, 1))
    picture = np.full((240, 360, 3), (226, 232, 238), np.float32)
    cv2.rectangle(picture, (0, 200), (360, 240), (52, 96, 44), -1)
    cv2.rectangle(picture, (110, 90), (250, 222), (62, 62, 62), -1)
    return np.clip(np.rint(picture + noise), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("picture", [photo(), posters(), cartoon(), shore()])
def test_other_pictures_are_seen_as_they_are(picture: Pixels) -> None:
    view = view_of(picture, None)
    assert on_white_paper(view) is view


def test_a_photographed_pencil_drawing_is_drawn_on_its_paper() -> None:
    drawing = graphite()
    picture = photographed(drawing)
    found = read(picture)
    assert found.kind is PictureKind.PENCIL
    document = make_document(picture, Options(corrections=Corrections.NONE))
    assert document.method is Method.PENCIL
    # The paper with its light, and the table, are there before anything is drawn.
    blank = document.render(0)[..., :3].astype(int)
    bare = photographed(np.full_like(drawing, 255)).astype(int)
    assert np.abs(blank - bare).mean() < 4
    shading = [op for op in document.operations if op.phase is Phase.SHADING]
    before, after = (
        np.abs(document.render(at)[..., :3].astype(int) - picture).mean()
        for at in (shading[0].index, shading[-1].index + 1)
    )
    assert after < 0.4 * before
    assert "firm hatching" in shading[-1].label
