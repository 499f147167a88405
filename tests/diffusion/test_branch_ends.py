"""What the ends of branches are made of, on tiny random checkpoints: their canvas, seeds, parameters and masks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from diffusion.branching import SIZE, keyframes, nearly, wanted
from paints_undo_engine import process
from paints_undo_engine.diffusion.engine import DiffusionEngine
from paints_undo_engine.diffusion.pipeline import PaintsUndoPipeline
from paints_undo_engine.diffusion.sizes import Sizes
from paints_undo_engine.events import FrameMade
from paints_undo_engine.painting import Painting
from paints_undo_engine.picture import Picture
from paints_undo_engine.request import (
    Branch,
    Control,
    KeyframeSeed,
)
from paints_undo_engine.stages import Stage

HEIGHT = 180


@pytest.fixture(scope="module")
def engine(redo_pipeline: PaintsUndoPipeline) -> DiffusionEngine:
    return DiffusionEngine(redo_pipeline.models, Sizes(buckets=((64, 64),)))


@pytest.fixture(scope="module")
def painting(canvas: np.ndarray) -> Painting:
    """As wide as the working size and lower, so that its edges are extended and nothing is resized."""
    return Painting(canvas[:HEIGHT])


def test_a_branch_goes_on_from_the_state_that_is_shown(
    redo_pipeline: PaintsUndoPipeline, engine: DiffusionEngine, painting: Painting
) -> None:
    """Its extended edges included: the same canvas, when it is given, leads to the same candidate."""
    made = keyframes(engine, painting, wanted(Branch(500, 2)))
    given: dict[str, Any] = {"operation_step": 500, "candidate": 2, "seed": 5, "width": SIZE, "height": SIZE}
    again = redo_pipeline.redo(painting.pixels, made[500], "a fox", **given, steps=2, control=Control.LINEART)
    assert nearly(made[0], again)


def test_a_branch_that_leaves_earlier_goes_on_from_what_was_there(engine: DiffusionEngine, painting: Painting) -> None:
    alone = keyframes(engine, painting, wanted(Branch(800, 3)))
    second = keyframes(engine, painting, wanted(Branch(500, 1), Branch(800, 3)))
    assert np.array_equal(second[0], alone[0]), "at 800 the first branch has changed nothing yet"


def test_other_parameters_make_another_end(engine: DiffusionEngine, painting: Painting) -> None:
    plain = keyframes(engine, painting, wanted(Branch(500, 1)))
    other = keyframes(engine, painting, wanted(Branch(500, 1), prompt="a castle", guidance_scale=20.0))
    assert not np.array_equal(plain[0], other[0])


def test_a_keyframe_with_a_seed_of_its_own_is_what_a_branch_leaves(
    redo_pipeline: PaintsUndoPipeline, engine: DiffusionEngine, painting: Painting
) -> None:
    """Told by a control that begins with the canvas itself."""
    soft: dict[str, Any] = {"control": Control.SOFTEDGE}
    plain = keyframes(engine, painting, wanted(Branch(500, 2), **soft))
    made = keyframes(engine, painting, wanted(Branch(500, 2), seeds=(KeyframeSeed(500, 77),), **soft))
    given: dict[str, Any] = {"operation_step": 500, "candidate": 2, "seed": 5, "width": SIZE, "height": SIZE}
    again = redo_pipeline.redo(painting.pixels, made[500], "a fox", **given, steps=2, **soft)
    assert nearly(made[0], again)
    assert not nearly(made[0], plain[0])


def test_outside_of_a_mask_the_end_is_the_old_one(engine: DiffusionEngine, painting: Painting) -> None:
    area = np.zeros((HEIGHT, SIZE, 3), np.uint8)
    area[:, 128:] = 255
    masked = painting.with_masks({"right": Painting(area)})
    made = keyframes(engine, masked, wanted(Branch(500, 1, "right")))
    assert np.array_equal(made[0][:, :128], painting.pixels[:, :128])
    assert not np.array_equal(made[0][:, 128:], painting.pixels[:, 128:])


def test_at_least_one_step_runs_however_little_is_painted_over(
    redo_pipeline: PaintsUndoPipeline, painting: Painting
) -> None:
    """Of one step at a strength of 0.3 none would be left: the schedule is made longer."""
    given: dict[str, Any] = {"operation_step": 500, "width": SIZE, "height": SIZE, "steps": 1, "strength": 0.3}
    mask = np.ones((HEIGHT, SIZE), bool)
    made = redo_pipeline.redo(painting.pixels, painting.pixels, "a fox", mask=mask, **given)
    assert made.shape == (HEIGHT, SIZE, 3)


def test_a_state_that_is_given_belongs_to_both_processes(
    redo_pipeline: PaintsUndoPipeline, engine: DiffusionEngine, painting: Painting
) -> None:
    """The way on begins with it, and the frames before it lead to it, pixel for pixel."""
    state = np.ascontiguousarray(painting.pixels[::-1])
    request = wanted(Branch(437, 2))
    request = replace(
        request,
        stop_after=Stage.INTERPOLATION,
        keyframes=replace(request.keyframes, own=(437,), operation_steps=(800,)),
    )
    events = list(process.run(engine, painting, request, {437: Picture(state, painting.placement)}))
    frames = [event for event in events if isinstance(event, FrameMade) and event.picture is not None]
    there = {frame.operation_step: frame.picture.pixels for frame in frames if frame.picture is not None}
    assert list(there) == [900, 800, 618.5, 437, 218.5, 0]
    assert np.array_equal(there[437], state)
    given: dict[str, Any] = {"operation_step": 437, "candidate": 2, "seed": 5, "width": SIZE, "height": SIZE}
    again = redo_pipeline.redo(painting.pixels, state, "a fox", **given, steps=2, control=Control.LINEART)
    assert np.array_equal(there[0], again)
    other = {437: Picture(np.ascontiguousarray(painting.pixels[:, ::-1]), painting.placement)}
    assert not np.array_equal(
        keyframes(engine, painting, replace(request, stop_after=Stage.KEYFRAMES), other)[0], again
    )
