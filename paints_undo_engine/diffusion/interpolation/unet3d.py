"""The 3D UNet of the interpolation model (docs/models.md, "The 3D UNet").

Built whole from its configuration; parameter names are those of the published checkpoints. After VideoCrafter
(https://arxiv.org/abs/2401.09047) and DynamiCrafter (https://arxiv.org/abs/2310.12190).

Shapes in names: b clips, t frames, n = b * t pictures (clip-major), c channels, h height, w width, e width of an
embedding.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from paints_undo_engine.diffusion.interpolation.attention_blocks import (
    FEED_FORWARD_BYTES,
    LEAN_FEED_FORWARD_BYTES,
    Context,
    FeedForward,
    SelfAttention,
    SpatialTransformer,
    TemporalTransformer,
)
from paints_undo_engine.diffusion.interpolation.config import GROUPS, UNet3DConfig
from paints_undo_engine.diffusion.interpolation.layers import (
    Downsample,
    ResBlock,
    Upsample,
    channels_last,
    embedding_mlp,
    sinusoid,
)
from paints_undo_engine.request import TemporalWindow


@dataclass(eq=False)
class DeepFeatures:
    """What enters the uppermost level on the way up, kept to leave out the deep levels in a later step."""

    hidden: Tensor | None = None


@dataclass(frozen=True, eq=False)
class _Call:
    """What every block of one forward pass needs."""

    emb: Tensor
    context: Context
    frames: int
    window: TemporalWindow


class Block(nn.ModuleList):
    """The layers of one place of the UNet, run in order."""

    def forward(self, x_nchw: Tensor, call: _Call) -> Tensor:
        for layer in self:
            match layer:
                case ResBlock():
                    x_nchw = layer(x_nchw, call.emb, call.frames)
                case SpatialTransformer():
                    x_nchw = layer(x_nchw, call.frames, call.window, layer.key_values(call.context))
                case TemporalTransformer():
                    x_nchw = layer(x_nchw, call.frames)
                case _:
                    x_nchw = layer(x_nchw)
        return x_nchw


class UNet3D(nn.Module):
    """Predicts the velocity v of a noisy latent clip, conditioned on text, images, two latents and a frame stride."""

    def __init__(self, config: UNet3DConfig) -> None:
        super().__init__()
        self.config = config
        self.memory_format = torch.contiguous_format
        width, embedding = config.model_channels, 4 * config.model_channels
        self.time_embed = embedding_mlp(width, embedding)
        if config.fs_condition:
            self.fps_embedding = embedding_mlp(width, embedding)
        self.input_blocks = nn.ModuleList([Block([nn.Conv2d(config.in_channels, width, 3, padding=1)])])
        if config.addition_attention:
            self.init_attn = Block([TemporalTransformer(config, width, 8, config.num_head_channels, linear=False)])
        channels, skips = self._build_down(width, embedding)
        self.middle_block = Block(
            [
                self._res_block(channels, embedding, channels),
                *self._attention(channels),
                self._res_block(channels, embedding, channels),
            ]
        )
        self.output_blocks = nn.ModuleList()
        channels = self._build_up(channels, skips, embedding)
        self.out = nn.Sequential(
            nn.GroupNorm(GROUPS, channels), nn.SiLU(), nn.Conv2d(channels, config.out_channels, 3, padding=1)
        )

    def forward(
        self,
        x_bcthw: Tensor,
        timesteps_b: Tensor,
        context: Context,
        concat_bcthw: Tensor,
        window: TemporalWindow = TemporalWindow.OFF,
        deep: DeepFeatures | None = None,
    ) -> Tensor:
        """The velocity [b, out_channels, t, h, w] of a noisy clip at its timesteps, `concat_bcthw` beside it.

        h and w must be divisible by `config.stride`, T is free. With `deep` the features of the lower levels are kept
        there, and taken from there when it already holds some (DeepCache, https://arxiv.org/abs/2312.00858).
        """
        frames = x_bcthw.shape[2]
        call = _Call(self._embed(timesteps_b, context.fs, x_bcthw), context, frames, window)
        h_nchw = torch.cat([x_bcthw, concat_bcthw], dim=1).transpose(1, 2).flatten(0, 1)
        h_nchw = h_nchw.contiguous(memory_format=self.memory_format)
        cached_nchw = deep.hidden if deep is not None else None
        top = self.config.num_res_blocks + 1
        skips_nchw = []
        for number, block in enumerate(self.input_blocks):
            if cached_nchw is not None and number == top:
                break
            h_nchw = block(h_nchw, call)
            if number == 0 and self.config.addition_attention:
                h_nchw = self.init_attn(h_nchw, call)
            skips_nchw.append(h_nchw)
        h_nchw = self._deep(h_nchw, skips_nchw, call) if cached_nchw is None else cached_nchw
        if deep is not None:
            deep.hidden = h_nchw
        for block in self.output_blocks[-top:]:
            h_nchw = block(torch.cat([h_nchw, skips_nchw.pop()], dim=1), call)
        out_nchw: Tensor = self.out(h_nchw)
        return torch.unflatten(out_nchw, 0, (-1, frames)).transpose(1, 2)

    def blocks(self) -> list[Block]:
        """Nearly all of the weights, in the order in which a forward pass calls for them."""
        blocks = (*self.input_blocks, self.middle_block, *self.output_blocks)
        return [block for block in blocks if isinstance(block, Block)]

    def save_memory(self, lean: bool) -> None:
        """Work through the feed-forwards in small pieces, or in pieces of the usual size; results stay the same."""
        for module in self.modules():
            if isinstance(module, FeedForward):
                module.most_bytes = LEAN_FEED_FORWARD_BYTES if lean else FEED_FORWARD_BYTES

    def fuse_projections(self) -> None:
        """Join the query, key and value projections of every self-attention, for inference after loading."""
        for module in self.modules():
            if isinstance(module, SelfAttention):
                module.fuse()

    def use_channels_last(self) -> None:
        """Lay pictures out with the channels innermost, as the matrix units of accelerators want them."""
        self.memory_format = torch.channels_last
        channels_last(self)

    def _deep(self, h_nchw: Tensor, skips_nchw: list[Tensor], call: _Call) -> Tensor:
        h_nchw = self.middle_block(h_nchw, call)
        for block in self.output_blocks[: -(self.config.num_res_blocks + 1)]:
            h_nchw = block(torch.cat([h_nchw, skips_nchw.pop()], dim=1), call)
        return h_nchw

    def _embed(self, timesteps_b: Tensor, fs_b: Tensor | None, x_bcthw: Tensor) -> Tensor:
        width = self.config.model_channels
        emb_be: Tensor = self.time_embed(sinusoid(timesteps_b, width).to(x_bcthw.dtype))
        if not self.config.fs_condition:
            return emb_be
        if fs_b is None:
            fs_b = torch.full((x_bcthw.shape[0],), self.config.default_fs, device=x_bcthw.device)
        strides_be: Tensor = self.fps_embedding(sinusoid(fs_b, width).to(x_bcthw.dtype))
        return emb_be + strides_be

    def _res_block(self, channels: int, embedding: int, out: int, *, up: bool = False, down: bool = False) -> ResBlock:
        return ResBlock(
            channels,
            embedding,
            out,
            scale_shift=self.config.use_scale_shift_norm,
            temporal=self.config.temporal_conv and not (up or down),
            spatial_aware=self.config.tempspatial_aware,
            up=up,
            down=down,
        )

    def _attention(self, channels: int) -> list[nn.Module]:
        layers: list[nn.Module] = [SpatialTransformer(self.config, channels)]
        if self.config.temporal_attention:
            heads, head_width = self.config.heads(channels)
            layers.append(TemporalTransformer(self.config, channels, heads, head_width, self.config.use_linear))
        return layers

    def _build_down(self, channels: int, embedding: int) -> tuple[int, list[int]]:
        config = self.config
        skips = [channels]
        for level, multiple in enumerate(config.channel_mult):
            for _ in range(config.num_res_blocks):
                out = multiple * config.model_channels
                layers: list[nn.Module] = [self._res_block(channels, embedding, out)]
                channels = out
                if 2**level in config.attention_resolutions:
                    layers += self._attention(channels)
                self.input_blocks.append(Block(layers))
                skips.append(channels)
            if level < len(config.channel_mult) - 1:
                down: nn.Module = (
                    self._res_block(channels, embedding, channels, down=True)
                    if config.resblock_updown
                    else Downsample(channels, config.conv_resample)
                )
                self.input_blocks.append(Block([down]))
                skips.append(channels)
        return channels, skips

    def _build_up(self, channels: int, skips: list[int], embedding: int) -> int:
        config = self.config
        for level, multiple in reversed(list(enumerate(config.channel_mult))):
            for number in range(config.num_res_blocks + 1):
                out = multiple * config.model_channels
                layers: list[nn.Module] = [self._res_block(channels + skips.pop(), embedding, out)]
                channels = out
                if 2**level in config.attention_resolutions:
                    layers += self._attention(channels)
                if level > 0 and number == config.num_res_blocks:
                    layers.append(
                        self._res_block(channels, embedding, channels, up=True)
                        if config.resblock_updown
                        else Upsample(channels, config.conv_resample)
                    )
                self.output_blocks.append(Block(layers))
        return channels
