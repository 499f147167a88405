"""Building blocks of the video VAE (docs/models.md, "Video VAE"). All pictures are [(B T), C, h, w], clip-major."""

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

    def pictures(self, x: Tensor) -> Tensor:
        """[N, C, h, w] -> [N, C', h, w]."""
        h = self.conv1(F.silu(self.norm1(x)))
        h = self.conv2(F.silu(self.norm2(h)))
        skip = self.nin_shortcut(x) if hasattr(self, "nin_shortcut") else x
        out: Tensor = skip + h
        return out

    def forward(self, x: Tensor) -> Tensor:
        return self.pictures(x)


class TimeStack(nn.Module):
    """Two convolutions over time; the statistics of both normalisations run over the whole clip."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.in_layers = nn.Sequential(nn.GroupNorm(GROUPS, channels), nn.SiLU(), _time_conv(channels))
        self.out_layers = nn.Sequential(nn.GroupNorm(GROUPS, channels), nn.SiLU(), nn.Identity(), _time_conv(channels))

    def forward(self, clips: Tensor) -> Tensor:
        """The branch that is added to the clip: [B, C, T, pixels] -> the same shape."""
        norm_in, activation, conv_in = self.in_layers
        norm_out, _, _, conv_out = self.out_layers
        h = time_convolution(conv_in, activation(norm_in(clips)))
        return time_convolution(conv_out, activation(norm_out(h)))


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

    def over_time(self, x: Tensor, frames: int) -> Tensor:
        """The time stack's part of the block, for whole clips: [(B T), C, h, w] -> the same shape."""
        branch = from_clips(self.time_stack(to_clips(x, frames)), *x.shape[2:])
        return x + self.mix * branch


class PictureAttention(nn.Module):
    """Self-attention of one head over the pixels of a picture, with a residual."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = norm(channels)
        self.q = nn.Conv2d(channels, channels, 1)
        self.k = nn.Conv2d(channels, channels, 1)
        self.v = nn.Conv2d(channels, channels, 1)
        self.proj_out = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        h = self.norm(x)
        q, k, v = (split_heads(layer(h).flatten(2).transpose(1, 2), 1) for layer in (self.q, self.k, self.v))
        out: Tensor = self.proj_out(torch.unflatten(attend(q, k, v).flatten(2).transpose(1, 2), 2, x.shape[2:]))
        return x + out


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

    def key_values(self, reference: Tensor) -> tuple[Tensor, Tensor]:
        """Reference maps [B, C, 2, h, w] -> keys and values [B, 2*h*w, 512], the same for all frames of a clip."""
        tokens = reference.flatten(2).transpose(1, 2)
        return self.to_k(tokens), self.to_v(tokens)

    def forward(self, x: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        """x [(B t), C, h, w], the same number of frames of each clip -> the same shape."""
        q: Tensor = self.to_q(self.norm(x).flatten(2).transpose(1, 2))
        clips = q.reshape(keys.shape[0], -1, q.shape[-1])
        parts = (split_heads(part, self.HEADS) for part in (clips, keys, values))
        out: Tensor = self.to_out(attend(*parts).reshape(q.shape))
        return x + torch.unflatten(out.transpose(1, 2), 2, x.shape[2:])


class ConvCombiner(nn.Module):
    """Adds a 1x1 convolution of each reference map to the clip's first and last frame."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 1)

    def additions(self, reference: Tensor) -> tuple[Tensor, Tensor]:
        """Reference maps [B, C, 2, h, w] -> what is added to the first and to the last frame, each [B, C, h, w]."""
        return self.conv(reference[:, :, 0]), self.conv(reference[:, :, 1])


class OutConv(nn.Conv2d):
    """The decoder's last convolution, with a convolution over time behind it."""

    def __init__(self, channels: int, out_channels: int) -> None:
        super().__init__(channels, out_channels, 3, padding=1)
        self.time_mix_conv = _time_conv(out_channels)


def _time_conv(channels: int) -> nn.Conv3d:
    return nn.Conv3d(channels, channels, (3, 1, 1), padding=(1, 0, 0))
