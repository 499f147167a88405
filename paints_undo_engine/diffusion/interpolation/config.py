"""The hyper-parameters of the interpolation model's components, as their ``config.json`` files hold them.

Field names and defaults are those of the published constructors (docs/models.md, "Configurations"), so that a file that
leaves a field out means the same here. Combinations that cannot work are refused with a `CheckpointError`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, Self

from paints_undo_engine.errors import CheckpointError

GROUPS = 32
"""Every group normalisation of these networks has 32 groups."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Config:
    """Base: builds a configuration from a ``config.json`` mapping."""

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Build from a mapping; lists become tuples, unknown fields are reported in the log and left out.

        Raises `CheckpointError` when a field without a default is missing or a combination cannot work.
        """
        known = {item.name: item for item in fields(cls)}
        unknown = sorted(name for name in data if name not in known and not name.startswith("_"))
        if unknown:
            _log.warning("%s: unknown fields are left out: %s", cls.__name__, ", ".join(unknown))
        missing = [name for name, item in known.items() if item.default is MISSING and name not in data]
        if missing:
            raise CheckpointError(f"The config.json of {cls.__name__} lacks {', '.join(missing)}.")
        values = {name: tuple(v) if isinstance(v, list) else v for name, v in data.items() if name in known}
        return cls(**values)

    def __post_init__(self) -> None:
        for problem in self.problems():
            raise CheckpointError(f"{type(self).__name__}: {problem}")

    def problems(self) -> list[str]:
        """What makes this combination impossible, as sentences; empty when it can be built."""
        return []


@dataclass(frozen=True)
class UNet3DConfig(Config):
    """The 3D UNet. Attention stands at the levels whose stride is in `attention_resolutions`."""

    in_channels: int
    model_channels: int
    out_channels: int
    num_res_blocks: int
    attention_resolutions: tuple[int, ...]
    dropout: float = 0.0
    channel_mult: tuple[int, ...] = (1, 2, 4, 8)
    conv_resample: bool = True
    dims: int = 2
    context_dim: int | None = None
    use_scale_shift_norm: bool = False
    resblock_updown: bool = False
    num_heads: int = -1
    num_head_channels: int = -1
    transformer_depth: int = 1
    use_linear: bool = False
    temporal_conv: bool = False
    tempspatial_aware: bool = False
    temporal_attention: bool = True
    use_relative_position: bool = True
    use_causal_attention: bool = False
    temporal_length: int | None = None
    addition_attention: bool = False
    temporal_selfatt_only: bool = True
    image_cross_attention: bool = False
    image_cross_attention_scale_learnable: bool = False
    default_fs: int = 4
    fs_condition: bool = False

    @property
    def stride(self) -> int:
        """Latent height and width must be divisible by this."""
        return int(2 ** (len(self.channel_mult) - 1))

    def heads(self, channels: int) -> tuple[int, int]:
        """Number of heads and channels per head at a level of that width."""
        if self.num_head_channels == -1:
            return self.num_heads, channels // self.num_heads
        return channels // self.num_head_channels, self.num_head_channels

    def problems(self) -> list[str]:
        found = []
        if self.dims != 2:
            found.append(f"dims is {self.dims}; only 2 is a video of pictures.")
        if not self.channel_mult:
            found.append("channel_mult is empty.")
        if self.model_channels % GROUPS:
            found.append(f"model_channels is {self.model_channels}, but must be a multiple of {GROUPS}.")
        if self.num_heads == -1 and self.num_head_channels == -1:
            found.append("one of num_heads and num_head_channels must be given.")
        elif self.num_head_channels == -1 and self.num_heads < 1:
            found.append(f"num_heads is {self.num_heads}, but must be at least 1.")
        elif self.num_head_channels != -1 and not 1 <= self.num_head_channels <= self.model_channels:
            found.append(f"num_head_channels is {self.num_head_channels}, but must be 1 to model_channels.")
        if self.addition_attention and self.num_head_channels == -1:
            found.append("addition_attention needs num_head_channels; num_heads alone does not give its width.")
        if self.context_dim is None:
            found.append("context_dim is missing; the cross-attention needs it.")
        if not self.image_cross_attention:
            found.append("image_cross_attention is false; a model without image conditions is not supported.")
        if self.temporal_attention and self.use_causal_attention:
            found.append("use_causal_attention is true; causal attention over time is not supported.")
        if (self.temporal_attention or self.addition_attention) and not self.temporal_selfatt_only:
            found.append("temporal_selfatt_only is false; cross-attention over time is not supported.")
        if self.use_relative_position and self.temporal_length is None and self._attends_over_time:
            found.append("use_relative_position needs temporal_length for the size of its tables.")
        return found

    @property
    def _attends_over_time(self) -> bool:
        return self.temporal_attention or self.addition_attention


@dataclass(frozen=True)
class VideoVAEConfig(Config):
    """The video autoencoder. `attn_resolutions` counts from the nominal `resolution`."""

    double_z: bool = True
    z_channels: int = 4
    resolution: int = 256
    in_channels: int = 3
    out_ch: int = 3
    ch: int = 128
    ch_mult: tuple[int, ...] = ()
    num_res_blocks: int = 2
    attn_resolutions: tuple[int, ...] = ()
    dropout: float = 0.0

    @property
    def stride(self) -> int:
        """Pixel height and width must be divisible by this."""
        return int(2 ** (len(self.ch_mult) - 1))

    def problems(self) -> list[str]:
        found = []
        if not self.ch_mult:
            found.append("ch_mult is empty; it has no usable default and must come from the checkpoint's config.json.")
        elif self.ch_mult[0] != 1:
            found.append(f"ch_mult begins with {self.ch_mult[0]}, but the reference maps need it to begin with 1.")
        if self.ch % GROUPS:
            found.append(f"ch is {self.ch}, but must be a multiple of {GROUPS}.")
        if not self.double_z:
            found.append("double_z is false; the encoder must give a mean and a variance.")
        return found


@dataclass(frozen=True)
class ImageProjectionConfig(Config):
    """The image projection (a Perceiver resampler): `video_length` frames of `num_queries` tokens each."""

    dim: int = 1024
    depth: int = 8
    dim_head: int = 64
    heads: int = 16
    num_queries: int = 8
    embedding_dim: int = 768
    output_dim: int = 1024
    ff_mult: int = 4
    video_length: int = 16
    input_frames_length: int = 2
