"""Sampling keyframes: guided denoising and DPM-Solver++(2M), as generators that give every step.

Closing a generator stops the work after the step that runs.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

import torch

from paints_undo_engine.diffusion import solvers
from paints_undo_engine.diffusion.keyframes.schedule import Schedule
from paints_undo_engine.diffusion.keyframes.unet import KeyframeUNet
from paints_undo_engine.diffusion.solvers import SampledStep

Denoise = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
Solver = Callable[[Denoise, torch.Tensor, torch.Tensor], "Sampling"]
Sampling = Generator[SampledStep, None, torch.Tensor]
"""One yield for each step, the latents as return value."""


@dataclass(frozen=True, eq=False)
class Conditions:
    """What the network is told: text contexts [1, L, D], the painting's latents [1, 4, h, w], operation steps [B]."""

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


def dpmpp_2m(denoise: Denoise, x: torch.Tensor, sigmas: torch.Tensor) -> Sampling:
    """DPM-Solver++(2M): Lu et al. 2022 (arXiv:2211.01095), algorithm 2. `sigmas` fall to 0, float32 on the CPU."""
    steps = len(sigmas) - 1
    previous: torch.Tensor | None = None
    for i in range(steps):
        denoised = denoise(x, sigmas[i])
        t, t_next = -sigmas[i].log(), -sigmas[i + 1].log()
        h = t_next - t
        if previous is None or sigmas[i + 1] == 0:
            estimate = denoised
        else:
            r = (t + sigmas[i - 1].log()) / h
            estimate = (1 + 1 / (2 * r)) * denoised - (1 / (2 * r)) * previous
        x = (sigmas[i + 1] / sigmas[i]) * x - (-h).expm1() * estimate
        previous = denoised
        yield SampledStep(i + 1, steps, x, denoised)
    return x


def unipc(denoise: Denoise, x: torch.Tensor, sigmas: torch.Tensor) -> Sampling:
    """UniPC of order 2: Zhao et al. 2023 (arXiv:2302.04867). `sigmas` as in `dpmpp_2m`, with as many calls."""
    steps = len(sigmas) - 1
    solving = solvers.unipc(lambda x, i: denoise(x, sigmas[i]), x, [1.0] * len(sigmas), sigmas.tolist())
    for i, (stepped, denoised) in enumerate(solving):
        x = stepped
        yield SampledStep(i + 1, steps, x, denoised)
    return x


def guided(unet: KeyframeUNet, conditions: Conditions, guidance: Guidance, schedule: Schedule) -> Denoise:
    """The denoiser D(x, sigma) = x - sigma * epsilon, epsilon guided between negative and positive text."""
    chunk = guidance.chunk or len(conditions.operation_steps)

    def denoise(x: torch.Tensor, sigma: torch.Tensor) -> torch.Tensor:
        timestep = schedule.timestep(sigma, guidance.half_timesteps)
        scaled = (x / (sigma**2 + 1) ** 0.5).to(unet.dtype)
        parts = zip(torch.split(scaled, chunk), torch.split(conditions.operation_steps, chunk), strict=True)
        epsilon = [_epsilon(unet, part, timestep, conditions, steps, guidance) for part, steps in parts]
        return x - sigma * torch.cat(epsilon)

    return denoise


def _epsilon(
    unet: KeyframeUNet,
    x: torch.Tensor,
    timestep: int,
    conditions: Conditions,
    operation_steps: torch.Tensor,
    guidance: Guidance,
) -> torch.Tensor:
    n = len(x)

    def predict(inputs: torch.Tensor, context: torch.Tensor) -> torch.Tensor:
        epsilon: torch.Tensor = unet(inputs, timestep, context, conditions.painting, operation_steps)
        return epsilon.float()

    positive, negative = conditions.positive.expand(n, -1, -1), conditions.negative.expand(n, -1, -1)
    if guidance.scale == 1:
        return predict(x, positive)
    if guidance.batched:
        with_text, without = predict(x.repeat(2, 1, 1, 1), torch.cat([positive, negative])).chunk(2)
    else:
        with_text, without = predict(x, positive), predict(x, negative)
    return without + guidance.scale * (with_text - without)


def sample(
    unet: KeyframeUNet,
    conditions: Conditions,
    noise: torch.Tensor,
    *,
    steps: int,
    guidance: Guidance,
    schedule: Schedule,
    solver: Solver = dpmpp_2m,
    strength: float = 1.0,
    initial: torch.Tensor | None = None,
) -> Sampling:
    """Latents of all operation steps from `noise` ([1, 4, h, w], shared, or [B, 4, h, w]); the last step is the result.

    `initial` latents [1 or B, 4, h, w] are where the noise is added (zeros when left out).
    """
    sigmas = schedule.karras(steps, strength)
    batch = len(conditions.operation_steps)
    x = noise.to(device=conditions.painting.device, dtype=torch.float32) * sigmas[0]
    if initial is not None:
        x = x + initial.to(x)
    x = x.expand(batch, -1, -1, -1)
    return solver(guided(unet, conditions, guidance, schedule), x, sigmas)
