"""Small networks with random, non-zero parameters."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from paints_undo_engine.diffusion.interpolation.config import UNet3DConfig, VideoVAEConfig
from paints_undo_engine.diffusion.interpolation.guidance import IntervalConditions
from paints_undo_engine.diffusion.interpolation.unet3d import UNet3D
from paints_undo_engine.diffusion.interpolation.video_vae import VideoVAE


def randomise(model: nn.Module, seed: int = 0) -> None:
    """Give every parameter a random value of a size that keeps hidden states near 1."""
    generator = torch.Generator().manual_seed(seed)
    for parameter in model.parameters():
        scale = parameter.flatten(1).shape[1] ** -0.5 if parameter.dim() > 1 else 0.1
        parameter.data = torch.randn(parameter.shape, generator=generator) * scale
    for module in model.modules():
        if isinstance(module, nn.GroupNorm | nn.LayerNorm):
            module.weight.data += 1


def small_unet(**changes: object) -> UNet3D:
    fields: dict[str, object] = {
        "in_channels": 8,
        "model_channels": 32,
        "out_channels": 4,
        "num_res_blocks": 1,
        "attention_resolutions": [1, 2],
        "channel_mult": [1, 2],
        "num_head_channels": 8,
        "context_dim": 12,
        "use_linear": True,
        "temporal_conv": True,
        "use_relative_position": False,
        "temporal_length": 4,
        "addition_attention": True,
        "image_cross_attention": True,
        "fs_condition": True,
    }
    model = UNet3D(UNet3DConfig.from_dict({**fields, **changes})).eval().requires_grad_(False)
    randomise(model)
    return model


def small_vae() -> VideoVAE:
    config = {"ch": 32, "ch_mult": [1, 2, 1, 1], "num_res_blocks": 1}
    model = VideoVAE(VideoVAEConfig.from_dict(config)).eval().requires_grad_(False)
    randomise(model)
    return model


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def conditions(clips: int = 1, frames: int = 4, seed: int = 0) -> IntervalConditions:
    return IntervalConditions(
        noise(1, 7, 12, seed=1),
        noise(clips, frames, 3, 12, seed=seed + 2),
        noise(1, 7, 12, seed=3),
        noise(1, frames, 3, 12, seed=4),
        noise(clips, 4, frames, 4, 6, seed=seed + 5),
    )
