"""From the UNet to the sampler: the guided velocity of one or several clips.

Shapes in names: b clips, c channels, t frames, h height, w width, l tokens, d width of a token.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from paints_undo_engine.diffusion.interpolation.attention_blocks import Context
from paints_undo_engine.diffusion.interpolation.sampler import Velocity, guide
from paints_undo_engine.diffusion.interpolation.unet3d import DeepFeatures, UNet3D
from paints_undo_engine.diffusion.presets import EXACT, Shortcuts
from paints_undo_engine.request import TemporalWindow

FRAME_STRIDE = 3
"""What the published application passes as fs."""


@dataclass(frozen=True, eq=False)
class IntervalConditions:
    """Everything that guides the clips of one batch.

    `text` and `negative_text` [1 or b, l, d], `image` and `negative_image` [1 or b, t, l, d], `concat` [b, c, t, h, w].
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
    conditions: IntervalConditions,
    scale: float,
    *,
    batched: bool = True,
    window: TemporalWindow = TemporalWindow.OFF,
    steps: int = 1,
    shortcuts: Shortcuts = EXACT,
) -> Velocity:
    """The velocity with classifier-free guidance: both sides in one call, or in two for half of the activations.

    Contexts are projected to keys and values at the first call and kept. A scale of 1 needs one side only. The result
    is for one run of a sampler with `steps` steps, because `shortcuts` count them; more calls go on like the last one.
    """
    return _Guided(unet, conditions, scale, batched, window, steps, shortcuts)


class _Guided:
    def __init__(
        self,
        unet: UNet3D,
        conditions: IntervalConditions,
        scale: float,
        batched: bool,
        window: TemporalWindow,
        steps: int,
        shortcuts: Shortcuts,
    ) -> None:
        self._unet = unet
        self._concat = conditions.concat
        self._scale = scale
        self._window = window
        self._plan = shortcuts.plan(steps, guidance=scale != 1)
        self._reuses = shortcuts.reuse > 1
        self._batched = batched
        self._positive = conditions.positive()
        self._negative = conditions.negative()
        self._both = conditions.both()
        self._number = 0
        self._deep: dict[int, DeepFeatures] = {}

    def __call__(self, x_bcthw: Tensor, t: int) -> Tensor:
        step = self._plan[min(self._number, len(self._plan) - 1)]
        self._number += 1
        if step.whole:
            self._deep.clear()
        if not step.guided:
            return self._predict(x_bcthw, t, self._positive, self._concat)
        if self._batched:
            double = (x_bcthw.repeat(2, 1, 1, 1, 1), t, self._both, self._concat.repeat(2, 1, 1, 1, 1))
            positive_bcthw, negative_bcthw = self._predict(*double).chunk(2)
        else:
            positive_bcthw = self._predict(x_bcthw, t, self._positive, self._concat)
            negative_bcthw = self._predict(x_bcthw, t, self._negative, self._concat)
        return guide(positive_bcthw, negative_bcthw, self._scale)

    def _predict(self, x_bcthw: Tensor, t: int, context: Context, concat_bcthw: Tensor) -> Tensor:
        deep = None
        if self._reuses:
            deep = self._deep.setdefault(id(context), DeepFeatures())
        times_b = torch.full((x_bcthw.shape[0],), float(t), device=x_bcthw.device)
        v_bcthw: Tensor = self._unet(x_bcthw.to(concat_bcthw.dtype), times_b, context, concat_bcthw, self._window, deep)
        return v_bcthw.float()
