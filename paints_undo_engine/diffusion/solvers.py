"""Second-order solvers for few steps, as pure generators: the new x and the clean estimate, once in each step.

At level i, x = alpha_i x0 + sigma_i noise. A sampler makes len(alphas) - 1 steps and asks in each for `denoise(x, i)`,
the estimate of x0 at level i, once. The first level may be pure noise (alpha = 0: zero terminal SNR), the last one
clean (sigma = 0): both are limits of the same formulas, where an infinite step has no slope to extrapolate.
docs/models.md, "Solvers of the presets".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from torch import Tensor

Denoise = Callable[[Tensor, int], Tensor]
Solving = Iterator[tuple[Tensor, Tensor]]


@dataclass(frozen=True, slots=True, eq=False)
class SampledStep:
    """A finished step of a sampler: its number from 1 and how many there are.

    `x` are the latents after it, `denoised` the clean latents as the model sees them there; float32.
    """

    step: int
    of: int
    x: Tensor
    denoised: Tensor


def unipc(denoise: Denoise, x: Tensor, alphas: Sequence[float], sigmas: Sequence[float]) -> Solving:
    """UniPC of order 2 with B(h) = exp(h) - 1, deterministic: Zhao et al. 2023 (arXiv:2302.04867).

    A step is corrected with the estimate that the next one needs anyway. `x` is at level 0, in the dtype to work in.
    """
    levels = _Levels(alphas, sigmas)
    start, older, newer = x, None, x
    for i in range(levels.steps):
        estimate = denoise(x, i)
        if i > 0:
            x = levels.decay(i - 1) * start + levels.gain(i - 1) * levels.corrected(i - 1, older, newer, estimate)
        start, older, newer = x, newer if i > 0 else None, estimate
        x = levels.decay(i) * start + levels.gain(i) * levels.extrapolated(i, older, estimate)
        yield x, estimate


def sde_dpmpp_2m(
    denoise: Denoise, x: Tensor, alphas: Sequence[float], sigmas: Sequence[float], noise: Callable[[], Tensor]
) -> Solving:
    """SDE-DPM-Solver++(2M), which draws `noise` in every step: Lu et al. 2022 (arXiv:2211.01095).

    At first order it is DDIM with eta = 1. `x` is at level 0, in the dtype to work in.
    """
    levels = _Levels(alphas, sigmas)
    older: Tensor | None = None
    for i in range(levels.steps):
        estimate = denoise(x, i)
        fresh = -math.expm1(-2 * levels.h(i))
        target = alphas[i + 1] * fresh * levels.extrapolated(i, older, estimate)
        x = levels.decay(i) * math.exp(-levels.h(i)) * x + target + sigmas[i + 1] * math.sqrt(fresh) * noise()
        older = estimate
        yield x, estimate


class _Levels:
    """The numbers of step i, from level i to level i + 1."""

    def __init__(self, alphas: Sequence[float], sigmas: Sequence[float]) -> None:
        self._alphas = alphas
        self._sigmas = sigmas
        self._lambdas = [_log_ratio(alpha, sigma) for alpha, sigma in zip(alphas, sigmas, strict=True)]
        self.steps = len(self._lambdas) - 1

    def h(self, i: int) -> float:
        """The step in lambda = log(alpha / sigma)."""
        return self._lambdas[i + 1] - self._lambdas[i]

    def decay(self, i: int) -> float:
        """What remains of x in a deterministic step."""
        return self._sigmas[i + 1] / self._sigmas[i]

    def gain(self, i: int) -> float:
        """What comes in of the clean estimate in a deterministic step."""
        return -self._alphas[i + 1] * math.expm1(-self.h(i))

    def extrapolated(self, i: int, older: Tensor | None, estimate: Tensor) -> Tensor:
        """The estimate in the middle of step i, from those at its start and at the start of the step before.

        A step that is longer than the one before is extrapolated as if it were as long: on trailing timesteps that is
        the last one, where the whole slope would overshoot (docs/performance.md, "Presets").
        """
        growth = self._growth(i)
        if older is None or growth == 0:
            return estimate
        return estimate + min(growth, 1.0) / 2 * (estimate - older)

    def corrected(self, i: int, older: Tensor | None, estimate: Tensor, after: Tensor) -> Tensor:
        """The same, from the estimate at the end of step i too."""
        growth = self._growth(i)
        if older is None or growth == 0:
            return (estimate + after) / 2
        h, back = -self.h(i), -1 / growth
        b = math.expm1(h)
        first = (b / h - 1) / b
        second = 2 * ((b / h - 1) / h - 0.5) / b
        rho = (first - second) / (1 - back)
        return estimate + rho / back * (older - estimate) + (first - rho) * (after - estimate)

    def _growth(self, i: int) -> float:
        """How much longer step i is than the one before; 0 where either is infinite."""
        return 0.0 if i == 0 or math.isinf(self.h(i)) else self.h(i) / self.h(i - 1)


def _log_ratio(alpha: float, sigma: float) -> float:
    if alpha == 0:
        return -math.inf
    return math.log(alpha / sigma) if sigma else math.inf
