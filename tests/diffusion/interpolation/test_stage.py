"""Whole intervals through the engine contract, on the small checkpoints."""

from __future__ import annotations

import gc
from pathlib import Path

import numpy as np
import pytest
import torch

from paints_undo_engine.contract import Interval, StateMade
from paints_undo_engine.diffusion.engine import DiffusionEngine
from paints_undo_engine.diffusion.models import ModelComponents
from paints_undo_engine.diffusion.sizes import Sizes
from paints_undo_engine.errors import InvalidRequestError
from paints_undo_engine.events import KeyframeMade, PlanChanged, Progress
from paints_undo_engine.painting import Painting
from paints_undo_engine.request import (
    ExecutionParameters,
    Fit,
    InterpolationParameters,
    ProcessRequest,
    TemporalWindow,
)

BUCKETS = ((64, 96), (64, 80), (80, 64), (96, 64))


@pytest.fixture
def engine(repos: Path) -> DiffusionEngine:
    return DiffusionEngine(ModelComponents(lambda model: repos / model, "cpu"), Sizes(buckets=BUCKETS))


def request(fit: Fit = Fit.CONTAIN, plan: str = "auto", allow_fp8: bool = False, **changes: object) -> ProcessRequest:
    return ProcessRequest(
        engine="diffusion",
        fit=fit,
        interpolation=InterpolationParameters(**{"steps": 2, **changes}),  # type: ignore[arg-type]
        execution=ExecutionParameters(memory_plan=plan, allow_fp8=allow_fp8),
    )


def interval(painting: Painting, frames: int = 16, seed: int = 5) -> Interval:
    blank, finished = KeyframeMade(0, 1000.0, painting.blank()), KeyframeMade(1, 0.0, None)
    return Interval(0, blank, finished, frames, seed)


def states(engine: DiffusionEngine, painting: Painting, wanted: ProcessRequest, seed: int = 5) -> list[StateMade]:
    joined = interval(painting, wanted.interpolation.frames, seed)
    return [event for event in engine.interval(painting, wanted, joined) if isinstance(event, StateMade)]


def stacked(found: list[StateMade]) -> np.ndarray:
    return np.stack([state.picture.pixels for state in found]).astype(int)


def test_states_are_chronological_and_line_up_with_the_painting(engine: DiffusionEngine, painting: Painting) -> None:
    found = states(engine, painting, request())
    assert [state.position for state in found] == pytest.approx([j / 15 for j in range(1, 16)])
    assert [state.operation_step for state in found] == pytest.approx([1000 - 1000 * j / 15 for j in range(1, 16)])
    assert {state.picture.placement for state in found} == {painting.placement}
    height, width = found[0].picture.pixels.shape[:2]
    assert width / height == pytest.approx(painting.width / painting.height, rel=0.03)


def test_cropping_places_frames_inside_the_painting(engine: DiffusionEngine, painting: Painting) -> None:
    place = states(engine, painting, request(Fit.CROP))[0].picture.placement
    assert place.x >= 0
    assert place.x + place.width <= painting.width + 1e-6
    assert place.y >= 0
    assert place.y + place.height <= painting.height + 1e-6


def test_same_seed_same_pictures_whatever_ran_before(engine: DiffusionEngine, painting: Painting) -> None:
    once = stacked(states(engine, painting, request()))
    other = stacked(states(engine, painting, request(), seed=6))
    assert (stacked(states(engine, painting, request())) == once).all()
    assert (other != once).any()


@pytest.mark.parametrize("plan", ["resident", "6gb"])
def test_exact_plans_agree(engine: DiffusionEngine, painting: Painting, plan: str) -> None:
    usual = stacked(states(engine, painting, request()))
    assert np.abs(stacked(states(engine, painting, request(plan=plan))) - usual).max() <= 1


def test_8_bit_weights_only_where_allowed(engine: DiffusionEngine, painting: Painting) -> None:
    with pytest.raises(InvalidRequestError, match="allow_fp8"):
        states(engine, painting, request(plan="4gb-fp8"))
    exact = stacked(states(engine, painting, request()))
    stored = stacked(states(engine, painting, request(plan="4gb-fp8", allow_fp8=True)))
    assert 0 < np.abs(stored - exact).mean() < 40
    assert (stacked(states(engine, painting, request())) == exact).all()


@pytest.mark.parametrize("frames", [2, 5, 20])
def test_any_number_of_frames(engine: DiffusionEngine, painting: Painting, frames: int) -> None:
    found = states(engine, painting, request(frames=frames, temporal_window=TemporalWindow.ROLL, steps=1))
    assert len(found) == frames - 1


def test_progress_at_every_step_and_the_plan_is_told(engine: DiffusionEngine, painting: Painting) -> None:
    events = list(engine.interval(painting, request(steps=3), interval(painting)))
    assert isinstance(events[0], PlanChanged)
    steps = [event.step for event in events if isinstance(event, Progress)]
    assert steps == sorted(steps)
    assert set(steps) == {1, 2, 3, 4}


@pytest.mark.parametrize("events", [2, 6])
def test_cancelling_leaves_no_tensors(engine: DiffusionEngine, painting: Painting, events: int) -> None:
    list(engine.interval(painting, request(), interval(painting)))
    engine._pipeline.runner.clear()
    before = _tensors()
    running = engine.interval(painting, request(), interval(painting))
    for _ in range(events):
        next(running)
    running.close()
    del running
    assert _tensors() <= before


def _tensors() -> int:
    gc.collect()
    return sum(isinstance(thing, torch.Tensor) for thing in gc.get_objects())


def test_a_long_prompt_warns(engine: DiffusionEngine, painting: Painting) -> None:
    events = engine.interval(painting, request(prompt="brush " * 200, steps=1), interval(painting))
    assert any("too long" in getattr(event, "text", "") for event in events)
