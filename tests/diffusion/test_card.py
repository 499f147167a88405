"""The engine on an accelerator, without one: everything in its place and order, and what a lack of memory does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from diffusion.card import CPU, CUDA, Card, plugged_in
from diffusion.interpolation.networks import conditions, noise, small_unet
from paints_undo_engine.contract import Interval, KeyframeTask, StateMade
from paints_undo_engine.diffusion import models
from paints_undo_engine.diffusion.engine import DiffusionEngine
from paints_undo_engine.diffusion.interpolation.attention_blocks import Context
from paints_undo_engine.diffusion.interpolation.unet3d import UNet3D
from paints_undo_engine.diffusion.models import ModelComponents
from paints_undo_engine.diffusion.residency.components import Component, Residency
from paints_undo_engine.diffusion.residency.devices import memory_errors
from paints_undo_engine.diffusion.residency.plans import PLANS, ResidencyPlan, plan_named
from paints_undo_engine.diffusion.sizes import Sizes
from paints_undo_engine.errors import OutOfMemoryError
from paints_undo_engine.events import KeyframeMade
from paints_undo_engine.painting import Painting, from_raw
from paints_undo_engine.request import (
    ExecutionParameters,
    InterpolationParameters,
    KeyframeParameters,
    Preset,
    ProcessRequest,
    TemporalWindow,
)

TEXTS = 2**14
"""Bytes: the contexts of texts stay for the next unit."""


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> Iterator[Card]:
    with plugged_in(monkeypatch) as made:
        yield made


def a_painting() -> Painting:
    y, x = np.mgrid[0:90, 0:120]
    return from_raw(np.stack([x * 2, y * 2, (x + y) % 256], axis=-1).astype(np.uint8).tobytes(), 120, 90, 3)


class Job:
    """One engine and a unit of each kind."""

    def __init__(self, repos: Path, painting: Painting, device: str = "cuda") -> None:
        self.engine = DiffusionEngine(ModelComponents(lambda model: repos / model, device), Sizes(buckets=((64, 64),)))
        self.painting = painting

    def request(self, plan: str, preset: Preset, window: TemporalWindow = TemporalWindow.OFF) -> ProcessRequest:
        steps = 1 if preset is Preset.EXACT else 8
        return ProcessRequest(
            engine="diffusion",
            keyframes=KeyframeParameters(width=256, height=256, steps=1, operation_steps=(900,)),
            interpolation=InterpolationParameters(steps=steps, frames=3, temporal_window=window),
            execution=ExecutionParameters(plan, True, preset),
        )

    def keyframe(self, plan: str) -> np.ndarray:
        made = self.engine.keyframes(
            self.painting, self.request(plan, Preset.EXACT), "blob", (KeyframeTask(1, 900, 5),)
        )
        pictures = [event.picture for event in made if isinstance(event, KeyframeMade)]
        assert pictures[0] is not None
        return pictures[0].pixels.astype(int)

    def interval(
        self, plan: str, preset: Preset = Preset.EXACT, window: TemporalWindow = TemporalWindow.OFF
    ) -> np.ndarray:
        joined = Interval(0, KeyframeMade(0, 1000.0, self.painting.blank()), KeyframeMade(1, 0.0, None), 3, 5)
        made = self.engine.interval(self.painting, self.request(plan, preset, window), joined)
        return np.stack([event.picture.pixels for event in made if isinstance(event, StateMade)]).astype(int)


@pytest.fixture(scope="module")
def exact(repos: Path) -> tuple[np.ndarray, np.ndarray]:
    """A keyframe and an interval in float32 on the CPU."""
    job = Job(repos, a_painting(), "cpu")
    return job.keyframe("8gb"), job.interval("8gb")


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.name)
def test_every_plan_runs_on_the_card_alone(
    card: Card, repos: Path, exact: tuple[np.ndarray, np.ndarray], plan: ResidencyPlan
) -> None:
    job = Job(repos, a_painting())
    for found, wanted in zip((job.keyframe(plan.name), job.interval(plan.name)), exact, strict=True):
        assert found.std() > 0
        assert plan.fp8 or np.abs(found - wanted).mean() < 0.1 * wanted.std()
    job.engine.close()
    assert card.faults == []
    assert card.used == 0


@pytest.mark.parametrize(
    ("preset", "window", "plan"),
    [
        (Preset.BALANCED, TemporalWindow.ROLL, "8gb"),
        (Preset.FAST, TemporalWindow.PREVIOUS, "4gb"),
        (Preset.DRAFT, TemporalWindow.FIRST, "6gb"),
    ],
)
def test_every_preset_and_window_runs_there(
    card: Card, repos: Path, preset: Preset, window: TemporalWindow, plan: str
) -> None:
    job = Job(repos, a_painting())
    assert job.interval(plan, preset, window).std() > 0
    job.engine.close()
    assert (card.faults, card.used) == ([], 0)


def test_in_float32_it_gives_what_the_cpu_gives(
    card: Card, repos: Path, exact: tuple[np.ndarray, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "choose_dtype", lambda *_: torch.float32)
    job = Job(repos, a_painting())
    for found, wanted in zip((job.keyframe("6gb"), job.interval("6gb")), exact, strict=True):
        assert np.abs(found - wanted).mean() < 0.05 * wanted.std()
    job.engine.close()
    assert (card.faults, card.used) == ([], 0)


@pytest.mark.parametrize("plan", ["resident", "4gb"])
def test_when_memory_runs_out_all_of_it_is_given_back_and_a_leaner_plan_runs(
    card: Card, repos: Path, plan: str
) -> None:
    job = Job(repos, a_painting())
    job.interval(plan)
    weights = card.used
    card.fail_at = card.allocations * 3 // 2
    with pytest.raises(OutOfMemoryError, match=plan) as held:
        job.interval(plan)
    assert card.used <= (weights if plan_named(plan).keeps_all else TEXTS), "a traceback keeps tensors"
    del held
    assert job.interval("4gb-fp8").std() > 0
    job.engine.close()
    assert (card.faults, card.used) == ([], 0)


@pytest.mark.parametrize("plan", ["resident", "4gb"])
@pytest.mark.parametrize("fail_at", [1, 2, 3, 9])
def test_a_component_that_does_not_fit_goes_back_whole(card: Card, plan: str, fail_at: int) -> None:
    part = Component(small_unet, blocks=UNet3D.blocks)
    residency = Residency(CUDA, plan_named(plan), {"unet": part})
    card.fail_at = fail_at
    with pytest.raises(OutOfMemoryError), memory_errors(plan, CUDA), residency.use("unet", UNet3D):
        pass
    assert card.used == 0
    with residency.use("unet", UNet3D) as unet, torch.inference_mode():
        found = velocity(unet, CUDA).cpu()
    torch.testing.assert_close(found, velocity(small_unet(), CPU), atol=1e-4, rtol=1e-4)
    residency.clear()
    assert (card.faults, card.used) == ([], 0)


def test_streamed_weights_are_in_order_with_the_work(card: Card) -> None:
    unet = small_unet()
    with torch.inference_mode():
        wanted = velocity(unet, CPU)
        residency = Residency(CUDA, plan_named("4gb"), {"unet": Component(lambda: unet, blocks=UNet3D.blocks)})
        for _ in range(2):
            with residency.use("unet", UNet3D):
                for _ in range(2):
                    torch.testing.assert_close(velocity(unet, CUDA).cpu(), wanted, atol=1e-4, rtol=1e-4)
            residency.clear()
    assert (card.faults, card.used) == ([], 0)


def test_the_card_tells_what_a_real_one_would(card: Card) -> None:
    here, there = torch.ones(4, device=CUDA), torch.ones(4)
    assert here.device == CUDA
    with pytest.raises(RuntimeError, match="same device"):
        _ = here + there
    with pytest.raises(TypeError):
        here.numpy()
    assert (here + there.to(here.device)).cpu().sum() == 8
    beside = card.stream()
    pinned = torch.ones(4, pin_memory=True)
    with card.within(beside):
        here.copy_(pinned, non_blocking=True)
    assert card.faults == []
    _ = here * 2
    pinned.zero_()
    del here
    told = (
        "reads what is still being written",
        "writes over what is still in use",
        "freed while another stream used it",
    )
    assert len(card.faults) == len(told)
    assert all(words in fault for words, fault in zip(told, card.faults, strict=True))
    card.faults.clear()
    torch.zeros(1, device=CUDA, dtype=torch.float64)
    assert len(card.faults) == 1


def velocity(unet: UNet3D, device: torch.device) -> torch.Tensor:
    guides = conditions()
    context = Context(guides.text.to(device), guides.image.to(device))
    x, t = noise(1, 4, 4, 4, 6, seed=9).to(device), torch.tensor([321.0]).to(device)
    out: torch.Tensor = unet(x, t, context, guides.concat.to(device))
    return out
