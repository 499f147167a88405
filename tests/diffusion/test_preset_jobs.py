"""Every preset under every memory plan: calls, progress, cancelling, and the same pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from torch import Tensor, nn

from paints_undo_engine.contract import Interval, KeyframeTask, StateMade
from paints_undo_engine.diffusion.engine import DiffusionEngine
from paints_undo_engine.diffusion.interpolation.unet3d import UNet3D
from paints_undo_engine.diffusion.keyframes.unet import KeyframeUNet
from paints_undo_engine.diffusion.models import ModelComponents
from paints_undo_engine.diffusion.presets import PRESETS, interval_calls
from paints_undo_engine.diffusion.residency.plans import PLANS, plan_named
from paints_undo_engine.diffusion.sizes import Sizes
from paints_undo_engine.events import KeyframeMade, Progress
from paints_undo_engine.painting import Painting
from paints_undo_engine.request import (
    ExecutionParameters,
    InterpolationParameters,
    KeyframeParameters,
    Preset,
    ProcessRequest,
)

FRAMES = 4
STEPS = 15
KEYFRAME_STEPS = 5
USUAL = "8gb"


@pytest.fixture(scope="module")
def engine(repos: Path) -> Iterator[DiffusionEngine]:
    made = DiffusionEngine(ModelComponents(lambda model: repos / model, "cpu"), Sizes(buckets=((64, 64),)))
    yield made
    made.close()


def request(preset: Preset, plan: str) -> ProcessRequest:
    return ProcessRequest(
        engine="diffusion",
        keyframes=KeyframeParameters(width=256, height=256, steps=KEYFRAME_STEPS, operation_steps=(400, 900)),
        interpolation=InterpolationParameters(steps=STEPS, frames=FRAMES),
        execution=ExecutionParameters(plan, True, preset),
    )


def interval(painting: Painting) -> Interval:
    return Interval(0, KeyframeMade(0, 1000.0, painting.blank()), KeyframeMade(1, 0.0, None), FRAMES, 5)


def pictures(events: Iterable[object]) -> np.ndarray:
    return np.stack([event.picture.pixels for event in events if isinstance(event, StateMade)]).astype(int)


@pytest.fixture(scope="module")
def usual() -> dict[Preset, np.ndarray]:
    """Each preset's pictures under the usual plan."""
    return {}


class Calls:
    """Counts the clips that go through a 3D UNet: all of them, and those for which its deep levels run."""

    def __init__(self, engine: DiffusionEngine, plan: str) -> None:
        residency = engine._models.residency
        if residency.plan.name != plan:
            residency.change(plan_named(plan))
        unet = residency.components["multi_frame/unet"].module(residency.plan)
        assert isinstance(unet, UNet3D)
        self.counted: Counter[str] = Counter()
        self._handles = [
            unet.middle_block.register_forward_hook(self._count("whole")),
            unet.input_blocks[0].register_forward_hook(self._count("all")),
        ]

    def _count(self, key: str) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
        def hook(_module: nn.Module, inputs: tuple[Tensor, ...], _output: Tensor) -> None:
            self.counted[key] += inputs[0].shape[0] // FRAMES

        return hook

    def stop(self) -> tuple[int, int]:
        for handle in self._handles:
            handle.remove()
        return self.counted["whole"], self.counted["all"] - self.counted["whole"]


@pytest.mark.parametrize("plan", [USUAL, *(plan.name for plan in PLANS if plan.name != USUAL)])
@pytest.mark.parametrize("preset", list(Preset))
def test_a_preset_makes_its_calls_and_the_same_pictures_under_every_plan(
    engine: DiffusionEngine, painting: Painting, usual: dict[Preset, np.ndarray], preset: Preset, plan: str
) -> None:
    calls = Calls(engine, plan)
    events = list(engine.interval(painting, request(preset, plan), interval(painting)))
    assert calls.stop() == interval_calls(preset, STEPS)
    made = PRESETS[preset].steps(STEPS)
    steps = [event.step for event in events if isinstance(event, Progress)]
    assert sorted(set(steps)) == list(range(1, made + 2))
    found = pictures(events)
    expected = usual.setdefault(preset, found)
    if plan_named(plan).exact:
        assert np.abs(found - expected).max() <= 1
    else:
        assert 0 < np.abs(found - expected).mean() < 40


@pytest.mark.parametrize("preset", [Preset.BALANCED, Preset.DRAFT])
def test_a_preset_is_deterministic_and_depends_on_the_seed(
    engine: DiffusionEngine, painting: Painting, preset: Preset
) -> None:
    wanted = request(preset, USUAL)
    once, again = (pictures(engine.interval(painting, wanted, interval(painting))) for _ in range(2))
    assert (once == again).all()
    other = pictures(engine.interval(painting, wanted, replace(interval(painting), seed=6)))
    assert (other != once).any()


@pytest.mark.parametrize("preset", list(Preset))
def test_a_cancel_is_honoured_within_one_step(engine: DiffusionEngine, painting: Painting, preset: Preset) -> None:
    calls = Calls(engine, "6gb")
    running = engine.interval(painting, request(preset, "6gb"), interval(painting))
    for event in running:
        if isinstance(event, Progress) and event.step == 2:
            break
    running.close()
    two_steps = PRESETS[preset].plan(PRESETS[preset].steps(STEPS))[:2]
    assert sum(calls.stop()) == sum(2 if step.guided else 1 for step in two_steps)


@pytest.mark.parametrize("plan", [USUAL, "6gb"])
@pytest.mark.parametrize("preset", list(Preset))
def test_keyframes_take_as_many_calls_as_stated(
    engine: DiffusionEngine, painting: Painting, preset: Preset, plan: str
) -> None:
    residency = engine._models.residency
    residency.change(plan_named(plan))
    unet = residency.components["single_frame/unet"].module(residency.plan)
    assert isinstance(unet, KeyframeUNet)
    seen: list[int] = []
    handle = unet.conv_in.register_forward_hook(lambda _module, inputs, _output: seen.append(inputs[0].shape[0]))
    tasks = (KeyframeTask(1, 900, 5), KeyframeTask(2, 400, 5))
    made = [
        event
        for event in engine.keyframes(painting, request(preset, plan), "blob", tasks)
        if isinstance(event, KeyframeMade)
    ]
    handle.remove()
    assert len(made) == 2
    assert sum(seen) == 2 * len(tasks) * PRESETS[preset].steps(KEYFRAME_STEPS)
