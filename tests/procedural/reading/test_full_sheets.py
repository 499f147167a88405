"""Drawings that cover their sheets: in blended graphite, and with a pen's hatching up to a margin."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from procedural.pictures import Pixels

from paints_undo_engine.procedural import Options, make_document
from paints_undo_engine.procedural.reading import read
from paints_undo_engine.procedural.reading.dry_media import is_blended_graphite, is_hatched_all_over
from paints_undo_engine.procedural.reading.model import PictureKind
from paints_undo_engine.request import Corrections, Method


def blended(grain: float) -> Pixels:
    """Soft greys on a dark ground, with lights, and the grain of paper."""
    chance = np.random.default_rng(5)
    tones = cv2.resize(chance.uniform(16, 110, (6, 7)).astype(np.float32), (560, 640), interpolation=cv2.INTER_CUBIC)
    cv2.ellipse(tones, (280, 260), (90, 120), 0, 0, 360, 190, -1, cv2.LINE_AA)
    tones = cv2.GaussianBlur(tones, (0, 0), 4.0) + np.float32(grain) * chance.normal(0, 1, tones.shape)
    return np.repeat(np.clip(tones, 4, 220)[..., None], 3, axis=2).astype(np.uint8)


def test_dark_blended_graphite_is_no_painting() -> None:
    picture = blended(1.6)
    assert read(picture).kind is PictureKind.PENCIL
    document = make_document(picture, Options(corrections=Corrections.NONE))
    assert document.method is Method.PENCIL
    # It is drawn on a sheet that is as light as its lights.
    assert document.render(0).mean() > 130


@pytest.mark.parametrize(
    "picture",
    [
        blended(0.0),
        np.rint(blended(1.6) * (1.1, 0.9, 0.8)).astype(np.uint8),
        np.clip(blended(1.6).astype(int) + 70, 0, 255).astype(np.uint8),
    ],
    ids=["even", "tinted", "light"],
)
def test_what_is_even_or_coloured_or_light_is_no_blended_graphite(picture: Pixels) -> None:
    assert not is_blended_graphite(picture)


def hatched(width: int = 560) -> Pixels:
    """Dense strokes of a pen in patches of several ways, and a little colour, up to a margin of white paper."""
    chance = np.random.default_rng(3)
    drawing = np.full((640, 560, 3), 255, np.uint8)
    drawing[200:330, 180:300] = (240, 150, 140)
    for left, top in np.stack(np.meshgrid(np.arange(30, 530, 50), np.arange(30, 610, 50)), axis=2).reshape(-1, 2):
        turn = chance.uniform(0, np.pi)
        along, across = np.array((np.cos(turn), np.sin(turn))), np.array((-np.sin(turn), np.cos(turn)))
        for step in range(-30, 31, 5):
            middle = (left + 25, top + 25) + step * across
            begin, end = (np.rint(middle + side * 30 * along).astype(int) for side in (-1, 1))
            begin, end = (np.clip(one, 30, (529, 609)).tolist() for one in (begin, end))
            cv2.line(drawing, begin, end, (24, 22, 26), 2, cv2.LINE_AA)
    noise = chance.normal(0, 1.5, drawing.shape)
    seen = np.rint(drawing / 255.0 * (245, 244, 247) + noise).clip(0, 255).astype(np.uint8)
    scale = width / 560
    return np.asarray(cv2.resize(seen, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


@pytest.mark.parametrize("width", [560, 896])
def test_hatching_all_over_a_sheet_was_drawn(width: int) -> None:
    assert read(hatched(width)).kind is PictureKind.PENCIL


def test_a_brushs_strokes_are_broader_than_a_pens() -> None:
    assert is_hatched_all_over(hatched())
    assert not is_hatched_all_over(np.asarray(cv2.GaussianBlur(hatched(), (0, 0), 2.5), np.uint8))
    assert read(np.asarray(cv2.GaussianBlur(hatched(), (0, 0), 2.5), np.uint8)).kind is not PictureKind.PENCIL
