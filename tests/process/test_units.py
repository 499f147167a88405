"""The arithmetic of a process: units, keyframes and frames."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paints_undo_engine.process import frame_count, keyframe_operation_step, units
from paints_undo_engine.request import InterpolationParameters, KeyframeParameters, ProcessRequest
from paints_undo_engine.stages import Stage, Unit

requests = st.builds(
    lambda steps, frames: ProcessRequest(
        keyframes=KeyframeParameters(operation_steps=tuple(sorted(steps))),
        interpolation=InterpolationParameters(frames=frames),
    ),
    st.sets(st.integers(0, 999), min_size=1, max_size=8),
    st.integers(2, 64),
)


def test_the_default_process_has_106_frames() -> None:
    assert frame_count(ProcessRequest()) == 106
    assert [unit.name for unit in units(ProcessRequest())] == [
        "tags",
        "keyframes",
        *(f"interval-{interval}" for interval in range(7)),
    ]


@given(st.lists(st.builds(Unit, st.just(Stage.INTERPOLATION), st.integers(0, 200))))
def test_units_are_named_parsed_and_ordered(intervals: list[Unit]) -> None:
    every = [*intervals, Unit(Stage.KEYFRAMES), Unit(Stage.TAGS)]
    assert [Unit.parse(unit.name) for unit in every] == every
    assert [unit.interval for unit in sorted(every)] == [-1, -1, *sorted(unit.interval for unit in intervals)]
    assert sorted(every)[0] == Unit(Stage.TAGS)


@pytest.mark.parametrize("name", ["", "interval-", "interval--1", "interval-٣", "interpolation", "interval-1x", "Tags"])
def test_what_is_no_unit_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Unit.parse(name)


def test_a_job_may_stop_after_any_stage() -> None:
    assert units(ProcessRequest(stop_after=Stage.TAGS)) == (Unit(Stage.TAGS),)
    assert units(ProcessRequest(stop_after=Stage.KEYFRAMES)) == (Unit(Stage.TAGS), Unit(Stage.KEYFRAMES))


@given(requests)
def test_keyframes_run_from_the_blank_canvas_to_the_painting(request: ProcessRequest) -> None:
    count = len(request.operation_steps) + 2
    steps = [keyframe_operation_step(request, index) for index in range(count)]
    assert steps[0] == 1000
    assert steps[-1] == 0
    assert steps == sorted(steps, reverse=True)
    assert steps[-2:0:-1] == list(request.operation_steps)


@given(requests)
def test_every_keyframe_is_an_end_of_some_interval(request: ProcessRequest) -> None:
    needed = {index for unit in units(request) for index in unit.needs}
    assert needed == set(range(len(request.operation_steps) + 2))
    assert frame_count(request) == (request.interpolation.frames - 1) * (len(units(request)) - 2) + 1
