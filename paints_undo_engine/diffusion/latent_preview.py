"""A rough picture of latents without a decoder: one linear map from four channels to red, green and blue.

Both models work in the latent space of Stable Diffusion 1's VAE, for which such maps have long been published. This is
keturn's fit of 2022 (https://discuss.huggingface.co/t/decoding-latents-to-rgb-without-upscaling/23204).
A pixel of the preview is a latent pixel: an eighth of the picture's side.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from paints_undo_engine.picture import Picture

STRIDE = 8
"""Pixels of a picture for one of its latents, along each side."""

RGB_OF_LATENTS = (
    (0.298, 0.207, 0.208),
    (0.187, 0.286, 0.173),
    (-0.158, 0.189, 0.264),
    (-0.184, -0.271, -0.473),
)
"""Red, green and blue in -1..1 for a scaled latent's four channels, one row each."""


def latent_preview(latents_chw: Tensor) -> NDArray[np.uint8]:
    """uint8 [h, w, 3] of clean latents [4, h, w], scaled as the models see them."""
    weights = torch.tensor(RGB_OF_LATENTS, dtype=torch.float32, device=latents_chw.device)
    signed = torch.einsum("chw,cr->hwr", latents_chw.float(), weights)
    return (signed * 127.5 + 127.5).round().clamp(0, 255).to("cpu", torch.uint8).numpy()


def placed_preview(latents_chw: Tensor, cut: Callable[[NDArray[np.uint8]], Picture]) -> Picture:
    """The preview of a working picture, where `cut` places it and takes its extended edges off, at an eighth of it."""
    pixels = latent_preview(latents_chw)
    whole = cut(np.repeat(np.repeat(pixels, STRIDE, axis=0), STRIDE, axis=1))
    return Picture(np.ascontiguousarray(whole.pixels[::STRIDE, ::STRIDE]), whole.placement)
