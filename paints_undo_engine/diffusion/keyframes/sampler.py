"""Sampling keyframes: guided denoising and DPM-Solver++(2M), as generators that give every step.

Closing a generator stops the work after the step that runs.

Shapes in names: b keyframes, c = 4 channels of latents, h height, w width, l tokens, d width of a token.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

import torch

from paints_undo_engine.diffusion import solvers
from paints_undo_engine.diffusion.keyframes.schedule import KeyframeSchedule
from paints_undo_engine.diffusion.keyframes.unet import KeyframeUNet
from paints_undo_engine.diffusion.solvers import SampledStep

Denoise = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
Solver = Callable[[Denoise, torch.Tensor, torch.Tensor], "Sampling"]
Sampling = Generator[SampledStep, None, torch.Tensor]
"""One yield for each step, the latents as return value."""


@dataclass(frozen=True, eq=False)
class KeyframeConditions:
    """What the network is told: text contexts [1, l, d], the painting's latents [1, c, h, w], operation steps [b]."""

    positive: torch.Tensor
    negative: torch.Tensor
    painting: torch.Tensor
    operation_steps: torch.Tensor


@dataclass(frozen=True, slots=True)
class Guidance:
    """Classifier-free guidance (Ho and Salimans 2022, arXiv:2207.12598).

    `batched` puts both branches into one call of the network; `chunk` bounds how many keyframes are in a call (0: all).
    `half_timesteps` looks timesteps up as the published code does in fp16.
    """

    scale: float
    batched: bool = True
    chunk: int = 0
    half_timesteps: bool = False


def dpmpp_2m(denoise: Denoise, x_bchw: torch.Tensor, sigmas: torch.Tensor) -> Sampling:
    """DPM-Solver++(2M): Lu et al. 2022 (arXiv:2211.01095), algorithm 2. `sigmas` fall to 0, float32 on the CPU."""
    steps = len(sigmas) - 1
    previous_bchw: torch.Tensor | None = None
    for i in range(steps):
        denoised_bchw = denoise(x_bchw, sigmas[i])
        t, t_next = -sigmas[i].log(), -sigmas[i + 1].log()
        h = t_next - t
        if previous_bchw is None or sigmas[i + 1] == 0:
            estimate_bchw = denoised_bchw
        else:
            r = (t + sigmas[i - 1].log()) / h
            estimate_bchw = (1 + 1 / (2 * r)) * denoised_bchw - (1 / (2 * r)) * previous_bchw
        x_bchw = (sigmas[i + 1] / sigmas[i]) * x_bchw - (-h).expm1() * estimate_bchw
        previous_bchw = denoised_bchw
        yield SampledStep(i + 1, steps, x_bchw, denoised_bchw)
    return x_bchw


def unipc(denoise: Denoise, x_bchw: torch.Tensor, sigmas: torch.Tensor) -> Sampling:
    """UniPC of order 2: Zhao et al. 2023 (arXiv:2302.04867). `sigmas` as in `dpmpp_2m`, with as many calls."""
    steps = len(sigmas) - 1
    solving = solvers.unipc(lambda x_bchw, i: denoise(x_bchw, sigmas[i]), x_bchw, [1.0] * len(sigmas), sigmas.tolist())
    for i, (stepped_bchw, denoised_bchw) in enumerate(solving):
        x_bchw = stepped_bchw
        yield SampledStep(i + 1, steps, x_bchw, denoised_bchw)
    return x_bchw


def guided(
    unet: KeyframeUNet, conditions: KeyframeConditions, guidance: Guidance, schedule: KeyframeSchedule
) -> Denoise:
    """The denoiser D(x, sigma) = x - sigma * epsilon, epsilon guided between negative and positive text."""
    chunk = guidance.chunk or len(conditions.operation_steps)

    def denoise(x_bchw: torch.Tensor, sigma: torch.Tensor) -> torch.Tensor:
        timestep = schedule.timestep(sigma, guidance.half_timesteps)
        scaled_bchw = (x_bchw / (sigma**2 + 1) ** 0.5).to(unet.dtype)
        parts = zip(torch.split(scaled_bchw, chunk), torch.split(conditions.operation_steps, chunk), strict=True)
        epsilon_bchw = [
            _epsilon(unet, part_bchw, timestep, conditions, steps_b, guidance) for part_bchw, steps_b in parts
        ]
        return x_bchw - sigma * torch.cat(epsilon_bchw)

    return denoise


def _epsilon(
    unet: KeyframeUNet,
    x_bchw: torch.Tensor,
    timestep: int,
    conditions: KeyframeConditions,
    operation_steps_b: torch.Tensor,
    guidance: Guidance,
) -> torch.Tensor:
    n = len(x_bchw)

    def predict(inputs_bchw: torch.Tensor, context_bld: torch.Tensor) -> torch.Tensor:
        epsilon_bchw: torch.Tensor = unet(inputs_bchw, timestep, context_bld, conditions.painting, operation_steps_b)
        return epsilon_bchw.float()

    positive_bld, negative_bld = conditions.positive.expand(n, -1, -1), conditions.negative.expand(n, -1, -1)
    if guidance.scale == 1:
        return predict(x_bchw, positive_bld)
    if guidance.batched:
        with_text_bchw, without_bchw = predict(
            x_bchw.repeat(2, 1, 1, 1), torch.cat([positive_bld, negative_bld])
        ).chunk(2)
    else:
        with_text_bchw, without_bchw = predict(x_bchw, positive_bld), predict(x_bchw, negative_bld)
    return without_bchw + guidance.scale * (with_text_bchw - without_bchw)


def sample(
    unet: KeyframeUNet,
    conditions: KeyframeConditions,
    noise_bchw: torch.Tensor,
    *,
    steps: int,
    guidance: Guidance,
    schedule: KeyframeSchedule,
    solver: Solver = dpmpp_2m,
    strength: float = 1.0,
    initial_bchw: torch.Tensor | None = None,
) -> Sampling:
    """Latents of all operation steps from `noise_bchw` (b may be 1: shared); the last step is the result.

    `initial_bchw` are the latents to which the noise is added (zeros when left out; b may be 1).
    """
    sigmas = schedule.karras(steps, strength)
    batch = len(conditions.operation_steps)
    x_bchw = noise_bchw.to(device=conditions.painting.device, dtype=torch.float32) * sigmas[0]
    if initial_bchw is not None:
        x_bchw = x_bchw + initial_bchw.to(x_bchw)
    x_bchw = x_bchw.expand(batch, -1, -1, -1)
    return solver(guided(unet, conditions, guidance, schedule), x_bchw, sigmas)
