"""The keyframe model's faster ways give what the plain way gives, within float32 rounding; and its pieces."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from diffusion.networks import load_unet, load_vae

from paints_undo_engine.diffusion.keyframes.sampler import Guidance, KeyframeConditions, dpmpp_2m, sample
from paints_undo_engine.diffusion.keyframes.schedule import linear_betas, make_schedule, published_schedule
from paints_undo_engine.diffusion.keyframes.unet import KeyframeUNet
from paints_undo_engine.diffusion.keyframes.vae import decode, encode
from paints_undo_engine.diffusion.noise import own_noise, published_noise
from paints_undo_engine.diffusion.solvers import SampledStep

SHAPE = (1, 4, 8, 12)
STEPS = torch.tensor([400, 600, 800, 950, 999])


@pytest.fixture(autouse=True)
def _inference() -> Iterator[None]:
    with torch.inference_mode():
        yield


@pytest.fixture(scope="module")
def unet() -> KeyframeUNet:
    return load_unet(Path(__file__).parents[2] / "parity" / "golden" / "repos" / "single_frame" / "unet")


@pytest.fixture(scope="module")
def conditions() -> KeyframeConditions:
    width = 32
    return KeyframeConditions(
        drawn_noise((1, 77, width), 1), drawn_noise((1, 77, width), 2), drawn_noise(SHAPE, 3), STEPS
    )


def drawn_noise(shape: tuple[int, ...], seed: int) -> torch.Tensor:
    return own_noise(seed)(shape)


def run(unet: KeyframeUNet, conditions: KeyframeConditions, guidance: Guidance, noise: torch.Tensor) -> torch.Tensor:
    *_, last = sample(unet, conditions, noise, steps=3, guidance=guidance, schedule=published_schedule())
    return last.x


def distance(a: torch.Tensor, b: torch.Tensor) -> float:
    return float((a - b).abs().max() / b.std())


@pytest.fixture(scope="module")
def plain(unet: KeyframeUNet, conditions: KeyframeConditions) -> torch.Tensor:
    """Every keyframe alone, and each side of the guidance in a call of its own."""
    alone = [
        KeyframeConditions(conditions.positive, conditions.negative, conditions.painting, one)
        for one in torch.split(STEPS, 1)
    ]
    with torch.inference_mode():
        noise = drawn_noise(SHAPE, 7)
        return torch.cat([run(unet, one, Guidance(3.0, batched=False), noise) for one in alone])


@pytest.mark.parametrize(("batched", "chunk"), [(True, 0), (True, 2), (False, 0), (False, 3)])
def test_batches_and_chunks_equal_the_plain_way(
    unet: KeyframeUNet, conditions: KeyframeConditions, plain: torch.Tensor, batched: bool, chunk: int
) -> None:
    noise = drawn_noise(SHAPE, 7)
    assert distance(run(unet, conditions, Guidance(3.0, batched, chunk), noise), plain) < 2e-5


def test_guidance_of_one_needs_no_negative_prompt(unet: KeyframeUNet, conditions: KeyframeConditions) -> None:
    noise = drawn_noise(SHAPE, 7)
    nearly = run(unet, conditions, Guidance(1.000001), noise)
    assert distance(run(unet, conditions, Guidance(1.0), noise), nearly) < 2e-5


def test_own_noise_for_each_keyframe_is_its_own(unet: KeyframeUNet, conditions: KeyframeConditions) -> None:
    noise = torch.cat([drawn_noise(SHAPE, seed) for seed in range(len(STEPS))])
    together = run(unet, conditions, Guidance(3.0), noise)
    third = KeyframeConditions(conditions.positive, conditions.negative, conditions.painting, STEPS[2:3])
    assert distance(together[2:3], run(unet, third, Guidance(3.0), drawn_noise(SHAPE, 2))) < 2e-5


def test_the_operation_step_and_the_painting_matter(unet: KeyframeUNet, conditions: KeyframeConditions) -> None:
    x, text = drawn_noise(SHAPE, 1), conditions.positive
    first = unet(x, 500, text, conditions.painting, torch.tensor([400]))
    assert distance(unet(x, 500, text, conditions.painting, torch.tensor([401])), first) > 1e-4
    assert distance(unet(x, 500, text, -conditions.painting, torch.tensor([400])), first) > 1e-4


def test_noise_comes_from_its_own_generator() -> None:
    torch.manual_seed(0)
    before = torch.random.get_rng_state()
    draw = own_noise(5)
    first, second = draw(SHAPE), draw(SHAPE)
    assert torch.equal(before, torch.random.get_rng_state())
    assert torch.equal(first, own_noise(5)(SHAPE))
    assert not torch.equal(first, second)


def test_published_noise_is_the_dtypes_own() -> None:
    """Which is drawn otherwise than float32 and rounded."""
    cpu = torch.device("cpu")
    half = published_noise(5, cpu, torch.float16)(SHAPE)
    assert half.dtype == torch.float32
    assert torch.equal(
        half, torch.randn(SHAPE, generator=torch.Generator().manual_seed(5), dtype=torch.float16).float()
    )
    assert torch.equal(published_noise(5, cpu, torch.float32)(SHAPE), own_noise(5)(SHAPE))


def test_the_solver_finds_the_exact_answer_for_a_point() -> None:
    """A denoiser that always names the same picture leads there, whatever the number of steps."""
    target = torch.full(SHAPE, 0.5)
    for steps in (1, 2, 5, 20):
        x = drawn_noise(SHAPE, 1) * published_schedule().sigmas[-1]
        *_, last = dpmpp_2m(lambda x, sigma: target, x, published_schedule().karras(steps))
        torch.testing.assert_close(last.x, target)


def test_closing_stops_after_the_step_that_runs() -> None:
    calls = []

    def denoise(x: torch.Tensor, sigma: torch.Tensor) -> torch.Tensor:
        calls.append(float(sigma))
        return x

    running = dpmpp_2m(denoise, drawn_noise(SHAPE, 1), published_schedule().karras(10))
    assert isinstance(next(running), SampledStep)
    running.close()
    assert len(calls) == 1


def test_published_tables() -> None:
    schedule = published_schedule()
    assert schedule.sigmas[0].item() == pytest.approx(0.02916753, abs=1e-8)
    assert schedule.sigmas[-1].item() == pytest.approx(190.12169, abs=1e-4)
    expected = [999, 940, 871, 789, 688, 555, 371, 151, 23, 0]
    assert [schedule.timestep(sigma) for sigma in schedule.karras(10)[:-1]] == expected
    single, half = ([schedule.timestep(sigma, half) for sigma in schedule.karras(50)[:-1]] for half in (False, True))
    moved = [(a, b) for a, b in zip(single, half, strict=True) if a != b]
    assert moved == [(968, 967), (956, 957), (743, 742), (318, 317)]


def test_a_schedule_may_have_other_betas() -> None:
    schedule = make_schedule(linear_betas(0.001, 0.01, 100))
    assert len(schedule.karras(7)) == 8
    assert schedule.timestep(schedule.sigmas[42]) == 42


def test_the_vae_decodes_one_picture_at_a_time(repos: Path) -> None:
    vae = load_vae(repos / "single_frame" / "vae")
    pixels = drawn_noise((3, 3, 64, 96), 1).clamp(-1, 1)
    latents = encode(vae, pixels)
    assert latents.shape == (3, 4, 8, 12)
    together = vae.decode(latents / vae.config.scaling_factor, return_dict=False)[0]
    assert distance(decode(vae, latents), together) < 2e-5
