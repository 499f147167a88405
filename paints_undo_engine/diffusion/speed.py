"""The form of the networks that is fastest on accelerators: memory layout and fused projections (docs/performance.md).

Results stay within the rounding of the dtype.
"""

from __future__ import annotations

import torch
from torch import nn

from paints_undo_engine.diffusion.interpolation.layers import channels_last
from paints_undo_engine.diffusion.interpolation.unet3d import UNet3D


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
