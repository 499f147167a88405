"""Scaled dot-product attention behind one switch: PyTorch's own kernels, or xformers where it is installed.

Both give the same numbers within the rounding of the dtype.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from paints_undo_engine.errors import EngineUnavailableError

Backend = Literal["sdpa", "xformers"]
_Kernel = Callable[[Tensor, Tensor, Tensor], Tensor]


def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """softmax(q kᵀ / sqrt(d)) v for every head.

    q [N, Lq, heads, d], k [N, Lk, heads, d], v [N, Lk, heads, d] -> [N, Lq, heads, d]; only the innermost dimension has
    to be dense. "Attention Is All You Need", https://arxiv.org/abs/1706.03762
    """
    if q.shape[2] <= _MAX_HEADS:
        return _kernel(q, k, v)
    parts = zip(*(torch.split(tensor, _MAX_HEADS, dim=2) for tensor in (q, k, v)), strict=True)
    return torch.cat([_kernel(*part) for part in parts], dim=2)


def split_heads(x: Tensor, heads: int) -> Tensor:
    """[..., heads*d] -> [..., heads, d]."""
    return torch.unflatten(x, -1, (heads, -1))


def select_backend(backend: Backend) -> None:
    """Choose the kernels for this process. Raises `EngineUnavailableError` when xformers is not installed."""
    global _kernel
    if backend == "sdpa":
        _kernel = _sdpa
        return
    if importlib.util.find_spec("xformers") is None:
        raise EngineUnavailableError("xformers is not installed; install the extra `xformers` or use SDPA.")
    from xformers.ops import memory_efficient_attention

    _kernel = memory_efficient_attention


def _sdpa(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return scaled_dot_product_attention(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)).transpose(1, 2)


_MAX_HEADS = 65535
"""CUDA kernels put the heads on a grid axis of at most 65535 blocks; time attention has some for every pixel."""

_kernel: _Kernel = _sdpa
