"""Convolutional building blocks of the 3D UNet (docs/models.md, "The 3D UNet").

Shapes in names: b clips, t frames, n = b * t pictures (clip-major), c channels, h height, w width, p = h * w pixels,
g groups of channels, k channels of a group, e width of an embedding. With the channels-last memory format every change
of view below is free: pictures, token rows and clips are the same memory.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from paints_undo_engine.diffusion.float8 import dense
from paints_undo_engine.diffusion.interpolation.config import GROUPS


def sinusoid(values_n: Tensor, dim: int) -> Tensor:
    """Embed numbers [N] as [N, dim] float32: cosines, then sines, frequencies exp(-ln(10000) i / (dim // 2)).

    An odd `dim` is padded with a zero. "Denoising Diffusion Probabilistic Models", https://arxiv.org/abs/2006.11239
    """
    half = dim // 2
    exponents = torch.arange(half, dtype=torch.float32, device=values_n.device) / half
    angles_nd = values_n.float()[:, None] * torch.exp(-math.log(10000) * exponents)
    return F.pad(torch.cat([angles_nd.cos(), angles_nd.sin()], dim=-1), (0, dim % 2))


def embedding_mlp(inputs: int, width: int) -> nn.Sequential:
    """Linear, SiLU, Linear: how timesteps and frame strides become embeddings."""
    return nn.Sequential(nn.Linear(inputs, width), nn.SiLU(), nn.Linear(width, width))


def to_clips(x_nchw: Tensor, frames: int) -> Tensor:
    """[n, c, h, w] -> [b, c, t, p]."""
    return torch.unflatten(x_nchw, 0, (-1, frames)).transpose(1, 2).flatten(3)


def from_clips(x_bctp: Tensor, height: int, width: int) -> Tensor:
    """[b, c, t, p] -> [n, c, h, w]."""
    return torch.unflatten(x_bctp.transpose(1, 2).flatten(0, 1), 2, (height, width))


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

    def forward(self, x_nchw: Tensor) -> Tensor:
        """The same shape and layout. What is not a channels-last picture goes to torch's own normalisation."""
        if x_nchw.dim() != 4 or x_nchw.is_contiguous() or not x_nchw.is_contiguous(memory_format=torch.channels_last):
            return super().forward(x_nchw)
        groups = (self.num_groups, -1)
        mean_ng1 = torch.unflatten(x_nchw.mean((2, 3), dtype=torch.float32), 1, groups).mean(2, keepdim=True)
        near_ng1 = mean_ng1.to(x_nchw.dtype)
        centred_nchw = x_nchw - self._spread_out(near_ng1)
        length_nc = torch.linalg.vector_norm(centred_nchw, dim=(2, 3), dtype=torch.float32)
        length_ng1 = torch.linalg.vector_norm(torch.unflatten(length_nc, 1, groups), dim=2, keepdim=True)
        rest_ng1 = mean_ng1 - near_ng1
        variance_ng1 = (length_ng1 * (x_nchw[0].numel() / self.num_groups) ** -0.5).square() - rest_ng1.square()
        factor_ngk = (variance_ng1 + self.eps).rsqrt() * torch.unflatten(self.weight, 0, groups)
        offset_ngk = torch.addcmul(torch.unflatten(self.bias, 0, groups), rest_ng1, factor_ngk, value=-1)
        return torch.addcmul(
            self._spread_out(offset_ngk.to(x_nchw.dtype)), centred_nchw, self._spread_out(factor_ngk.to(x_nchw.dtype))
        )

    def _spread_out(self, values_ngk: Tensor) -> Tensor:
        """[n, g, 1 or k] -> [n, c, 1, 1]."""
        return values_ngk.expand(-1, -1, self.num_channels // self.num_groups).flatten(1)[..., None, None]


class Downsample(nn.Module):
    """Halve height and width: 3x3 convolution of stride 2, or averages of 2x2 pixels."""

    def __init__(self, channels: int, learned: bool) -> None:
        super().__init__()
        self.op = nn.Conv2d(channels, channels, 3, stride=2, padding=1) if learned else nn.AvgPool2d(2)

    def forward(self, x_nchw: Tensor) -> Tensor:
        out_nchw: Tensor = self.op(x_nchw)
        return out_nchw


class Upsample(nn.Module):
    """Double height and width with nearest neighbours, then a 3x3 convolution when `learned`."""

    def __init__(self, channels: int, learned: bool) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1) if learned else nn.Identity()

    def forward(self, x_nchw: Tensor) -> Tensor:
        out_nchw: Tensor = self.conv(F.interpolate(x_nchw, scale_factor=2.0, mode="nearest"))
        return out_nchw


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

    def forward(self, x_nchw: Tensor, frames: int) -> Tensor:
        """The same shape."""
        height, width = x_nchw.shape[2:]
        h_bctp = to_clips(x_nchw, frames)
        for number in range(1, 5):
            norm, activation, *_, conv = self.get_submodule(f"conv{number}").children()
            h_bctp = self._convolve(conv, activation(norm(h_bctp)), height, width)
        return x_nchw + from_clips(h_bctp, height, width)

    def _convolve(self, conv: nn.Module, x_bctp: Tensor, height: int, width: int) -> Tensor:
        if self.spatial_aware:
            out_bcthw: Tensor = conv(torch.unflatten(x_bctp, 3, (height, width)))
            return out_bcthw.flatten(3)
        return time_convolution(conv, x_bctp)


def time_convolution(conv: nn.Module, x_bctp: Tensor, padding: int = 1) -> Tensor:
    """A (3,1,1) `Conv3d` on [b, c, t, p] as the equal two-dimensional one, which has the better kernels."""
    bias = conv.bias
    assert isinstance(bias, Tensor)
    return F.conv2d(x_bctp, dense(conv, x_bctp.dtype).flatten(3), bias, padding=(padding, 0))


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

    def forward(self, x_nchw: Tensor, emb_be: Tensor, frames: int) -> Tensor:
        """[n, c', h', w'] for the embeddings of the clips' steps."""
        norm, activation, conv = self.in_layers
        h_nchw = activation(norm(x_nchw))
        if self.resample is not None:
            h_nchw, x_nchw = self.resample(h_nchw), self.resample(x_nchw)
        h_nchw = conv(h_nchw)
        shift_nc11 = self.emb_layers(emb_be).repeat_interleave(frames, dim=0)[:, :, None, None]
        if self.scale_shift:
            norm, *rest = self.out_layers
            scale_nc11, offset_nc11 = shift_nc11.chunk(2, dim=1)
            h_nchw = norm(h_nchw) * (1 + scale_nc11) + offset_nc11
            for layer in rest:
                h_nchw = layer(h_nchw)
        else:
            h_nchw = self.out_layers(h_nchw + shift_nc11)
        out_nchw: Tensor = self.skip_connection(x_nchw) + h_nchw
        return out_nchw if self.temopral_conv is None else self.temopral_conv(out_nchw, frames)
