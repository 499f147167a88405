"""The single-frame model's noise levels: linear betas, Karras' sigmas, and the way back from sigma to timestep.

Source: Karras et al. 2022 (arXiv:2206.00364), eq. 5; docs/models.md, "Single-frame model".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch

TIMESTEPS = 1000
BETA_FIRST = 0.00085
BETA_LAST = 0.020
RHO = 7.0


@dataclass(frozen=True, eq=False)
class KeyframeSchedule:
    """`sigmas` and `log_sigmas`, float32 [timesteps], rising."""

    sigmas: torch.Tensor
    log_sigmas: torch.Tensor

    def karras(self, steps: int, strength: float = 1.0) -> torch.Tensor:
        """Falling sigmas, float32 [steps + 1], the last 0.

        With `strength` < 1 the schedule of ``int(steps / strength)`` steps is made and its last steps are kept.
        """
        n = int(steps / strength)
        ramp = torch.linspace(0, 1, n)
        largest, smallest = self.sigmas[-1] ** (1 / RHO), self.sigmas[0] ** (1 / RHO)
        sigmas = (largest + ramp * (smallest - largest)) ** RHO
        return torch.cat([sigmas, sigmas.new_zeros(1)])[-(steps + 1) :]

    def timestep(self, sigma: torch.Tensor, half: bool = False) -> int:
        """The timestep whose log-sigma is nearest to that of `sigma` (0-d float32); the first one of equals.

        With `half` sigma and its logarithm are rounded to fp16 first, as in the published code, which shifts 4 of 50
        timesteps by one.
        """
        log_sigma = sigma.to(torch.float16).log().float() if half else sigma.log()
        return int((log_sigma - self.log_sigmas).abs().numpy().argmin())


def make_schedule(betas: torch.Tensor) -> KeyframeSchedule:
    """The schedule of variance-preserving `betas`, float64 [timesteps]."""
    alphas_cumprod = torch.cumprod(1 - betas, dim=0).float()
    sigmas = ((1 - alphas_cumprod) / alphas_cumprod) ** 0.5
    return KeyframeSchedule(sigmas, sigmas.log())


def linear_betas(first: float = BETA_FIRST, last: float = BETA_LAST, timesteps: int = TIMESTEPS) -> torch.Tensor:
    """Betas that rise linearly, float64 [timesteps]."""
    return torch.linspace(first, last, timesteps, dtype=torch.float64)


@lru_cache(maxsize=1)
def published_schedule() -> KeyframeSchedule:
    """The schedule that the published single-frame model was trained with."""
    return make_schedule(linear_betas())
