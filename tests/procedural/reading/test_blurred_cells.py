"""Pixel art that was enlarged by a fraction, blurred and compressed."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from paints_undo_engine.procedural import Options, make_document
from paints_undo_engine.procedural.reading import read
from paints_undo_engine.procedural.reading.blurred_cells import find_blurred_cells
from paints_undo_engine.procedural.reading.model import PictureKind, Pixels
from paints_undo_engine.request import Corrections, Method


def dragon() -> Pixels:
    """Pixel art, 72 cells by 90: patches in a few colours, with an outline, before a ground in bands."""
    palette = np.array([(40, 130, 60), (90, 190, 80), (220, 230, 210), (170, 40, 60), (240, 220, 120)], np.uint8)
    y, x = np.mgrid[:90, :72]
    picture = np.array([(150, 100, 60), (120, 70, 50), (180, 130, 70)], np.uint8)[(y // 7 + x // 19) % 3]
    body = ((x - 36) / 24) ** 2 + ((y - 45) / 34) ** 2 + 0.25 * np.sin(x * 0.7) * np.cos(y * 0.5)
    picture[body < 1] = palette[(x // 5 + y // 6) % 5][body < 1]
    picture[(body >= 1) & (body < 1.12)] = (20, 25, 30)
    return picture


def enlarged(picture: Pixels, by: float) -> Pixels:
    """The picture `by` times as large, by way of a larger one, and compressed."""
    large = np.repeat(np.repeat(picture, 12, axis=0), 12, axis=1)
    size = (round(picture.shape[1] * by), round(picture.shape[0] * by))
    small = cv2.GaussianBlur(cv2.resize(large, size, interpolation=cv2.INTER_AREA), (0, 0), 0.5)
    _, packed = cv2.imencode(".jpg", small[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88])
    return np.ascontiguousarray(np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)[..., ::-1])


@pytest.mark.parametrize("by", [3.79, 5.3, 8.0])
def test_its_cells_are_found(by: float) -> None:
    picture = enlarged(dragon(), by)
    cells = find_blurred_cells(picture)
    assert cells is not None
    assert abs(cells.across.side - by) < 0.02
    assert abs(cells.down.side - by) < 0.02
    colours = cells.sampled(picture)
    assert abs(colours.shape[0] - 90) <= 1
    assert abs(colours.shape[1] - 72) <= 1


def test_it_is_drawn_cell_by_cell_and_is_itself_at_the_end() -> None:
    picture = enlarged(dragon(), 3.79)
    assert read(picture).kind is PictureKind.PIXEL
    document = make_document(picture, Options(corrections=Corrections.NONE))
    assert document.method is Method.PIXEL
    assert np.array_equal(document.render(document.count), picture)
    before = document.render(document.count * 0.995)
    assert (np.abs(before.astype(int) - picture).max(axis=2) > 10).mean() < 0.04
    flats = document.render(document.count * 0.45)
    assert len(np.unique(flats.reshape(-1, 3), axis=0)) < len(np.unique(picture.reshape(-1, 3), axis=0))


def test_squared_paper_and_ordinary_pictures_have_no_cells() -> None:
    squares = np.full((400, 480, 3), 235, np.uint8)
    squares[::10] = squares[:, ::10] = (150, 170, 200)
    assert find_blurred_cells(np.asarray(cv2.GaussianBlur(squares, (0, 0), 0.6), np.uint8)) is None
    smooth = cv2.resize(dragon(), (480, 600), interpolation=cv2.INTER_CUBIC)
    assert find_blurred_cells(np.asarray(cv2.GaussianBlur(smooth, (0, 0), 5), np.uint8)) is None
    chance = np.random.default_rng(3).integers(0, 255, (400, 480, 3)).astype(np.uint8)
    assert find_blurred_cells(chance) is None
