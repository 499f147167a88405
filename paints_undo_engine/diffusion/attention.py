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


def attend(q: Tensor, k: Tensor, v: Tensor, heads: int) -> Tensor:
    """softmax(q kᵀ / sqrt(d)) v with `heads` heads of width d.

    q [N, Lq, heads*d], k [N, Lk, heads*d], v [N, Lk, heads*d] -> [N, Lq, heads*d]. "Attention Is All You Need",
    https://arxiv.org/abs/1706.03762
    """
    shape = (heads, -1)
    out = _kernel(torch.unflatten(q, -1, shape), torch.unflatten(k, -1, shape), torch.unflatten(v, -1, shape))
    return out.flatten(2)


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
    if q.shape[0] <= _MAX_BATCH or not q.is_cuda:
        out = scaled_dot_product_attention(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2))
        return out.transpose(1, 2)
    parts = zip(torch.split(q, _MAX_BATCH), torch.split(k, _MAX_BATCH), torch.split(v, _MAX_BATCH), strict=True)
    return torch.cat([_sdpa(*part) for part in parts])


_MAX_BATCH = 65535
"""CUDA kernels put the batch on a grid axis of at most 65535 blocks; time attention has one sequence per pixel."""

_kernel: _Kernel = _sdpa
