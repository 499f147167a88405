"""What the ends of branches are made of, on tiny random checkpoints: their canvas, seeds, parameters and masks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from paints_undo_engine import process
from paints_undo_engine.diffusion.engine import DiffusionEngine
from paints_undo_engine.diffusion.pipeline import PaintsUndoPipeline
from paints_undo_engine.diffusion.sizes import Sizes
from paints_undo_engine.events import FrameMade, KeyframeMade
from paints_undo_engine.painting import Painting
from paints_undo_engine.picture import Picture
from paints_undo_engine.request import (
    Branch,
    Control,
    ExecutionParameters,
    InterpolationParameters,
    KeyframeParameters,
    KeyframeSeed,
    ProceduralParameters,
    ProcessRequest,
    RedoParameters,
    TagsParameters,
)
from paints_undo_engine.stages import Stage

SIZE, HEIGHT = 256, 180


@pytest.fixture(scope="module")
def pipeline(redo_models: Path) -> Iterator[PaintsUndoPipeline]:
    made = PaintsUndoPipeline.from_pretrained(redo_models, device="cpu")
    yield made
    made.close()


@pytest.fixture(scope="module")
def engine(pipeline: PaintsUndoPipeline) -> DiffusionEngine:
    return DiffusionEngine(pipeline.models, Sizes(buckets=((64, 64),)))


@pytest.fixture(scope="module")
def painting() -> Painting:
    """As wide as the working size and lower, so that its edges are extended and nothing is resized."""
    y, x = np.mgrid[0:HEIGHT, 0:SIZE]
    pixels = np.stack([x, y, 255 - x], axis=-1).astype(np.uint8)
    pixels[:, 100:104] = 0
    return Painting(pixels)


def wanted(*branches: Branch, seeds: tuple[KeyframeSeed, ...] = (), **redo: Any) -> ProcessRequest:
    return ProcessRequest(
        engine="diffusion",
        stop_after=Stage.KEYFRAMES,
        tags=TagsParameters(text="a fox"),
        keyframes=KeyframeParameters(
            operation_steps=(200, 500, 800), steps=2, width=SIZE, height=SIZE, seed=5, seeds=seeds
        ),
        interpolation=InterpolationParameters(frames=3, steps=1),
        execution=ExecutionParameters(allow_slow=True),
        procedural=ProceduralParameters(branches=branches),
        redo=RedoParameters(**{"steps": 2, "control": Control.LINEART, **redo}),
    )


def keyframes(
    engine: DiffusionEngine, painting: Painting, request: ProcessRequest, own: dict[int, Picture] | None = None
) -> dict[float, np.ndarray]:
    """The keyframes that have a picture, by operation step; 0 is the end."""
    events = process.run(engine, painting, request, own)
    made = [event for event in events if isinstance(event, KeyframeMade)]
    return {event.operation_step: event.picture.pixels for event in made if event.picture is not None}


def nearly(one: np.ndarray, other: np.ndarray) -> bool:
    """Equal but for the rounding of sums whose order follows from how many keyframes are made at once."""
    return int(np.abs(one.astype(int) - other).max()) <= 2


def test_a_branch_goes_on_from_the_state_that_is_shown(
    pipeline: PaintsUndoPipeline, engine: DiffusionEngine, painting: Painting
) -> None:
    """Its extended edges included: the same canvas, when it is given, leads to the same candidate."""
    made = keyframes(engine, painting, wanted(Branch(500, 2)))
    given: dict[str, Any] = {"operation_step": 500, "candidate": 2, "seed": 5, "width": SIZE, "height": SIZE}
    again = pipeline.redo(painting.pixels, made[500], "a fox", **given, steps=2, control=Control.LINEART)
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
    pipeline: PaintsUndoPipeline, engine: DiffusionEngine, painting: Painting
) -> None:
    """Told by a control that begins with the canvas itself."""
    soft: dict[str, Any] = {"control": Control.SOFTEDGE}
    plain = keyframes(engine, painting, wanted(Branch(500, 2), **soft))
    made = keyframes(engine, painting, wanted(Branch(500, 2), seeds=(KeyframeSeed(500, 77),), **soft))
    given: dict[str, Any] = {"operation_step": 500, "candidate": 2, "seed": 5, "width": SIZE, "height": SIZE}
    again = pipeline.redo(painting.pixels, made[500], "a fox", **given, steps=2, **soft)
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
    pipeline: PaintsUndoPipeline, painting: Painting
) -> None:
    """Of one step at a strength of 0.3 none would be left: the schedule is made longer."""
    given: dict[str, Any] = {"operation_step": 500, "width": SIZE, "height": SIZE, "steps": 1, "strength": 0.3}
    mask = np.ones((HEIGHT, SIZE), bool)
    made = pipeline.redo(painting.pixels, painting.pixels, "a fox", mask=mask, **given)
    assert made.shape == (HEIGHT, SIZE, 3)


def test_a_state_that_is_given_belongs_to_both_processes(
    pipeline: PaintsUndoPipeline, engine: DiffusionEngine, painting: Painting
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
    again = pipeline.redo(painting.pixels, state, "a fox", **given, steps=2, control=Control.LINEART)
    assert np.array_equal(there[0], again)
    other = {437: Picture(np.ascontiguousarray(painting.pixels[:, ::-1]), painting.placement)}
    assert not np.array_equal(
        keyframes(engine, painting, replace(request, stop_after=Stage.KEYFRAMES), other)[0], again
    )
