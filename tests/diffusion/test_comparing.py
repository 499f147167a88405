"""Measuring presets and plans: what is run, how it is compared, what is kept; on the small checkpoints."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from paints_undo_engine import process
from paints_undo_engine.contract import Interval
from paints_undo_engine.diffusion.comparing import (
    ComparisonSheet,
    ComparisonStep,
    Described,
    Outcome,
    Trial,
    as_json,
    compare,
    plan_trials,
    write,
    write_pictures,
)
from paints_undo_engine.diffusion.comparing.running import likeness
from paints_undo_engine.diffusion.engine import DiffusionEngine
from paints_undo_engine.diffusion.models import ModelComponents
from paints_undo_engine.diffusion.presets import interval_calls
from paints_undo_engine.diffusion.residency.plans import GIB, PLANS
from paints_undo_engine.diffusion.sizes import Sizes
from paints_undo_engine.errors import InvalidRequestError, OutOfMemoryError
from paints_undo_engine.events import FrameMade, KeyframeMade
from paints_undo_engine.painting import Painting
from paints_undo_engine.picture import Picture, Placement
from paints_undo_engine.provenance import Provenance
from paints_undo_engine.request import (
    InterpolationParameters,
    KeyframeParameters,
    Preset,
    ProcessRequest,
    TagsParameters,
)

CPU = torch.device("cpu")
STEPS = 8
REQUEST = ProcessRequest(
    engine="diffusion",
    tags=TagsParameters(text="blob"),
    keyframes=KeyframeParameters(width=256, height=256, steps=2, operation_steps=(600,)),
    interpolation=InterpolationParameters(steps=STEPS, frames=3),
)
TRIALS = [
    Trial(Preset.EXACT, "8gb"),
    Trial(Preset.EXACT, "8gb", other_seed=True),
    Trial(Preset.FAST, "8gb"),
    Trial(Preset.EXACT, "6gb", one_interval=True),
]


@pytest.fixture(scope="module")
def engine(repos: Path) -> Iterator[DiffusionEngine]:
    made = DiffusionEngine(ModelComponents(lambda model: repos / model, "cpu"), Sizes(buckets=((64, 64),)))
    yield made
    made.close()


@pytest.fixture(scope="module")
def picture() -> Painting:
    from paints_undo_engine.painting import from_raw

    y, x = np.mgrid[0:120, 0:120]
    return from_raw(np.stack([x * 2, y * 2, x + y], axis=-1).astype(np.uint8).tobytes(), 120, 120, 3)


@pytest.fixture(scope="module")
def events(engine: DiffusionEngine, picture: Painting) -> list[Described | ComparisonStep | Outcome]:
    return list(compare(engine, picture, REQUEST, TRIALS, CPU))


@pytest.fixture
def outcomes(events: list[Described | ComparisonStep | Outcome]) -> list[Outcome]:
    return [event for event in events if isinstance(event, Outcome)]


def test_exact_is_the_measure_and_the_yardstick_and_every_fitting_plan_runs() -> None:
    trials, left_out = plan_trials(list(Preset), None, device="cuda", free=7 * GIB)
    names = [trial.name for trial in trials]
    assert names == [
        "exact",
        "exact, other seed",
        "balanced",
        "fast",
        "draft",
        "exact in 6gb",
        "exact in 4gb",
        "exact in 4gb-fp8",
    ]
    assert {trial.plan for trial in trials if not trial.one_interval} == {"8gb"}
    assert [plan.plan for plan in left_out] == ["resident", "16gb", "12gb"]
    assert all("7.0 GiB are free" in plan.reason for plan in left_out)


def test_with_memory_enough_no_plan_is_left_out() -> None:
    trials, left_out = plan_trials([Preset.FAST], None, device="cuda", free=80 * GIB)
    assert left_out == []
    assert {trial.plan for trial in trials} == {plan.name for plan in PLANS}


def test_on_the_cpu_the_other_plans_are_left_out_unless_named() -> None:
    roomy, cramped = (plan_trials([], None, device="cpu", free=free * GIB)[0] for free in (64, 8))
    names = [plan.name for plan in PLANS]
    assert names.index(roomy[0].plan) < names.index(cramped[0].plan)
    trials, left_out = plan_trials([], None, device="cpu", free=8 * GIB)
    assert [trial.plan for trial in trials] == [cramped[0].plan] * 2
    assert len(left_out) == len(PLANS) - 1
    trials, left_out = plan_trials([], ["6gb", "resident"], device="cpu", free=GIB)
    assert [(trial.plan, trial.one_interval) for trial in trials] == [("6gb", False)] * 2 + [("resident", True)]
    assert left_out == []


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="memory_plan"):
        plan_trials([], ["huge"], device="cpu", free=GIB)
    with pytest.raises(OutOfMemoryError):
        plan_trials([], None, device="cuda", free=GIB)


def test_trials_make_what_a_job_makes(engine: DiffusionEngine, picture: Painting, outcomes: list[Outcome]) -> None:
    for outcome in outcomes[:3]:
        job = list(process.run(engine, picture, outcome.trial.request(REQUEST, "blob")))
        frames = {e.index: e.picture for e in job if isinstance(e, FrameMade) and e.picture is not None}
        keyframes = {e.index: e.picture for e in job if isinstance(e, KeyframeMade) and e.index == 1}
        for made, expected in ((outcome.frames, frames), (outcome.keyframes, keyframes)):
            assert made.keys() == expected.keys()
            assert all(np.array_equal(made[i].pixels, expected[i].pixels) for i in made)  # type: ignore[union-attr]


def test_figures_are_complete(outcomes: list[Outcome]) -> None:
    exact, other, fast, lean = outcomes
    assert [len(outcome.intervals) for outcome in outcomes] == [2, 2, 2, 1]
    assert all(outcome.keyframes_seconds > 0 and min(outcome.intervals) > 0 for outcome in outcomes)
    assert lean.job_seconds == pytest.approx(lean.keyframes_seconds + 2 * lean.intervals[0])
    assert (exact.keyframe_calls, exact.whole_calls, exact.shallow_calls) == (4, 4 * STEPS, 0)
    whole, shallow = interval_calls(Preset.FAST, STEPS)
    assert (fast.keyframe_calls, fast.whole_calls, fast.shallow_calls) == (2, 2 * whole, 2 * shallow)
    assert exact.frame_likeness is exact.keyframe_likeness is None
    assert all(run.frame_likeness and run.frame_likeness.pictures == 4 for run in (other, fast))
    assert lean.frame_likeness is not None
    assert lean.frame_likeness.pictures == 2
    assert lean.frame_likeness.psnr > 45
    assert other.frame_likeness is not None
    assert other.frame_likeness.psnr < 30


def test_progress_is_told_and_warming_up_is_no_measurement(events: list[Described | ComparisonStep | Outcome]) -> None:
    assert isinstance(events[0], Described)
    assert events[0].tags == "blob"
    first = [event.what for event in events if isinstance(event, ComparisonStep) and event.number == 1]
    assert list(dict.fromkeys(first)) == ["warming up", "keyframes", "interval 1 of 2", "interval 2 of 2"]
    assert {event.of for event in events if isinstance(event, ComparisonStep)} == {len(TRIALS)}


def test_a_run_that_lacks_memory_is_told_and_the_next_one_runs(
    engine: DiffusionEngine, picture: Painting, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = engine.interval

    def short(painting: Painting, request: ProcessRequest, interval: Interval) -> Iterator[object]:
        if request.execution.preset is Preset.DRAFT:
            raise OutOfMemoryError("The device is full.")
        yield from whole(painting, request, interval)

    monkeypatch.setattr(engine, "interval", short)
    request = replace(REQUEST, interpolation=replace(REQUEST.interpolation, steps=1))
    trials = [Trial(Preset.EXACT, "8gb"), Trial(Preset.DRAFT, "8gb"), Trial(Preset.BALANCED, "8gb")]
    found = [event for event in compare(engine, picture, request, trials, CPU) if isinstance(event, Outcome)]
    assert [run.failure for run in found] == ["", "The device is full.", ""]
    assert found[1].job_seconds is None
    assert as_json(found[1])["failure"] == "The device is full."


def test_closing_ends_the_work(engine: DiffusionEngine, picture: Painting) -> None:
    running = compare(engine, picture, REQUEST, TRIALS, CPU)
    assert isinstance(next(running), Described)
    assert isinstance(next(running), ComparisonStep)
    running.close()
    with pytest.raises(StopIteration):
        next(running)


def test_figures_are_json(outcomes: list[Outcome]) -> None:
    figures = [as_json(outcome) for outcome in outcomes]
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures
    equal = likeness(outcomes[0].frames, outcomes[0].frames)
    assert equal is not None
    assert equal.psnr == math.inf
    outcomes[0].frame_likeness = equal
    frames = as_json(outcomes[0])["frames"]
    outcomes[0].frame_likeness = None
    assert (frames["psnr"], frames["equal"], frames["ssim"]) == (None, True, pytest.approx(1))


def test_pictures_too_small_for_windows_have_no_ssim() -> None:
    tiny = {0: Picture(np.zeros((4, 40, 3), np.uint8), Placement(0, 0, 40, 4))}
    found = likeness(tiny, tiny)
    assert found is not None
    assert found.ssim is None


def test_the_sheet_has_a_row_for_each_whole_run(outcomes: list[Outcome]) -> None:
    sheet = ComparisonSheet(Provenance("diffusion", 5, "1.2.3"))
    assert not sheet
    heights = []
    for outcome in outcomes:
        sheet.add(outcome)
        page = Image.open(io.BytesIO(sheet.png()))
        heights.append(page.height)
    assert heights[0] < heights[1] < heights[2] == heights[3]
    assert "not a recording" in page.text["Comment"]  # type: ignore[attr-defined]
    tile = np.asarray(page)[32 : 32 + 8, 220 : 220 + 8]
    assert np.array_equal(tile, outcomes[0].frames[0].pixels[:8, :8])


def test_files_appear_whole_and_replace_earlier_ones(tmp_path: Path, outcomes: list[Outcome]) -> None:
    (tmp_path / "a.json").write_text("old")
    write(tmp_path / "a.json", b"new")
    assert (tmp_path / "a.json").read_bytes() == b"new"
    with pytest.raises(OSError, match="missing"):
        write(tmp_path / "missing" / "a.json", b"new")
    for _ in range(2):
        write_pictures(tmp_path, outcomes[1])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "exact-other-seed"]
    names = sorted(path.name for path in (tmp_path / "exact-other-seed").iterdir())
    assert names == ["0000.png", "0001.png", "0002.png", "0003.png", "keyframe-01.png"]
