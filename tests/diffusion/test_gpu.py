"""What only an accelerator can show."""

from __future__ import annotations

import gc
from pathlib import Path

import numpy as np
import pytest
import torch

from diffusion.interpolation.networks import conditions, noise, small_unet, small_vae
from paints_undo_engine.contract import Interval, StateMade
from paints_undo_engine.diffusion.compiling import Compiler
from paints_undo_engine.diffusion.engine import DiffusionEngine
from paints_undo_engine.diffusion.interpolation.guidance import IntervalConditions, guided_velocity
from paints_undo_engine.diffusion.interpolation.vae_stream import decode_streamed
from paints_undo_engine.diffusion.interpolation.video_vae import reference_maps
from paints_undo_engine.diffusion.models import ModelComponents
from paints_undo_engine.diffusion.residency.plans import PLANS, ResidencyPlan
from paints_undo_engine.diffusion.residency.streaming import WeightStream
from paints_undo_engine.diffusion.sizes import Sizes
from paints_undo_engine.diffusion.speed import lay_out
from paints_undo_engine.events import KeyframeMade
from paints_undo_engine.painting import Painting
from paints_undo_engine.request import ExecutionParameters, InterpolationParameters, ProcessRequest

pytestmark = pytest.mark.gpu

CUDA = torch.device("cuda")


def moved(guides: IntervalConditions) -> IntervalConditions:
    text, image, negative_text, negative_image, concat = (
        tensor.to(CUDA, torch.float16)
        for tensor in (guides.text, guides.image, guides.negative_text, guides.negative_image, guides.concat)
    )
    return IntervalConditions(text, image, negative_text, negative_image, concat)


@pytest.mark.parametrize("way", ["plain", "laid out", "compiled"])
@pytest.mark.parametrize("batched", [True, False])
@torch.inference_mode()
def test_fp16_agrees_with_float32_on_the_cpu(way: str, batched: bool) -> None:
    x = noise(1, 4, 4, 4, 6, seed=9)
    want = guided_velocity(small_unet(), conditions(), 2.0)(x, 500)
    unet = small_unet().to(CUDA, torch.float16)
    if way != "plain":
        lay_out(unet, CUDA)
    if way == "compiled":
        compiler = Compiler(CUDA)
        compiler.attach(unet)
        guided_velocity(unet, moved(conditions()), 2.0, batched=batched)(x.to(CUDA), 500)
        compiler.wait()
        compiler.begin()
        assert compiler.active, compiler.state
    got = guided_velocity(unet, moved(conditions()), 2.0, batched=batched)(x.to(CUDA), 500).cpu()
    assert ((got - want).abs().max() / want.std()).item() < 0.1


def test_streamed_decoding_equals_the_whole_in_fp16() -> None:
    vae = small_vae().to(CUDA, torch.float16)
    reference = reference_maps(vae.encode(noise(2, 3, 16, 24).to(CUDA, torch.float16)).hidden)
    z = noise(5, 4, 2, 3).to(CUDA, torch.float16)
    whole = vae.decode(z, reference, 5).float()
    decoding = decode_streamed(vae, z, reference, 5)
    while True:
        try:
            next(decoding)
        except StopIteration as end:
            streamed = end.value.float()
            break
    assert ((streamed - whole).abs().max() / whole.std()).item() < 0.05


@torch.inference_mode()
def test_streamed_weights_give_the_very_same() -> None:
    unet = small_unet().to(CUDA, torch.float16)
    velocity = guided_velocity(unet, moved(conditions()), 2.0, batched=False)
    x = noise(1, 4, 4, 4, 6, seed=9).to(CUDA)
    want = velocity(x, 500)
    stream = WeightStream(unet.blocks(), CUDA)
    for _ in range(3):
        stream.open()
        for _ in range(20):
            assert torch.equal(velocity(x, 500), want)
        stream.close()


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.name)
def test_every_plan_runs_and_a_cancel_leaves_nothing(repos: Path, painting: Painting, plan: ResidencyPlan) -> None:
    before = held()
    engine = DiffusionEngine(ModelComponents(lambda model: repos / model, "cuda"), Sizes(buckets=((64, 64),)))
    wanted = ProcessRequest(
        engine="diffusion",
        interpolation=InterpolationParameters(steps=2),
        execution=ExecutionParameters(memory_plan=plan.name, allow_fp8=True),
    )
    joined = Interval(0, KeyframeMade(0, 1000.0, painting.blank()), KeyframeMade(1, 0.0, None), 16, 5)
    found = [event for event in engine.interval(painting, wanted, joined) if isinstance(event, StateMade)]
    assert np.stack([state.picture.pixels for state in found]).std() > 0
    running = engine.interval(painting, wanted, joined)
    for _ in range(2):
        next(running)
    running.close()
    engine.close()
    assert held() <= before


def held() -> int:
    """Bytes of tensors; the matrix library's own workspaces, tens of MiB for each stream, are given back first."""
    gc.collect()
    torch._C._cuda_clearCublasWorkspaces()
    return torch.cuda.memory_allocated()
