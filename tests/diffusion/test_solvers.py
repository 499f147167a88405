"""The solvers of the presets, on a Gaussian: there the clean estimate, and what should come out, are known exactly.

With x0 ~ N(MEAN, SPREAD^2) the posterior mean is linear in x, so a sampler is linear in the noise that it is given. One
row gets no noise and yields the mean; row k + 1 gets a 1 at draw k alone, and the rows' squares add up to the variance.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence

import pytest
import torch
from torch import Tensor

from paints_undo_engine.diffusion.interpolation.sampler import Noise, Sampling, sample_ddim, sample_sde_dpmpp_2m
from paints_undo_engine.diffusion.interpolation.schedule import levels, schedule, timesteps
from paints_undo_engine.diffusion.keyframes import sampler as keyframes
from paints_undo_engine.diffusion.keyframes.schedule import published_schedule
from paints_undo_engine.diffusion.solvers import sde_dpmpp_2m, unipc

MEAN = 0.8
SPREAD = torch.tensor([0.05, 0.1, 0.3, 0.6, 1.0, 1.4], dtype=torch.float64)

Law = tuple[Tensor, Tensor]
"""Mean and standard deviation for each spread."""


def estimate(x: Tensor, alpha: float, sigma: float) -> Tensor:
    """The posterior mean of x0."""
    return MEAN + alpha * SPREAD**2 / (alpha**2 * SPREAD**2 + sigma**2) * (x - alpha * MEAN)


def truth(alpha: float, sigma: float) -> Law:
    return torch.full_like(SPREAD, alpha * MEAN), (alpha**2 * SPREAD**2 + sigma**2).sqrt()


def impulses(draws: int) -> Callable[[], Tensor]:
    """Draw k is 1 in row k + 1 and 0 elsewhere."""
    numbers = itertools.count(1)

    def draw() -> Tensor:
        noise = torch.zeros(draws + 1, len(SPREAD), dtype=torch.float64)
        noise[next(numbers)] = 1
        return noise

    return draw


def law(x: Tensor) -> Law:
    return x[0], (x[1:] - x[0]).square().sum(0).sqrt()


def distance(a: Law, b: Law) -> float:
    """The root mean square, over the spreads, of the 2-Wasserstein distance."""
    return float(((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2).mean().sqrt())


def last(solving: Iterator[tuple[Tensor, Tensor]]) -> Tensor:
    *_, (x, _) = solving
    return x


def ddim(x: Tensor, alphas: Sequence[float], sigmas: Sequence[float]) -> Tensor:
    """The deterministic solver of first order."""
    for i in range(len(alphas) - 1):
        x0 = estimate(x, alphas[i], sigmas[i])
        x = alphas[i + 1] * x0 + sigmas[i + 1] / sigmas[i] * (x - alphas[i] * x0)
    return x


def even(steps: int, first: float, end: float) -> tuple[list[float], list[float]]:
    """Levels at even angles from `first` (0: pure noise) to `end` (pi / 2: clean)."""
    angles = [first + (end - first) * i / steps for i in range(steps + 1)]
    return [math.sin(angle) if angle else 0.0 for angle in angles], [math.cos(angle) for angle in angles]


def solved(kind: str, steps: int, first: float) -> float:
    """The error of a solver on even angles."""
    alphas, sigmas = even(steps, first, 1.2)
    noise = impulses(steps + 1)
    start = noise()
    x = alphas[0] * MEAN + (alphas[0] ** 2 * SPREAD**2 + sigmas[0] ** 2).sqrt() * start
    x[0] = alphas[0] * MEAN
    x[2:] = alphas[0] * MEAN

    def denoise(x: Tensor, i: int) -> Tensor:
        return estimate(x, alphas[i], sigmas[i])

    if kind == "ddim":
        out = ddim(x, alphas, sigmas)
    elif kind == "unipc":
        out = last(unipc(denoise, x, alphas, sigmas))
    else:
        out = last(sde_dpmpp_2m(denoise, x, alphas, sigmas, noise))
    return distance(law(out), truth(alphas[-1], sigmas[-1]))


@pytest.mark.parametrize("first", [0.0, 0.1], ids=["from pure noise", "from some signal"])
@pytest.mark.parametrize(("kind", "order"), [("ddim", 1), ("unipc", 2), ("sde", 2)])
def test_the_error_falls_with_the_order(kind: str, order: int, first: float) -> None:
    errors = [solved(kind, steps, first) for steps in (40, 80, 160)]
    orders = [math.log2(a / b) for a, b in itertools.pairwise(errors)]
    assert all(order - 0.25 < found < order + 1.3 for found in orders), orders


@pytest.mark.parametrize("kind", ["unipc", "sde"])
@pytest.mark.parametrize("steps", [5, 10, 20, 40])
def test_second_order_beats_first_order_at_as_many_calls(kind: str, steps: int) -> None:
    assert solved(kind, steps, 0.0) < solved("ddim", steps, 0.0)


def velocity(x: Tensor, t: int) -> Tensor:
    """What a perfect interpolation model predicts."""
    tables = schedule()
    alpha, sigma = (float(table[t]) for table in (tables.sqrt_alphas_cumprod, tables.sqrt_one_minus_alphas_cumprod))
    scale = float(tables.scale[t])
    return (alpha * x - scale * estimate(x, alpha * scale, sigma)) / sigma


def interval(sample: Callable[[Callable[[Tensor, int], Tensor], Tensor, Noise, int], Sampling], steps: int) -> float:
    noise = impulses(steps + 1)
    sampling = sample(velocity, noise(), noise, steps)
    (alpha,), (sigma,) = levels([0])
    while True:
        try:
            next(sampling)
        except StopIteration as end:
            return distance(law(end.value), truth(alpha, sigma))


def test_intervals_need_fewer_steps_than_with_the_published_solver() -> None:
    for steps in (5, 8, 10, 16, 20, 25, 50):
        assert interval(sample_sde_dpmpp_2m, steps) < 0.45 * interval(sample_ddim, steps)
    assert interval(sample_sde_dpmpp_2m, 10) < interval(sample_ddim, 50)


def test_without_signal_the_estimate_follows_from_the_velocity_alone() -> None:
    """At terminal SNR 0 nothing of the noise may reach the estimate, and all of the state is noised anew."""
    v = torch.randn(1, 4, 2, 3, 3, generator=torch.Generator().manual_seed(0))
    draw = torch.randn(v.shape, generator=torch.Generator().manual_seed(1))
    results = []
    for x in (torch.zeros_like(v), 1000 * torch.ones_like(v)):
        sampling = sample_sde_dpmpp_2m(lambda x, t: v, x, lambda: draw, 1)
        step = next(sampling)
        torch.testing.assert_close(step.denoised, -v * float(schedule().scale[0] / schedule().scale[999]))
        with pytest.raises(StopIteration) as end:
            next(sampling)
        results.append(end.value.value)
    assert torch.equal(*results)
    (alpha,), (sigma,) = levels([0])
    torch.testing.assert_close(results[0], alpha * -v / 0.7 + sigma * draw)


def test_intervals_step_on_trailing_timesteps_and_draw_in_every_step() -> None:
    asked: list[int] = []
    draws: list[int] = []

    def model(x: Tensor, t: int) -> Tensor:
        asked.append(t)
        return x

    def noise() -> Tensor:
        draws.append(1)
        return torch.zeros(1, 4, 1, 1, 1)

    sampling = sample_sde_dpmpp_2m(model, torch.ones(1, 4, 1, 1, 1), noise, 5)
    assert [step.step for step in sampling] == [1, 2, 3, 4, 5]
    assert asked == timesteps(5)[::-1]
    assert len(draws) == 5


@pytest.mark.parametrize("steps", [8, 10, 16, 20, 25])
def test_keyframes_need_fewer_steps_than_with_the_published_solver(steps: int) -> None:
    def denoise(x: Tensor, sigma: Tensor) -> Tensor:
        return estimate(x, 1.0, float(sigma))

    def error(solver: keyframes.Solver) -> float:
        sigmas = published_schedule().karras(steps)
        x = impulses(1)() * math.hypot(float(sigmas[0]), 1.0)
        *_, step = solver(denoise, x, sigmas)
        return distance(law(step.x), truth(1.0, 0.0))

    assert error(keyframes.unipc) < 0.7 * error(keyframes.dpmpp_2m)


@pytest.mark.parametrize("steps", [1, 2, 3, 7])
def test_a_picture_that_is_known_is_found_in_any_number_of_steps(steps: int) -> None:
    target = torch.full((1, 4, 2, 2), 0.5)
    *_, step = keyframes.unipc(
        lambda x, sigma: target, torch.ones(1, 4, 2, 2) * 190, published_schedule().karras(steps)
    )
    torch.testing.assert_close(step.x, target)
    assert step.of == steps


def test_closing_stops_after_the_step_that_runs() -> None:
    calls: list[int] = []

    def denoise(x: Tensor, i: int) -> Tensor:
        calls.append(i)
        return x

    alphas, sigmas = even(6, 0.0, 1.2)
    for solving in (
        unipc(denoise, torch.ones(1), alphas, sigmas),
        sde_dpmpp_2m(denoise, torch.ones(1), alphas, sigmas, lambda: torch.zeros(1)),
    ):
        calls.clear()
        next(solving)
        next(solving)
        solving.close()  # type: ignore[attr-defined]
        assert calls == [0, 1]
