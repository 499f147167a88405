"""A redo's networks on a device: they take turns, so that the largest of them is all that the device must hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import nn

from paints_undo_engine.diffusion.residency.components import Component
from paints_undo_engine.diffusion.residency.devices import release
from paints_undo_engine.diffusion.residency.plans import ResidencyPlan

Group = tuple[Component, ...]


@contextmanager
def taking_turns(
    device: torch.device, plan: ResidencyPlan, groups: Sequence[Sequence[nn.Module]]
) -> Iterator[Callable[[nn.Module], None]]:
    """Within the block each group of networks comes to `device` when one of them is called, and the others leave.

    Afterwards none is there. A VAE comes when it encodes or decodes. What the block is given brings a network before
    its call. On the CPU nothing is moved.
    """
    if device.type == "cpu":
        yield lambda _: None
        return
    turns = _Turns(device, plan, groups)
    try:
        yield turns.bring
    finally:
        turns.end()


class _Turns:
    def __init__(self, device: torch.device, plan: ResidencyPlan, groups: Sequence[Sequence[nn.Module]]) -> None:
        self._device = device
        self._plan = plan
        self._groups = [tuple(Component(partial(_itself, module)) for module in group) for group in groups]
        self._of = {module: group for modules, group in zip(groups, self._groups, strict=True) for module in modules}
        self._undo = [undo for module in self._of for undo in self._watch(module)]

    def bring(self, module: nn.Module) -> None:
        """Let a network and its group be on the device, and no others."""
        group = self._of[module]
        if all(component.on_device for component in group):
            return
        for other in self._groups:
            for component in other if other is not group else ():
                component.leave()
        release(self._device)
        for component in group:
            component.go(self._plan, self._device)

    def end(self) -> None:
        """Let all of them leave, and call them no more."""
        for undo in self._undo:
            undo()
        for group in self._groups:
            for component in group:
                component.leave()
        release(self._device)

    def _watch(self, module: nn.Module) -> Iterator[Callable[[], None]]:
        """See that a network comes before it is called; yields what ends that."""
        yield module.register_forward_pre_hook(lambda called, _: self.bring(called)).remove
        for name in ("encode", "decode"):
            if hasattr(module, name):
                setattr(module, name, partial(self._call, module, getattr(module, name)))
                yield partial(delattr, module, name)

    def _call(self, module: nn.Module, method: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        self.bring(module)
        return method(*arguments, **options)


def _itself(module: nn.Module) -> nn.Module:
    return module
