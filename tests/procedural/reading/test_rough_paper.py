"""Washes on white paper as a scanner sees it, and on rough paper in slanting light."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from procedural.pictures import Pixels

from paints_undo_engine.procedural.reading import read
from paints_undo_engine.procedural.reading.ink import find_cover
from paints_undo_engine.procedural.reading.model import PictureKind
from paints_undo_engine.procedural.reading.sheet_drawing import Means, drawing_on_sheet, without_relief
from paints_undo_engine.procedural.reading.view import view_of

SCANNED, PROGRAM = (241, 241, 238), (252, 251, 250)


def washed() -> Pixels:
    """Three soft pools of colour in thin dark lines, on white."""
    picture = np.full((640, 800, 3), 255.0, np.float32)
    for x, colour in ((190, (70, 130, 180)), (400, (190, 110, 70)), (610, (110, 150, 80))):
        shape = np.zeros((640, 800), np.float32)
        cv2.ellipse(shape, (x, 320), (80, 170), 0, 0, 360, 0.6, -1, cv2.LINE_AA)
        share = cv2.GaussianBlur(shape, (0, 0), 2.0)[..., None]
        picture = np.asarray(picture * (1 - share) + np.array(colour) * share, np.float32)
        cv2.ellipse(picture, (x, 320), (80, 170), 0, 0, 360, (60, 50, 45), 3, cv2.LINE_AA)
    return np.rint(picture).astype(np.uint8)


def laid_on(paper: tuple[int, int, int], grain: float) -> Pixels:
    """The same on paper of a colour, with the fine grain of a scanner."""
    noise = np.random.default_rng(4).normal(0, grain, (640, 800, 1))
    return np.rint(washed() / 255.0 * paper + noise).clip(0, 255).astype(np.uint8)


def in_slanting_light(paper: tuple[int, int, int]) -> Pixels:
    """The same on paper whose long ribs throw shadows, everywhere as deep."""
    noise = np.random.default_rng(8).normal(0, 1, (640, 800)).astype(np.float32)
    ribs = cv2.GaussianBlur(noise, (0, 0), sigmaX=2.5, sigmaY=0.9)
    light = 1 + 0.11 * (ribs / ribs.std())[..., None]
    return np.rint(washed() * light / 255.0 * paper).clip(0, 255).astype(np.uint8)


def test_washes_on_scanned_white_paper_are_a_watercolour() -> None:
    found = drawing_on_sheet(view_of(laid_on(SCANNED, 6.0), None))
    assert found is not None
    assert found.means is Means.WET
    assert read(laid_on(SCANNED, 6.0)).kind is PictureKind.WATERCOLOUR


@pytest.mark.parametrize("picture", [laid_on(SCANNED, 0.0), laid_on(PROGRAM, 6.0)])
def test_paper_without_grain_or_as_white_as_a_programs_is_no_sheet(picture: Pixels) -> None:
    assert drawing_on_sheet(view_of(picture, None)) is None


def test_shadows_of_rough_paper_are_neither_pencil_nor_lines() -> None:
    picture = in_slanting_light((216, 216, 212))
    found = drawing_on_sheet(view_of(picture, None))
    assert found is not None
    assert found.means is Means.WET
    assert read(picture).kind is PictureKind.WATERCOLOUR
    covered = find_cover(without_relief(found).pixels) > 127
    bare, line = np.zeros((640, 800), bool), np.zeros((640, 800), np.uint8)
    bare[40:120], bare[520:600] = True, True
    cv2.ellipse(line, (400, 320), (80, 170), 0, 0, 360, 1, 2)
    assert covered[bare].mean() < 0.1
    assert covered[line > 0].mean() > 0.6
