"""Samplers of the interpolation model, as pure generators: one yield for each step, the latent as return value.

Shapes in names: b clips, c channels, t frames, h height, w width.

`velocity(x, t)` gives the guided velocity of x, float32, at timestep t; `noise()` the next draw of standard normal
noise of its shape. State and coefficients are float32 / float64 whatever the model computes in. Closing a generator
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


def sample_ddim(velocity: Velocity, x_bcthw: Tensor, noise: Noise, steps: int) -> Sampling:
    """DDIM with eta = 1 on trailing timesteps, as published: noise is added in every step, the last included.

    "Denoising Diffusion Implicit Models", https://arxiv.org/abs/2010.02502. `x_bcthw` float32 is the noise
    of the first step; steps 1..1000.
    """
    ascending = timesteps(steps)
    pairs = list(zip(ascending, previous_timesteps(ascending), strict=True))
    for number, (t, prev) in enumerate(reversed(pairs), start=1):
        c = step_coefficients(t, prev)
        v_bcthw = velocity(x_bcthw, t)
        eps_bcthw = predict_eps(x_bcthw, v_bcthw, t)
        x0_bcthw = predict_x0(x_bcthw, v_bcthw, t) * c.rescale
        x_bcthw = c.sqrt_a_prev * x0_bcthw + c.direction * eps_bcthw + c.sigma * noise()
        yield SampledStep(number, steps, x_bcthw, x0_bcthw)
    return x_bcthw


def sample_sde_dpmpp_2m(velocity: Velocity, x_bcthw: Tensor, noise: Noise, steps: int) -> Sampling:
    """SDE-DPM-Solver++(2M) on the same timesteps, with the same end and draws of noise as `sample_ddim`.

    https://arxiv.org/abs/2211.01095. At the first timestep, which has no signal, the velocity alone is the estimate.
    """
    at = [*reversed(timesteps(steps)), 0]

    def denoise(x_bcthw: Tensor, i: int) -> Tensor:
        return predict_x0(x_bcthw, velocity(x_bcthw, at[i]), at[i]) / schedule().scale[at[i]].item()

    for number, (stepped_bcthw, x0_bcthw) in enumerate(sde_dpmpp_2m(denoise, x_bcthw, *levels(at), noise), start=1):
        x_bcthw = stepped_bcthw
        yield SampledStep(number, steps, x_bcthw, x0_bcthw * schedule().scale[at[number]].item())
    return x_bcthw


def guide(positive_bcthw: Tensor, negative_bcthw: Tensor, scale: float, rescale: float = GUIDANCE_RESCALE) -> Tensor:
    """Classifier-free guidance, brought back to the positive prediction's spread.

    v = v_n + s (v_p - v_n), then `rescale` parts of v std(v_p)/std(v) and 1 - `rescale` parts of v.
    https://arxiv.org/abs/2207.12598 and https://arxiv.org/abs/2305.08891, section 3.4
    """
    return rescale_guidance(negative_bcthw + scale * (positive_bcthw - negative_bcthw), positive_bcthw, rescale)


def rescale_guidance(guided_bcthw: Tensor, positive_bcthw: Tensor, rescale: float) -> Tensor:
    """Mix the guided velocity with itself at the spread of the positive one, over everything but the batch."""
    dims = tuple(range(1, guided_bcthw.dim()))
    ratio_b1111 = positive_bcthw.std(dim=dims, keepdim=True) / guided_bcthw.std(dim=dims, keepdim=True)
    return rescale * (guided_bcthw * ratio_b1111) + (1 - rescale) * guided_bcthw
