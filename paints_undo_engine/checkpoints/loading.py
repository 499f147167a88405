"""Filling a module with weights: build it without storage, check every name and shape, then stream tensor by tensor.

Nothing is allocated twice: a module is built on torch's ``meta`` device, and each tensor goes from the mapped file
straight to its dtype and device.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch
from torch import nn

from paints_undo_engine.checkpoints.names import is_harmless, place
from paints_undo_engine.checkpoints.weights import FLOATING, Weights
from paints_undo_engine.errors import CheckpointError

_NAMES_SHOWN = 8
_log = logging.getLogger(__name__)

M = TypeVar("M", bound=nn.Module)


@dataclass(frozen=True, slots=True)
class TensorFit:
    """How weights fit a module. `sources` maps a name in the module to the name in the file."""

    sources: dict[str, str]
    missing: tuple[str, ...]
    unexpected: tuple[str, ...]
    misshaped: tuple[str, ...]
    unreadable: tuple[str, ...]
    harmless: tuple[str, ...]

    @property
    def usable(self) -> bool:
        """Whether every tensor of the module has its weights. What is left over in the files does no harm."""
        return not (self.missing or self.misshaped or self.unreadable)

    def describe(self) -> str:
        """What does not fit, by name."""
        parts = [
            (self.missing, "missing"),
            (self.misshaped, "of another shape"),
            (self.unreadable, "of a dtype that is not fp16, bf16 or fp32"),
            (self.unexpected, "not used"),
        ]
        return "; ".join(f"{len(names)} {what}: {_some(names)}" for names, what in parts if names)


def _some(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:_NAMES_SHOWN])
    return shown if len(names) <= _NAMES_SHOWN else f"{shown} and {len(names) - _NAMES_SHOWN} more"


def empty(build: Callable[[], M]) -> M:
    """The module that `build` makes, in evaluation mode, without gradients and without storage (``meta`` device)."""
    with torch.device("meta"):
        module = build()
    return module.eval().requires_grad_(False)


def number_positions(module: nn.Module) -> None:
    """Fill the index tables of CLIP's encoders, which files need not have, in a module without storage."""
    for part in module.modules():
        table = part._buffers.get("position_ids")
        if table is not None:
            count = torch.arange(table.shape[-1], device="cpu")
            part.register_buffer("position_ids", count[None], persistent=False)


def fit(module: nn.Module, weights: Weights) -> TensorFit:
    """Compare the names and shapes of `weights` with those of `module`'s state, and read nothing."""
    wanted = {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
    sources: dict[str, str] = {}
    unexpected: list[str] = []
    misshaped: list[str] = []
    unreadable: list[str] = []
    harmless: list[str] = []
    for name, entry in weights.entries.items():
        target = place(name, wanted)
        if target is None or target in sources:
            (harmless if is_harmless(name) else unexpected).append(name)
            continue
        sources[target] = name
        if entry.shape != wanted[target]:
            misshaped.append(f"{name} {list(entry.shape)} instead of {list(wanted[target])}")
        if entry.dtype not in FLOATING:
            unreadable.append(f"{name} ({entry.dtype})")
    missing = tuple(name for name in wanted if name not in sources)
    return TensorFit(sources, missing, tuple(unexpected), tuple(misshaped), tuple(unreadable), tuple(harmless))


def load(
    module: M,
    weights: Weights,
    *,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
    what: str = "",
) -> M:
    """Fill `module` (usually from `empty`) with `weights` in `dtype` on `device` and return it.

    Tensors that the module does not have are left out with a warning. Raises `CheckpointError`, naming the tensors,
    where some are missing, of another shape or of another kind (but for the differences that `names` knows).
    """
    found = fit(module, weights)
    if found.unexpected:
        _log.warning("%s: %d tensors are not used: %s", what, len(found.unexpected), _some(found.unexpected))
    if not found.usable:
        raise CheckpointError(
            f"{what or type(module).__name__}: the weights do not fit this model; {found.describe()}."
        )
    for target, source in found.sources.items():
        _set(module, target, weights.read(source).to(device=device, dtype=dtype))
    left = [name for name, tensor in module.named_buffers() if tensor.is_meta]
    if left:
        raise CheckpointError(f"{what}: buffers without values: {_some(tuple(left))}.")
    return module


def load_folder(
    module: M, folder: Path, *, dtype: torch.dtype = torch.float32, device: torch.device | str = "cpu"
) -> M:
    """`load` from a component's folder, such as ``paints_undo_single_frame/unet``."""
    with Weights.of(folder, half=dtype == torch.float16) as weights:
        return load(module, weights, dtype=dtype, device=device, what=str(folder))


def _set(module: nn.Module, name: str, value: torch.Tensor) -> None:
    path, _, leaf = name.rpartition(".")
    owner = module.get_submodule(path)
    if leaf in owner._parameters:
        owner._parameters[leaf] = nn.Parameter(value, requires_grad=False)
    else:
        owner._buffers[leaf] = value
