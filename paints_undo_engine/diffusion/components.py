"""The networks of both published models: one table of their names, how each is built and how it is loaded.

Names are ``<model>/<component>`` as in the published folders. Only the packages that a component needs are imported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from paints_undo_engine.checkpoints.folders import read_config
from paints_undo_engine.checkpoints.loading import empty, load_folder, number_positions
from paints_undo_engine.diffusion.interpolation.config import ImageProjectionConfig, UNet3DConfig, VideoVAEConfig
from paints_undo_engine.diffusion.interpolation.image_projection import ImageProjection
from paints_undo_engine.diffusion.interpolation.unet3d import UNet3D
from paints_undo_engine.diffusion.interpolation.video_vae import VideoVAE

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


_BUILDERS: Mapping[str, Callable[[Config], nn.Module]] = {
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
"""The components of both published models."""


def _sd_unet(config: Config) -> nn.Module:
    from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

    kind: Any = UNet2DConditionModel
    unet: nn.Module = kind.from_config(dict(config))
    return unet


def _controlnet(config: Config) -> nn.Module:
    from diffusers.models.controlnets.controlnet import ControlNetModel

    kind: Any = ControlNetModel
    network: nn.Module = kind.from_config(dict(config))
    return network


def _likeness_encoder(config: Config) -> nn.Module:
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    fields = {name: value for name, value in config.items() if name not in ("torch_dtype", "dtype")}
    encoder: nn.Module = empty(lambda: CLIPVisionModelWithProjection(CLIPVisionConfig.from_dict(fields)))
    number_positions(encoder)
    return encoder


_REDO_BUILDERS: Mapping[str, Callable[[Config], nn.Module]] = {
    "redo_base/text_encoder": _text_encoder,
    "redo_base/vae": _keyframe_vae,
    "redo_base/unet": _sd_unet,
    "redo_scribble/": _controlnet,
    "redo_lineart/": _controlnet,
    "redo_softedge/": _controlnet,
    "redo_likeness/models/image_encoder": _likeness_encoder,
}
"""What goes on another way: a Stable Diffusion 1.5 checkpoint in diffusers' layout, its ControlNets, an IP-Adapter."""


def build(name: str, config: Config) -> nn.Module:
    """The component `name` of a published ``config.json``, without storage. Raises `CheckpointError`."""
    return empty(lambda: {**_BUILDERS, **_REDO_BUILDERS}[name](config))


def load(name: str, folder: Path, dtype: torch.dtype) -> nn.Module:
    """The component `name` from its folder, in `dtype` on the CPU. Raises `CheckpointError`."""
    return load_folder(build(name, read_config(folder)), folder, dtype=dtype)
