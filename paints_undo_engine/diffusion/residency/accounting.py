"""How much memory a computation takes, without doing it: on torch's meta device every tensor has a size and no data.

What the accounting leaves out is covered by `OVERHEAD`: the device's context, the libraries' workspaces, fragmentation.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


def weight_bytes(modules: Iterable[nn.Module]) -> int:
    """Bytes of all parameters and buffers, each storage once."""
    tensors = (t for m in modules for t in (*m.parameters(), *m.buffers()))
    return sum({id(t): t.numel() * t.element_size() for t in tensors}.values())


def peak_activations(compute: Callable[[], object], *weights: nn.Module, materialised: bool = False) -> int:
    """The most bytes that tensors made inside `compute` take at one time.

    Attention keeps no matrix of scores, unless `materialised`: then each call of the kernel holds its scores, their
    softmax and its operands in float32, as the plain kernels do.

    `weights` are the modules that it uses, on the meta device; their parameters are not counted.
    """
    tracker = _Tracker(t for m in weights for t in (*m.parameters(), *m.buffers()))
    with torch.no_grad(), tracker, Accelerator(materialised):
        result = compute()
        del result
    return tracker.peak


class Accelerator(TorchFunctionMode):
    """What accelerators do and the meta device does not.

    Attention allocates its result alone, laid out like the queries, or with `materialised` its scores too; results can
    be copied to the CPU.
    """

    def __init__(self, materialised: bool = False) -> None:
        super().__init__()
        self._materialised = materialised

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        if func is scaled_dot_product_attention:
            q, k, v = args[:3]
            if self._materialised:
                held = [tensor.float() for tensor in (q, k, v)]
                held += [torch.empty(*q.shape[:-1], k.shape[-2], device=q.device) for _ in range(2)]
                del held
            return torch.empty_like(q)
        if func is Tensor.copy_ and args[0].device.type == "cpu" and args[1].device.type == "meta":
            return args[0]
        return func(*args, **(kwargs or {}))


class _Tracker(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the storages on the device that operations allocate and that are still alive."""

    def __init__(self, known: Iterable[Tensor]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._live: set[int] = {t.untyped_storage()._cdata for t in known}
        self._now = 0
        self.peak = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        out = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(out):
            if isinstance(leaf, Tensor) and leaf.device.type != "cpu":
                self._add(leaf.untyped_storage())
        return out

    def _add(self, storage: torch.UntypedStorage) -> None:
        key = storage._cdata
        if key in self._live:
            return
        size = storage.nbytes()
        self._live.add(key)
        self._now += size
        self.peak = max(self.peak, self._now)
        weakref.finalize(storage, self._remove, key, size)

    def _remove(self, key: int, size: int) -> None:
        self._live.discard(key)
        self._now -= size
