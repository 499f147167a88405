from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paints_undo_engine.export import Aspect, ExportOptions, Fill, FrameSize
from paints_undo_engine.export.geometry import canvas_for
from paints_undo_engine.painting import from_raw
from paints_undo_engine.picture import Picture, Placement


def painting(width: int, height: int):
    return from_raw(np.random.default_rng(1).integers(0, 256, width * height * 3, np.uint8).tobytes(), width, height, 3)


@given(
    width=st.integers(1, 90), height=st.integers(1, 90), aspect=st.sampled_from(list(Aspect)),
    fill=st.sampled_from(list(Fill)),
    max_side=st.sampled_from([0, 16, 33, 100]), even=st.booleans(),
)  # fmt: skip
def test_any_shape_is_drawn(width, height, aspect, fill, max_side, even):
    source = painting(width, height)
    options = ExportOptions(aspect=aspect, fill=fill, max_side=max_side)
    canvas = canvas_for(source, source.picture(), options, even=even)
    pixels = canvas.show(source.picture())

    assert pixels.shape == (canvas.height, canvas.width, 3)
    assert not even or (canvas.width % 2 == 0 and canvas.height % 2 == 0)
    if aspect.ratio and min(canvas.width, canvas.height) > 20:
        assert canvas.width / canvas.height == pytest.approx(aspect.ratio, rel=0.1)
    if max_side and not even:
        assert max(canvas.width, canvas.height) == max_side


def test_cropping_and_bars_keep_the_pixels():
    source = painting(60, 41)
    cropped = canvas_for(source, source.picture(), ExportOptions(aspect=Aspect.SQUARE, fill=Fill.CROP)).show(
        source.picture()
    )
    assert np.array_equal(cropped, source.pixels[:, 9:50])

    barred = canvas_for(source, source.picture(), ExportOptions(aspect=Aspect.SQUARE, fill=Fill.BARS))
    pixels = barred.show(source.picture())
    assert pixels.shape == (60, 60, 3)
    assert np.array_equal(pixels[10:51], source.pixels)
    assert (pixels[:10] == 0).all()
    assert (pixels[51:] == 0).all()


def test_the_canvas_has_the_paintings_size_unless_that_of_the_frames_is_asked_for():
    source = painting(100, 80)
    frame = Picture(np.full((40, 50, 3), 90, np.uint8), Placement(0, 0, 100, 80))
    own = canvas_for(source, frame, ExportOptions(size=FrameSize.MODEL))
    assert (own.width, own.height) == (50, 40)
    full = canvas_for(source, frame, ExportOptions())
    assert (full.width, full.height) == (100, 80)
    assert np.array_equal(full.show(source.picture()), source.pixels)
    assert (full.show(frame) == 90).all()


def test_a_blurred_fill_leaves_the_painting_alone_and_has_its_colours():
    source = from_raw(np.full((40, 120, 3), (200, 60, 20), np.uint8).tobytes(), 120, 40, 3)
    shown = canvas_for(source, source.picture(), ExportOptions(aspect=Aspect.SQUARE)).show(source.picture())
    assert shown.shape == (120, 120, 3)
    assert np.array_equal(shown[40:80], source.pixels)
    assert np.allclose(shown[:40], (150, 45, 15), atol=2)
    assert np.allclose(shown[80:], (150, 45, 15), atol=2)


def test_a_moved_view_shows_that_part():
    source = painting(80, 40)
    canvas = canvas_for(source, source.picture(), ExportOptions(aspect=Aspect.SQUARE, fill=Fill.FOLLOW))
    moved = canvas.at(Placement(30, 0, 40, 40), source)
    assert np.array_equal(moved.show(source.picture()), source.pixels[:, 30:70])
    whole = canvas.at(Placement(0, -20, 80, 80), source)
    assert whole.inner == (0, 10, 40, 30)
