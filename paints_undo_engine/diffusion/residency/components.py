"""The components of the models and where they are: loaded once, moved as the memory plan says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import torch
from torch import Tensor, nn

from paints_undo_engine.diffusion.float8 import store_in_float8
from paints_undo_engine.diffusion.residency.devices import release
from paints_undo_engine.diffusion.residency.plans import Plan

M = TypeVar("M", bound=nn.Module)


_Weights = tuple[nn.Module, dict[str, nn.Parameter | None], dict[str, Tensor | None]]
"""A layer with its own parameters and buffers on the CPU."""


class Component:
    """One module: made by `load` on the CPU when first needed, its weights kept there as its only permanent copy.

    On the CPU they are the mapped file itself where the dtypes agree, so they cost no memory twice. Going to the device
    copies, coming back only drops the copy.
    """

    def __init__(self, load: Callable[[], nn.Module], *, shrinks: bool = False) -> None:
        self._load = load
        self._shrinks = shrinks
        self._module: nn.Module | None = None
        self._home: list[_Weights] = []
        self.on_device = False

    def module(self, plan: Plan) -> nn.Module:
        """The module, wherever its weights are."""
        if self._module is None:
            self._module = self._load()
            if plan.fp8 and self._shrinks:
                store_in_float8(self._module)
            self._home = [(owner, dict(owner._parameters), dict(owner._buffers)) for owner in self._module.modules()]
        return self._module

    def go(self, plan: Plan, device: torch.device) -> nn.Module:
        """Put the weights on `device`."""
        module = self.module(plan)
        if not self.on_device and device.type != "cpu":
            for owner, parameters, buffers in self._home:
                for name, parameter in parameters.items():
                    if parameter is not None:
                        copy = parameter.data.to(device, non_blocking=True)
                        owner._parameters[name] = nn.Parameter(copy, requires_grad=False)
                for name, buffer in buffers.items():
                    if buffer is not None:
                        owner._buffers[name] = buffer.to(device, non_blocking=True)
            self.on_device = True
        return module

    def leave(self) -> None:
        """Let the module have its weights on the CPU again and free those on the device."""
        if self.on_device:
            for owner, parameters, buffers in self._home:
                owner._parameters.update(parameters)
                owner._buffers.update(buffers)
            self.on_device = False

    def drop(self) -> None:
        """Forget the module altogether."""
        self.leave()
        self._module, self._home = None, []


class Residency:
    """Brings components to the device and away from it, as the plan says."""

    def __init__(self, device: torch.device, plan: Plan, components: dict[str, Component]) -> None:
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

    def change(self, plan: Plan) -> None:
        """Go over to another plan. Between exact and 8-bit weights everything is loaded anew."""
        for component in self.components.values():
            component.drop() if plan.fp8 != self.plan.fp8 else component.leave()
        self.plan = plan
        release(self.device)

    def clear(self) -> None:
        """Take everything off the device."""
        for component in self.components.values():
            component.leave()
        release(self.device)
