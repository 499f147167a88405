"""Single components of the checkpoints in a folder."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from transformers import CLIPTextModel

from paints_undo_engine.diffusion import components
from paints_undo_engine.diffusion.keyframes.unet import KeyframeUNet


def load_unet(folder: Path, dtype: torch.dtype = torch.float32) -> KeyframeUNet:
    unet = components.load("single_frame/unet", folder, dtype)
    assert isinstance(unet, KeyframeUNet)
    return unet


def load_vae(folder: Path) -> AutoencoderKL:
    vae = components.load("single_frame/vae", folder, torch.float32)
    assert isinstance(vae, AutoencoderKL)
    return vae


def load_text_encoder(folder: Path) -> CLIPTextModel:
    encoder = components.load("single_frame/text_encoder", folder, torch.float32)
    assert isinstance(encoder, CLIPTextModel)
    return encoder
