"""The construction follows what is there: a head only where the outline shows one, a horizon only in a scene."""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.procedural.construction import construct, subject
from paints_undo_engine.procedural.lines import Path

SHAPE = (240, 200)


def constructed(mask: np.ndarray) -> list[Path]:
    picture = np.where(mask[..., None] > 0, (90, 70, 60), (250, 250, 250)).astype(np.uint8)
    return construct(picture, mask.astype(np.int32), mask, (100.0, 130.0), True, np.random.default_rng(5))


def figure(head: int) -> np.ndarray:
    """A body with a round head of this radius on a neck; none with 0."""
    mask = np.zeros(SHAPE, np.uint8)
    cv2.ellipse(mask, (100, 165), (48, 62), 0, 0, 360, 1, -1)
    if head:
        cv2.rectangle(mask, (94, 60), (106, 110), 1, -1)
        cv2.circle(mask, (100, 50), head, 1, -1)
    return mask


def test_a_head_is_drawn_where_a_neck_shows_one() -> None:
    strokes = constructed(figure(head=30))
    middle = strokes[0].mean(axis=0)
    assert np.hypot(*(middle - (100, 54))) < 14
    assert np.ptp(strokes[0][:, 1]) < 90


def test_a_body_without_a_head_begins_with_the_body() -> None:
    assert constructed(figure(head=0))[0].mean(axis=0)[1] > 100


def test_a_drawing_without_colour_has_its_lines_for_a_subject() -> None:
    ink = np.zeros(SHAPE, np.uint8)
    for radius in range(10, 50, 8):
        cv2.circle(ink, (100, 120), radius, 255, 2)
    mask = subject(np.zeros(SHAPE, np.int32), np.array([float(ink.size)]), ink)
    ys, xs = np.nonzero(mask)
    assert 0.1 < mask.mean() < 0.3
    assert abs(xs.mean() - 100) < 3
    assert abs(ys.mean() - 120) < 3


def test_a_scene_gets_its_horizon_and_its_large_shapes() -> None:
    picture = np.full((*SHAPE, 3), (150, 190, 230), np.uint8)
    picture[150:] = (70, 110, 60)
    hill = np.zeros(SHAPE, np.int32)
    hill[150:] = 1
    cv2.circle(hill, (70, 100), 36, 2, -1)
    strokes = construct(picture, hill, np.ones(SHAPE, np.uint8), (70.0, 100.0), True, np.random.default_rng(5))
    assert abs(strokes[0][:, 1].mean() - 150) < 8
    assert any(np.hypot(*(stroke.mean(axis=0) - (70, 100))) < 10 for stroke in strokes[1:])
