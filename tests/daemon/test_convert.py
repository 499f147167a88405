"""Messages to requests and back: every field, every default, every range."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from enum import StrEnum
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paints_undo.v1 import jobs_pb2, server_pb2
from paints_undo_daemon import convert
from paints_undo_engine.descriptions import ENGINE_NAMES, MEMORY_PLANS
from paints_undo_engine.errors import InvalidRequestError
from paints_undo_engine.export.options import (
    Aspect,
    ExportFormat,
    ExportOptions,
    Fill,
    FrameSize,
    Language,
    LayerContent,
    Pace,
)
from paints_undo_engine.parameters import ParameterKind
from paints_undo_engine.process import units
from paints_undo_engine.request import (
    Control,
    Corrections,
    ExecutionParameters,
    Fit,
    InterpolationParameters,
    KeyframeParameters,
    KeyframeSeed,
    Method,
    Preset,
    ProceduralParameters,
    ProcessRequest,
    RedoParameters,
    TagsParameters,
    TemporalWindow,
)
from paints_undo_engine.stages import Stage, Unit

text = st.text(st.characters(codec="utf-8"), max_size=40)
seeds = st.integers(0, 2**32 - 1)
sides = st.sampled_from([0, 256, 512, 1024])


@st.composite
def keyframes(draw: st.DrawFn) -> KeyframeParameters:
    steps = tuple(sorted(draw(st.sets(st.integers(0, 999), min_size=1, max_size=8))))
    some = st.lists(st.sampled_from(steps), unique=True)
    return KeyframeParameters(
        operation_steps=steps,
        seed=draw(seeds),
        seeds=tuple(KeyframeSeed(step, draw(seeds)) for step in draw(some)),
        own=tuple(draw(some)),
        width=draw(sides),
        height=draw(sides),
        steps=draw(st.integers(1, 100)),
        guidance_scale=draw(st.floats(1, 32)),
        negative_prompt=draw(text),
    )


requests = st.builds(
    ProcessRequest,
    engine=st.sampled_from(ENGINE_NAMES),
    stop_after=st.sampled_from(Stage),
    fit=st.sampled_from(Fit),
    reference=st.booleans(),
    tags=st.builds(
        TagsParameters,
        text=st.none() | text,
        general_threshold=st.floats(0, 1),
        character_threshold=st.floats(0, 1),
        exclude=text,
    ),
    keyframes=keyframes(),
    interpolation=st.builds(
        InterpolationParameters,
        frames=st.integers(2, 64),
        prompt=text,
        seed=seeds,
        steps=st.integers(1, 60),
        guidance_scale=st.floats(1, 15),
        temporal_window=st.sampled_from(TemporalWindow),
        chained=st.booleans(),
    ),
    procedural=st.builds(
        ProceduralParameters,
        method=st.sampled_from(Method),
        corrections=st.sampled_from(Corrections),
        flip=st.booleans(),
        max_side=st.sampled_from([0, 16, 4096]),
    ),
    execution=st.builds(
        ExecutionParameters,
        memory_plan=st.sampled_from(MEMORY_PLANS),
        allow_fp8=st.booleans(),
        preset=st.sampled_from(Preset),
    ),
    redo=st.builds(
        RedoParameters,
        control=st.sampled_from(Control),
        prompt=text,
        likeness=st.floats(0, 1),
        strength=st.sampled_from([0.0, 0.05, 1.0]),
        steps=st.integers(1, 100),
        guidance_scale=st.floats(1, 32),
    ),
)


@given(requests)
def test_a_request_survives_the_wire(request: ProcessRequest) -> None:
    supplied = {step: f"{step:064x}" for step in request.keyframes.own}
    message = convert.request_to_proto(request, supplied)
    received = jobs_pb2.ProcessParameters.FromString(message.SerializeToString())
    assert convert.request_from_proto(received) == request
    assert convert.supplied_keyframes(received) == supplied


@pytest.mark.parametrize("engine", ENGINE_NAMES)
def test_an_empty_message_is_the_default_request_and_is_filled_in(engine: str) -> None:
    request = convert.request_from_proto(jobs_pb2.ProcessParameters(engine=engine))
    assert request == ProcessRequest(engine=engine)
    filled = convert.request_from_proto(convert.request_to_proto(request))
    steps = request.operation_steps
    assert filled == replace(request, keyframes=replace(request.keyframes, operation_steps=steps))


def test_what_is_out_of_range_is_refused_with_its_name() -> None:
    parameters = jobs_pb2.ProcessParameters()
    parameters.keyframes.seeds.add(operation_step=143, seed=1)
    parameters.keyframes.seeds.add(operation_step=143, seed=2)
    with pytest.raises(InvalidRequestError, match=r"keyframes\.seeds"):
        convert.request_from_proto(parameters)
    unknown = jobs_pb2.ProcessParameters.FromString(b"\x18\x63")
    with pytest.raises(InvalidRequestError, match="fit"):
        convert.request_from_proto(unknown)


def test_units_are_named_and_found_again() -> None:
    for unit in units(ProcessRequest()):
        assert Unit.parse(unit.name) == unit


def test_every_export_option_arrives() -> None:
    message = jobs_pb2.ExportOptions(
        format=jobs_pb2.EXPORT_FORMAT_PSD,
        frames_per_second=24,
        hold_last_seconds=0,
        result_first_seconds=1,
        reverse=True,
        ping_pong=True,
        aspect=jobs_pb2.ASPECT_TALL,
        fill=jobs_pb2.FILL_FOLLOW,
        max_side=720,
        size=jobs_pb2.FRAME_SIZE_MODEL,
        layer_content=jobs_pb2.LAYER_CONTENT_SPLIT,
        omit_metadata=True,
        omit_end_card=True,
        language=jobs_pb2.LANGUAGE_JA,
        pace=jobs_pb2.PACE_EASED,
        omit_provenance=True,
        pace_curve="",
    )
    assert convert.export_options_from_proto(message) == ExportOptions(
        ExportFormat.PSD,
        24,
        0,
        0,
        1,
        True,
        True,
        Aspect.TALL,
        Fill.FOLLOW,
        720,
        FrameSize.MODEL,
        LayerContent.SPLIT,
        True,
        True,
        Language.JA,
        Pace.EASED,
        "",
        True,
    )
    with pytest.raises(InvalidRequestError, match="format"):
        convert.export_options_from_proto(jobs_pb2.ExportOptions())


@given(
    st.builds(
        ExportOptions,
        format=st.sampled_from(ExportFormat),
        frames_per_second=st.just(0) | st.floats(0.1, 120),
        hold_last_seconds=st.floats(0, 60),
        reverse=st.booleans(),
        aspect=st.sampled_from(Aspect),
        fill=st.sampled_from(Fill),
        max_side=st.just(0) | st.integers(16, 16384),
        layer_content=st.sampled_from(LayerContent),
        omit_metadata=st.booleans(),
        omit_end_card=st.booleans(),
        language=st.sampled_from(Language),
        pace=st.sampled_from(Pace),
        omit_provenance=st.booleans(),
    )
)
def test_export_options_survive_the_wire(options: ExportOptions) -> None:
    message = convert.export_options_to_proto(options)
    assert convert.export_options_from_proto(jobs_pb2.ExportOptions.FromString(message.SerializeToString())) == options


@pytest.mark.parametrize(
    ("words", "enum"),
    [
        (Stage, jobs_pb2.Stage),
        (Fit, jobs_pb2.Fit),
        (TemporalWindow, jobs_pb2.TemporalWindow),
        (Preset, jobs_pb2.Preset),
        (Method, jobs_pb2.Method),
        (Corrections, jobs_pb2.Corrections),
        (ExportFormat, jobs_pb2.ExportFormat),
        (LayerContent, jobs_pb2.LayerContent),
        (Aspect, jobs_pb2.Aspect),
        (Language, jobs_pb2.Language),
        (Pace, jobs_pb2.Pace),
        (Fill, jobs_pb2.Fill),
        (ParameterKind, server_pb2.ParameterKind),
    ],
)
def test_every_word_has_a_number_and_every_number_a_word(words: type[StrEnum], enum: Any) -> None:
    numbers = [convert.number_of_word(word, enum.DESCRIPTOR) for word in words]
    assert sorted([0, *numbers]) == sorted(enum.values())
    assert [convert.word_from_number(words, enum.DESCRIPTOR, number, "x") for number in numbers] == list(words)


def field_pairs(kind: Any, message: Any) -> Iterator[tuple[set[str], set[str]]]:
    yield {field.name for field in fields(kind)}, {field.name for field in message.DESCRIPTOR.fields}
    for name, hint in get_type_hints(kind).items():
        if is_dataclass(hint):
            yield from field_pairs(hint, getattr(message, name))


@pytest.mark.parametrize(
    ("kind", "message"), [(ProcessRequest, jobs_pb2.ProcessParameters()), (ExportOptions, jobs_pb2.ExportOptions())]
)
def test_dataclasses_and_messages_have_the_same_fields(kind: type, message: Any) -> None:
    for declared, sent in field_pairs(kind, message):
        assert declared == sent
