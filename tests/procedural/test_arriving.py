"""How an area is filled by a broad brush."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from paints_undo_engine.procedural.techniques.arriving import to_and_fro

BEGIN, END = 640, 1600


def blob(height: int = 240, width: int = 320) -> np.ndarray:
    """A shape that is broad and nowhere straight: bool [h, w]."""
    mask = np.zeros((height, width), np.uint8)
    cv2.ellipse(mask, (width // 2, height // 2), (width // 3, height // 3), 20, 0, 360, 1, -1)
    return mask > 0


@pytest.mark.parametrize("angle", [0.0, 0.8, 2.9, 5.5])
def test_a_brush_fills_an_area_evenly_and_in_one_piece(angle: float) -> None:
    mask = blob()
    ripple = np.asarray(cv2.resize(np.random.default_rng(1).random((10, 13)) - 0.5, mask.shape[::-1]), np.float64)
    come = np.zeros(mask.shape, np.uint16)
    come[mask] = to_and_fro(mask, angle, BEGIN, END, ripple)
    assert come[mask].min() >= BEGIN
    assert come[mask].max() < END
    for part in np.linspace(0.1, 0.9, 9):
        there = (mask & (come < BEGIN + part * (END - BEGIN))).astype(np.uint8)
        assert abs(float(there.sum()) / float(mask.sum()) - part) < 0.03
        sizes = np.sort(cv2.connectedComponentsWithStats(there)[2][1:, cv2.CC_STAT_AREA])
        assert sizes[-1] > 0.97 * there.sum()


def test_the_front_of_a_filling_is_a_brush_and_no_straight_line() -> None:
    mask, level = np.ones((240, 320), bool), np.zeros((240, 320))
    come = to_and_fro(mask, np.pi / 2, BEGIN, END, level).reshape(mask.shape)
    row = come[: 240 // 9]
    assert row.max() < come[-(240 // 9) :].min()
    half = row < BEGIN + (END - BEGIN) / 18
    ends = half.sum(axis=1)
    assert ends[len(ends) // 2] - ends[[0, -1]].max() > 5


def test_a_single_pixel_is_filled() -> None:
    mask = np.zeros((5, 5), bool)
    mask[2, 3] = True
    assert to_and_fro(mask, 1.0, BEGIN, END, np.zeros((5, 5))).tolist() == [BEGIN + END - BEGIN - 1]
