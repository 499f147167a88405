"""From the UNet to the sampler: the guided velocity of one or several clips."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from paints_undo_engine.diffusion.interpolation.sampler import Velocity, guide
from paints_undo_engine.diffusion.interpolation.transformers import Context
from paints_undo_engine.diffusion.interpolation.unet3d import UNet3D
from paints_undo_engine.request import TemporalWindow

FRAME_STRIDE = 3
"""What the published application passes as fs."""


@dataclass(frozen=True, eq=False)
class Conditions:
    """Everything that guides the clips of one batch.

    `text` and `negative_text` [1 or B, L, D], `image` and `negative_image` [1 or B, T, l, D], `concat` [B, z, T, h, w].
    """

    text: Tensor
    image: Tensor
    negative_text: Tensor
    negative_image: Tensor
    concat: Tensor
    frame_stride: int = FRAME_STRIDE

    def positive(self) -> Context:
        """The context of the wanted side."""
        return self._context(self.text, self.image)

    def negative(self) -> Context:
        """The context of the unwanted side."""
        return self._context(self.negative_text, self.negative_image)

    def both(self) -> Context:
        """Both contexts as one batch, the wanted side first."""
        clips = self.concat.shape[0]
        text = torch.cat([_repeat(self.text, clips), _repeat(self.negative_text, clips)])
        image = torch.cat([_repeat(self.image, clips), _repeat(self.negative_image, clips)])
        return Context(text, image, self._strides(2 * clips))

    def _context(self, text: Tensor, image: Tensor) -> Context:
        clips = self.concat.shape[0]
        return Context(_repeat(text, clips), _repeat(image, clips), self._strides(clips))

    def _strides(self, clips: int) -> Tensor:
        return torch.full((clips,), self.frame_stride, device=self.concat.device)


def _repeat(context: Tensor, clips: int) -> Tensor:
    return context.expand(clips, *context.shape[1:])


def guided_velocity(
    unet: UNet3D,
    conditions: Conditions,
    scale: float,
    *,
    batched: bool = True,
    window: TemporalWindow = TemporalWindow.OFF,
) -> Velocity:
    """The velocity with classifier-free guidance: both sides in one call, or in two for half of the activations.

    Contexts are projected to keys and values at the first call and kept. A scale of 1 needs one side only.
    """
    dtype = conditions.concat.dtype
    clips = conditions.concat.shape[0]

    def predict(x: Tensor, t: int, context: Context, concat: Tensor) -> Tensor:
        times = torch.full((x.shape[0],), float(t), device=x.device)
        v: Tensor = unet(x.to(dtype), times, context, concat, window)
        return v.float()

    if scale == 1:
        only = conditions.positive()
        return lambda x, t: predict(x, t, only, conditions.concat)
    if not batched:
        positive, negative = conditions.positive(), conditions.negative()
        return lambda x, t: guide(
            predict(x, t, positive, conditions.concat), predict(x, t, negative, conditions.concat), scale
        )
    both, concat = conditions.both(), conditions.concat.repeat(2, 1, 1, 1, 1)

    def joint(x: Tensor, t: int) -> Tensor:
        v = predict(x.repeat(2, 1, 1, 1, 1), t, both, concat)
        return guide(v[:clips], v[clips:], scale)

    return joint
