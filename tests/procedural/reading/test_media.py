"""What a picture was made with, and how much light there is in it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from procedural.reading.drawn import SKIN, agreement, portrait

from paints_undo_engine.procedural.reading import read
from paints_undo_engine.procedural.reading.animeface import is_installed
from paints_undo_engine.procedural.reading.dry_media import is_rubbed
from paints_undo_engine.procedural.reading.model import PictureKind, Pixels

SIDE = 480


def coloured(grain: float, depth: float) -> Pixels:
    """Three outlined shapes in colour on white paper, which shows through as grain of a sigma in pixels by a depth."""
    noise = np.random.default_rng(3).normal(size=(SIDE, SIDE)).astype(np.float32)
    noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), grain), np.float32) if grain else noise * 0
    cover = np.clip(0.65 + depth * noise / max(float(noise.std()), 1e-6), 0, 1)[..., None]
    picture = np.full((SIDE, SIDE, 3), 255.0, np.float32)
    for x, colour in ((100, (40, 90, 170)), (240, (190, 70, 50)), (380, (80, 140, 60))):
        shape = np.zeros((SIDE, SIDE), np.uint8)
        cv2.ellipse(shape, (x, 240), (60, 150), 0, 0, 360, 255, -1, cv2.LINE_AA)
        share = cover * (shape / 255)[..., None]
        picture = picture * (1 - share) + np.array(colour) * share
        cv2.ellipse(picture, (x, 240), (60, 150), 0, 0, 360, (60, 60, 60), 2, cv2.LINE_AA)
    return np.rint(picture).astype(np.uint8)


def test_colour_through_which_paper_shows_was_rubbed_on_with_pencils() -> None:
    assert read(coloured(0.7, 0.22)).kind is PictureKind.PENCIL


@pytest.mark.parametrize(("grain", "depth"), [(0, 0), (0.7, 0.02), (6.0, 0.2)])
def test_flat_colour_noise_and_washes_were_not_rubbed_on(grain: float, depth: float) -> None:
    assert not is_rubbed(coloured(grain, depth))
    assert read(coloured(grain, depth)).kind is not PictureKind.PENCIL


def berries(grain: float) -> Pixels:
    """Two leaves and some berries without outlines on much smooth paper; the colour has a grain in levels."""
    noise = np.random.default_rng(5).normal(size=(SIDE, SIDE, 3)).astype(np.float32)
    noise = grain * np.asarray(cv2.GaussianBlur(noise, (0, 0), 0.9), np.float32) / 0.31
    picture = np.full((SIDE, SIDE, 3), (239, 240, 242), np.float32)
    leaf, berry = (70, 110, 60), (70, 80, 120)
    shapes = [((200, 170), (50, 24), leaf), ((300, 180), (46, 22), leaf)]
    shapes += [((190 + 50 * (i % 3), 240 + 48 * (i // 3)), (23, 23), berry) for i in range(6)]
    for middle, axes, colour in shapes:
        shape = np.zeros((SIDE, SIDE), np.float32)
        cv2.ellipse(shape, middle, axes, 0, 0, 360, 1.0, -1, cv2.LINE_AA)
        picture += shape[..., None] * (np.array(colour) + noise - picture)
    return np.rint(picture).clip(0, 255).astype(np.uint8)


def test_colour_with_grain_all_over_is_no_flat_graphic() -> None:
    assert read(berries(0.0)).kind is PictureKind.FLAT
    assert read(berries(21.0)).kind is PictureKind.WATERCOLOUR


@pytest.mark.skipif(not is_installed(), reason="the extra `faces` is not installed")
def test_a_dark_picture_is_read_as_a_bright_one_is() -> None:
    bright = portrait(SIDE)
    dark = np.asarray(np.rint(12 + 0.25 * bright.astype(np.float32)), np.uint8)
    seen, known = read(dark), read(bright)
    assert seen.kind is known.kind
    assert len(seen.faces) == len(known.faces) == 1
    assert np.abs(np.array(seen.faces[0].skin) - (12 + 0.25 * np.array(SKIN))).max() < 8
    assert agreement(seen.figure.cover > 127, known.figure.cover > 127) > 0.9
    assert seen.ink.colour[seen.ink.cover > 200].max() < 60


def bust(soft: bool) -> Pixels:
    """A head and shoulders of few colours before a dark even ground, lit from one side: rounded, or in two flats."""
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32) / SIDE
    picture = np.full((SIDE, SIDE, 3), (44, 38, 46), np.float32)
    for middle, reach, colour in (
        ((0.5, 0.95), (0.42, 0.4), (70, 60, 92)),
        ((0.5, 0.38), (0.2, 0.27), (214, 160, 128)),
    ):
        across, down = (x - middle[0]) / reach[0], (y - middle[1]) / reach[1]
        away = np.hypot(across, down)
        light = np.clip(0.75 - 0.5 * across - 0.2 * down - 0.3 * away, 0.25, 1)
        light = light if soft else np.where(light > 0.6, 0.9, 0.5)
        picture = np.where((away < 1)[..., None], np.array(colour) * light[..., None], picture)
    return np.rint(np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.8))).astype(np.uint8)


def test_a_soft_portrait_is_no_flat_graphic_though_its_colours_are_few() -> None:
    assert read(bust(soft=True)).kind is not PictureKind.FLAT
    assert read(bust(soft=False)).kind in (PictureKind.FLAT, PictureKind.INKED)
