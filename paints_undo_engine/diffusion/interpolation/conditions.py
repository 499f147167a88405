"""What an interval is conditioned on: its two keyframes as latents, features and tokens (docs/models.md).

Shapes in names: b clips, t frames, n pictures or image tokens of one, c channels, h height, w width, l image tokens of
a frame, e and d widths of tokens.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from paints_undo_engine.diffusion.interpolation.image_encoder import ImageEncoder
from paints_undo_engine.diffusion.interpolation.image_projection import ImageProjection
from paints_undo_engine.diffusion.interpolation.video_vae import SCALE_FACTOR, VideoVAE

Size = tuple[int, int]
"""Height and width in pixels."""

BUCKETS: tuple[Size, ...] = ((320, 512), (384, 448), (448, 384), (512, 320))
"""The sizes that the published model was trained for."""


@dataclass(frozen=True, eq=False)
class KeyframeLatents:
    """A keyframe as the model sees it; made once for a job.

    `latent` [1, c, h, w], scaled; `hidden` the VAE encoder's features, each [1, c', h', w'].
    """

    latent: Tensor
    hidden: tuple[Tensor, ...]

    def on_cpu(self) -> KeyframeLatents:
        """With the features on the CPU, where device memory is short; they are large, and wanted for decoding alone."""
        return KeyframeLatents(self.latent, tuple(maps.cpu() for maps in self.hidden))


def nearest_bucket(height: int, width: int, buckets: tuple[Size, ...] = BUCKETS) -> Size:
    """The bucket whose aspect is nearest to `height` : `width`; of equal ones the last."""
    return min(reversed(buckets), key=lambda size: abs(height * size[1] - width * size[0]))


def encode_keyframe(vae: VideoVAE, pictures_nchw: Tensor) -> KeyframeLatents:
    """Of one picture [1, 3, H, W] in [-1, 1], on the VAE's device and in its dtype."""
    encoded = vae.encode(pictures_nchw)
    return KeyframeLatents(encoded.mean * SCALE_FACTOR, encoded.hidden)


def interval_references(
    first: KeyframeLatents, last: KeyframeLatents, device: torch.device | None = None
) -> tuple[Tensor, ...]:
    """The decoder's reference maps of a clip between two keyframes, on `device`: [1, c, 2, h, w] for each level."""
    pairs = zip(first.hidden, last.hidden, strict=True)
    return tuple(torch.stack([a, b], dim=2).to(device) for a, b in pairs)


def concat_condition(first: KeyframeLatents, last: KeyframeLatents, frames: int) -> Tensor:
    """The two latents at the clip's ends, zeros between: [1, c, t, h, w]."""
    condition_bcthw = first.latent.new_zeros(*first.latent.shape[:2], frames, *first.latent.shape[2:])
    condition_bcthw[:, :, 0] = first.latent
    condition_bcthw[:, :, -1] = last.latent
    return condition_bcthw


def project_images(projection: ImageProjection, first_bne: Tensor, last_bne: Tensor, frames: int) -> Tensor:
    """The image encoder's tokens of both ends -> the image context [b, t, l, d].

    The projection gives tokens for as many frames as it was trained with; for another length of clip every frame takes
    those of the nearest place in time.
    """
    tokens_btld: Tensor = projection(torch.stack([first_bne, last_bne], dim=1))
    trained = tokens_btld.shape[1]
    if frames == trained:
        return tokens_btld
    places = torch.linspace(0, trained - 1, frames).round().long()
    return tokens_btld[:, places.to(tokens_btld.device)]


def encode_image(encoder: ImageEncoder, pictures_nchw: Tensor) -> Tensor:
    """Tokens [n, 1 + patches, e] of pictures in [-1, 1]."""
    tokens_nle: Tensor = encoder(pictures_nchw)
    return tokens_nle
