"""A redo's networks at full size without weights, for accounting: Stable Diffusion 1.5, ControlNet and IP-Adapter."""

from __future__ import annotations

from typing import Any

import torch
from diffusers.models.controlnets.controlnet import ControlNetModel
from torch import Tensor, nn

from paints_undo_engine.checkpoints.loading import empty
from paints_undo_engine.diffusion import components
from paints_undo_engine.diffusion.attention import slicing
from paints_undo_engine.diffusion.full_size.manifests import manifest

_IMAGE_TOKENS, _IMAGE_WIDTH = 4, 1024
"""What the IP-Adapter for Stable Diffusion 1.5 makes of a picture, and reads of its encoder (ViT-H/14)."""

Networks = tuple[Any, Any]
"""The UNet with its adapter, and the ControlNet."""


def build(dtype: torch.dtype = torch.float16) -> Networks:
    """What every step of a redo computes with, on the meta device."""
    unet: Any = components.build("redo_base/unet", manifest("single_frame/unet").config)
    control: Any = empty(lambda: ControlNetModel.from_unet(unet, load_weights_from_unet=False))
    with torch.device("meta"):
        unet._load_ip_adapter_weights([_adapter(unet)], low_cpu_mem_usage=False)
    return _narrow(unet, dtype), _narrow(control, dtype)


def step(networks: Networks, x: Tensor, context: Tensor) -> Tensor:
    """One call: the ControlNet, and the UNet with what it gives. x [B, 4, h, w], context [B, 77, D]."""
    unet, control = networks
    batch, _, height, width = x.shape
    time = torch.zeros(batch, dtype=torch.int64, device=x.device)
    lines = torch.zeros(batch, 3, 8 * height, 8 * width, dtype=x.dtype, device=x.device)
    image = torch.zeros(batch, 1, _IMAGE_WIDTH, dtype=x.dtype, device=x.device)
    with slicing(x.device):
        down, middle = control(x, time, context, lines, return_dict=False)
        out: Tensor = unet(
            x,
            time,
            context,
            added_cond_kwargs={"image_embeds": [image]},
            down_block_additional_residuals=down,
            mid_block_additional_residual=middle,
            return_dict=False,
        )[0]
    return out


def _adapter(unet: Any) -> dict[str, dict[str, Tensor]]:
    """An IP-Adapter's tensors: keys and values of every cross-attention, and the projection of the picture."""
    context = unet.config.cross_attention_dim
    crossing = [name.removesuffix(".processor") for name in unet.attn_processors if ".attn2." in name]
    weights = {
        f"{2 * number + 1}.to_{what}_ip.weight": torch.empty(unet.get_submodule(name).inner_dim, context)
        for number, name in enumerate(crossing)
        for what in ("k", "v")
    }
    projection = {
        "proj.weight": torch.empty(_IMAGE_TOKENS * context, _IMAGE_WIDTH),
        "proj.bias": torch.empty(_IMAGE_TOKENS * context),
        "norm.weight": torch.empty(context),
        "norm.bias": torch.empty(context),
    }
    return {"ip_adapter": weights, "image_proj": projection}


def _narrow(module: nn.Module, dtype: torch.dtype) -> nn.Module:
    for tensor in (*module.parameters(), *module.buffers()):
        if tensor.is_floating_point():
            tensor.data = tensor.data.to(dtype)
    return module
