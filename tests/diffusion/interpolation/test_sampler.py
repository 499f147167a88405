"""The sampler: step lists, coefficients, cancelling."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from paints_undo_engine.diffusion.interpolation.sampler import guide, sample_ddim
from paints_undo_engine.diffusion.interpolation.schedule import (
    previous_timesteps,
    schedule,
    step_coefficients,
    timesteps,
)


@given(st.integers(1, 1000))
def test_step_list_is_ascending_and_ends_at_the_last_timestep(steps: int) -> None:
    listed = timesteps(steps)
    assert len(listed) == steps
    assert listed[-1] == 999
    assert listed[0] >= 0
    assert all(a < b for a, b in itertools.pairwise(listed))


@given(st.integers(1, 1000))
def test_coefficients_are_finite_for_every_step_count(steps: int) -> None:
    listed = timesteps(steps)
    for t, prev in zip(listed, previous_timesteps(listed), strict=True):
        c = step_coefficients(t, prev)
        values = (c.sqrt_a, c.sqrt_one_minus_a, c.rescale, c.sqrt_a_prev, c.direction, c.sigma)
        assert all(math.isfinite(value) and value >= 0 for value in values)


def test_terminal_signal_is_zero() -> None:
    assert schedule().alphas_cumprod[-1] == 0


def test_noise_is_drawn_once_for_each_step_and_closing_stops() -> None:
    calls: list[int] = []

    def velocity(x: Tensor, t: int) -> Tensor:
        calls.append(t)
        return torch.zeros_like(x)

    draws: list[int] = []

    def noise() -> Tensor:
        draws.append(1)
        return torch.zeros(1, 4, 2, 2, 2)

    sampling = sample_ddim(velocity, torch.ones(1, 4, 2, 2, 2), noise, 5)
    steps = [next(sampling).step, next(sampling).step]
    sampling.close()
    assert steps == [1, 2]
    assert calls == timesteps(5)[::-1][:2]
    assert len(draws) == 2
    with pytest.raises(StopIteration):
        next(sampling)


def test_guidance_of_one_is_the_positive_side() -> None:
    positive, negative = torch.randn(2, 4, 3, 2, 2), torch.randn(2, 4, 3, 2, 2)
    torch.testing.assert_close(guide(positive, negative, 1.0), positive)
