"""Tiny Stable Diffusion 1.5 checkpoints and ControlNets with random weights, in diffusers' layout."""

from __future__ import annotations

import shutil
from pathlib import Path

import torch
from diffusers import AutoencoderKL, ControlNetModel, DDIMScheduler, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPVisionConfig, CLIPVisionModelWithProjection

KINDS = ("scribble", "lineart", "softedge")
WIDTH = 32


def save_base(folder: Path, tokenizer: Path, *, text: int = WIDTH) -> None:
    """A checkpoint whose UNet reads text of `WIDTH`, and whose text encoder gives `text`."""
    torch.manual_seed(0)
    unet = UNet2DConditionModel(
        block_out_channels=(32, 64),
        layers_per_block=1,
        in_channels=4,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=WIDTH,
        attention_head_dim=8,
        norm_num_groups=8,
    )
    vae = AutoencoderKL(
        block_out_channels=(16, 16, 16, 16),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=4,
        norm_num_groups=8,
    )
    encoder = CLIPTextModel(
        CLIPTextConfig(
            hidden_size=text, intermediate_size=37, num_attention_heads=4, num_hidden_layers=2, vocab_size=49408
        )
    )
    unet.save_pretrained(folder / "unet")
    vae.save_pretrained(folder / "vae")
    encoder.save_pretrained(folder / "text_encoder")
    scheduler = DDIMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1)
    scheduler.save_pretrained(folder / "scheduler")
    shutil.copytree(tokenizer, folder / "tokenizer")


def save_control(folder: Path, seed: int, *, text: int = WIDTH) -> None:
    """A ControlNet; unlike a fresh one it changes the result."""
    torch.manual_seed(seed)
    network = ControlNetModel(
        block_out_channels=(32, 64),
        layers_per_block=1,
        in_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        cross_attention_dim=text,
        attention_head_dim=8,
        conditioning_embedding_out_channels=(16, 16, 16, 16),
        norm_num_groups=8,
    )
    for block in (network.controlnet_cond_embedding.conv_out, *network.controlnet_down_blocks):
        torch.nn.init.normal_(block.weight, std=0.1)
    network.save_pretrained(folder)


def save_likeness(folder: Path) -> None:
    """An IP-Adapter for the tiny UNet, in the layout of its publisher."""
    from safetensors.torch import save_file

    torch.manual_seed(7)
    encoder = CLIPVisionModelWithProjection(
        CLIPVisionConfig(
            hidden_size=32,
            projection_dim=24,
            intermediate_size=37,
            num_attention_heads=4,
            num_hidden_layers=2,
            image_size=32,
            patch_size=8,
        )
    )
    encoder.save_pretrained(folder / "models" / "image_encoder")
    tensors = {
        "image_proj.proj.weight": torch.randn(4 * WIDTH, 24),
        "image_proj.proj.bias": torch.randn(4 * WIDTH),
        "image_proj.norm.weight": torch.ones(WIDTH),
        "image_proj.norm.bias": torch.zeros(WIDTH),
    }
    for number, channels in ((1, 64), (3, 64), (5, 64), (7, 64)):
        for what in ("k", "v"):
            tensors[f"ip_adapter.{number}.to_{what}_ip.weight"] = torch.randn(channels, WIDTH)
    save_file(tensors, folder / "models" / "ip-adapter_sd15.safetensors")
