"""Running one of diffusers' pipelines as a generator: it tells of every step, and closing it ends the work there.

The pipelines call back after each step and know nothing of generators, so one runs in a thread of its own, which waits
in its callback until the next step is wanted.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator
from typing import Any

import torch
from torch import Tensor

from paints_undo_engine.diffusion.attention import slicing
from paints_undo_engine.diffusion.solvers import SampledStep


class _StoppedError(Exception):
    """The one who asked for steps wants no more of them."""


def run_in_steps(
    call: Callable[[Callable[..., dict[str, Any]]], Tensor], of: int, device: torch.device
) -> Generator[SampledStep, None, Tensor]:
    """Run `call`, which is given diffusers' ``callback_on_step_end``; its result is the generator's.

    `of` is the number of steps to tell; `device` is where the call computes. Raises what the call raises.
    """
    told: queue.Queue[SampledStep | BaseException | Tensor] = queue.Queue(1)
    wanted: queue.Queue[bool] = queue.Queue(1)

    def after_step(pipeline: Any, number: int, timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        del pipeline, timestep
        latents = tensors["latents"].detach()
        told.put(SampledStep(number + 1, of, latents.float(), latents.float()))
        if not wanted.get():
            raise _StoppedError
        return {}

    def work() -> None:
        try:
            with torch.inference_mode(), slicing(device):
                told.put(call(after_step))
        except BaseException as error:
            told.put(error)

    thread = threading.Thread(target=work, name="redo", daemon=True)
    thread.start()
    try:
        while True:
            event = told.get()
            if isinstance(event, BaseException):
                raise event
            if isinstance(event, Tensor):
                return event
            yield event
            wanted.put(True)
    finally:
        wanted.put(False)
        thread.join()
