"""PSNR and SSIM against values that follow from their definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paints_undo_engine.similarity import psnr, squared_error, ssim

C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def flat(value: int, side: int = 24) -> np.ndarray:
    return np.full((side, side, 3), value, np.uint8)


def texture(seed: int, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (32, 40, channels), np.uint8)


def plain_ssim(a: np.ndarray, b: np.ndarray) -> float:
    """The definition, window by window."""
    offsets = np.arange(11) - 5
    weights = np.exp(-(offsets[:, None] ** 2 + offsets**2) / (2 * 1.5**2))
    weights /= weights.sum()
    x, y = (0.299 * p[..., 0] + 0.587 * p[..., 1] + 0.114 * p[..., 2] for p in (a, b))
    values = []
    for top in range(x.shape[0] - 10):
        for left in range(x.shape[1] - 10):
            u, v = x[top : top + 11, left : left + 11], y[top : top + 11, left : left + 11]
            mean_u, mean_v = (weights * u).sum(), (weights * v).sum()
            variance_u, variance_v = (weights * (u - mean_u) ** 2).sum(), (weights * (v - mean_v) ** 2).sum()
            shared = (weights * (u - mean_u) * (v - mean_v)).sum()
            above = (2 * mean_u * mean_v + C1) * (2 * shared + C2)
            values.append(above / ((mean_u**2 + mean_v**2 + C1) * (variance_u + variance_v + C2)))
    return float(np.mean(values))


@given(st.integers(0, 2**32 - 1))
def test_equal_pictures_are_wholly_alike(seed: int) -> None:
    picture = texture(seed)
    assert ssim(picture, picture) == pytest.approx(1, abs=1e-12)
    assert psnr(squared_error(picture, picture)) == math.inf


def test_of_flat_pictures_only_the_brightness_counts() -> None:
    assert ssim(flat(100), flat(150)) == pytest.approx((2 * 100 * 150 + C1) / (100**2 + 150**2 + C1), abs=1e-9)
    assert ssim(flat(0), flat(255)) == pytest.approx(C1 / (255**2 + C1), abs=1e-9)


def test_windows_are_as_the_definition_says() -> None:
    a = texture(1)
    b = np.clip(a.astype(int) + np.random.default_rng(2).normal(0, 30, a.shape), 0, 255).astype(np.uint8)
    assert ssim(a, b) == pytest.approx(plain_ssim(a, b), abs=1e-6)
    assert ssim(a, b) == pytest.approx(ssim(b, a), abs=1e-12)


def test_more_noise_is_less_alike() -> None:
    a, rng = texture(3), np.random.default_rng(4)
    noise = rng.normal(0, 1, a.shape)
    found = [ssim(a, np.clip(a + noise * spread, 0, 255).astype(np.uint8)) for spread in (5, 20, 60, 120)]
    assert found == sorted(found, reverse=True)
    assert found[0] > 0.95
    assert found[-1] < 0.75


@pytest.mark.parametrize("level", [1, 10, 100])
def test_a_difference_of_one_level_everywhere_has_a_known_psnr(level: int) -> None:
    assert psnr(squared_error(flat(level), flat(0))) == pytest.approx(20 * math.log10(255 / level))


def test_only_one_shape_is_compared() -> None:
    with pytest.raises(ValueError, match="one shape"):
        ssim(flat(1), flat(1, 32))
    with pytest.raises(ValueError, match="one shape"):
        squared_error(flat(1), texture(1))
    with pytest.raises(ValueError, match="11 x 11"):
        ssim(flat(1, 8), flat(1, 8))
