"""Scaled dot-product attention behind one switch: PyTorch's own kernels, or xformers where it is installed.

Both give the same numbers within the rounding of the dtype.
Shapes in names: n samples, l tokens (of queries, or of keys and values), a heads, d width of a head.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from torch.overrides import TorchFunctionMode

from paints_undo_engine.errors import EngineUnavailableError

_Kernel = Callable[[Tensor, Tensor, Tensor], Tensor]


def attend(q_nlad: Tensor, k_nlad: Tensor, v_nlad: Tensor) -> Tensor:
    """softmax(q kᵀ / sqrt(d)) v for every head.

    Of the queries' shape; keys and values may be longer or shorter. Only the innermost dimension has to be dense.
    "Attention Is All You Need", https://arxiv.org/abs/1706.03762
    """
    kernel = _in_slices if _needs_slices(q_nlad.device) else _kernel
    if q_nlad.shape[2] <= _MAX_HEADS:
        return kernel(q_nlad, k_nlad, v_nlad)
    parts = zip(*(torch.split(tensor, _MAX_HEADS, dim=2) for tensor in (q_nlad, k_nlad, v_nlad)), strict=True)
    return torch.cat([kernel(*part) for part in parts], dim=2)


def split_heads(x: Tensor, heads: int) -> Tensor:
    """[..., heads*d] -> [..., heads, d]."""
    return torch.unflatten(x, -1, (heads, -1))


def select_backend(backend: str) -> None:
    """Choose ``sdpa`` or ``xformers`` for this process.

    Raises `EngineUnavailableError` when xformers is not installed, or for another name.
    """
    global _kernel
    if backend == "sdpa":
        _kernel = _sdpa
        return
    if backend != "xformers":
        raise EngineUnavailableError(f"There is no attention {backend!r}: choose sdpa or xformers.")
    if importlib.util.find_spec("xformers") is None:
        raise EngineUnavailableError("xformers is not installed; install the extra `xformers` or use SDPA.")
    from xformers.ops import memory_efficient_attention

    _kernel = memory_efficient_attention


def materialises(device: torch.device) -> bool:
    """Whether attention on `device` writes the whole matrix of scores to memory.

    Apple's GPUs do; NVIDIA's and AMD's where torch's build has no other kernel for them; of Intel's it is assumed.
    """
    if device.type != "cuda":
        return device.type in ("mps", "xpu")
    tensor = torch.empty(1, 1, 16, 64, dtype=torch.float16, device=device)
    params = torch.backends.cuda.SDPAParams(tensor, tensor, tensor, None, 0.0, False, False)
    return not (
        torch.backends.cuda.can_use_flash_attention(params) or torch.backends.cuda.can_use_efficient_attention(params)
    )


def suit_device(device: torch.device) -> None:
    """Cut attention into slices of queries from now on, where `device` needs it; the results stay the same."""
    if materialises(device):
        _materialising.add(device.type)


@contextmanager
def sliced_on(kind: str) -> Iterator[None]:
    """Attention in slices on all devices of a kind, for accounting and tests."""
    added = kind not in _materialising
    _materialising.add(kind)
    try:
        yield
    finally:
        if added:
            _materialising.discard(kind)


def slicing(device: torch.device) -> AbstractContextManager[object]:
    """Around a call of a network of another library: its attention is cut as that of `attend`, where `device` needs it.

    Holds for the calling thread, so nothing may be yielded inside.
    """
    return _Slicing() if _needs_slices(device) else nullcontext()


class _Slicing(TorchFunctionMode):
    """Cuts torch's attention, [n, a, l, d], where it has no mask and its scores are more than a slice."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        given = kwargs or {}
        if func is scaled_dot_product_attention and len(args) == 3 and all(map(_is_default, given.values())):
            q_nald, k_nald, v_nald = args
            if q_nald.shape[:-1].numel() * k_nald.shape[-2] * _FLOAT32 > SLICE_BYTES:
                return _in_slices(q_nald.transpose(1, 2), k_nald.transpose(1, 2), v_nald.transpose(1, 2)).transpose(
                    1, 2
                )
        return func(*args, **given)


def _is_default(option: object) -> bool:
    return not isinstance(option, Tensor) and not option


def _needs_slices(device: torch.device) -> bool:
    return device.type in _materialising and _kernel is _sdpa


def _in_slices(q_nlad: Tensor, k_nlad: Tensor, v_nlad: Tensor) -> Tensor:
    """Exact attention of a few queries at a time: every row of scores is a softmax of its own."""
    length, heads, width = k_nlad.shape[1:]
    samples = max(1, SLICE_BYTES // (heads * length * (2 * width + _ROWS) * _FLOAT32))
    parts = zip(*(torch.split(tensor, samples) for tensor in (q_nlad, k_nlad, v_nlad)), strict=True)
    return torch.cat([torch.cat(_rows(*part), dim=1) for part in parts])


def _rows(q_nlad: Tensor, k_nlad: Tensor, v_nlad: Tensor) -> list[Tensor]:
    rows = max(1, SLICE_BYTES // (q_nlad.shape[0] * q_nlad.shape[2] * k_nlad.shape[1] * 2 * _FLOAT32))
    return [_kernel(part, k_nlad, v_nlad) for part in torch.split(q_nlad, rows, dim=1)]


def _sdpa(q_nlad: Tensor, k_nlad: Tensor, v_nlad: Tensor) -> Tensor:
    return scaled_dot_product_attention(
        q_nlad.transpose(1, 2), k_nlad.transpose(1, 2), v_nlad.transpose(1, 2)
    ).transpose(1, 2)


_MAX_HEADS = 65535
"""CUDA kernels put the heads on a grid axis of at most 65535 blocks; time attention has some for every pixel."""

SLICE_BYTES = 32 * 2**20
"""How much a slice's scores and their softmax may take, and how much its keys and values in float32."""
_ROWS, _FLOAT32 = 64, 4

_materialising: set[str] = set()
"""Kinds of devices on which attention is cut into slices."""

_kernel: _Kernel = _sdpa
