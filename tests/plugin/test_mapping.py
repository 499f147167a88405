"""Frames land on the canvas where the painting was."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from krita_plugin.undo_painting.core.mapping import PaintingSource, Placement, Rect, frame_rect, source_from_json

SIDES = st.integers(1, 5000)


def source(x: int = 0, y: int = 0, width: int = 640, height: int = 480) -> PaintingSource:
    return PaintingSource("selection", Rect(x, y, width, height), 1000, 800)


def test_a_frame_of_the_whole_painting_covers_its_rectangle() -> None:
    assert frame_rect(source(40, 30, 200, 120), None, 1000, 800) == Rect(40, 30, 200, 120)


def test_a_frame_of_a_part_is_offset() -> None:
    assert frame_rect(source(40, 30), Placement(10.4, 20.6, 100.2, 50.0), 1000, 800) == Rect(50, 51, 101, 50)


def test_a_scaled_document_scales_its_frames() -> None:
    assert frame_rect(source(40, 30, 200, 120), None, 2000, 1600) == Rect(80, 60, 400, 240)


def test_a_grown_document_keeps_its_frames_in_place() -> None:
    assert frame_rect(source(40, 30, 200, 120), None, 1500, 800) == Rect(40, 30, 200, 120)


@given(st.integers(1, 40), SIDES)
def test_neighbours_neither_overlap_nor_gap(parts: int, width: int) -> None:
    whole = PaintingSource("picture", Rect(7, 9, width, 100), width + 7, 109)
    step = width / parts
    rects = [frame_rect(whole, Placement(i * step, 0, step, 100), width + 7, 109) for i in range(parts)]
    for left, right in itertools.pairwise(rects):
        assert right.x - left.x <= left.width
    if width >= parts * 2:
        assert all(a.x + a.width == b.x for a, b in itertools.pairwise(rects))
        assert sum(rect.width for rect in rects) == width


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_damaged_sources_are_left_out(data: object) -> None:
    assert source_from_json(data) is None


def test_sources_survive_json() -> None:
    assert source_from_json(source(1, 2).as_json()) == source(1, 2)


def test_clipping() -> None:
    assert Rect(-5, -5, 20, 20).clipped(Rect(0, 0, 10, 10)) == Rect(0, 0, 10, 10)
    assert Rect(20, 0, 5, 5).clipped(Rect(0, 0, 10, 10)).empty
