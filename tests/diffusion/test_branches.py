"""What a branch keeps of the process that it leaves, on tiny random checkpoints."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

from diffusion.branching import SIZE, keyframes, nearly, wanted
from paints_undo_engine import process
from paints_undo_engine.diffusion.engine import DiffusionEngine
from paints_undo_engine.diffusion.pipeline import PaintsUndoPipeline
from paints_undo_engine.diffusion.sizes import Sizes
from paints_undo_engine.errors import InvalidRequestError
from paints_undo_engine.events import FrameMade, KeyframeMade, Progress
from paints_undo_engine.painting import Painting
from paints_undo_engine.request import Branch, ProceduralParameters, ProcessRequest
from paints_undo_engine.stages import Stage


@pytest.fixture
def wide(canvas: np.ndarray) -> Painting:
    """A painting of another size and aspect than the models', with alpha."""
    pixels = np.dstack([canvas[:180], np.full((180, SIZE), 255, np.uint8)])
    pixels[:20, :, 3] = 0
    return Painting(pixels)


def test_a_branch_keeps_what_was_before_it_and_ends_in_its_candidate(
    redo_pipeline: PaintsUndoPipeline, wide: Painting
) -> None:
    engine = DiffusionEngine(redo_pipeline.models)
    old = keyframes(engine, wide, wanted())
    first, second = (keyframes(engine, wide, wanted(Branch(500, candidate))) for candidate in (1, 2))
    assert 0 not in old, "it ends in the painting"
    for new in (first, second):
        assert new.keys() == old.keys() | {0}
        assert all(nearly(new[step], old[step]) for step in (800, 500)), "these are kept"
        assert not nearly(new[200], old[200]), "200 is another picture's state"
        assert new[0].shape == (180, SIZE, 4)
        assert np.array_equal(new[0][..., 3], wide.pixels8()[..., 3])
    assert not np.array_equal(first[0], second[0])
    again = keyframes(DiffusionEngine(redo_pipeline.models), wide, wanted(Branch(500, 1)))
    assert all(np.array_equal(again[step], first[step]) for step in first), "the same in another engine"


def test_a_branch_of_a_branch_leaves_it_where_it_says(redo_pipeline: PaintsUndoPipeline, wide: Painting) -> None:
    engine = DiffusionEngine(redo_pipeline.models)
    first = keyframes(engine, wide, wanted(Branch(500, 1)))
    later, earlier = (keyframes(engine, wide, wanted(Branch(500, 1), Branch(step, 3))) for step in (200, 800))
    assert all(nearly(later[step], first[step]) for step in (800, 500, 200))
    assert nearly(earlier[800], first[800])
    assert not nearly(earlier[500], first[500])
    assert not np.array_equal(later[0], first[0])


def test_the_frames_of_a_branch_end_in_its_candidate(redo_pipeline: PaintsUndoPipeline, wide: Painting) -> None:
    request = replace(wanted(Branch(500, 1)), stop_after=Stage.INTERPOLATION)
    engine = DiffusionEngine(redo_pipeline.models, Sizes(buckets=((64, 64),)))
    events = list(process.run(engine, wide, request))
    frames = [event for event in events if isinstance(event, FrameMade)]
    end = next(event for event in events if isinstance(event, KeyframeMade) and event.index == 4)
    assert [frame.index for frame in frames] == list(range(2 * 4 + 1))
    assert frames[-1].picture is not None
    assert end.picture is not None
    assert np.array_equal(frames[-1].picture.pixels, end.picture.pixels)


def test_a_redo_is_cancelled_within_a_step(redo_pipeline: PaintsUndoPipeline, canvas: np.ndarray) -> None:
    request = wanted(Branch(500, 1), steps=50)
    events = process.run(DiffusionEngine(redo_pipeline.models), Painting(canvas), request)
    seen = next(event for event in events if isinstance(event, Progress) and event.of == 51)
    assert seen.step == 1
    assert seen.preview is not None
    threads = threading.active_count()
    events.close()
    assert threading.active_count() == threads - 1


@pytest.mark.parametrize("branch", [Branch(0, 1), Branch(1000, 1), Branch(500, 0), Branch(500, 9)])
def test_a_branch_out_of_range_is_refused(branch: Branch) -> None:
    with pytest.raises(InvalidRequestError, match=r"procedural\.branches"):
        wanted(branch)


def test_a_branch_has_a_keyframe_where_it_leaves() -> None:
    """A state of these models is a keyframe; the embedded engine knows every state, and gets none more."""
    branches = ProceduralParameters(branches=(Branch(437, 1), Branch(600, 2)))
    steps = ProcessRequest(engine="diffusion", procedural=branches).operation_steps
    assert steps == (400, 437, 600, 800, 900, 950, 999)
    plain = ProcessRequest()
    assert ProcessRequest(procedural=branches).operation_steps == plain.operation_steps
