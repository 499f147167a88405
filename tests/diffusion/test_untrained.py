"""What the models were not trained for is said: before the work, and in the result."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from paints_undo_engine.contract import Engine
from paints_undo_engine.diffusion.engine import DiffusionEngine
from paints_undo_engine.diffusion.models import ModelComponents
from paints_undo_engine.diffusion.sizes import Sizes
from paints_undo_engine.diffusion.stages.untrained import untrained
from paints_undo_engine.painting import Painting
from paints_undo_engine.request import InterpolationParameters, KeyframeParameters, ProcessRequest, TagsParameters
from paints_undo_engine.request import TemporalWindow as Window
from paints_undo_engine.result import Result
from paints_undo_engine.stages import Stage

PUBLISHED = (640, 512)


def said(interpolation: InterpolationParameters, size: tuple[int, int] = PUBLISHED) -> list[str]:
    return list(untrained(ProcessRequest(engine="diffusion", interpolation=interpolation), size, PUBLISHED))


def test_a_default_job_is_what_they_were_trained_for() -> None:
    assert said(InterpolationParameters()) == []
    assert said(InterpolationParameters(), (512, 640)) == []


@pytest.mark.parametrize(
    ("interpolation", "words"),
    [
        (InterpolationParameters(frames=15), "Intervals of 15 frames: the model was trained for 16"),
        (InterpolationParameters(frames=40), "Intervals of 40 frames: the model was trained for 16"),
        (InterpolationParameters(frames=40, chained=True), "in windows of 16 that share their ends"),
        (InterpolationParameters(temporal_window=Window.ROLL), "temporal window"),
    ],
    ids=["fewer frames", "more frames", "chained", "a window"],
)
def test_other_intervals_are_named(interpolation: InterpolationParameters, words: str) -> None:
    (sentence,) = said(interpolation)
    assert words in sentence
    assert "not been judged" in sentence


def test_areas_far_from_the_published_one_are_named() -> None:
    (large,) = said(InterpolationParameters(), (1024, 1024))
    assert large.startswith("Keyframes of 1024 x 1024: the model is published for the area of 512 x 640")
    assert len(said(InterpolationParameters(frames=8), (256, 256))) == 2


def test_intervals_that_are_not_made_are_not_named() -> None:
    request = ProcessRequest(
        engine="diffusion", stop_after=Stage.KEYFRAMES, interpolation=InterpolationParameters(frames=40)
    )
    assert list(untrained(request, PUBLISHED, PUBLISHED)) == []


@pytest.fixture
def engine(repos: Path) -> Iterator[Engine]:
    made = DiffusionEngine(ModelComponents(lambda model: repos / model, "cpu"), Sizes(buckets=((64, 64),)))
    yield made
    made.close()


def test_the_result_keeps_what_was_said(engine: Engine, painting: Painting) -> None:
    request = ProcessRequest(
        engine="diffusion",
        stop_after=Stage.KEYFRAMES,
        tags=TagsParameters(text="a fox"),
        keyframes=KeyframeParameters(operation_steps=(500,), steps=1, width=256, height=256),
    )
    with Result(engine, painting, request) as result:
        list(result.run())
        (sentence,) = result.warnings
    assert sentence.startswith("Keyframes of 256 x 256")
