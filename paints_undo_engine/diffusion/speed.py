"""Ways of computing the same faster: memory layout, fused projections, compiled blocks (docs/performance.md).

All of it keeps results within the rounding of the dtype.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from paints_undo_engine.diffusion.interpolation.layers import ResBlock, channels_last
from paints_undo_engine.diffusion.interpolation.transformers import SpatialTransformer, TemporalTransformer
from paints_undo_engine.diffusion.interpolation.unet3d import UNet3D
from paints_undo_engine.diffusion.interpolation.vae_blocks import VideoResBlock

_REPEATED = (ResBlock, SpatialTransformer, TemporalTransformer, VideoResBlock)

_REASON = 300
"""Characters of a compiler's message that are kept."""

_log = logging.getLogger(__name__)


def lay_out(model: nn.Module, device: torch.device) -> nn.Module:
    """Bring a component into the form that is fastest on an accelerator; on the CPU it stays as it was read."""
    if device.type == "cpu":
        return model
    if isinstance(model, UNet3D):
        model.use_channels_last()
        model.fuse_projections()
    else:
        channels_last(model)
    return model


def repeated_blocks(model: nn.Module) -> Iterator[nn.Module]:
    """The blocks that occur many times with few different shapes: what is worth compiling."""
    return (module for module in model.modules() if isinstance(module, _REPEATED))


class CompiledBlocks:
    """Compiles a model's repeated blocks, each on its first call; where that fails, the block runs as it was.

    `failure` says why, for the person who asks; None while nothing has failed.
    """

    def __init__(self, model: nn.Module, backend: str = "inductor") -> None:
        self.failure: str | None = None
        self._blocks = list(repeated_blocks(model))
        # blocks of one kind share their code, and every shape of it counts against this limit
        limit = max(torch._dynamo.config.recompile_limit, 2 * len(self._blocks))
        torch._dynamo.config.recompile_limit = limit
        for block in self._blocks:
            self._compile(block, backend)

    def __len__(self) -> int:
        return len(self._blocks)

    def undo(self) -> None:
        """Let all blocks run as they were."""
        for block in self._blocks:
            block.__dict__.pop("forward", None)

    def _compile(self, block: nn.Module, backend: str) -> None:
        eager = block.forward
        compiled: Any = torch.compile(eager, backend=backend, dynamic=False)

        def forward(*args: Any, **kwargs: Any) -> Any:
            if self.failure is not None:
                return eager(*args, **kwargs)
            try:
                return compiled(*args, **kwargs)
            except torch.OutOfMemoryError:
                raise
            except Exception as error:
                self.failure = f"{type(error).__name__}: {' '.join(str(error).split())[:_REASON]}"
                _log.warning("Compiling is not possible here; everything runs uncompiled. %s", self.failure)
                return eager(*args, **kwargs)

        block.__dict__["forward"] = forward
