"""Frames at the painting's size: detail comes where a frame has the painting's structure, and nowhere else."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from paints_undo_engine.painting import Painting, resize
from paints_undo_engine.picture import Picture, Placement
from paints_undo_engine.restoring import Calibration, at_size, calibrate, restore

Pixels = NDArray[np.uint8]


def drawn(height: int = 480, width: int = 360) -> Pixels:
    """Flats, thin lines and hatching, much finer than a small frame can show."""
    picture = np.full((height, width, 3), (236, 210, 190), np.uint8)
    cv2.ellipse(
        picture, (width // 2, height // 2), (width // 3, height // 3), 0, 0, 360, (70, 110, 170), -1, cv2.LINE_AA
    )
    for x in range(0, width, 21):
        cv2.line(picture, (x, 0), (x + height // 6, height), (40, 30, 30), 1, cv2.LINE_AA)
    return picture


def shrunk(pixels: Pixels, blur: float = 0.0, noise: float = 0.0) -> Pixels:
    """As an engine would give it: a third of the size, soft, noisy."""
    small = resize(pixels, pixels.shape[1] // 3, pixels.shape[0] // 3).astype(np.float32)
    if blur:
        small = cv2.GaussianBlur(small, (0, 0), blur).astype(np.float32)
    return np.clip(np.rint(small + np.random.default_rng(3).normal(0, noise, small.shape)), 0, 255).astype(np.uint8)


def half_done(picture: Pixels) -> Pixels:
    """The upper half is painted, the lower one is still paper."""
    state = picture.copy()
    state[picture.shape[0] // 2 :] = 255
    return state


def psnr(truth: Pixels, other: Pixels) -> float:
    return float(-10 * np.log10(np.mean((truth.astype(float) - other) ** 2) / 255**2 + 1e-12))


@pytest.mark.parametrize(("blur", "noise"), [(0.0, 0.0), (0.6, 3.0), (0.9, 5.0)])
def test_what_is_painted_gets_its_detail_back_and_what_is_not_stays_empty(blur: float, noise: float) -> None:
    painting, truth = Painting(drawn()), half_done(drawn())
    place = painting.placement
    calibration = calibrate(Picture(shrunk(drawn(), blur, noise), place), painting)
    frame = Picture(shrunk(truth, blur, noise), place)
    made = restore(frame, painting, calibration).pixels
    plain = resize(frame.pixels, painting.width, painting.height)
    assert psnr(truth, made) > psnr(truth, plain) + 2
    empty = np.s_[painting.height // 2 + 12 :]
    assert psnr(truth[empty], made[empty]) > psnr(truth[empty], plain[empty]) - 0.3


def test_the_blur_and_the_noise_of_an_engine_are_measured() -> None:
    painting = Painting(drawn())
    found = calibrate(Picture(shrunk(drawn(), 0.75, 5.0), painting.placement), painting)
    assert 0.6 <= found.blur <= 0.9
    assert 3 / 255 < found.noise < 8 / 255


def made_up(pixels: Pixels) -> Pixels:
    """As a decoder would draw it again: blurred, and with each detail moved a little to where it was not."""
    height, width = pixels.shape[:2]
    moves = np.random.default_rng(5).normal(0, 1, (2, height, width)).astype(np.float32)
    across, down = (cv2.GaussianBlur(one, (0, 0), 2) * 6 for one in moves)
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    moved = cv2.remap(pixels, columns + across, rows + down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.GaussianBlur(moved, (0, 0), 0.8), np.uint8)


def test_details_that_an_engine_makes_up_are_not_raised() -> None:
    painting, truth = Painting(drawn()), half_done(drawn())[:, ::-1].copy()
    place = painting.placement
    found = calibrate(Picture(made_up(shrunk(drawn())), place), painting)
    assert found.made_up > 0.15
    assert calibrate(Picture(shrunk(drawn(), 0.75, 5.0), place), painting).made_up < 0.05
    frame = Picture(made_up(shrunk(truth)), place)
    trusted, made = (
        restore(frame, painting, each).pixels for each in (Calibration(found.blur, found.noise, found.grain), found)
    )
    assert psnr(truth, made) > psnr(truth, trusted) + 0.15


def test_a_blank_canvas_stays_blank() -> None:
    painting = Painting(drawn(2000, 1500))
    made = restore(painting.blank(), painting)
    assert (made.pixels == 255).all()
    assert made.pixels.shape == (2000, 1500, 3)


def test_a_frame_of_the_paintings_size_is_not_touched() -> None:
    frame = Picture(half_done(drawn()), Placement(0, 0, 360, 480))
    assert restore(frame, Painting(drawn())) is frame


def test_transparency_comes_back_sharp() -> None:
    picture = np.dstack([drawn(), np.zeros((480, 360), np.uint8)])
    cv2.circle(alpha := picture[..., 3].copy(), (180, 240), 150, 255, -1, cv2.LINE_AA)
    picture[..., 3] = alpha
    painting = Painting(picture)
    made = restore(Picture(resize(picture, 120, 160), painting.placement), painting)
    assert made.pixels.shape == (480, 360, 4)
    assert (
        psnr(alpha, made.pixels[..., 3]) > psnr(alpha, resize(picture, 120, 160).repeat(3, 0).repeat(3, 1)[..., 3]) + 6
    )


def test_sixteen_bits_are_kept_where_they_are_asked_for() -> None:
    deep = drawn().astype(np.uint16) * 257
    deep[..., 0] += 77
    frame = Picture(shrunk(drawn()), Placement(0, 0, 360, 480))
    made = restore(frame, Painting(deep), deep=True)
    assert made.pixels.dtype == np.uint16
    assert len(np.unique(made.pixels)) > 300
    eight = restore(frame, Painting(deep))
    assert np.abs(made.pixels.astype(int) // 257 - eight.pixels).max() <= 2


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 90), st.integers(1, 90), st.integers(1, 40), st.integers(1, 40), st.integers(0, 400), st.booleans()
)
def test_any_size_gives_a_picture_in_its_place(
    height: int, width: int, frame_height: int, frame_width: int, side: int, transparent: bool
) -> None:
    chance = np.random.default_rng(height * 91 + width)
    painting = Painting(chance.integers(0, 256, (height, width, 4 if transparent else 3), np.uint8))
    frame = Picture(chance.integers(0, 256, (frame_height, frame_width, 3), np.uint8), painting.placement)
    made = at_size(frame, painting, side, Calibration(0.5, 0.01))
    if side and side < max(height, width):
        assert max(made.pixels.shape[:2]) == side
    elif frame_height < height or frame_width < width:
        assert made.pixels.shape[:2] == (height, width)
    assert made.placement == painting.placement


def test_a_part_of_the_painting_is_restored_in_its_place() -> None:
    painting = Painting(drawn())
    place = Placement(30.0, 60.0, 240.0, 300.0)
    truth = drawn()[60:360, 30:270]
    made = restore(Picture(resize(truth, 80, 100), place), painting)
    assert made.placement == place
    assert psnr(truth, made.pixels) > psnr(truth, resize(resize(truth, 80, 100), 240, 300)) + 3
