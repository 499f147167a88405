"""The forms of creatures: masses as eggs, and limbs that hang on them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from paints_undo_engine.procedural.techniques.limbs import form_lines, forms_of


def on_four_legs(scale: float = 1.0) -> np.ndarray:
    """An animal with trunk, head, four legs and a tail, bool [300, 400] at scale 1."""
    cover = np.zeros((300, 400), np.uint8)
    cv2.ellipse(cover, (200, 130), (100, 50), 0, 0, 360, 1, -1)
    cv2.circle(cover, (320, 80), 36, 1, -1)
    for x in (130, 165, 240, 275):
        cv2.line(cover, (x, 150), (x, 280), 1, 18)
    cv2.polylines(cover, [np.array([(110, 120), (60, 90), (40, 40)], np.int32)], False, 1, 14)
    return np.asarray(cv2.resize(cover, None, fx=scale, fy=scale, interpolation=cv2.INTER_NEAREST)) > 0


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_trunk_and_head_are_masses_and_legs_are_limbs(scale: float) -> None:
    forms = forms_of(on_four_legs(scale))
    places = np.array([(egg.x, egg.y) for egg in forms.eggs]) / scale
    assert np.hypot(*(places - [320, 80]).T).min() < 20
    assert np.hypot(*(places - [200, 130]).T).min() < 70
    ends = np.array([limb.middle[-1] for limb in forms.limbs]) / scale
    for foot in ((130, 280), (165, 280), (240, 280), (275, 280), (40, 40)):
        assert np.hypot(*(ends - foot).T).min() < 20, foot


def test_a_ball_is_one_mass_without_limbs() -> None:
    cover = np.zeros((200, 200), np.uint8)
    cv2.circle(cover, (100, 100), 70, 1, -1)
    forms = forms_of(cover > 0)
    (egg,) = forms.eggs
    assert abs(egg.length - 70) < 5
    assert forms.limbs == ()
    assert form_lines(forms, np.random.default_rng(0))


def test_what_is_drawn_of_a_creature_lies_in_it() -> None:
    cover = on_four_legs()
    near = cv2.dilate(cover.astype(np.uint8), np.ones((31, 31), np.uint8)) > 0
    for seed in range(4):
        lines = form_lines(forms_of(cover), np.random.default_rng(seed))
        points = np.concatenate([points for _, points, _ in lines]).astype(int)
        assert np.mean([near[np.clip(y, 0, 299), np.clip(x, 0, 399)] for x, y in points]) > 0.9
