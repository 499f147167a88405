"""What an interval is conditioned on: its two keyframes as latents, features and tokens (docs/models.md)."""

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

    `latent` [1, z, h, w], scaled; `hidden` the VAE encoder's features, each [1, C, h', w'].
    """

    latent: Tensor
    hidden: tuple[Tensor, ...]

    def on_cpu(self) -> KeyframeLatents:
        """With the features on the CPU, where device memory is short; they are large, and wanted for decoding alone."""
        return KeyframeLatents(self.latent, tuple(maps.cpu() for maps in self.hidden))


def nearest_bucket(height: int, width: int, buckets: tuple[Size, ...] = BUCKETS) -> Size:
    """The bucket whose aspect is nearest to `height` : `width`; of equal ones the last."""
    return min(reversed(buckets), key=lambda size: abs(height * size[1] - width * size[0]))


def encode_keyframe(vae: VideoVAE, pictures: Tensor) -> KeyframeLatents:
    """pictures [1, 3, H, W] in [-1, 1], on the VAE's device and in its dtype."""
    encoded = vae.encode(pictures)
    return KeyframeLatents(encoded.mean * SCALE_FACTOR, encoded.hidden)


def interval_references(
    first: KeyframeLatents, last: KeyframeLatents, device: torch.device | None = None
) -> tuple[Tensor, ...]:
    """The decoder's reference maps of a clip between two keyframes, on `device`: [1, C, 2, h, w] for each level."""
    pairs = zip(first.hidden, last.hidden, strict=True)
    return tuple(torch.stack([a, b], dim=2).to(device) for a, b in pairs)


def concat_condition(first: KeyframeLatents, last: KeyframeLatents, frames: int) -> Tensor:
    """The two latents at the clip's ends, zeros between: [1, z, frames, h, w]."""
    condition = first.latent.new_zeros(*first.latent.shape[:2], frames, *first.latent.shape[2:])
    condition[:, :, 0] = first.latent
    condition[:, :, -1] = last.latent
    return condition


def project_images(projection: ImageProjection, first: Tensor, last: Tensor, frames: int) -> Tensor:
    """The image encoder's tokens of both ends, [B, N, E] each -> the image context [B, frames, l, D].

    The projection gives tokens for as many frames as it was trained with; for another length of clip every frame takes
    those of the nearest place in time.
    """
    tokens: Tensor = projection(torch.stack([first, last], dim=1))
    trained = tokens.shape[1]
    if frames == trained:
        return tokens
    places = torch.linspace(0, trained - 1, frames).round().long()
    return tokens[:, places.to(tokens.device)]


def encode_image(encoder: ImageEncoder, pictures: Tensor) -> Tensor:
    """pictures [N, 3, H, W] in [-1, 1] -> tokens [N, 1 + patches, E]."""
    tokens: Tensor = encoder(pictures)
    return tokens
