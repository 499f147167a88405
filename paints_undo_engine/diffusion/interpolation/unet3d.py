"""The 3D UNet of the interpolation model (docs/models.md, "The 3D UNet").

Built whole from its configuration; parameter names are those of the published checkpoints. After VideoCrafter
(https://arxiv.org/abs/2401.09047) and DynamiCrafter (https://arxiv.org/abs/2310.12190).
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

    def forward(self, x: Tensor, call: _Call) -> Tensor:
        for layer in self:
            match layer:
                case ResBlock():
                    x = layer(x, call.emb, call.frames)
                case SpatialTransformer():
                    x = layer(x, call.frames, call.window, layer.key_values(call.context))
                case TemporalTransformer():
                    x = layer(x, call.frames)
                case _:
                    x = layer(x)
        return x


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
        x: Tensor,
        timesteps: Tensor,
        context: Context,
        concat_cond: Tensor,
        window: TemporalWindow = TemporalWindow.OFF,
        deep: DeepFeatures | None = None,
    ) -> Tensor:
        """x [B, C, T, h, w], timesteps [B], concat_cond [B, C', T, h, w] -> v [B, out_channels, T, h, w].

        h and w must be divisible by `config.stride`, T is free. With `deep` the features of the lower levels are kept
        there, and taken from there when it already holds some (DeepCache, https://arxiv.org/abs/2312.00858).
        """
        frames = x.shape[2]
        call = _Call(self._embed(timesteps, context.fs, x), context, frames, window)
        h = torch.cat([x, concat_cond], dim=1).transpose(1, 2).flatten(0, 1)
        h = h.contiguous(memory_format=self.memory_format)
        cached = deep.hidden if deep is not None else None
        top = self.config.num_res_blocks + 1
        skips = []
        for number, block in enumerate(self.input_blocks):
            if cached is not None and number == top:
                break
            h = block(h, call)
            if number == 0 and self.config.addition_attention:
                h = self.init_attn(h, call)
            skips.append(h)
        h = self._deep(h, skips, call) if cached is None else cached
        if deep is not None:
            deep.hidden = h
        for block in self.output_blocks[-top:]:
            h = block(torch.cat([h, skips.pop()], dim=1), call)
        out: Tensor = self.out(h)
        return torch.unflatten(out, 0, (-1, frames)).transpose(1, 2)

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

    def _deep(self, h: Tensor, skips: list[Tensor], call: _Call) -> Tensor:
        h = self.middle_block(h, call)
        for block in self.output_blocks[: -(self.config.num_res_blocks + 1)]:
            h = block(torch.cat([h, skips.pop()], dim=1), call)
        return h

    def _embed(self, timesteps: Tensor, fs: Tensor | None, x: Tensor) -> Tensor:
        width = self.config.model_channels
        emb: Tensor = self.time_embed(sinusoid(timesteps, width).to(x.dtype))
        if not self.config.fs_condition:
            return emb
        if fs is None:
            fs = torch.full((x.shape[0],), self.config.default_fs, device=x.device)
        strides: Tensor = self.fps_embedding(sinusoid(fs, width).to(x.dtype))
        return emb + strides

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
