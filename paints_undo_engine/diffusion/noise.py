"""Where the samplers' noise comes from: our own draws, which are the same everywhere, and the published ones.

Both are a generator's draws in their order: every unit has a generator of its own, and no global seed is touched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

Draw = Callable[[Sequence[int]], Tensor]
"""The next draw of standard normal noise of a shape, as float32."""


def own_noise(seed: int) -> Draw:
    """Float32 noise from a CPU generator: the same for a seed on every device, in every dtype and every batch."""
    generator = torch.Generator("cpu").manual_seed(seed)
    return lambda shape: torch.randn(tuple(shape), generator=generator)


def published_noise(seed: int, device: torch.device, dtype: torch.dtype) -> Draw:
    """What the published application draws: on the models' device and in their dtype.

    On CUDA the values follow from the seed and from how torch spreads a draw over the device's multiprocessors: small
    draws agree on all cards, those of a whole interval on cards with as many of them.
    """
    generator = torch.Generator(device).manual_seed(seed)
    return lambda shape: torch.randn(tuple(shape), generator=generator, dtype=dtype, device=device).float()
