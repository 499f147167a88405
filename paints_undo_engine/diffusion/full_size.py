"""The published models at full size without their weights: for accounting, and for timing with random values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from paints_undo_engine.checkpoints.loading import empty
from paints_undo_engine.diffusion.interpolation.config import ImageProjectionConfig, UNet3DConfig, VideoVAEConfig
from paints_undo_engine.diffusion.interpolation.image_projection import ImageProjection
from paints_undo_engine.diffusion.interpolation.unet3d import UNet3D
from paints_undo_engine.diffusion.interpolation.video_vae import VideoVAE
from paints_undo_engine.diffusion.manifests import manifest

Config = Mapping[str, Any]


def _text_encoder(config: Config) -> nn.Module:
    from paints_undo_engine.diffusion.text import build_text_encoder

    encoder: nn.Module = build_text_encoder(config)
    return encoder


def _keyframe_vae(config: Config) -> nn.Module:
    from paints_undo_engine.diffusion.keyframes.vae import build_vae

    vae: nn.Module = build_vae(config)
    return vae


def _keyframe_unet(config: Config) -> nn.Module:
    from paints_undo_engine.diffusion.keyframes.unet import build_unet

    unet: nn.Module = build_unet(config)
    return unet


def _image_encoder(config: Config) -> nn.Module:
    from paints_undo_engine.diffusion.interpolation.image_encoder import ImageEncoder

    return ImageEncoder.from_dict(config)


_BUILDERS: dict[str, Callable[[Config], nn.Module]] = {
    "single_frame/text_encoder": _text_encoder,
    "single_frame/vae": _keyframe_vae,
    "single_frame/unet": _keyframe_unet,
    "multi_frame/text_encoder": _text_encoder,
    "multi_frame/image_encoder": _image_encoder,
    "multi_frame/image_projection": lambda config: ImageProjection(ImageProjectionConfig.from_dict(config)),
    "multi_frame/vae": lambda config: VideoVAE(VideoVAEConfig.from_dict(config)),
    "multi_frame/unet": lambda config: UNet3D(UNet3DConfig.from_dict(config)),
}

NAMES = tuple(_BUILDERS)


def build(name: str, dtype: torch.dtype = torch.float16, config: Config | None = None) -> nn.Module:
    """The component `name`, or a variant of it as in `manifests`, without storage, in `dtype`.

    The single-frame VAE is in bfloat16 where `dtype` is float16. `config` is the manifest's unless given. Only the
    packages that this component needs are imported.
    """
    published = config if config is not None else manifest(name).config
    module = empty(lambda: _BUILDERS[name.partition(".")[0]](published))
    if name == "single_frame/vae" and dtype == torch.float16:
        dtype = torch.bfloat16
    for tensor in (*module.parameters(), *module.buffers()):
        if tensor.is_floating_point():
            tensor.data = tensor.data.to(dtype)
    return module
