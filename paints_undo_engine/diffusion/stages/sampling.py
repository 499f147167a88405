"""What a caller may add to a stage's request, and what both stages do at every step of a sampler.

Legend of shapes: b keyframes or clips, c latent channels, t frames, h and w latent pixels.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from paints_undo_engine.diffusion.latent_preview import placed_preview
from paints_undo_engine.diffusion.solvers import SampledStep
from paints_undo_engine.errors import NotFiniteError
from paints_undo_engine.events import Progress
from paints_undo_engine.picture import Picture

R = TypeVar("R")
_PREVIEW_SECONDS = 0.5


@dataclass(frozen=True, eq=False)
class SamplingOptions:
    """What the models can do beyond a request; the defaults are what a job runs.

    `noise` replaces the first draw: [1 or b, c, h, w] for keyframes, [1, c, t, h, w] for an interval. `initial` latents
    [1 or b, c, h, w] are where keyframes start from, with the last `strength` (0 < strength <= 1) of the schedule.
    `on_step` is called after every step. `long_prompts` reads prompts of more than 75 tokens in chunks of 75, which the
    models were not trained for, instead of cutting them off.
    """

    noise: Tensor | None = None
    initial: Tensor | None = None
    strength: float = 1.0
    on_step: Callable[[SampledStep], None] | None = None
    long_prompts: bool = False


AS_REQUESTED = SamplingOptions()


def follow(
    sampling: Generator[SampledStep, None, R],
    options: SamplingOptions,
    steps_after: int,
    choose: Callable[[Tensor], Tensor],
    cut: Callable[[NDArray[np.uint8]], Picture],
) -> Generator[Progress, None, R]:
    """Run a sampler: a progress for each step, now and then with a preview. Closing this closes the sampler.

    `steps_after` more steps follow in the unit. `choose` takes the latents of one picture [c, h, w] out of an estimate,
    `cut` places a picture of the working size. Raises `NotFiniteError` as soon as a preview would show it.
    """
    started = time.monotonic()
    shown = float("-inf")
    try:
        while True:
            try:
                done = next(sampling)
            except StopIteration as end:
                result: R = end.value
                return result
            if options.on_step is not None:
                options.on_step(done)
            now = time.monotonic()
            of = done.of + steps_after
            picture = None
            if now - shown >= _PREVIEW_SECONDS or done.step == done.of:
                shown = now
                picture = placed_preview(require_finite(choose(done.denoised), "The latents"), cut)
            yield Progress(done.step, of, (now - started) / done.step * (of - done.step), picture)
    finally:
        sampling.close()


def require_finite(values: Tensor, what: str) -> Tensor:
    """`values`, which are all numbers. Raises `NotFiniteError`, which names `what`, when one is infinite or NaN."""
    if not bool(torch.isfinite(values).all()):
        raise NotFiniteError(
            f"{what} are not finite in {str(values.dtype).removeprefix('torch.')}; nothing of them is kept. Choose the "
            "precision bf16 or fp32 for this device."
        )
    return values
