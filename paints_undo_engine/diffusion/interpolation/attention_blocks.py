"""Attention blocks of the 3D UNet: over the pixels of a frame, and over the frames at a pixel (docs/models.md).

Shapes in names: b clips, t frames, n = b * t pictures (clip-major), l tokens, c channels, a heads, d width of a head,
h height, w width, p = h * w pixels; m = p * a where pixels count as heads. Without a suffix: [..., c].
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from paints_undo_engine.diffusion.attention import attend, split_heads
from paints_undo_engine.diffusion.float8 import dense
from paints_undo_engine.diffusion.interpolation.config import GROUPS, UNet3DConfig
from paints_undo_engine.diffusion.interpolation.layers import from_clips, to_clips
from paints_undo_engine.request import TemporalWindow

KeyValues = tuple[Tensor, Tensor, Tensor, Tensor]
"""Of one cross-attention: text keys and values [b, l, c], image keys and values [n, l, c]."""


@dataclass(eq=False)
class Context:
    """What an interval is conditioned on. Keys and values are computed at first use and kept for all later steps.

    `text` [B, L, D], `image` [B, T, l, D]; `fs` [B] integers, the frame stride (None: the model's default).
    """

    text: Tensor
    image: Tensor
    fs: Tensor | None = None
    key_values: dict[nn.Module, KeyValues] = field(default_factory=dict)


class RelativePosition(nn.Module):
    """A table that published checkpoints may carry; the published attention never reads it."""

    def __init__(self, width: int, length: int) -> None:
        super().__init__()
        self.embeddings_table = nn.Parameter(torch.zeros(2 * length + 1, width))


class SelfAttention(nn.Module):
    """Self-attention of token rows; with a window the keys and values of neighbouring frames join in."""

    def __init__(self, width: int, heads: int, head_width: int, table_length: int | None = None) -> None:
        super().__init__()
        inner = heads * head_width
        self.heads = heads
        self.to_q = nn.Linear(width, inner, bias=False)
        self.to_k = nn.Linear(width, inner, bias=False)
        self.to_v = nn.Linear(width, inner, bias=False)
        self.to_out = nn.Sequential(nn.Linear(inner, width))
        if table_length is not None:
            self.relative_position_k = RelativePosition(head_width, table_length)
            self.relative_position_v = RelativePosition(head_width, table_length)

    def forward(self, x_nlc: Tensor, frames: int = 1, window: TemporalWindow = TemporalWindow.OFF) -> Tensor:
        """The same shape; with a window the first dimension is that of clip-major pictures."""
        q_nlad, k_nlad, v_nlad = self._project(x_nlc)
        out_nlc: Tensor = self.to_out(
            attend(q_nlad, widen(k_nlad, frames, window), widen(v_nlad, frames, window)).flatten(-2)
        )
        return out_nlc

    def fuse(self) -> None:
        """Replace the three projections by one matrix product. The state dict's keys change.

        Every head's queries, keys and values stand side by side, so that pixels and heads stay one regular dimension.
        """
        weights = [torch.unflatten(layer.weight, 0, (self.heads, -1)) for layer in (self.to_q, self.to_k, self.to_v)]
        joined = torch.cat(weights, dim=1).flatten(0, 1).detach()
        self.to_qkv = nn.Linear(joined.shape[1], joined.shape[0], bias=False, device="meta")
        self.to_qkv.weight = nn.Parameter(joined, requires_grad=False)
        del self.to_q, self.to_k, self.to_v

    def _project(self, x: Tensor) -> tuple[Tensor, ...]:
        """Queries, keys and values [..., heads, d]."""
        if hasattr(self, "to_qkv"):
            return split_heads(self.to_qkv(x), self.heads).chunk(3, dim=-1)
        return tuple(split_heads(layer(x), self.heads) for layer in (self.to_q, self.to_k, self.to_v))


class TimeAttention(SelfAttention):
    """Self-attention over the frames at every pixel. Pixels count as heads, so that nothing has to be laid out anew."""

    def forward(self, x_btpc: Tensor, *_: object) -> Tensor:
        """The same shape."""
        q_btmd, k_btmd, v_btmd = (part.flatten(2, 3) for part in self._project(x_btpc))
        out_btpc: Tensor = self.to_out(attend(q_btmd, k_btmd, v_btmd).reshape(*x_btpc.shape[:3], -1))
        return out_btpc


def widen(tokens: Tensor, frames: int, window: TemporalWindow) -> Tensor:
    """Join each frame's keys (or values) [n, l, ...] with those of the window's other frames, along l.

    `previous`: [t, t-1], the first frame twice itself; `first`: [t, 0]; `roll`: [t-1, t, t+1] cyclic.
    """
    if window is TemporalWindow.OFF:
        return tokens
    clips = torch.unflatten(tokens, 0, (-1, frames))
    match window:
        case TemporalWindow.PREVIOUS:
            parts = [clips, torch.cat([clips[:, :1], clips[:, :-1]], dim=1)]
        case TemporalWindow.FIRST:
            parts = [clips, clips[:, :1].expand_as(clips)]
        case TemporalWindow.ROLL:
            parts = [clips.roll(1, dims=1), clips, clips.roll(-1, dims=1)]
    return torch.cat(parts, dim=2).flatten(0, 1)


class CrossAttention(nn.Module):
    """One query against the text tokens of the clip and against the image tokens of the frame; the results add."""

    def __init__(self, width: int, heads: int, head_width: int, context: int, learned_scale: bool) -> None:
        super().__init__()
        inner = heads * head_width
        self.heads = heads
        self.to_q = nn.Linear(width, inner, bias=False)
        self.to_k = nn.Linear(context, inner, bias=False)
        self.to_v = nn.Linear(context, inner, bias=False)
        self.to_out = nn.Sequential(nn.Linear(inner, width))
        self.to_k_ip = nn.Linear(context, inner, bias=False)
        self.to_v_ip = nn.Linear(context, inner, bias=False)
        if learned_scale:
            self.alpha = nn.Parameter(torch.zeros(()))

    def project(self, context: Context) -> KeyValues:
        """The keys and values of a context, the same in every step."""
        image = context.image.flatten(0, 1)
        return self.to_k(context.text), self.to_v(context.text), self.to_k_ip(image), self.to_v_ip(image)

    def forward(self, x_nlc: Tensor, key_values: KeyValues) -> Tensor:
        """The same shape."""
        text_k_blad, text_v_blad, image_k_nlad, image_v_nlad = (split_heads(part, self.heads) for part in key_values)
        q_nlad = split_heads(self.to_q(x_nlc), self.heads)
        q_blad = q_nlad.reshape(text_k_blad.shape[0], -1, *q_nlad.shape[2:])
        text_nlad = attend(q_blad, text_k_blad, text_v_blad).reshape(q_nlad.shape)
        image_nlad = attend(q_nlad, image_k_nlad, image_v_nlad)
        if hasattr(self, "alpha"):
            image_nlad = image_nlad * (torch.tanh(self.alpha) + 1)
        out_nlc: Tensor = self.to_out((text_nlad + image_nlad).flatten(-2))
        return out_nlc


class GEGLU(nn.Module):
    """value * gelu(gate), both halves of one projection. https://arxiv.org/abs/2002.05202"""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.proj = nn.Linear(width, 2 * inner)

    def forward(self, x: Tensor) -> Tensor:
        value, gate = self.proj(x).chunk(2, dim=-1)
        return F.gelu(gate).mul_(value)


FEED_FORWARD_BYTES = 512 * 2**20
"""Above what a default job needs."""
LEAN_FEED_FORWARD_BYTES = 96 * 2**20
"""Where device memory is short."""


class FeedForward(nn.Module):
    """GEGLU of four times the width, and back."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.net = nn.Sequential(GEGLU(width, 4 * width), nn.Identity(), nn.Linear(4 * width, width))
        self.most_bytes = FEED_FORWARD_BYTES

    def forward(self, x: Tensor) -> Tensor:
        """The same shape; every token is for itself, so what would take much memory at the inner width is cut up."""
        inner = 8 * x.numel() * x.element_size()
        if inner <= self.most_bytes:
            out: Tensor = self.net(x)
            return out
        tokens = x.flatten(0, -2)
        pieces = torch.split(tokens, max(1, len(tokens) * self.most_bytes // inner))
        return torch.cat([self.net(part) for part in pieces]).view(x.shape)


class TransformerBlock(nn.Module):
    """attn1 and attn2, each after a LayerNorm and with a residual, then the feed-forward.

    attn2 is the cross-attention, or over time a second self-attention.
    """

    def __init__(self, width: int, attn1: SelfAttention, attn2: SelfAttention | CrossAttention) -> None:
        super().__init__()
        self.attn1 = attn1
        self.attn2 = attn2
        self.ff = FeedForward(width)
        self.norm1 = nn.LayerNorm(width)
        self.norm2 = nn.LayerNorm(width)
        self.norm3 = nn.LayerNorm(width)

    def forward(
        self, x: Tensor, frames: int = 1, window: TemporalWindow = TemporalWindow.OFF, kv: KeyValues | None = None
    ) -> Tensor:
        x = x + self.attn1(self.norm1(x), frames, window)
        second = self.norm2(x)
        x = x + (self.attn2(second) if kv is None else self.attn2(second, kv))
        out: Tensor = x + self.ff(self.norm3(x))
        return out


class SpatialTransformer(nn.Module):
    """Attention over the pixels of every frame, and to the contexts."""

    def __init__(self, config: UNet3DConfig, channels: int) -> None:
        super().__init__()
        heads, head_width = config.heads(channels)
        inner = heads * head_width
        assert config.context_dim is not None
        self.norm = nn.GroupNorm(GROUPS, channels, eps=1e-6)
        self.proj_in = nn.Linear(channels, inner) if config.use_linear else nn.Conv2d(channels, inner, 1)
        self.transformer_blocks = nn.ModuleList(
            TransformerBlock(
                inner,
                SelfAttention(inner, heads, head_width),
                CrossAttention(
                    inner, heads, head_width, config.context_dim, config.image_cross_attention_scale_learnable
                ),
            )
            for _ in range(config.transformer_depth)
        )
        self.proj_out = nn.Linear(inner, channels) if config.use_linear else nn.Conv2d(inner, channels, 1)

    def key_values(self, context: Context) -> tuple[KeyValues, ...]:
        """This transformer's keys and values of the context, one for each block; computed once per context."""
        found = []
        for block in self.transformer_blocks:
            attention = block.get_submodule("attn2")
            assert isinstance(attention, CrossAttention)
            if attention not in context.key_values:
                context.key_values[attention] = attention.project(context)
            found.append(context.key_values[attention])
        return tuple(found)

    def forward(self, x_nchw: Tensor, frames: int, window: TemporalWindow, key_values: tuple[KeyValues, ...]) -> Tensor:
        """The same shape."""
        tokens_nlc = pointwise(self.proj_in, self.norm(x_nchw).flatten(2).transpose(1, 2))
        for block, kv in zip(self.transformer_blocks, key_values, strict=True):
            tokens_nlc = block(tokens_nlc, frames, window, kv)
        return x_nchw + torch.unflatten(pointwise(self.proj_out, tokens_nlc).transpose(1, 2), 2, x_nchw.shape[2:])


class TemporalTransformer(nn.Module):
    """Attention over the T frames at every pixel, without position and without mask."""

    def __init__(self, config: UNet3DConfig, channels: int, heads: int, head_width: int, linear: bool) -> None:
        super().__init__()
        inner = heads * head_width
        table_length = config.temporal_length if config.use_relative_position else None
        self.norm = nn.GroupNorm(GROUPS, channels, eps=1e-6)
        self.proj_in = nn.Linear(channels, inner) if linear else nn.Conv1d(channels, inner, 1)
        self.transformer_blocks = nn.ModuleList(
            TransformerBlock(
                inner,
                TimeAttention(inner, heads, head_width, table_length),
                TimeAttention(inner, heads, head_width, table_length),
            )
            for _ in range(config.transformer_depth)
        )
        self.proj_out = nn.Linear(inner, channels) if linear else nn.Conv1d(inner, channels, 1)

    def forward(self, x_nchw: Tensor, frames: int) -> Tensor:
        """The same shape."""
        tokens_btpc = pointwise(self.proj_in, self.norm(to_clips(x_nchw, frames)).permute(0, 2, 3, 1))
        for block in self.transformer_blocks:
            tokens_btpc = block(tokens_btpc)
        return x_nchw + from_clips(pointwise(self.proj_out, tokens_btpc).permute(0, 3, 1, 2), *x_nchw.shape[2:])


def pointwise(layer: nn.Module, tokens: Tensor) -> Tensor:
    """A linear layer or a convolution of kernel 1 on token rows [..., c]."""
    bias = layer.bias
    assert isinstance(bias, Tensor)
    return F.linear(tokens, dense(layer, tokens.dtype).flatten(1), bias)
