"""The published models at full size without their weights: for accounting, and for timing with random values."""

from __future__ import annotations

import torch
from torch import nn

from paints_undo_engine.diffusion import components
from paints_undo_engine.diffusion.components import Config
from paints_undo_engine.diffusion.full_size.manifests import manifest


def build(name: str, dtype: torch.dtype = torch.float16, config: Config | None = None) -> nn.Module:
    """The component `name`, or a variant of it as in `manifests`, without storage, in `dtype`.

    The single-frame VAE is in bfloat16 where `dtype` is float16. `config` is the manifest's unless given.
    """
    published = config if config is not None else manifest(name).config
    module = components.build(name.partition(".")[0], published)
    if name == "single_frame/vae" and dtype == torch.float16:
        dtype = torch.bfloat16
    for tensor in (*module.parameters(), *module.buffers()):
        if tensor.is_floating_point():
            tensor.data = tensor.data.to(dtype)
    return module
