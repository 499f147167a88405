"""A request is the whole truth of a job, and refuses what is out of range by name."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paints_undo_engine.errors import InvalidRequestError
from paints_undo_engine.parameters import Bound, parameters_of
from paints_undo_engine.request import (
    ExecutionParameters,
    InterpolationParameters,
    KeyframeParameters,
    KeyframeSeed,
    ProcessRequest,
    TagsParameters,
)


def test_the_defaults_are_the_published_ones() -> None:
    request = ProcessRequest(engine="diffusion")
    assert request.operation_steps == (400, 600, 800, 900, 950, 999)
    assert (request.keyframes.seed, request.keyframes.steps, request.keyframes.guidance_scale) == (12345, 50, 3.0)
    assert (request.interpolation.seed, request.interpolation.steps) == (123, 50)
    assert request.interpolation.guidance_scale == 7.5


@pytest.mark.parametrize(
    ("field", "build"),
    [
        ("engine", lambda: ProcessRequest(engine="magic")),
        ("keyframes.steps", lambda: ProcessRequest(keyframes=KeyframeParameters(steps=0))),
        ("keyframes.width", lambda: ProcessRequest(keyframes=KeyframeParameters(width=300))),
        ("keyframes.operation_steps", lambda: ProcessRequest(keyframes=KeyframeParameters(operation_steps=(5, 1000)))),
        ("keyframes.operation_steps", lambda: ProcessRequest(keyframes=KeyframeParameters(operation_steps=(9, 5)))),
        ("keyframes.operation_steps", lambda: ProcessRequest(keyframes=KeyframeParameters(operation_steps=(5, 5)))),
        ("keyframes.seeds", lambda: ProcessRequest(keyframes=KeyframeParameters(seeds=(KeyframeSeed(1, 2),)))),
        ("keyframes.own", lambda: ProcessRequest(keyframes=KeyframeParameters(own=(1,)))),
        ("interpolation.frames", lambda: ProcessRequest(interpolation=InterpolationParameters(frames=1))),
        ("tags.text", lambda: ProcessRequest(tags=TagsParameters(text="x" * 5000))),
        ("execution.memory_plan", lambda: ProcessRequest(execution=ExecutionParameters(memory_plan="2gb"))),
    ],
)
def test_what_is_out_of_range_is_refused_with_the_fields_name(field: str, build: object) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        build()  # type: ignore[operator]
    assert caught.value.field == field
    assert field in str(caught.value)
    assert caught.value.allowed in str(caught.value)


@given(st.floats() | st.integers(-(10**12), 10**12) | st.booleans() | st.text(max_size=3))
def test_no_number_slips_past_its_bound(value: object) -> None:
    try:
        parameters = dataclasses.replace(ProcessRequest().keyframes, guidance_scale=value)  # type: ignore[arg-type]
        ProcessRequest(keyframes=parameters)
    except InvalidRequestError as error:
        assert error.field == "keyframes.guidance_scale"
    else:
        assert isinstance(value, int | float)
        assert not isinstance(value, bool)
        assert 1 <= value <= 32


def test_every_bounded_field_says_its_range_in_words() -> None:
    bounded = [known for known in parameters_of(ProcessRequest) if known.bound != Bound()]
    listed = {known.name: known.bound.words() for known in bounded}
    assert listed["keyframes.width"] == "256 to 1024 in multiples of 64 or 0 for automatic"
    assert listed["keyframes.operation_steps"] == "at most 64 values, 0 to 999"
    assert all(listed.values())
