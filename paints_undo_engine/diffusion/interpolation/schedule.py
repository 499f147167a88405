"""The noise schedule of the interpolation model: zero terminal SNR, dynamic scale, trailing timesteps.

"Common Diffusion Noise Schedules and Sample Steps are Flawed", https://arxiv.org/abs/2305.08891; docs/models.md,
"Interpolation sampler". Tables are made in float64 and, where the published code keeps them so, rounded to float32.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from torch import Tensor

TRAINING_STEPS = 1000
_PLATEAU = 0.7
_RAMP = 400


@dataclass(frozen=True, eq=False)
class IntervalSchedule:
    """All tables have one entry for each of the 1000 training timesteps.

    `betas` (before) and `betas_zero_snr` float64; `alphas_cumprod`, its square roots and `scale` float32.
    """

    betas: Tensor
    betas_zero_snr: Tensor
    alphas_cumprod: Tensor
    sqrt_alphas_cumprod: Tensor
    sqrt_one_minus_alphas_cumprod: Tensor
    scale: Tensor


@cache
def schedule() -> IntervalSchedule:
    """The published schedule."""
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, TRAINING_STEPS, dtype=torch.float64) ** 2
    root = (1 - betas).cumprod(0).sqrt()
    shifted = (root - root[-1]) * (root[0] / (root[0] - root[-1]))
    signal = shifted**2
    alphas = torch.cat([signal[:1], signal[1:] / signal[:-1]])
    zero_snr = 1 - alphas
    total = (1 - zero_snr).cumprod(0)
    ramp = torch.linspace(1, _PLATEAU, _RAMP, dtype=torch.float64)
    scale = torch.cat([ramp, torch.full((TRAINING_STEPS - _RAMP,), _PLATEAU, dtype=torch.float64)])
    return IntervalSchedule(
        betas, zero_snr, total.float(), total.sqrt().float(), (1 - total).sqrt().float(), scale.float()
    )


def timesteps(steps: int) -> list[int]:
    """`steps` trailing timesteps, ascending, the last 999.

    Counted by number, not until a bound is passed, which in floating point gives one too many for 62 step counts.
    The increment is rounded as the published code's is, so that all other counts agree with it exactly.
    """
    increment = (TRAINING_STEPS - TRAINING_STEPS / steps) - TRAINING_STEPS
    return [round(TRAINING_STEPS + number * increment) - 1 for number in reversed(range(steps))]


def previous_timesteps(ascending: list[int]) -> list[int]:
    """The timestep that each one steps to; the least steps to 0."""
    return [0, *ascending[:-1]]


def levels(at: Sequence[int]) -> tuple[list[float], list[float]]:
    """Alphas and sigmas at timesteps: x_t = alpha x0 + sigma noise. The dynamic scale is a part of alpha."""
    tables = schedule()
    alphas = [tables.sqrt_alphas_cumprod[t].item() * tables.scale[t].item() for t in at]
    return alphas, [tables.sqrt_one_minus_alphas_cumprod[t].item() for t in at]


@dataclass(frozen=True)
class StepCoefficients:
    """One step of DDIM with eta = 1 from timestep t: numbers for x0, eps and the step itself."""

    sqrt_a: float
    sqrt_one_minus_a: float
    rescale: float
    sqrt_a_prev: float
    direction: float
    sigma: float


def step_coefficients(t: int, prev: int) -> StepCoefficients:
    """sigma² = (1-a')/(1-a) (1 - a/a'), direction² = 1 - a' - sigma².

    In exact arithmetic the direction of the first step (a = 0) is 0; in float32 its square is 0 or plus or minus 6e-8.
    It is clamped at 0, and otherwise kept: computed in numpy's correctly rounded float32 and in this order it is the
    published code's, whose results at few steps depend on it (by 1 % at 7 steps).
    """
    tables = schedule()
    one = np.float32(1)
    a, a_prev = (np.float32(tables.alphas_cumprod[at].item()) for at in (t, prev))
    sigma = np.sqrt((one - a_prev) / (one - a) * (one - a / a_prev))
    return StepCoefficients(
        sqrt_a=tables.sqrt_alphas_cumprod[t].item(),
        sqrt_one_minus_a=tables.sqrt_one_minus_alphas_cumprod[t].item(),
        rescale=tables.scale[prev].item() / tables.scale[t].item(),
        sqrt_a_prev=float(np.sqrt(a_prev)),
        direction=float(np.sqrt(max(one - a_prev - sigma * sigma, np.float32(0)))),
        sigma=float(sigma),
    )


def predict_x0(x: Tensor, v: Tensor, t: int) -> Tensor:
    """The clean latent that a velocity means, without the dynamic scale."""
    tables = schedule()
    return float(tables.sqrt_alphas_cumprod[t]) * x - float(tables.sqrt_one_minus_alphas_cumprod[t]) * v


def predict_eps(x: Tensor, v: Tensor, t: int) -> Tensor:
    """The noise that a velocity means."""
    tables = schedule()
    return float(tables.sqrt_alphas_cumprod[t]) * v + float(tables.sqrt_one_minus_alphas_cumprod[t]) * x
