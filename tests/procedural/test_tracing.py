"""Which way brush strokes run, and what blurs cost no accuracy."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from paints_undo_engine.procedural.document.brush import paint
from paints_undo_engine.procedural.techniques.arriving import blurred_picture, wide_blur
from paints_undo_engine.procedural.techniques.tracing import Bristles, directions, traced


@pytest.mark.parametrize("sigma", [2.0, 6.0, 30.0])
@pytest.mark.parametrize("degrees", [0, 30, 75, 120])
def test_strokes_of_every_brush_run_along_the_form(sigma: float, degrees: int) -> None:
    turn = np.radians(degrees)
    y, x = np.mgrid[:301, :402]
    # Stripes along a way are four times as broad as the brush looks.
    across = x * -np.sin(turn) + y * np.cos(turn)
    picture = np.repeat((128 + 100 * np.sin(across / (1.3 * sigma)))[..., None], 3, axis=2).astype(np.uint8)
    along = directions(picture, sigma, np.random.default_rng(1))
    assert along.shape == (301, 402, 2)
    assert along.dtype == np.float32
    assert np.allclose(np.hypot(along[..., 0], along[..., 1]), 1, atol=1e-4)
    inner = along[60:-60, 60:-60]
    straight = np.abs(inner[..., 0] * np.cos(turn) + inner[..., 1] * np.sin(turn))
    assert float(np.degrees(np.arccos(np.clip(straight, 0, 1))).mean()) < 6


@pytest.mark.parametrize("sigma", [0.6, 3.7, 21.0])
def test_a_blurred_picture_is_that_of_the_exact_blur_to_a_level(sigma: float) -> None:
    chance = np.random.default_rng(3)
    noise = chance.integers(0, 256, (150, 203, 3)).astype(np.uint8)
    picture = np.rint(wide_blur(noise, 3)).astype(np.uint8)
    away = np.abs(blurred_picture(picture, sigma) - wide_blur(picture, sigma))
    assert float(away.mean()) < 0.6
    assert float(away.max()) < 3


def test_strokes_beside_edges_follow_them_as_far_as_others_go() -> None:
    y, x = np.mgrid[:240, :240]
    away = np.abs(np.hypot(x - 120, y - 120) - 80)
    ring = away < 7
    picture = np.full((240, 240, 3), (200, 190, 180), np.uint8)
    picture[ring] = (40, 50, 60)
    edges = (np.abs(away - 7) < 0.7).astype(np.uint8)
    depth = np.asarray(cv2.distanceTransform(1 - edges, cv2.DIST_L2, 3), np.float32)
    whole, masses = np.ones(ring.shape, bool), np.zeros(ring.shape, np.int32)
    bristles = Bristles(wander=0.4, shortest=0)
    found = traced(picture, np.full_like(picture, 120), whole, masses, 4.0, bristles, np.random.default_rng(1), depth)
    on = ring[tuple(np.rint(found.starts.T[::-1]).astype(int))]
    assert found.lengths[on].mean() > 0.95 * found.lengths[~on].mean()


def test_ends_of_a_flat_brush_slant_each_its_own_way() -> None:
    goal, canvas = np.full((200, 300, 3), 90, np.uint8), np.full((200, 300, 3), 220, np.uint8)
    whole, masses = np.ones(goal.shape[:2], bool), np.zeros(goal.shape[:2], np.int32)
    radius = 20.0
    for bound in (False, True):
        bristles = Bristles(longest=4.0, shortest=0, bound=bound)
        made = traced(goal, canvas, whole, masses, radius, bristles, np.random.default_rng(1)).strokes
        count = int(made.first[1])
        begins = made.points[made.ends[:-1]].reshape(-1, count, 2)
        ahead = made.points[made.ends[:-1] + 1].reshape(-1, count, 2) - begins
        way = ahead.mean(axis=1) / np.linalg.norm(ahead.mean(axis=1), axis=1, keepdims=True)
        slant = ((begins[:, -1] - begins[:, 0]) * way).sum(axis=1) / radius
        assert 0.3 < float(slant.std()) < 1
        assert abs(float(slant.mean())) < 0.2


def test_strokes_meet_in_one_colour_where_a_form_is_soft() -> None:
    x = np.mgrid[:200, :300][1].astype(np.float32)
    goal = np.repeat((40 + 0.6 * x)[..., None], 3, axis=2).astype(np.uint8)
    goal[..., 0] += 20
    canvas = np.full_like(goal, 255)
    whole, masses = np.ones(goal.shape[:2], bool), np.zeros(goal.shape[:2], np.int32)
    found = traced(goal, canvas, whole, masses, 8.0, Bristles(jitter=0, wander=0), np.random.default_rng(1))
    paint(canvas, found.strokes, 0, len(found.strokes))
    assert float(np.abs(canvas.astype(int) - goal)[10:-10, 10:-10].mean()) < 1.3


def test_a_stroke_goes_on_along_its_form_over_what_stands_nearly_right() -> None:
    y, x = np.mgrid[:240, :400]
    stripes = np.where((y // 10 % 2)[..., None] > 0, (90, 60, 40), (150, 110, 70)) + (8 * np.sin(x / 9))[..., None]
    goal = np.clip(stripes, 0, 255).astype(np.uint8)
    uneven = np.random.default_rng(3).integers(-25, 25, (240, 400, 1))
    canvas = (np.array((120, 90, 55)) + uneven).astype(np.uint8)
    whole, masses, depth = (
        np.ones((240, 400), bool),
        np.zeros((240, 400), np.int32),
        np.full((240, 400), 50, np.float32),
    )
    bristles = Bristles(wander=0.2, longest=14.0)
    found = traced(goal, canvas, whole, masses, 3.0, bristles, np.random.default_rng(1), depth, crisp=True)
    assert float(found.lengths.mean()) > 8.4 * 3.0


def test_no_stroke_beside_an_edge_mixes_its_two_sides() -> None:
    y, x = np.mgrid[:240, :240]
    inside = np.hypot(x - 120, y - 120) < 70
    picture = np.where(inside[..., None], (40, 30, 60), (230, 220, 190)).astype(np.uint8)
    depth = np.asarray(cv2.distanceTransform(255 - cv2.Canny(picture, 70, 180), cv2.DIST_L2, 3), np.float32)
    whole, masses = np.ones(inside.shape, bool), np.zeros(inside.shape, np.int32)
    bristles = Bristles(jitter=0, shortest=0)
    for radius in (3.0, 8.0):
        canvas = np.full_like(picture, 130)
        chance = np.random.default_rng(1)
        found = traced(picture, canvas, whole, masses, radius, bristles, chance, depth, crisp=True)
        colours = found.strokes.colours[found.strokes.first[:-1], 1].astype(int)
        assert float(((colours > 50) & (colours < 200)).mean()) < 0.02
