"""Building blocks of the video VAE (docs/models.md, "Video VAE").

Shapes in names: b clips, t frames, n = b * t pictures (clip-major), c channels, h height, w width,
p = h * w pixels, r = 2 reference pictures, l tokens, a heads, d width of a head.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from paints_undo_engine.diffusion.attention import attend, split_heads
from paints_undo_engine.diffusion.interpolation.config import GROUPS
from paints_undo_engine.diffusion.interpolation.layers import from_clips, time_convolution, to_clips


def norm(channels: int) -> nn.GroupNorm:
    """The VAE's own group normalisation of single pictures."""
    return nn.GroupNorm(GROUPS, channels, eps=1e-6)


class PictureResBlock(nn.Module):
    """Two normalised 3x3 convolutions with a residual, picture by picture."""

    def __init__(self, channels: int, out_channels: int) -> None:
        super().__init__()
        self.norm1 = norm(channels)
        self.conv1 = nn.Conv2d(channels, out_channels, 3, padding=1)
        self.norm2 = norm(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1)
        if channels != out_channels:
            self.nin_shortcut = nn.Conv2d(channels, out_channels, 1)

    def pictures(self, x_nchw: Tensor) -> Tensor:
        """[n, c', h, w]."""
        h_nchw = self.conv1(F.silu(self.norm1(x_nchw)))
        h_nchw = self.conv2(F.silu(self.norm2(h_nchw)))
        skip_nchw = self.nin_shortcut(x_nchw) if hasattr(self, "nin_shortcut") else x_nchw
        out_nchw: Tensor = skip_nchw + h_nchw
        return out_nchw

    def forward(self, x_nchw: Tensor) -> Tensor:
        return self.pictures(x_nchw)


class TimeStack(nn.Module):
    """Two convolutions over time; the statistics of both normalisations run over the whole clip."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.in_layers = nn.Sequential(nn.GroupNorm(GROUPS, channels), nn.SiLU(), _time_conv(channels))
        self.out_layers = nn.Sequential(nn.GroupNorm(GROUPS, channels), nn.SiLU(), nn.Identity(), _time_conv(channels))

    def forward(self, x_bctp: Tensor) -> Tensor:
        """The branch that is added to the clip, of the same shape."""
        norm_in, activation, conv_in = self.in_layers
        norm_out, _, _, conv_out = self.out_layers
        h_bctp = time_convolution(conv_in, activation(norm_in(x_bctp)))
        return time_convolution(conv_out, activation(norm_out(h_bctp)))


class VideoResBlock(PictureResBlock):
    """A picture block, then its time stack, mixed in with the learned share sigmoid(mix_factor)."""

    def __init__(self, channels: int, out_channels: int) -> None:
        super().__init__(channels, out_channels)
        self.time_stack = TimeStack(out_channels)
        self.mix_factor = nn.Parameter(torch.zeros(1))

    @property
    def mix(self) -> Tensor:
        """The time stack's share, [1] in 0..1."""
        return torch.sigmoid(self.mix_factor)

    def over_time(self, x_nchw: Tensor, frames: int) -> Tensor:
        """The time stack's part of the block, for whole clips; the same shape."""
        branch_nchw = from_clips(self.time_stack(to_clips(x_nchw, frames)), *x_nchw.shape[2:])
        return x_nchw + self.mix * branch_nchw


class PictureAttention(nn.Module):
    """Self-attention of one head over the pixels of a picture, with a residual."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = norm(channels)
        self.q = nn.Conv2d(channels, channels, 1)
        self.k = nn.Conv2d(channels, channels, 1)
        self.v = nn.Conv2d(channels, channels, 1)
        self.proj_out = nn.Conv2d(channels, channels, 1)

    def forward(self, x_nchw: Tensor) -> Tensor:
        h_nchw = self.norm(x_nchw)
        q_nlad, k_nlad, v_nlad = (
            split_heads(layer(h_nchw).flatten(2).transpose(1, 2), 1) for layer in (self.q, self.k, self.v)
        )
        out_nchw: Tensor = self.proj_out(
            torch.unflatten(attend(q_nlad, k_nlad, v_nlad).flatten(2).transpose(1, 2), 2, x_nchw.shape[2:])
        )
        return x_nchw + out_nchw


class AttentionCombiner(nn.Module):
    """Every frame attends to the pixels of both reference maps: 8 heads of 64 whatever the width."""

    HEADS = 8

    def __init__(self, channels: int) -> None:
        super().__init__()
        inner = self.HEADS * 64
        self.norm = norm(channels)
        self.to_q = nn.Linear(channels, inner, bias=False)
        self.to_k = nn.Linear(channels, inner, bias=False)
        self.to_v = nn.Linear(channels, inner, bias=False)
        self.to_out = nn.Sequential(nn.Linear(inner, channels))

    def key_values(self, maps_bcrhw: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values [b, 2 * p, 512], the same for all frames of a clip."""
        tokens_blc = maps_bcrhw.flatten(2).transpose(1, 2)
        return self.to_k(tokens_blc), self.to_v(tokens_blc)

    def forward(self, x_nchw: Tensor, keys_blc: Tensor, values_blc: Tensor) -> Tensor:
        """The same shape; as many frames of each clip."""
        q_nlc: Tensor = self.to_q(self.norm(x_nchw).flatten(2).transpose(1, 2))
        q_blc = q_nlc.reshape(keys_blc.shape[0], -1, q_nlc.shape[-1])
        parts = (split_heads(part, self.HEADS) for part in (q_blc, keys_blc, values_blc))
        out_nlc: Tensor = self.to_out(attend(*parts).reshape(q_nlc.shape))
        return x_nchw + torch.unflatten(out_nlc.transpose(1, 2), 2, x_nchw.shape[2:])


class ConvCombiner(nn.Module):
    """Adds a 1x1 convolution of each reference map to the clip's first and last frame."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 1)

    def additions(self, maps_bcrhw: Tensor) -> tuple[Tensor, Tensor]:
        """What is added to the first and to the last frame, each [b, c, h, w]."""
        return self.conv(maps_bcrhw[:, :, 0]), self.conv(maps_bcrhw[:, :, 1])


class OutConv(nn.Conv2d):
    """The decoder's last convolution, with a convolution over time behind it."""

    def __init__(self, channels: int, out_channels: int) -> None:
        super().__init__(channels, out_channels, 3, padding=1)
        self.time_mix_conv = _time_conv(out_channels)


def _time_conv(channels: int) -> nn.Conv3d:
    return nn.Conv3d(channels, channels, (3, 1, 1), padding=(1, 0, 0))
