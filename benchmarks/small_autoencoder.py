r"""A small autoencoder with trained weights, to degrade a picture as a model's VAE does: `load` reads two layouts.

- a folder in diffusers' layout of `AutoencoderTiny` (config.json and safetensors);
- a folder with two files, ``*encoder.safetensors`` and ``*decoder.safetensors``, with the names of tensors that TAESD
  gives them (https://github.com/madebyollin/taesd, MIT). It publishes them as ``.pth``; this turns one into the other,
  and unpickles nothing but tensors::

    python -c "import sys, torch, safetensors.torch as s; s.save_file(torch.load(sys.argv[1], weights_only=True), \
        sys.argv[1].replace('.pth', '.safetensors'))" taef2_encoder.pth

Neither is a part of this project. The published models' own VAE is Stable Diffusion 1.5's, with 4 channels of latents;
others have more, and keep more of a picture.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import Tensor, nn

Pixels = NDArray[np.uint8]
Round = Callable[[Pixels], Pixels]
"""Encodes and decodes uint8 [h, w, 3]."""
_UNIT = 8
_WIDTH = 64


def load(folder: Path) -> Round:
    """One round through the autoencoder of a folder. Raises `FileNotFoundError` where there is none."""
    if (folder / "config.json").is_file():
        return _rounds(_of_diffusers(folder))
    encoders, decoders = (sorted(folder.glob(f"*{name}.safetensors")) for name in ("encoder", "decoder"))
    if len(encoders) != 1 or len(decoders) != 1:
        raise FileNotFoundError(f"{folder} holds neither config.json nor one encoder and one decoder.")
    return _rounds(_of_files(encoders[0], decoders[0]))


def _rounds(network: Callable[[Tensor], Tensor]) -> Round:
    def through(pixels: Pixels) -> Pixels:
        height, width = pixels.shape[:2]
        padded = cv2.copyMakeBorder(pixels, 0, -height % _UNIT, 0, -width % _UNIT, cv2.BORDER_REPLICATE)
        values = torch.from_numpy(padded.astype(np.float32) / 255).permute(2, 0, 1)[None]
        with torch.inference_mode():
            decoded = network(values)[0].permute(1, 2, 0).numpy()
        return np.asarray(np.clip(np.rint(decoded[:height, :width] * 255), 0, 255), np.uint8)

    return through


def _of_diffusers(folder: Path) -> Callable[[Tensor], Tensor]:
    from diffusers import AutoencoderTiny

    model = AutoencoderTiny.from_pretrained(folder, local_files_only=True, use_safetensors=True).eval()

    def through(values: Tensor) -> Tensor:
        decoded: Tensor = model.decode(model.encode(values * 2 - 1).latents).sample
        return decoded / 2 + 0.5

    return through


def _of_files(encoder_file: Path, decoder_file: Path) -> Callable[[Tensor], Tensor]:
    weights = [load_file(path) for path in (encoder_file, decoder_file)]
    channels = weights[1]["1.weight"].shape[1]
    pooled = any(".pool." in name for name in weights[0])
    networks = (_encoder(channels, pooled=pooled), _decoder(channels, pooled=pooled))
    for network, given in zip(networks, weights, strict=True):
        network.load_state_dict(given)
    return nn.Sequential(*networks).eval()


class _Block(nn.Module):
    """Three convolutions and a way around them; with `pooled`, a normalized mixture of channels before."""

    def __init__(self, *, pooled: bool = False) -> None:
        super().__init__()
        self.conv = nn.Sequential(_convolution(), nn.ReLU(), _convolution(), nn.ReLU(), _convolution())
        wide = _WIDTH * 4
        self.pool = (
            nn.Sequential(
                nn.Conv2d(_WIDTH, wide, 1, bias=False),
                nn.GroupNorm(4, wide),
                nn.ReLU(),
                nn.Conv2d(wide, _WIDTH, 1, bias=False),
            )
            if pooled
            else None
        )

    def forward(self, values: Tensor) -> Tensor:
        """[b, 64, h, w] to the same."""
        if self.pool is not None:
            values = values + self.pool(values)
        return torch.relu(self.conv(values) + values)


class _Bounded(nn.Module):
    """Latents softly kept within -3 and 3."""

    def forward(self, values: Tensor) -> Tensor:
        """Of any shape."""
        return torch.tanh(values / 3) * 3


def _convolution(come: int = _WIDTH, go: int = _WIDTH, *, stride: int = 1, bias: bool = True) -> nn.Conv2d:
    return nn.Conv2d(come, go, 3, stride=stride, padding=1, bias=bias)


def _encoder(channels: int, *, pooled: bool) -> nn.Module:
    """[b, 3, h, w], 0 to 1, to latents [b, channels, h / 8, w / 8]."""
    layers: list[nn.Module] = [_convolution(3), _Block()]
    for level in range(3):
        layers += [_convolution(stride=2, bias=False), *(_Block(pooled=pooled and level == 2) for _ in range(3))]
    return nn.Sequential(*layers, _convolution(go=channels))


def _decoder(channels: int, *, pooled: bool) -> nn.Module:
    """Latents to [b, 3, h, w], 0 to 1."""
    layers: list[nn.Module] = [_Bounded(), _convolution(channels), nn.ReLU()]
    for level in range(3):
        layers += [_Block(pooled=pooled and level == 0) for _ in range(3)]
        layers += [nn.Upsample(scale_factor=2), _convolution(bias=False)]
    return nn.Sequential(*layers, _Block(), _convolution(go=3))
