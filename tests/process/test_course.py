"""How processes go on, as figures."""

from __future__ import annotations

import numpy as np
import pytest

from paints_undo_engine.course import course_of


def states(shares: list[float], side: int = 40) -> list[np.ndarray]:
    """White sheets that are black from the top down to a share."""
    made = []
    for share in shares:
        pixels = np.full((side, side, 3), 255, np.uint8)
        pixels[: round(side * share)] = 0
        made.append(pixels)
    return made


def test_distances_are_what_is_left_to_do():
    course = course_of(states([0, 0.25, 0.5, 1]), ["blank canvas", "flats, hair", "flats, skin", "the painting"])
    assert course.distances == pytest.approx((1, 0.75, 0.5, 0))
    assert course.phases == {"flats": 1}


def test_phases_share_the_time_in_their_order():
    labels = ["blank canvas", "sketch", "sketch, head", "line, hair", "sketch, hand", "the painting"]
    course = course_of(states([0] * 6), labels)
    assert list(course.phases.items()) == [("sketch", 0.75), ("line", 0.25)]


def test_a_distance_between_two_states_is_between_theirs():
    assert course_of(states([0, 1]), ["", ""]).distance_at(0.25) == pytest.approx(0.75)


def test_states_of_any_size_and_with_alpha_are_compared():
    clear = np.zeros((400, 300, 4), np.uint8)
    course = course_of([clear, np.full((200, 150, 3), 255, np.uint8)], ["", ""])
    assert course.distances == (0, 0)
    assert not course.phases


def test_no_states_are_refused():
    with pytest.raises(ValueError, match="at least one"):
        course_of([], [])
