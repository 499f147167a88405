"""Convolutions and poolings in NumPy give what PyTorch gives."""

from __future__ import annotations

import numpy as np
import pytest

from paints_undo_engine.procedural.reading.convolving import convolved, largest, mean

torch = pytest.importorskip("torch")


@pytest.mark.parametrize(("channels", "side", "stride"), [(3, 7, 4), (48, 5, 2), (128, 3, 2), (24, 3, 1), (128, 1, 1)])
@pytest.mark.parametrize("size", [(37, 52), (8, 8), (1, 9)])
def test_a_convolution(channels: int, side: int, stride: int, size: tuple[int, int]) -> None:
    noise = np.random.default_rng(1)
    planes = noise.normal(size=(channels, *size)).astype(np.float32)
    kernels = noise.normal(size=(10, channels, side, side)).astype(np.float32)
    bias = noise.normal(size=10).astype(np.float32)
    expected = torch.nn.functional.conv2d(
        torch.from_numpy(planes[None]), torch.from_numpy(kernels), torch.from_numpy(bias), stride, side // 2
    )
    np.testing.assert_allclose(convolved(planes, kernels, bias, stride), expected[0].numpy(), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("size", [(37, 52), (8, 8), (1, 9)])
def test_poolings(size: tuple[int, int]) -> None:
    planes = np.random.default_rng(2).normal(size=(5, *size)).astype(np.float32)
    there = torch.from_numpy(planes[None])
    np.testing.assert_array_equal(largest(planes), torch.nn.functional.max_pool2d(there, 3, 2, 1)[0].numpy())
    expected = torch.nn.functional.avg_pool2d(there, 3, 1, 1)[0].numpy()
    np.testing.assert_allclose(mean(planes), expected, rtol=1e-5, atol=1e-6)
