"""Whole jobs on the small checkpoints, through the API that a user calls with the real ones."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from paints_undo_engine import engines, process
from paints_undo_engine.contract import Engine
from paints_undo_engine.errors import EngineUnavailableError, InvalidRequestError
from paints_undo_engine.events import (
    Event,
    FrameMade,
    KeyframeMade,
    PlanChanged,
    Progress,
    Tagged,
    UnitFinished,
    Warned,
)
from paints_undo_engine.painting import Painting, from_raw
from paints_undo_engine.picture import Picture
from paints_undo_engine.process import Inputs
from paints_undo_engine.request import (
    Fit,
    InterpolationParameters,
    KeyframeParameters,
    KeyframeSeed,
    ProcessRequest,
    TagsParameters,
)
from paints_undo_engine.stages import Stage, Unit

SMALL = KeyframeParameters(steps=1, width=256, height=256)
REQUEST = ProcessRequest(engine="diffusion", keyframes=SMALL, interpolation=InterpolationParameters(steps=1))
KEYFRAMES = replace(REQUEST, stop_after=Stage.KEYFRAMES)


@pytest.fixture(scope="module")
def engine(models: Path) -> Iterator[Engine]:
    """The engine on the CPU, with interpolation sizes that suit a test."""
    (models / "paints_undo_multi_frame" / "sizes.json").write_text(json.dumps({"buckets": [[64, 64]]}))
    made = engines.load("diffusion", engines.EngineSettings("cpu", models))
    yield made
    made.close()


@pytest.fixture(scope="module")
def picture() -> Painting:
    y, x = np.mgrid[0:90, 0:120]
    return from_raw(np.stack([x * 2, y * 2, (x + y) % 256], axis=-1).astype(np.uint8).tobytes(), 120, 90, 3)


@pytest.fixture(scope="module")
def whole(engine: Engine, picture: Painting) -> list[Event]:
    return list(process.run(engine, picture, REQUEST))


def keyframes_of(events: list[Event]) -> dict[int, KeyframeMade]:
    return {event.index: event for event in events if isinstance(event, KeyframeMade)}


def pixels_of(keyframe: KeyframeMade) -> np.ndarray:
    assert keyframe.picture is not None
    return keyframe.picture.pixels


def test_a_default_job_gives_106_frames(whole: list[Event], picture: Painting) -> None:
    frames = [event for event in whole if isinstance(event, FrameMade)]
    assert [frame.index for frame in frames] == list(range(106))
    assert frames[-1].picture is None
    steps = [frame.operation_step for frame in frames]
    assert steps == sorted(steps, reverse=True)
    for frame in frames[:-1]:
        assert frame.picture is not None
        assert frame.picture.placement == picture.placement
        height, width = frame.picture.pixels.shape[:2]
        assert width / height == pytest.approx(120 / 90, rel=0.03)


def test_a_default_job_gives_8_keyframes_and_9_units(whole: list[Event]) -> None:
    keyframes = keyframes_of(whole)
    assert [keyframes[index].operation_step for index in range(8)] == [1000, 999, 950, 900, 800, 600, 400, 0]
    assert keyframes[7].picture is None
    assert pixels_of(keyframes[3]).shape == (192, 256, 3)
    assert sum(isinstance(event, UnitFinished) for event in whole) == 9
    assert sum(isinstance(event, PlanChanged) for event in whole) <= 1


def test_a_unit_gives_the_same_bytes_alone_and_in_another_engine(
    whole: list[Event], models: Path, picture: Painting
) -> None:
    other = engines.load("diffusion", engines.EngineSettings("cpu", models))
    tags = next(event.text for event in whole if isinstance(event, Tagged))
    again = list(process.run_unit(other, picture, REQUEST, Unit(Stage.KEYFRAMES), Inputs(tags)))
    before, after = keyframes_of(whole), keyframes_of(again)
    assert all(np.array_equal(pixels_of(before[index]), pixels_of(after[index])) for index in range(7))
    unit = Unit(Stage.INTERPOLATION, 5)
    interval = list(process.run_unit(other, picture, REQUEST, unit, Inputs(tags, before)))
    made = [event for event in interval if isinstance(event, FrameMade)]
    known = {event.index: event for event in whole if isinstance(event, FrameMade)}
    assert len(made) == 15
    for frame in made:
        assert frame.picture is not None
        expected = known[frame.index].picture
        assert expected is not None
        assert np.array_equal(frame.picture.pixels, expected.pixels)
    other.close()


def test_own_tags_are_used_and_the_job_stops_after_any_stage(engine: Engine, picture: Painting) -> None:
    tags = list(process.run(engine, picture, replace(REQUEST, stop_after=Stage.TAGS)))
    assert [type(event) for event in tags if not isinstance(event, Progress)][1:2] == [Tagged]
    own = replace(KEYFRAMES, tags=TagsParameters(text="my own words"))
    events = list(process.run(engine, picture, own))
    assert next(event.text for event in events if isinstance(event, Tagged)) == "my own words"
    assert len(keyframes_of(events)) == 8
    assert not [event for event in events if isinstance(event, FrameMade)]
    other = keyframes_of(list(process.run(engine, picture, replace(own, tags=TagsParameters(text="")))))
    assert not np.array_equal(pixels_of(keyframes_of(events)[1]), pixels_of(other[1]))


def test_own_keyframes_are_kept(engine: Engine, picture: Painting) -> None:
    mine = Picture(np.full((30, 40, 3), 99, np.uint8), picture.placement)
    request = replace(KEYFRAMES, keyframes=replace(SMALL, operation_steps=(400, 900), own=(900,)))
    keyframes = keyframes_of(list(process.run(engine, picture, request, {900: mine})))
    assert keyframes[1].picture is mine
    assert keyframes[2].operation_step == 400


def test_one_keyframe_is_redone_with_another_seed(engine: Engine, picture: Painting) -> None:
    base = replace(KEYFRAMES, keyframes=replace(SMALL, operation_steps=(400, 900)))
    first = keyframes_of(list(process.run(engine, picture, base)))
    changed = replace(base, keyframes=replace(base.keyframes, seeds=(KeyframeSeed(900, 7),)))
    tags = next(event.text for event in process.run(engine, picture, base) if isinstance(event, Tagged))
    known = Inputs(tags, {2: first[2]})
    again = keyframes_of(list(process.run_unit(engine, picture, changed, Unit(Stage.KEYFRAMES), known)))
    assert again[2] is first[2]
    assert not np.array_equal(pixels_of(again[1]), pixels_of(first[1]))


def test_a_long_prompt_warns(engine: Engine, picture: Painting) -> None:
    request = replace(
        KEYFRAMES, tags=TagsParameters(text="word, " * 100), keyframes=replace(SMALL, operation_steps=(500,))
    )
    warnings = [
        event for event in process.run(engine, picture, request) if isinstance(event, Warned) and "tags" in event.text
    ]
    assert len(warnings) == 1
    assert "tags are too long" in warnings[0].text


def test_a_cancel_within_a_step_leaves_nothing_behind(engine: Engine, picture: Painting) -> None:
    request = replace(KEYFRAMES, keyframes=replace(SMALL, steps=30, operation_steps=(500,)))
    list(process.run(engine, picture, replace(request, keyframes=replace(request.keyframes, steps=1))))
    gc.collect()
    before = _tensors()
    running = process.run(engine, picture, request)
    for event in running:
        if isinstance(event, Progress) and event.step == 2:
            break
    running.close()
    del running, event
    gc.collect()
    assert _tensors() <= before


def _tensors() -> int:
    return sum(issubclass(type(thing), torch.Tensor) for thing in gc.get_objects())


def test_crop_shows_a_part_of_the_painting(engine: Engine, picture: Painting) -> None:
    request = replace(KEYFRAMES, fit=Fit.CROP, keyframes=replace(SMALL, operation_steps=(500,)))
    made = keyframes_of(list(process.run(engine, picture, request)))[1]
    assert pixels_of(made).shape == (256, 256, 3)
    assert made.picture is not None
    place = made.picture.placement
    assert place.width == pytest.approx(90, abs=0.5)
    assert place.height == 90
    assert place.x == pytest.approx(15, abs=0.5)


def test_reference_means_512_by_640_and_crop(engine: Engine, picture: Painting) -> None:
    keyframes = KeyframeParameters(steps=1, operation_steps=(500,))
    request = ProcessRequest(engine="diffusion", reference=True, stop_after=Stage.KEYFRAMES, keyframes=keyframes)
    made = keyframes_of(list(process.run(engine, picture, request)))[1]
    assert pixels_of(made).shape == (640, 512, 3)
    assert made.picture is not None
    assert made.picture.placement.width < 120


def test_missing_models_say_how_to_get_them(tmp_path: Path, picture: Painting) -> None:
    bare = engines.load("diffusion", engines.EngineSettings("cpu", tmp_path))
    with pytest.raises(EngineUnavailableError, match="paints-undo models download wd14_tagger"):
        list(process.run(bare, picture, REQUEST))
    with pytest.raises(EngineUnavailableError, match="paints-undo models download paints_undo_single_frame"):
        list(process.run(bare, picture, replace(KEYFRAMES, tags=TagsParameters(text="x"))))


def test_an_unknown_device_is_refused(models: Path) -> None:
    with pytest.raises(EngineUnavailableError, match="device"):
        engines.load("diffusion", engines.EngineSettings("abacus", models))


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("keyframes.steps", {"steps": 0}),
        ("keyframes.width", {"width": 300}),
        ("keyframes.height", {"height": 1088}),
        ("keyframes.operation_steps", {"operation_steps": (400, 1000)}),
        ("keyframes.negative_prompt", {"negative_prompt": "x" * 5000}),
    ],
)
def test_what_is_out_of_range_is_refused_by_name(field: str, change: dict[str, object]) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        replace(REQUEST, keyframes=replace(SMALL, **change))  # type: ignore[arg-type]
    assert caught.value.field == field


def test_other_kernels_for_attention_are_refused_where_they_are_not(models: Path) -> None:
    for name, reason in (("xformers", "not installed"), ("flash", "no attention 'flash'")):
        with pytest.raises(EngineUnavailableError, match=reason):
            engines.load("diffusion", engines.EngineSettings("cpu", models, attention=name))
