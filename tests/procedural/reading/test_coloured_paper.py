"""Drawings on coloured paper: blue under graphite, brown under a pen."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from procedural.pictures import Pixels, graphite, photographed
from procedural.reading.test_sheet_drawing import coloured, penned

from paints_undo_engine.procedural import Options, make_document
from paints_undo_engine.procedural.reading import read
from paints_undo_engine.procedural.reading.model import PictureKind
from paints_undo_engine.procedural.reading.sheet_drawing import Means, drawing_on_sheet
from paints_undo_engine.procedural.reading.view import view_of
from paints_undo_engine.request import Corrections


@pytest.mark.parametrize("side", [480, 960, 1900])
def test_graphite_on_blue_paper_is_drawn_on_it(side: int) -> None:
    drawing = photographed(graphite(), (172, 183, 208))
    scale = side / max(drawing.shape[:2])
    picture = np.asarray(cv2.resize(drawing, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)
    found = drawing_on_sheet(view_of(picture, None))
    assert found is not None
    assert found.means is Means.GREYS
    # With colours it may as well be a thing before the sky.
    assert drawing_on_sheet(view_of(photographed(coloured(0.0), (172, 183, 208)), None)) is None


def on_brown_paper(drawing: Pixels, light: float = 1.0) -> Pixels:
    """A drawing on white as it is on brown paper with blotches and fibres, photographed by a lamp."""
    chance = np.random.default_rng(12)
    height, width = drawing.shape[:2]
    blotches = cv2.resize(chance.normal(0, 0.12, (14, 17)).astype(np.float32), (width, height))
    fibres = cv2.GaussianBlur(chance.normal(0, 0.25, (height, width)).astype(np.float32), (0, 0), 1.2)
    bare = np.array((232, 170, 92)) * np.exp((blotches + fibres)[..., None] * (0.7, 1.0, 1.6))
    return np.rint(light * bare * drawing / 255.0).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("light", [1.0, 0.55])
def test_a_pen_drawing_on_blotched_brown_paper_is_drawn_on_it(light: float) -> None:
    picture = on_brown_paper(penned(), light)
    found = read(picture)
    assert found.kind in {PictureKind.LINE_ART, PictureKind.PENCIL}
    # The sheet has its own colour, however dark it is, and is there from the first frame on.
    bare = on_brown_paper(np.full_like(penned(), 255), light).astype(np.float32)
    assert found.sheet is not None
    assert np.abs(np.log(cv2.resize(found.sheet.light, bare.shape[1::-1]) / bare)).mean() < 0.15
    first = make_document(picture, Options(corrections=Corrections.NONE)).render(0).astype(np.float32)
    assert np.abs(first.mean(axis=(0, 1)) - bare.mean(axis=(0, 1))).max() < 12


def test_a_brown_thing_on_a_brown_ground_is_no_drawing() -> None:
    thing = np.full((400, 480, 3), 255, np.uint8)
    cv2.ellipse(thing, (240, 210), (120, 140), 0, 0, 360, (120, 100, 90), -1, cv2.LINE_AA)
    assert drawing_on_sheet(view_of(on_brown_paper(thing), None)) is None


def test_washes_below_dark_lines_are_no_pen_drawing_on_brown_paper() -> None:
    drawing = penned() / np.float32(255)
    for x, colour in ((90, (255, 190, 90)), (240, (190, 250, 110)), (390, (250, 180, 120))):
        wash = np.zeros((400, 480), np.float32)
        cv2.ellipse(wash, (x, 200), (68, 150), 0, 0, 360, 1.0, -1, cv2.LINE_AA)
        drawing *= 1 - wash[..., None] * (1 - np.array(colour, np.float32) / 255)
    assert drawing_on_sheet(view_of(on_brown_paper(penned()), None)) is not None
    assert drawing_on_sheet(view_of(on_brown_paper(np.rint(drawing * 255).astype(np.uint8)), None)) is None
