from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paints_undo_engine.painting import draw, fit_to, to_canvas
from paints_undo_engine.picture import Picture, Placement
from paints_undo_engine.request import Fit

sides = st.integers(1, 90)


def picture(width: int, height: int, channels: int = 3, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)


@given(width=sides, height=sides, target_width=sides, target_height=sides, channels=st.sampled_from((3, 4)))
def test_contain_shows_the_whole_painting(width, height, target_width, target_height, channels):
    pixels = picture(width, height, channels)
    fitted = fit_to(pixels, target_width, target_height, Fit.CONTAIN)
    left, top, inner_width, inner_height = fitted.inner

    assert fitted.pixels.shape == (target_height, target_width, channels)
    assert fitted.placement == Placement(0, 0, width, height)
    assert 0 <= left <= left + inner_width <= target_width
    assert 0 <= top <= top + inner_height <= target_height
    assert inner_width == target_width or inner_height == target_height
    assert abs(left - (target_width - left - inner_width)) <= 1
    back = fitted.cut(fitted.pixels[..., :3])
    assert back.pixels.shape == (inner_height, inner_width, 3)
    assert (fitted.pixels[:, :left] == fitted.pixels[:, left : left + 1]).all()


@given(width=sides, height=sides, target_width=sides, target_height=sides)
def test_crop_covers_the_working_size_and_lies_in_the_painting(width, height, target_width, target_height):
    fitted = fit_to(picture(width, height), target_width, target_height, Fit.CROP)
    place = fitted.placement

    assert fitted.pixels.shape == (target_height, target_width, 3)
    assert place.x >= 0
    assert place.y >= 0
    assert place.x + place.width <= width + 1e-9
    assert place.y + place.height <= height + 1e-9
    assert math.isclose(place.width, width, rel_tol=1e-9) or math.isclose(place.height, height, rel_tol=1e-9)


@pytest.mark.parametrize("size", [(700, 500), (500, 700), (100, 300), (512, 640), (1301, 911)])
def test_crop_is_the_published_resizing(size):
    width, height = size
    pixels = picture(width, height)
    scale = max(640 / height, 512 / width)
    new = (int(np.round(width * scale)), int(np.round(height * scale)))
    expected = cv2.resize(pixels, new, interpolation=cv2.INTER_AREA)
    left, top = (new[0] - 512) // 2, (new[1] - 640) // 2

    assert np.array_equal(fit_to(pixels, 512, 640, Fit.CROP).pixels, expected[top : top + 640, left : left + 512])


def test_cut_refuses_another_size():
    with pytest.raises(ValueError, match="working size"):
        fit_to(picture(10, 10), 16, 16, Fit.CONTAIN).cut(picture(8, 8))


@given(width=sides, height=sides, channels=st.sampled_from((3, 4)))
def test_a_picture_in_the_canvas_size_is_unchanged(width, height, channels):
    pixels = picture(width, height, channels)
    assert np.array_equal(to_canvas(Picture(pixels, Placement(0, 0, width, height)), width, height), pixels)


@given(
    x=st.floats(-5, 40), y=st.floats(-5, 40), width=st.floats(0.5, 60), height=st.floats(0.5, 60),
    channels=st.sampled_from((3, 4)),
)  # fmt: skip
def test_drawing_never_fails_and_keeps_one_colour(x, y, width, height, channels):
    colour = np.full((7, 9, channels), 90, np.uint8)
    if channels == 4:
        colour[..., 3] = 255
    canvas = draw(Picture(colour, Placement(x, y, width, height)), Placement(0, 0, 40, 30), 80, 60)
    assert canvas.shape == (60, 80, channels)
    uncovered = 255 if channels == 3 else 0
    assert set(np.unique(canvas[..., 0])) <= {uncovered, 90}


def test_a_cropped_frame_lines_up_with_the_painting():
    rows, columns = np.mgrid[0:400, 0:600]
    painting = np.dstack([columns * 255 / 600, rows * 255 / 400, np.full(rows.shape, 128)]).astype(np.uint8)
    fitted = fit_to(painting, 128, 160, Fit.CROP)
    back = to_canvas(fitted.cut(fitted.pixels), 600, 400)
    place = fitted.placement
    inside = (
        slice(math.ceil(place.y) + 3, int(place.y + place.height) - 3),
        slice(math.ceil(place.x) + 3, int(place.x + place.width) - 3),
    )
    assert np.abs(back[inside].astype(int) - painting[inside]).max() <= 2
    assert (back[:, : int(place.x) - 1] == 255).all()


def test_transparent_colour_does_not_bleed_when_scaled():
    pixels = np.zeros((8, 8, 4), np.uint8)
    pixels[:, :4] = (200, 100, 50, 255)
    pixels[:, 4:] = (0, 255, 0, 0)
    scaled = to_canvas(Picture(pixels, Placement(0, 0, 8, 8)), 5, 5)
    visible = scaled[scaled[..., 3] > 0][:, :3].astype(int)
    assert np.abs(visible - (200, 100, 50)).max() <= 1
