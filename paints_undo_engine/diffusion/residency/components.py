"""The components of the models and where they are: loaded once, moved as the memory plan says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from paints_undo_engine.diffusion.float8 import store_in_float8
from paints_undo_engine.diffusion.residency.devices import release
from paints_undo_engine.diffusion.residency.plans import ResidencyPlan
from paints_undo_engine.diffusion.residency.streaming import WeightStream

M = TypeVar("M", bound=nn.Module)


_Weights = tuple[nn.Module, dict[str, nn.Parameter | None], dict[str, Tensor | None]]
"""A layer with its own parameters and buffers on the CPU."""


class Component:
    """One module: made by `load` on the CPU when first needed, its weights kept there as its only permanent copy.

    On the CPU they are the mapped file itself where the dtypes agree, so they cost no memory twice. Going to the device
    copies, coming back only drops the copy. `shrinks`: in 8 bits where the plan says so; `blocks`: what of the module
    passes through the device block by block where the plan says so, in the order of the calls.
    """

    def __init__(
        self,
        load: Callable[[], nn.Module],
        *,
        shrinks: bool = False,
        blocks: Callable[[Any], Sequence[nn.Module]] | None = None,
    ) -> None:
        self._load = load
        self._shrinks = shrinks
        self._blocks = blocks
        self._module: nn.Module | None = None
        self._home: list[_Weights] = []
        self._stream: WeightStream | None = None
        self.on_device = False

    def module(self, plan: ResidencyPlan) -> nn.Module:
        """The module, wherever its weights are."""
        if self._module is None:
            self._module = self._load()
            if plan.fp8 and self._shrinks:
                store_in_float8(self._module)
            self._home = _weights_of(self._module)
        return self._module

    def go(self, plan: ResidencyPlan, device: torch.device) -> nn.Module:
        """Put the weights on `device`: all that belong there, or where that fails none."""
        module = self.module(plan)
        if not self.on_device and device.type != "cpu":
            self.on_device = True
            try:
                self._move(module, plan, device)
            except BaseException:
                self.leave()
                raise
        return module

    def _move(self, module: nn.Module, plan: ResidencyPlan, device: torch.device) -> None:
        passing = self._open_stream(module, device) if plan.streamed and self._blocks is not None else set()
        for owner, parameters, buffers in self._home:
            if owner in passing:
                continue
            for name, parameter in parameters.items():
                if parameter is not None:
                    copy = parameter.data.to(device, non_blocking=True)
                    owner._parameters[name] = nn.Parameter(copy, requires_grad=False)
            for name, buffer in buffers.items():
                if buffer is not None:
                    owner._buffers[name] = buffer.to(device, non_blocking=True)

    def leave(self) -> None:
        """Let the module have its weights on the CPU again and free those on the device."""
        if self._stream is not None:
            self._stream.close()
        if self.on_device:
            for owner, parameters, buffers in self._home:
                owner._parameters.update(parameters)
                owner._buffers.update(buffers)
            self.on_device = False

    def drop(self) -> None:
        """Forget the module altogether."""
        self.leave()
        self._module, self._home, self._stream = None, [], None

    def _open_stream(self, module: nn.Module, device: torch.device) -> set[nn.Module]:
        """Let the blocks' weights come by themselves; gives the layers that this is true of."""
        assert self._blocks is not None
        blocks = self._blocks(module)
        if self._stream is None:
            self._home = []  # so that what the stream takes over is there once only
            try:
                self._stream = WeightStream(blocks, device)
            finally:
                self._home = _weights_of(module)
        self._stream.open()
        return {layer for block in blocks for layer in block.modules()}


def _weights_of(module: nn.Module) -> list[_Weights]:
    return [(owner, dict(owner._parameters), dict(owner._buffers)) for owner in module.modules()]


class Residency:
    """Brings components to the device and away from it, as the plan says."""

    def __init__(self, device: torch.device, plan: ResidencyPlan, components: dict[str, Component]) -> None:
        self.device = device
        self.plan = plan
        self.components = components

    @contextmanager
    def use(self, name: str, kind: type[M]) -> Iterator[M]:
        """The component `name`, a `kind`, on the device for the duration of the block.

        Under a plan that keeps everything it stays there afterwards; otherwise it leaves when another one is wanted.
        """
        if not self.plan.keeps_all:
            for other, component in self.components.items():
                if other != name and component.on_device:
                    component.leave()
                    release(self.device)
        module = self.components[name].go(self.plan, self.device)
        assert isinstance(module, kind)
        yield module

    def change(self, plan: ResidencyPlan) -> None:
        """Go over to another plan. Between exact and 8-bit weights everything is loaded anew.

        Where only the pieces of the work are others, all weights stay where they are.
        """
        if plan.fp8 != self.plan.fp8:
            for component in self.components.values():
                component.drop()
        elif (plan.name, plan.keeps_all, plan.streamed) != (self.plan.name, self.plan.keeps_all, self.plan.streamed):
            self.clear()
        self.plan = plan
        release(self.device)

    def clear(self) -> None:
        """Take everything off the device."""
        for component in self.components.values():
            component.leave()
        release(self.device)
