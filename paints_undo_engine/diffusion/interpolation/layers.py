"""Convolutional building blocks of the 3D UNet (docs/models.md, "The 3D UNet").

Hidden states are [(B T), C, h, w], clip-major. With the channels-last memory format every change of view below is free:
pictures, token rows and clips are the same memory.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from paints_undo_engine.diffusion.float8 import dense
from paints_undo_engine.diffusion.interpolation.config import GROUPS


def sinusoid(values: Tensor, dim: int) -> Tensor:
    """Embed numbers [N] as [N, dim] float32: cosines, then sines, frequencies exp(-ln(10000) i / (dim // 2)).

    An odd `dim` is padded with a zero. "Denoising Diffusion Probabilistic Models", https://arxiv.org/abs/2006.11239
    """
    half = dim // 2
    exponents = torch.arange(half, dtype=torch.float32, device=values.device) / half
    angles = values.float()[:, None] * torch.exp(-math.log(10000) * exponents)
    return F.pad(torch.cat([angles.cos(), angles.sin()], dim=-1), (0, dim % 2))


def embedding_mlp(inputs: int, width: int) -> nn.Sequential:
    """Linear, SiLU, Linear: how timesteps and frame strides become embeddings."""
    return nn.Sequential(nn.Linear(inputs, width), nn.SiLU(), nn.Linear(width, width))


def to_clips(x: Tensor, frames: int) -> Tensor:
    """[(B T), C, h, w] -> [B, C, T, h*w]."""
    return torch.unflatten(x, 0, (-1, frames)).transpose(1, 2).flatten(3)


def from_clips(x: Tensor, height: int, width: int) -> Tensor:
    """[B, C, T, h*w] -> [(B T), C, h, w]."""
    return torch.unflatten(x.transpose(1, 2).flatten(0, 1), 2, (height, width))


def channels_last(model: nn.Module) -> None:
    """Lay the weights of all convolutions out with their channels innermost, and let normalisations keep that order."""
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            layer.weight.data = layer.weight.data.contiguous(memory_format=torch.channels_last)
        elif isinstance(layer, nn.Conv3d):
            layer.weight.data = layer.weight.data.contiguous(memory_format=torch.channels_last_3d)
        elif type(layer) is nn.GroupNorm:
            layer.__class__ = ChannelsLastGroupNorm


class ChannelsLastGroupNorm(nn.GroupNorm):
    """Group normalisation that leaves the channels innermost; torch's kernel for accelerators copies there and back.

    Moments are taken in float32, first of every channel, which reads memory in its order, then of every group. The mean
    is subtracted in two parts, one of which the dtype holds exactly, so that nothing cancels.
    """

    def forward(self, x: Tensor) -> Tensor:
        """x [N, C, h, w] -> the same shape and layout."""
        if x.dim() != 4 or x.is_contiguous() or not x.is_contiguous(memory_format=torch.channels_last):
            return super().forward(x)
        groups = (self.num_groups, -1)
        mean = torch.unflatten(x.mean((2, 3), dtype=torch.float32), 1, groups).mean(2, keepdim=True)
        near = mean.to(x.dtype)
        centred = x - self._spread_out(near)
        length = torch.linalg.vector_norm(centred, dim=(2, 3), dtype=torch.float32)
        length = torch.linalg.vector_norm(torch.unflatten(length, 1, groups), dim=2, keepdim=True)
        rest = mean - near
        variance = (length * (x[0].numel() / self.num_groups) ** -0.5).square() - rest.square()
        factor = (variance + self.eps).rsqrt() * torch.unflatten(self.weight, 0, groups)
        offset = torch.addcmul(torch.unflatten(self.bias, 0, groups), rest, factor, value=-1)
        return torch.addcmul(self._spread_out(offset.to(x.dtype)), centred, self._spread_out(factor.to(x.dtype)))

    def _spread_out(self, values: Tensor) -> Tensor:
        """[N, groups, 1 or channels of a group] -> [N, C, 1, 1]."""
        return values.expand(-1, -1, self.num_channels // self.num_groups).flatten(1)[..., None, None]


class Downsample(nn.Module):
    """Halve height and width: 3x3 convolution of stride 2, or averages of 2x2 pixels."""

    def __init__(self, channels: int, learned: bool) -> None:
        super().__init__()
        self.op = nn.Conv2d(channels, channels, 3, stride=2, padding=1) if learned else nn.AvgPool2d(2)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.op(x)
        return out


class Upsample(nn.Module):
    """Double height and width with nearest neighbours, then a 3x3 convolution when `learned`."""

    def __init__(self, channels: int, learned: bool) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1) if learned else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))
        return out


class TemporalConvBlock(nn.Module):
    """Four convolutions over time with a residual; GroupNorm statistics run over the whole clip.

    The kernels are (3,1,1), or with `spatial_aware` (3,3,1) and (3,1,3) in turn.
    """

    def __init__(self, channels: int, spatial_aware: bool) -> None:
        super().__init__()
        self.spatial_aware = spatial_aware
        for number in range(1, 5):
            over_height, over_width = (spatial_aware and number % 2 == 1), (spatial_aware and number % 2 == 0)
            kernel = (3, 3 if over_height else 1, 3 if over_width else 1)
            conv = nn.Conv3d(channels, channels, kernel, padding=(1, kernel[1] // 2, kernel[2] // 2))
            layers = [nn.GroupNorm(GROUPS, channels), nn.SiLU(), conv]
            if number > 1:
                layers.insert(2, nn.Identity())  # the published block has a dropout here, which shifts the file's index
            setattr(self, f"conv{number}", nn.Sequential(*layers))

    def forward(self, x: Tensor, frames: int) -> Tensor:
        """[(B T), C, h, w] -> the same shape."""
        height, width = x.shape[2:]
        clips = to_clips(x, frames)
        for number in range(1, 5):
            norm, activation, *_, conv = self.get_submodule(f"conv{number}").children()
            clips = self._convolve(conv, activation(norm(clips)), height, width)
        return x + from_clips(clips, height, width)

    def _convolve(self, conv: nn.Module, clips: Tensor, height: int, width: int) -> Tensor:
        if self.spatial_aware:
            out: Tensor = conv(torch.unflatten(clips, 3, (height, width)))
            return out.flatten(3)
        return time_convolution(conv, clips)


def time_convolution(conv: nn.Module, clips: Tensor, padding: int = 1) -> Tensor:
    """A (3,1,1) `Conv3d` on [B, C, T, pixels] as the equal two-dimensional one, which has the better kernels."""
    bias = conv.bias
    assert isinstance(bias, Tensor)
    return F.conv2d(clips, dense(conv, clips.dtype).flatten(3), bias, padding=(padding, 0))


class ResBlock(nn.Module):
    """A residual block with the step embedding, then the temporal convolution (key ``temopral_conv``, as published).

    With `up` or `down` nearest-neighbour doubling or 2x2 averaging stands between activation and first convolution and
    on the skip; such a block has no temporal convolution.
    """

    def __init__(
        self,
        channels: int,
        embedding: int,
        out_channels: int,
        *,
        scale_shift: bool = False,
        temporal: bool = False,
        spatial_aware: bool = False,
        up: bool = False,
        down: bool = False,
    ) -> None:
        super().__init__()
        self.scale_shift = scale_shift
        self.resample: nn.Module | None = None
        if up:
            self.resample = Upsample(channels, learned=False)
        elif down:
            self.resample = Downsample(channels, learned=False)
        self.in_layers = nn.Sequential(
            nn.GroupNorm(GROUPS, channels), nn.SiLU(), nn.Conv2d(channels, out_channels, 3, padding=1)
        )
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(embedding, out_channels * (2 if scale_shift else 1)))
        self.out_layers = nn.Sequential(
            nn.GroupNorm(GROUPS, out_channels),
            nn.SiLU(),
            nn.Identity(),
            nn.Conv2d(out_channels, out_channels, 3, padding=1),
        )
        self.skip_connection = nn.Identity() if channels == out_channels else nn.Conv2d(channels, out_channels, 1)
        self.temopral_conv = TemporalConvBlock(out_channels, spatial_aware) if temporal else None

    def forward(self, x: Tensor, emb: Tensor, frames: int) -> Tensor:
        """x [(B T), C, h, w], emb [B, E] -> [(B T), C', h', w']."""
        norm, activation, conv = self.in_layers
        h = activation(norm(x))
        if self.resample is not None:
            h, x = self.resample(h), self.resample(x)
        h = conv(h)
        shift = self.emb_layers(emb).repeat_interleave(frames, dim=0)[:, :, None, None]
        if self.scale_shift:
            norm, *rest = self.out_layers
            scale, offset = shift.chunk(2, dim=1)
            h = norm(h) * (1 + scale) + offset
            for layer in rest:
                h = layer(h)
        else:
            h = self.out_layers(h + shift)
        out: Tensor = self.skip_connection(x) + h
        return out if self.temopral_conv is None else self.temopral_conv(out, frames)
