"""The single-frame model's VAE: one picture at a time between pixels and latents.

Source: Rombach et al. 2022 (arXiv:2112.10752); docs/models.md, "Single-frame model".

Shapes in names: b pictures, c channels, h height, w width.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

from paints_undo_engine.checkpoints.loading import empty
from paints_undo_engine.diffusion.attention import slicing


def build_vae(config: Mapping[str, Any]) -> AutoencoderKL:
    """The VAE of a published ``config.json``, without storage."""
    known = inspect.signature(AutoencoderKL.__init__).parameters
    fields = {key: value for key, value in config.items() if key in known}
    model: AutoencoderKL = empty(lambda: AutoencoderKL(**fields))
    return model


def encode(vae: AutoencoderKL, pixels_bchw: torch.Tensor) -> torch.Tensor:
    """Scaled latents [b, 4, h, w] (the mean) of pixels [b, 3, 8h, 8w] in [-1, 1], in the VAE's dtype."""
    with slicing(vae.device):
        latents_bchw: torch.Tensor = vae.encode(pixels_bchw.to(device=vae.device, dtype=vae.dtype)).latent_dist.mode()
    return latents_bchw * _scale(vae)


def decode(vae: AutoencoderKL, latents_bchw: torch.Tensor) -> torch.Tensor:
    """Pixels [b, 3, 8h, 8w], about [-1, 1], of scaled latents [b, 4, h, w], in the VAE's dtype, one at a time."""
    scaled_bchw = latents_bchw.to(device=vae.device, dtype=vae.dtype) / _scale(vae)
    with slicing(vae.device):
        return torch.cat([vae.decode(one_1chw, return_dict=False)[0] for one_1chw in torch.split(scaled_bchw, 1)])


def _scale(vae: AutoencoderKL) -> float:
    return float(vae.config["scaling_factor"])
