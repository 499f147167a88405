"""The image projection: turns the image encoder's tokens of both ends into a few tokens for every frame.

A Perceiver resampler ("Flamingo", https://arxiv.org/abs/2204.14198); docs/models.md, "Image projection".
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

    def forward(self, x: Tensor, latents: Tensor) -> Tensor:
        """x [B, N, D], latents [B, M, D] -> [B, M, D]."""
        x, latents = self.norm1(x), self.norm2(latents)
        q = self._split(self.to_q(latents))
        k, v = (self._split(part) for part in self.to_kv(torch.cat([x, latents], dim=1)).chunk(2, dim=-1))
        # the scale is shared between q and k, which keeps fp16 products in range; the softmax is always fp32
        scale = self.dim_head**-0.25
        weights = ((q * scale) @ (k * scale).transpose(-2, -1)).float().softmax(dim=-1).to(v.dtype)
        out: Tensor = self.to_out((weights @ v).transpose(1, 2).flatten(2))
        return out

    def _split(self, tokens: Tensor) -> Tensor:
        return torch.unflatten(tokens, -1, (self.heads, self.dim_head)).transpose(1, 2)


class ImageProjection(nn.Module):
    """[B, 2, N, E] tokens of the two ends -> [B, video_length, num_queries, output_dim]."""

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

    def forward(self, x: Tensor) -> Tensor:
        """x [B, input_frames_length, N, embedding_dim] -> [B, video_length, num_queries, output_dim]."""
        tokens = self.proj_in((x + self.input_pos).flatten(1, 2))
        latents = self.latents.expand(x.shape[0], -1, -1)
        for layer in self.layers:
            attention, feed_forward = layer.children()
            latents = latents + attention(tokens, latents)
            latents = latents + feed_forward(latents)
        out: Tensor = self.norm_out(self.proj_out(latents))
        return torch.unflatten(out, 1, (self.config.video_length, self.config.num_queries))


def _feed_forward(dim: int, multiple: int) -> nn.Sequential:
    inner = dim * multiple
    return nn.Sequential(
        nn.LayerNorm(dim), nn.Linear(dim, inner, bias=False), nn.GELU(), nn.Linear(inner, dim, bias=False)
    )
