"""Weights that pass through the device block by block (docs/performance.md, "Memory plans").

Two slots on the device take turns: while one block computes, the weights of the next one travel into the other slot.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

_ALIGNMENT = 256
"""Bytes; what kernels may expect of a tensor that an allocator has made."""
_PIECE = 2**26
"""Bytes; PyTorch rounds pinned memory up to a power of two."""

_log = logging.getLogger(__name__)


class WeightStream:
    """Brings the weights of `modules` to `device` one module after the other, in the order in which they are called.

    While it is open, a module has its weights there during its `forward` only. A call out of order waits for its
    weights instead of finding them. Making the stream moves the weights into memory of its own on the CPU, their only
    permanent copy, from where CUDA can fetch them beside its work.
    """

    def __init__(self, modules: Sequence[nn.Module], device: torch.device) -> None:
        self._modules = modules
        self._device = device
        self._packs = [_Pack(module, pinned=device.type == "cuda") for module in modules]
        self._slots: list[_Slot] = []
        self._hooks: list[RemovableHandle] = []
        self._latest = 0

    def open(self) -> None:
        """Follow the calls from now on. Takes `bytes_on_device` of memory."""
        self._copies = Copies(self._device)
        free, size = self._copies.now(), max(pack.size for pack in self._packs)
        self._slots = [_Slot(torch.empty(size, dtype=torch.uint8, device=self._device), free) for _ in range(2)]
        for number, module in enumerate(self._modules):
            self._hooks.append(module.register_forward_pre_hook(partial(self._enter, number)))
            self._hooks.append(module.register_forward_hook(partial(self._leave, number)))

    def close(self) -> None:
        """Give the device's memory back; all weights are on the CPU again."""
        for hook in self._hooks:
            hook.remove()
        for pack in self._packs:
            pack.put(pack.home)
        if self._slots:
            self._copies.finish()
        self._hooks, self._slots = [], []

    def _enter(self, number: int, *_: object) -> None:
        index = next((index for index, slot in enumerate(self._slots) if slot.holds == number), None)
        if index is None:
            index = 1 - self._latest
            self._fetch(number, self._slots[index])
        self._latest = index
        self._copies.wait_for(self._slots[index].filled)
        self._packs[number].put(self._views(number, self._slots[index]))

    def _leave(self, number: int, *_: object) -> None:
        self._packs[number].put(self._packs[number].home)
        self._slots[self._latest].free = self._copies.now()
        following = (number + 1) % len(self._packs)
        if not any(slot.holds == following for slot in self._slots):
            self._fetch(following, self._slots[1 - self._latest])

    def _fetch(self, number: int, slot: _Slot) -> None:
        pack = self._packs[number]
        slot.holds = number
        slot.filled = self._copies.copy(pack.pieces, pack.cut(slot.memory), after=slot.free)

    def _views(self, number: int, slot: _Slot) -> list[Tensor]:
        if number not in slot.views:
            pack = self._packs[number]
            slot.views[number] = pack.views(pack.cut(slot.memory))
        return slot.views[number]


def bytes_on_device(modules: Iterable[nn.Module]) -> int:
    """What an open stream of `modules` takes: two slots for the largest."""
    return 2 * max(sum(_rounded(tensor) for _, _, tensor in _weights(module)) for module in modules)


@dataclass(eq=False)
class _Slot:
    """Memory on the device for one module's weights, and which module it `holds`.

    `free`: the event that its last user is done; `filled`: that the weights are there.
    """

    memory: Tensor
    free: Any
    filled: Any = None
    holds: int | None = None
    views: dict[int, list[Tensor]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _Place:
    """Whose tensor it is and where it lies: `offset` bytes into a piece of the pack."""

    owner: dict[str, Any]
    name: str
    like: Tensor
    piece: int
    offset: int

    def view(self, piece: Tensor) -> Tensor:
        """This tensor in a copy of its piece."""
        flat = piece[self.offset : self.offset + _extent(self.like)].view(self.like.dtype)
        tensor = flat.as_strided(self.like.shape, self.like.stride(), flat.storage_offset())
        return nn.Parameter(tensor, requires_grad=False) if isinstance(self.like, nn.Parameter) else tensor


class _Pack:
    """All weights of a module in a few pieces of memory on the CPU: `home` is the module's tensors there."""

    def __init__(self, module: nn.Module, *, pinned: bool) -> None:
        places: list[_Place] = []
        sizes = [0]
        for owner, name, tensor in _weights(module):
            if sizes[-1] and sizes[-1] + _rounded(tensor) > _PIECE:
                sizes.append(0)
            places.append(_Place(owner, name, tensor, len(sizes) - 1, sizes[-1]))
            sizes[-1] += _rounded(tensor)
        self.size = sum(sizes)
        self.pieces = [_host_memory(size, pinned) for size in sizes]
        self._places = places
        self.home = self.views(self.pieces)
        for place, tensor in zip(places, self.home, strict=True):
            tensor.copy_(place.like)
        self._places = [replace(place, like=tensor) for place, tensor in zip(places, self.home, strict=True)]
        self.put(self.home)

    def views(self, pieces: Sequence[Tensor]) -> list[Tensor]:
        """The module's tensors in a copy of the pieces."""
        return [place.view(pieces[place.piece]) for place in self._places]

    def cut(self, memory: Tensor) -> list[Tensor]:
        """Room for the pieces, one behind the other, in `memory`."""
        return list(memory[: self.size].split_with_sizes([len(piece) for piece in self.pieces]))

    def put(self, tensors: Sequence[Tensor]) -> None:
        """Let the module use these tensors."""
        for place, tensor in zip(self._places, tensors, strict=True):
            place.owner[place.name] = tensor


class Copies:
    """Copies to a device: in a stream beside its work where it has streams, else in turn."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._module: Any = torch.get_device_module(device) if device.type in ("cuda", "xpu") else None
        self._stream: Any = None if self._module is None else self._module.Stream(device)

    def copy(self, sources: Sequence[Tensor], targets: Sequence[Tensor], *, after: Any) -> Any:
        """Copy when the event `after` has happened; gives the event of the end."""
        if self._module is None:
            _copy(sources, targets)
            return None
        with self._module.stream(self._stream):
            self._stream.wait_event(after)
            _copy(sources, targets)
            return self._stream.record_event()

    def now(self) -> Any:
        """The event that all work asked for so far is done."""
        return None if self._module is None else self._module.current_stream(self._device).record_event()

    def wait_for(self, event: Any) -> None:
        """Let the work that is asked for from now on wait for an event."""
        if self._module is not None:
            self._module.current_stream(self._device).wait_event(event)

    def finish(self) -> None:
        """Until all copies, and the work that uses them, are done."""
        if self._module is not None:
            self._module.synchronize(self._device)


def _copy(sources: Sequence[Tensor], targets: Sequence[Tensor]) -> None:
    for source, target in zip(sources, targets, strict=True):
        target.copy_(source, non_blocking=True)


def _weights(module: nn.Module) -> Iterator[tuple[dict[str, Any], str, Tensor]]:
    """Every parameter and buffer of a module with the dict and the name under which a layer has it."""
    for layer in module.modules():
        owners: tuple[dict[str, Any], ...] = (layer._parameters, layer._buffers)
        for owner in owners:
            yield from ((owner, name, tensor) for name, tensor in owner.items() if tensor is not None)


def _host_memory(size: int, pinned: bool) -> Tensor:
    """Memory on the CPU; where none is left to be pinned, copies from it take longer."""
    if pinned:
        try:
            return torch.empty(size, dtype=torch.uint8, pin_memory=True)
        except RuntimeError as error:
            _log.info("%d bytes of weights could not be pinned: %s", size, error)
    return torch.empty(size, dtype=torch.uint8)


def _extent(tensor: Tensor) -> int:
    """Bytes from a tensor's first element to its last."""
    steps = sum((size - 1) * stride for size, stride in zip(tensor.shape, tensor.stride(), strict=True))
    return (steps + 1) * tensor.element_size() if tensor.numel() else 0


def _rounded(tensor: Tensor) -> int:
    return -(-_extent(tensor) // _ALIGNMENT) * _ALIGNMENT
