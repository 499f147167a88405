"""The compact network of Real-ESRGAN (SRVGGNetCompact): 3 x 3 convolutions at the small size, then one pixel shuffle.

Source: Wang et al., Real-ESRGAN, 2021, and the published files' own tensors. B batch, C channels, H height, W width.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from math import isqrt

import torch
from torch import nn
from torch.nn import functional

from paints_undo_engine.checkpoints.weights import Weights
from paints_undo_engine.errors import CheckpointError

_COLOURS = 3
_MOST_CONVOLUTIONS = 128


@dataclass(frozen=True, slots=True)
class Shape:
    """What tells one compact network from another: channels inside, convolutions in all, and how much it enlarges."""

    features: int
    convolutions: int
    scale: int


class CompactNetwork(nn.Module):
    """Enlarges RGB values 0 to 1: [B, 3, H, W] to [B, 3, scale H, scale W]."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.scale = shape.scale
        widths = [_COLOURS, *[shape.features] * (shape.convolutions - 1), _COLOURS * shape.scale**2]
        layers: list[nn.Module] = []
        for before, after in pairwise(widths):
            layers += [nn.Conv2d(before, after, 3, padding=1), nn.PReLU(after)]
        self.body = nn.Sequential(*layers[:-1])

    def forward(self, x_BCHW: torch.Tensor) -> torch.Tensor:
        """What the network adds to the picture with every pixel repeated."""
        repeated = functional.interpolate(x_BCHW, scale_factor=self.scale, mode="nearest")
        shuffled: torch.Tensor = functional.pixel_shuffle(self.body(x_BCHW), self.scale)
        return shuffled + repeated


def shape_of(weights: Weights) -> Shape:
    """The network's shape, read from the tensors' own. Raises `CheckpointError` where they are of another network."""
    kernels = {
        int(found[1]): entry.shape
        for name, entry in weights.entries.items()
        if (found := re.fullmatch(r"body\.(\d{1,4})\.weight", name)) and len(entry.shape) == 4
    }
    if not 2 <= len(kernels) <= _MOST_CONVOLUTIONS:
        raise CheckpointError("These weights are not of Real-ESRGAN's compact network (body.0.weight, ...).")
    features, last = kernels[min(kernels)][0], kernels[max(kernels)][0]
    scale = isqrt(last // _COLOURS)
    if not (1 <= scale <= 8 and last == _COLOURS * scale**2):
        raise CheckpointError(f"The last convolution gives {last} channels, which is 3 times no square from 1 to 64.")
    return Shape(features, len(kernels), scale)
