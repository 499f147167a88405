"""The published models at full size without their weights: for accounting, and for timing with random values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from paints_undo_engine.diffusion.checkpoints.loading import empty
from paints_undo_engine.diffusion.interpolation.config import ImageProjectionConfig, UNet3DConfig, VideoVAEConfig
from paints_undo_engine.diffusion.interpolation.image_encoder import ImageEncoder
from paints_undo_engine.diffusion.interpolation.image_projection import ImageProjection
from paints_undo_engine.diffusion.interpolation.unet3d import UNet3D
from paints_undo_engine.diffusion.interpolation.video_vae import VideoVAE
from paints_undo_engine.diffusion.keyframes.unet import build_unet
from paints_undo_engine.diffusion.keyframes.vae import build_vae
from paints_undo_engine.diffusion.manifests import manifest
from paints_undo_engine.diffusion.text import build_text_encoder

_BUILDERS: dict[str, Callable[[dict[str, Any]], nn.Module]] = {
    "single_frame/text_encoder": build_text_encoder,
    "single_frame/vae": build_vae,
    "single_frame/unet": build_unet,
    "multi_frame/text_encoder": build_text_encoder,
    "multi_frame/image_encoder": ImageEncoder.from_dict,
    "multi_frame/image_projection": lambda config: ImageProjection(ImageProjectionConfig.from_dict(config)),
    "multi_frame/vae": lambda config: VideoVAE(VideoVAEConfig.from_dict(config)),
    "multi_frame/unet": lambda config: UNet3D(UNet3DConfig.from_dict(config)),
}

NAMES = tuple(_BUILDERS)


def build(name: str, dtype: torch.dtype = torch.float16) -> nn.Module:
    """The component `name`, or a variant of it as in `manifests`, without storage, in `dtype`.

    The single-frame VAE is in bfloat16 where `dtype` is float16.
    """
    module = empty(lambda: _BUILDERS[name.partition(".")[0]](manifest(name).config))
    if name == "single_frame/vae" and dtype == torch.float16:
        dtype = torch.bfloat16
    return module.to(dtype)
