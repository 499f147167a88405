"""Dark pictures: what made them is told although little is seen in them."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from procedural.pictures import Pixels, cartoon

from paints_undo_engine.procedural import Options, make_document
from paints_undo_engine.procedural.reading import read
from paints_undo_engine.procedural.reading.clean_lines import find_clean_lines
from paints_undo_engine.procedural.reading.kind import find_kind, measure
from paints_undo_engine.procedural.reading.lighting import is_gloomy
from paints_undo_engine.procedural.reading.model import FigureSource, PictureKind
from paints_undo_engine.procedural.reading.panels import find_strips
from paints_undo_engine.procedural.reading.view import view_of
from paints_undo_engine.request import Method

STRIPS = ((0, 50), (220, 270), (440, 490))


def page(caption: str = "a shadow") -> Pixels:
    """Three panels of soft greys, from side to side, below black strips with white letters."""
    picture = np.empty((660, 500, 3), np.uint8)
    picture[:] = np.linspace(30, 90, 500).astype(np.uint8)[None, :, None]
    for top in (135, 355, 575):
        cv2.ellipse(picture, (150, top), (70, 60), 0, 0, 360, (24, 24, 24), -1, cv2.LINE_AA)
        cv2.ellipse(picture, (340, top + 10), (90, 50), 0, 0, 360, (44, 44, 44), -1, cv2.LINE_AA)
    for top, bottom in STRIPS:
        picture[top:bottom] = 0
        cv2.putText(picture, caption, (150, bottom - 16), cv2.FONT_HERSHEY_SIMPLEX, 1, (255,) * 3, 3, cv2.LINE_AA)
    return picture


@pytest.mark.parametrize("side", [480, 1024])
def test_a_dark_page_between_captions_is_a_comic(side: int) -> None:
    drawn = page()
    scale = side / drawn.shape[0]
    found = read(np.asarray(cv2.resize(drawn, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8))
    assert found.kind is PictureKind.COMIC
    heights = [(box.y / found.shape[0], (box.y + box.height) / found.shape[0]) for box in found.panels]
    assert np.abs(np.array(heights) - np.array(((50, 220), (270, 440), (490, 660))) / 660).max() < 0.01


def test_stripes_without_lettering_part_no_panels() -> None:
    assert find_strips(page("")) == ()
    assert find_strips(cartoon(480, 360)) == ()


def hills(light: float) -> Pixels:
    """Hills with clean borders and a brush's grain under the sky, so light or dark, and a lamp."""
    y, x = np.mgrid[:420, :640].astype(np.float32)
    picture = np.stack([150 + 0.1 * y, 170 + 0.06 * y, 210 - 0.1 * y], axis=2)
    for number, colour in enumerate(((120, 150, 130), (90, 130, 90), (70, 100, 80), (50, 70, 66))):
        ridge = 150 + 60 * number + 40 * np.sin(x / (60 + 20 * number) + 2 * number)
        share = np.clip(y - ridge, 0, 1)[..., None]
        picture = picture * (1 - share) + share * (np.array(colour) + 0.08 * (x[..., None] - 300))
    grain = np.random.default_rng(2).normal(0, 7, (420, 640, 1)).astype(np.float32)
    picture = light * (picture + cv2.GaussianBlur(grain, (0, 0), 0.7)[..., None])
    cv2.circle(picture, (470, 300), 22, (250, 246, 230), -1, cv2.LINE_AA)
    return np.rint(picture).clip(0, 255).astype(np.uint8)


def test_a_painting_in_the_dark_is_not_smooth() -> None:
    assert not is_gloomy(hills(1.0))
    assert is_gloomy(hills(0.3))
    # A blue night is dark, however strong one of its channels is.
    assert is_gloomy(np.rint(hills(1.0) * (0.14, 0.24, 0.7)).astype(np.uint8))
    for light in (1.0, 0.3):
        assert make_document(hills(light), Options()).method in (Method.PAINTER, Method.VALUES)


def test_clean_lines_make_a_drawing_although_dark_edges_have_none() -> None:
    view = view_of(cartoon(480, 360), None)
    found = read(view.pixels)
    ink = replace(found.ink, connected=0.66, length=7.5, explained=0.76)
    figure = replace(found.figure, source=FigureSource.PLAIN_GROUND)
    seen = replace(measure(view, ink), even=0.81, few=0.85, coloured=0.1, modelled=False, blank=0.5)
    lines = replace(find_clean_lines(view.pixels, ink), share=0.38, length=1.6, edges=0.31)
    assert find_kind(seen, ink, lines, figure, False, 0, False)[0] is PictureKind.INKED
    few = replace(lines, share=0.2)
    assert find_kind(seen, ink, few, figure, False, 0, False)[0] is PictureKind.FLAT


def test_lines_within_shapes_that_meet_without_lines_make_no_drawing() -> None:
    view = view_of(cartoon(480, 360), None)
    found = read(view.pixels)
    ink = replace(found.ink, connected=0.4, length=4.9, explained=0.6)
    figure = replace(found.figure, source=FigureSource.PLAIN_GROUND)
    lines = replace(find_clean_lines(view.pixels, ink), share=0.38, length=0.9, edges=0.22)
    seen = replace(measure(view, ink), even=0.53, few=0.78, coloured=0.4, modelled=False, blank=0.5, dark=0.03)
    assert find_kind(seen, ink, lines, figure, False, 0, False)[0] is PictureKind.FLAT
    assert find_kind(seen, ink, lines, figure, False, 0, False, headed=True)[0] is PictureKind.FLAT
    # With black among the colours it is taken for a drawing.
    assert find_kind(replace(seen, dark=0.12), ink, lines, figure, False, 0, False)[0] is PictureKind.INKED


def test_many_short_strokes_on_much_bare_paper_are_a_pencils() -> None:
    view = view_of(cartoon(480, 360), None)
    found = read(view.pixels)
    ink = replace(found.ink, connected=0.34, length=18.0, explained=0.91)
    lines = find_clean_lines(view.pixels, ink)
    seen = replace(measure(view, ink), coloured=0.02, pale=0.03, middle=0.05, blank=0.77, dark=0.02, even=0.17)
    assert find_kind(seen, ink, lines, found.figure, False, 0, False)[0] is PictureKind.PENCIL
