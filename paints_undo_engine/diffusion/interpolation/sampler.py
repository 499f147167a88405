"""Samplers of the interpolation model, as pure generators: one yield for each step, the latent as return value.

`velocity(x, t)` gives the guided velocity [B, C, T, h, w] float32 at timestep t; `noise()` the next draw of standard
normal noise alike. State and coefficients are float32 / float64 whatever the model computes in. Closing a generator
ends the work; the caller's tensors are all that remains.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

from torch import Tensor

from paints_undo_engine.diffusion.interpolation.schedule import (
    levels,
    predict_eps,
    predict_x0,
    previous_timesteps,
    schedule,
    step_coefficients,
    timesteps,
)
from paints_undo_engine.diffusion.solvers import SampledStep, sde_dpmpp_2m

Velocity = Callable[[Tensor, int], Tensor]
Noise = Callable[[], Tensor]

GUIDANCE_RESCALE = 0.7


Sampling = Generator[SampledStep, None, Tensor]


def sample_ddim(velocity: Velocity, x: Tensor, noise: Noise, steps: int) -> Sampling:
    """DDIM with eta = 1 on trailing timesteps, as published: noise is added in every step, the last included.

    "Denoising Diffusion Implicit Models", https://arxiv.org/abs/2010.02502. x [B, C, T, h, w] float32, noise of the
    first step; steps 1..1000.
    """
    ascending = timesteps(steps)
    pairs = list(zip(ascending, previous_timesteps(ascending), strict=True))
    for number, (t, prev) in enumerate(reversed(pairs), start=1):
        c = step_coefficients(t, prev)
        v = velocity(x, t)
        eps = predict_eps(x, v, t)
        x0 = predict_x0(x, v, t) * c.rescale
        x = c.sqrt_a_prev * x0 + c.direction * eps + c.sigma * noise()
        yield SampledStep(number, steps, x, x0)
    return x


def sample_sde_dpmpp_2m(velocity: Velocity, x: Tensor, noise: Noise, steps: int) -> Sampling:
    """SDE-DPM-Solver++(2M) on the same timesteps, with the same end and draws of noise as `sample_ddim`.

    https://arxiv.org/abs/2211.01095. At the first timestep, which has no signal, the velocity alone is the estimate.
    """
    at = [*reversed(timesteps(steps)), 0]

    def denoise(x: Tensor, i: int) -> Tensor:
        return predict_x0(x, velocity(x, at[i]), at[i]) / schedule().scale[at[i]].item()

    for number, (stepped, x0) in enumerate(sde_dpmpp_2m(denoise, x, *levels(at), noise), start=1):
        x = stepped
        yield SampledStep(number, steps, x, x0 * schedule().scale[at[number]].item())
    return x


def guide(positive: Tensor, negative: Tensor, scale: float, rescale: float = GUIDANCE_RESCALE) -> Tensor:
    """Classifier-free guidance, brought back to the positive prediction's spread.

    v = v_n + s (v_p - v_n), then `rescale` parts of v std(v_p)/std(v) and 1 - `rescale` parts of v.
    https://arxiv.org/abs/2207.12598 and https://arxiv.org/abs/2305.08891, section 3.4
    """
    return rescale_guidance(negative + scale * (positive - negative), positive, rescale)


def rescale_guidance(guided: Tensor, positive: Tensor, rescale: float) -> Tensor:
    """Mix `guided` [B, ...] with itself at the spread of `positive`, over everything but the batch."""
    dims = tuple(range(1, guided.dim()))
    ratio = positive.std(dim=dims, keepdim=True) / guided.std(dim=dims, keepdim=True)
    return rescale * (guided * ratio) + (1 - rescale) * guided
