"""A picture is read the same at any size, and anything at all can be read."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from procedural import pictures

from paints_undo_engine.procedural.reading import enlarge, read
from paints_undo_engine.procedural.reading.model import FigureSource, PictureKind


@settings(max_examples=12, deadline=None)
@given(arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(4))))
def test_any_picture_is_read(pixels: np.ndarray) -> None:
    found = read(np.ascontiguousarray(pixels[..., :3]), np.ascontiguousarray(pixels[..., 3]))
    assert found.labels.shape == found.cel_labels.shape == found.figure.cover.shape == found.pixels.shape[:2]
    assert found.labels.max() < len(found.regions)
    assert found.cel_labels.max() < len(found.cels)


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (700, 2), (300, 300)])
@pytest.mark.parametrize("level", [0, 255])
def test_blank_and_thin_pictures_are_read(shape: tuple[int, int], level: int) -> None:
    found = read(np.full((*shape, 3), level, np.uint8))
    assert found.size == shape
    assert len(found.regions) == 1
    assert enlarge(found.labels, shape).labels.shape == shape


def test_a_wholly_transparent_picture_is_read() -> None:
    found = read(np.zeros((90, 120, 3), np.uint8), np.zeros((90, 120), np.uint8))
    assert not found.figure.cover.any()


@pytest.mark.parametrize(("tint", "uncoloured"), [((240, 240, 240), True), ((235, 232, 248), False)])
def test_line_art_with_areas_of_pale_colour_is_a_coloured_drawing(tint: tuple[int, int, int], uncoloured: bool) -> None:
    lines = pictures.outlines()
    areas = np.full_like(lines, 255)
    for place in (25, 87, 149, 211):
        cv2.circle(areas, (place, 80), 22, tint, -1)
    assert (read(np.minimum(lines, areas)).kind is PictureKind.LINE_ART) is uncoloured


def test_in_a_scene_that_is_drawn_all_over_each_outlined_thing_is_a_flat() -> None:
    found = read(pictures.crowded())
    assert (found.kind, found.figure.source) == (PictureKind.INKED, FigureSource.NONE)
    middles = [pictures.disc(row, column) for row, column in np.ndindex(3, 7)]
    flats = {int(found.labels[round(y / found.scale), round(x / found.scale)]) for x, y in middles}
    assert len(flats) == len(middles)
