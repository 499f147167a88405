"""Pencils that cover all of their sheet: fine strokes beside each other, with the paper's light between them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from paints_undo_engine.procedural import Options, make_document
from paints_undo_engine.procedural.reading import read
from paints_undo_engine.procedural.reading.model import PictureKind, Pixels
from paints_undo_engine.procedural.reading.streaks import is_in_streaks
from paints_undo_engine.request import Corrections, Method


def covered(depth: float, runs: float = 9.0) -> Pixels:
    """Patches of colour all over a sheet, in streaks of a depth between which white shows, `runs` times as long as
    broad.
    """
    chance = np.random.default_rng(4)
    colours = chance.uniform(40, 190, (4, 5, 3)).astype(np.float32)
    picture = np.repeat(np.repeat(colours, 160, axis=0), 128, axis=1)
    noise = chance.normal(0, 1, picture.shape[:2]).astype(np.float32)
    broad = ((0.8 * runs, 0.8), (0.8, 0.8 * runs))
    fine = [cv2.GaussianBlur(noise, (0, 0), sigmaX=x, sigmaY=y) for x, y in broad]
    lying = (np.indices(picture.shape[:2])[1] // 128 + np.indices(picture.shape[:2])[0] // 160) % 2 == 0
    strokes = np.where(lying, *(one / one.std() for one in fine))
    cover = np.clip(0.75 + depth * strokes, 0, 1)[..., None]
    return np.asarray(np.rint(255 - cover * (255 - picture)).clip(0, 255), np.uint8)


def test_colour_in_strokes_all_over_a_sheet_is_drawn_with_pencils() -> None:
    picture = covered(0.15)
    assert read(picture).kind is PictureKind.PENCIL
    document = make_document(picture, Options(corrections=Corrections.NONE))
    assert document.method is Method.PENCIL
    # The sheet is as light as the paper between the strokes.
    assert document.render(0).mean() > 200


@pytest.mark.parametrize(("depth", "runs"), [(0.0, 9.0), (0.02, 9.0), (0.15, 1.0)], ids=["flat", "calm", "grain"])
def test_what_is_even_or_runs_no_way_is_in_no_strokes(depth: float, runs: float) -> None:
    assert not is_in_streaks(covered(depth, runs))
