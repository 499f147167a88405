"""The video VAE: pictures are encoded one by one, clips decoded with the two end pictures' features at hand.

docs/models.md, "Video VAE"; after ToonCrafter (https://arxiv.org/abs/2405.17933). `vae_stream` decodes the same in
bounded memory.

Shapes in names: b clips, t frames, n = b * t pictures (clip-major), c channels, h height, w width,
p = h * w pixels, r = 2 reference pictures, z the latents, whose channels they count.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from paints_undo_engine.diffusion.interpolation.config import VideoVAEConfig
from paints_undo_engine.diffusion.interpolation.layers import (
    Upsample,
    channels_last,
    from_clips,
    time_convolution,
    to_clips,
)
from paints_undo_engine.diffusion.interpolation.vae_blocks import (
    AttentionCombiner,
    ConvCombiner,
    OutConv,
    PictureAttention,
    PictureResBlock,
    VideoResBlock,
    norm,
)

SCALE_FACTOR = 0.18215
"""Latents are the encoder's mean times this."""

_ATTENTION_LEVELS = (2, 3)


@dataclass(frozen=True, eq=False)
class Encoded:
    """Pictures as the encoder sees them.

    `mean` and `logvar` [n, z, h, w], unscaled; `hidden`: every level's features before its downsampling, full size
    first, then those of the first convolution, each [n, c, h', w'].
    """

    mean: Tensor
    logvar: Tensor
    hidden: tuple[Tensor, ...]


def reference_maps(hidden_nchw: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """The hidden states of pictures 2k and 2k+1 (the ends of clip k) -> one [b, c, r, h, w] for each level."""
    return tuple(torch.unflatten(maps, 0, (-1, 2)).transpose(1, 2) for maps in hidden_nchw)


class _Downsample(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride=2)

    def forward(self, x_nchw: Tensor) -> Tensor:
        out_nchw: Tensor = self.conv(F.pad(x_nchw, (0, 1, 0, 1)))
        return out_nchw


class _Level(nn.Module):
    """One resolution: residual blocks, each with attention where the nominal resolution asks for it."""

    def __init__(self, blocks: list[nn.Module], attention: list[nn.Module]) -> None:
        super().__init__()
        self.block = nn.ModuleList(blocks)
        self.attn = nn.ModuleList(attention)


class _Middle(nn.Module):
    def __init__(self, channels: int, block: type[PictureResBlock]) -> None:
        super().__init__()
        self.block_1 = block(channels, channels)
        self.attn_1 = PictureAttention(channels)
        self.block_2 = block(channels, channels)


class VideoVaeEncoder(nn.Module):
    """Pictures [n, 3, H, W] -> moments [n, 2z, h, w] and hidden states."""

    def __init__(self, config: VideoVAEConfig) -> None:
        super().__init__()
        channels = config.ch
        last = len(config.ch_mult) - 1
        self.conv_in = nn.Conv2d(config.in_channels, channels, 3, padding=1)
        self.down = nn.ModuleList()
        for number, multiple in enumerate(config.ch_mult):
            blocks: list[nn.Module] = []
            attention: list[nn.Module] = []
            for _ in range(config.num_res_blocks):
                blocks.append(PictureResBlock(channels, config.ch * multiple))
                channels = config.ch * multiple
                if config.resolution // 2**number in config.attn_resolutions:
                    attention.append(PictureAttention(channels))
            level = _Level(blocks, attention)
            if number != last:
                level.downsample = _Downsample(channels)
            self.down.append(level)
        self.mid = _Middle(channels, PictureResBlock)
        self.norm_out = norm(channels)
        self.conv_out = nn.Conv2d(channels, 2 * config.z_channels, 3, padding=1)

    def forward(self, x_nchw: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        first_nchw = h_nchw = self.conv_in(x_nchw)
        hidden_nchw = []
        for level in self.down:
            attention = list(level.get_submodule("attn").children())
            for number, block in enumerate(level.get_submodule("block").children()):
                h_nchw = block(h_nchw)
                if attention:
                    h_nchw = attention[number](h_nchw)
            hidden_nchw.append(h_nchw)
            if hasattr(level, "downsample"):
                h_nchw = level.get_submodule("downsample")(h_nchw)
        h_nchw = self.mid.block_2(self.mid.attn_1(self.mid.block_1(h_nchw)))
        return self.conv_out(F.silu(self.norm_out(h_nchw))), (*hidden_nchw, first_nchw)


class Decoder(nn.Module):
    """Latents [n, z, h, w] -> pictures [n, 3, H, W]."""

    def __init__(self, config: VideoVAEConfig) -> None:
        super().__init__()
        levels = len(config.ch_mult)
        channels = config.ch * config.ch_mult[-1]
        self.conv_in = nn.Conv2d(config.z_channels, channels, 3, padding=1)
        self.mid = _Middle(channels, VideoResBlock)
        up: list[nn.Module] = []
        refinement: list[nn.Module] = []
        for number in reversed(range(levels)):
            blocks: list[nn.Module] = []
            attention: list[nn.Module] = []
            for _ in range(config.num_res_blocks + 1):
                blocks.append(VideoResBlock(channels, config.ch * config.ch_mult[number]))
                channels = config.ch * config.ch_mult[number]
                if config.resolution // 2**number in config.attn_resolutions:
                    attention.append(PictureAttention(channels))
            level = _Level(blocks, attention)
            if number != 0:
                level.upsample = Upsample(channels, learned=True)
            up.insert(0, level)
            combiner = AttentionCombiner if number in _ATTENTION_LEVELS else ConvCombiner
            refinement.insert(0, combiner(channels))
        self.up = nn.ModuleList(up)
        self.attn_refinement = nn.ModuleList([*refinement, ConvCombiner(channels)])
        self.norm_out = norm(channels)
        self.conv_out = OutConv(channels, config.out_ch)

    def body(self) -> list[tuple[nn.Module, int | None]]:
        """Everything between the first convolution and `norm_out` in its order, with the combiners' level numbers."""
        listed: list[tuple[nn.Module, int | None]] = [
            (self.mid.block_1, None),
            (self.mid.attn_1, None),
            (self.mid.block_2, None),
        ]
        for number in reversed(range(len(self.up))):
            level = self.up[number]
            attention = list(level.get_submodule("attn").children())
            for place, block in enumerate(level.get_submodule("block").children()):
                listed.append((block, None))
                if attention:
                    listed.append((attention[place], None))
            listed.append((self.attn_refinement[number], number))
            if number != 0:
                listed.append((level.get_submodule("upsample"), None))
        return listed

    def forward(self, z_nchw: Tensor, maps_bcrhw: tuple[Tensor, ...] | None, frames: int) -> Tensor:
        h_nchw: Tensor = self.conv_in(z_nchw)
        for module, level in self.body():
            if level is not None:
                h_nchw = h_nchw if maps_bcrhw is None else combine(module, h_nchw, maps_bcrhw[level], frames)
            elif isinstance(module, VideoResBlock):
                h_nchw = module.over_time(module.pictures(h_nchw), frames)
            else:
                h_nchw = module(h_nchw)
        h_nchw = F.silu(self.norm_out(h_nchw))
        if maps_bcrhw is not None:
            h_nchw = combine(self.attn_refinement[-1], h_nchw, maps_bcrhw[-1], frames)
        pixels_nchw: Tensor = self.conv_out(h_nchw)
        mixed_bctp = time_convolution(self.conv_out.time_mix_conv, to_clips(pixels_nchw, frames))
        return from_clips(mixed_bctp, *pixels_nchw.shape[2:])


def combine(module: nn.Module, x_nchw: Tensor, maps_bcrhw: Tensor, frames: int) -> Tensor:
    """Bring the reference maps into whole clips, of the same shape."""
    if isinstance(module, AttentionCombiner):
        refined_nchw: Tensor = module(x_nchw, *module.key_values(maps_bcrhw))
        return refined_nchw
    assert isinstance(module, ConvCombiner)
    first_bchw, last_bchw = module.additions(maps_bcrhw)
    clips_btchw = torch.unflatten(x_nchw, 0, (-1, frames)).clone()
    clips_btchw[:, 0] += first_bchw
    clips_btchw[:, -1] += last_bchw
    return clips_btchw.flatten(0, 1)


class VideoVAE(nn.Module):
    """Encoder and decoder with the published parameter names."""

    def __init__(self, config: VideoVAEConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = VideoVaeEncoder(config)
        self.decoder = Decoder(config)
        self.quant_conv = nn.Conv2d(2 * config.z_channels, 2 * config.z_channels, 1)
        self.post_quant_conv = nn.Conv2d(config.z_channels, config.z_channels, 1)  # in the files, never applied

    def encode(self, pictures_nchw: Tensor) -> Encoded:
        """Of pictures [n, 3, H, W] in [-1, 1]; H and W divisible by `config.stride`."""
        moments_nchw, hidden = self.encoder(pictures_nchw)
        mean_nchw, logvar_nchw = self.quant_conv(moments_nchw).chunk(2, dim=1)
        return Encoded(mean_nchw, logvar_nchw.clamp(-30, 20), hidden)

    def decode(self, z_nchw: Tensor, maps_bcrhw: tuple[Tensor, ...] | None, frames: int) -> Tensor:
        """Pictures [n, 3, H, W], not clamped, of latents without the scale factor."""
        pixels_nchw: Tensor = self.decoder(z_nchw, maps_bcrhw, frames)
        return pixels_nchw

    def forward(self, z_nchw: Tensor, maps_bcrhw: tuple[Tensor, ...] | None, frames: int) -> Tensor:
        return self.decode(z_nchw, maps_bcrhw, frames)

    def use_channels_last(self) -> None:
        """Lay the convolutions' weights out for accelerators' matrix units."""
        channels_last(self)
