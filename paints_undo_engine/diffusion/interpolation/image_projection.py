"""The image projection: turns the image encoder's tokens of both ends into a few tokens for every frame.

A Perceiver resampler ("Flamingo", https://arxiv.org/abs/2204.14198); docs/models.md, "Image projection".

Shapes in names: b clips, f = 2 ends, n image tokens (of an end, then of both), m latents, d width, a heads, k width of
a head, e and o widths of the tokens that come in and go out.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from paints_undo_engine.diffusion.interpolation.config import ImageProjectionConfig


class PerceiverAttention(nn.Module):
    """Latents attend to the image tokens and to themselves."""

    def __init__(self, dim: int, dim_head: int, heads: int) -> None:
        super().__init__()
        inner = dim_head * heads
        self.heads = heads
        self.dim_head = dim_head
        self.norm1 = nn.LayerNorm(dim)
        self.norm2 = nn.LayerNorm(dim)
        self.to_q = nn.Linear(dim, inner, bias=False)
        self.to_kv = nn.Linear(dim, 2 * inner, bias=False)
        self.to_out = nn.Linear(inner, dim, bias=False)

    def forward(self, x_bnd: Tensor, latents_bmd: Tensor) -> Tensor:
        """The latents' change, [b, m, d]."""
        x_bnd, latents_bmd = self.norm1(x_bnd), self.norm2(latents_bmd)
        q_bamk = self._split(self.to_q(latents_bmd))
        k_bank, v_bank = (
            self._split(part) for part in self.to_kv(torch.cat([x_bnd, latents_bmd], dim=1)).chunk(2, dim=-1)
        )
        # the scale is shared between q and k, which keeps fp16 products in range; the softmax is always fp32
        scale = self.dim_head**-0.25
        weights_bamn = ((q_bamk * scale) @ (k_bank * scale).transpose(-2, -1)).float().softmax(dim=-1).to(v_bank.dtype)
        out_bmd: Tensor = self.to_out((weights_bamn @ v_bank).transpose(1, 2).flatten(2))
        return out_bmd

    def _split(self, tokens_bnd: Tensor) -> Tensor:
        return torch.unflatten(tokens_bnd, -1, (self.heads, self.dim_head)).transpose(1, 2)


class ImageProjection(nn.Module):
    """Tokens of the two ends, [b, f, n, e] -> [b, video_length, num_queries, o]."""

    def __init__(self, config: ImageProjectionConfig) -> None:
        super().__init__()
        self.config = config
        dim = config.dim
        self.latents = nn.Parameter(torch.zeros(1, config.num_queries * config.video_length, dim))
        self.input_pos = nn.Parameter(torch.zeros(1, config.input_frames_length, 1, config.embedding_dim))
        self.proj_in = nn.Linear(config.embedding_dim, dim)
        self.proj_out = nn.Linear(dim, config.output_dim)
        self.norm_out = nn.LayerNorm(config.output_dim)
        self.layers = nn.ModuleList(
            nn.ModuleList([PerceiverAttention(dim, config.dim_head, config.heads), _feed_forward(dim, config.ff_mult)])
            for _ in range(config.depth)
        )

    def forward(self, x_bfne: Tensor) -> Tensor:
        """[b, video_length, num_queries, o]."""
        tokens_bnd = self.proj_in((x_bfne + self.input_pos).flatten(1, 2))
        latents_bmd = self.latents.expand(x_bfne.shape[0], -1, -1)
        for layer in self.layers:
            attention, feed_forward = layer.children()
            latents_bmd = latents_bmd + attention(tokens_bnd, latents_bmd)
            latents_bmd = latents_bmd + feed_forward(latents_bmd)
        out_bmo: Tensor = self.norm_out(self.proj_out(latents_bmd))
        return torch.unflatten(out_bmo, 1, (self.config.video_length, self.config.num_queries))


def _feed_forward(dim: int, multiple: int) -> nn.Sequential:
    inner = dim * multiple
    return nn.Sequential(
        nn.LayerNorm(dim), nn.Linear(dim, inner, bias=False), nn.GELU(), nn.Linear(inner, dim, bias=False)
    )
