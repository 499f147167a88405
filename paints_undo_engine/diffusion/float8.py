"""Weights in 8 bits, for the one memory plan that is not exact.

Each output channel has a scale of its own, so that its largest weight uses the whole range of float8 (e4m3: 3 bits of
mantissa, https://arxiv.org/abs/2209.05433). Products are computed in the activations' dtype.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_LARGEST = 448.0


def dense(layer: nn.Module, dtype: torch.dtype) -> Tensor:
    """A layer's weight, brought back to `dtype` when it is kept in 8 bits."""
    weight = layer.weight
    assert isinstance(weight, Tensor)
    if weight.dtype != torch.float8_e4m3fn:
        return weight
    scale = layer.weight_scale
    assert isinstance(scale, Tensor)
    return weight.to(dtype) * scale.to(dtype)


class _Linear(nn.Linear):
    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, dense(self, x.dtype), self.bias)


class _Conv2d(nn.Conv2d):
    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self._conv_forward(x, dense(self, x.dtype), self.bias)
        return out


class _Conv3d(nn.Conv3d):
    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self._conv_forward(x, dense(self, x.dtype), self.bias)
        return out


class _Conv1d(nn.Conv1d):
    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self._conv_forward(x, dense(self, x.dtype), self.bias)
        return out


_STORED = {nn.Linear: _Linear, nn.Conv1d: _Conv1d, nn.Conv2d: _Conv2d, nn.Conv3d: _Conv3d}


def store_in_float8(model: nn.Module) -> None:
    """Keep the weights of all linear layers and convolutions of `model` but the first in 8 bits.

    The first one is small, and its dtype is what diffusers takes for the dtype of the model.
    """
    layers = [layer for layer in model.modules() if type(layer) in _STORED]
    for layer in layers[1:]:
        weight = layer.weight
        assert isinstance(weight, Tensor)
        scale = weight.detach().float().flatten(1).abs().amax(dim=1).clamp(min=1e-12) / _LARGEST
        scale = scale.view(-1, *[1] * (weight.dim() - 1))
        layer.weight = nn.Parameter((weight.detach().float() / scale).to(torch.float8_e4m3fn), requires_grad=False)
        layer.register_buffer("weight_scale", scale)
        layer.__class__ = _STORED[type(layer)]
