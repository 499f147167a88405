"""The single-frame model's network: Stable Diffusion 1.5's UNet, told which operation step to draw of which painting.

Source: docs/models.md, "Single-frame model"; Rombach et al. 2022 (arXiv:2112.10752).

Shapes in names: b keyframes, c channels, h height, w width, l tokens, d width of a token, e width of an embedding.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import torch
from diffusers.models.embeddings import TimestepEmbedding, Timesteps
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

from paints_undo_engine.checkpoints.loading import empty
from paints_undo_engine.diffusion.attention import slicing

OPERATION_CHANNELS = 256


class KeyframeUNet(UNet2DConditionModel):  # type: ignore[misc]
    """A `UNet2DConditionModel` whose input is joined with the painting's latents, and which embeds operation steps.

    `in_channels` counts both: noisy latents and the painting's. Predicts epsilon.
    """

    def __init__(self, **config: Any) -> None:
        super().__init__(**config)
        width = self.time_embedding.linear_2.out_features
        self.add_time_proj = Timesteps(OPERATION_CHANNELS, flip_sin_to_cos=True, downscale_freq_shift=0)
        self.add_module("add_embedding", TimestepEmbedding(OPERATION_CHANNELS, width))

    def get_aug_embed(
        self,
        emb: torch.Tensor,  # noqa: ARG002 (the base class's signature)
        encoder_hidden_states: torch.Tensor,  # noqa: ARG002
        added_cond_kwargs: dict[str, Any],
    ) -> torch.Tensor:
        """The operation steps' embedding, which the network adds to that of the timesteps."""
        embedding_be: torch.Tensor = self.add_embedding(self.operation_sinusoid(added_cond_kwargs["operation_steps"]))
        return embedding_be

    def operation_sinusoid(self, operation_steps_b: torch.Tensor) -> torch.Tensor:
        """Sinusoids [b, 256] of operation steps 0..999, made in float32 and then in the network's dtype."""
        sinusoid_be: torch.Tensor = self.add_time_proj(operation_steps_b).to(self.dtype)
        return sinusoid_be

    def forward(
        self,
        latents_bchw: torch.Tensor,
        timestep: torch.Tensor | int,
        context_bld: torch.Tensor,
        painting_bchw: torch.Tensor,
        operation_steps_b: torch.Tensor,
    ) -> torch.Tensor:
        """Epsilon [b, 4, h, w] for scaled noisy latents [b, 4, h, w] at `timestep` (int, or int64 [b]).

        The painting's latents and the operation steps (int64) may be fewer than b: both are repeated along the batch.
        """
        batch = latents_bchw.shape[0]
        painting_bchw = painting_bchw.to(latents_bchw.dtype).repeat(batch // painting_bchw.shape[0], 1, 1, 1)
        steps_b = operation_steps_b.repeat(batch // operation_steps_b.shape[0])
        with slicing(latents_bchw.device):
            epsilon_bchw: torch.Tensor = super().forward(
                torch.cat([latents_bchw, painting_bchw], dim=1),
                timestep,
                encoder_hidden_states=context_bld,
                added_cond_kwargs={"operation_steps": steps_b},
                return_dict=False,
            )[0]
        return epsilon_bchw


def build_unet(config: Mapping[str, Any]) -> KeyframeUNet:
    """The network of a published ``config.json``, without storage. Fields of other libraries' versions are left out.

    The published configuration counts only the noisy latents' channels, which are as many as the output's; the
    painting's come on top.
    """
    known = inspect.signature(UNet2DConditionModel.__init__).parameters
    fields = {key: value for key, value in config.items() if key in known}
    fields["in_channels"] = 2 * int(config.get("out_channels", 4))
    return empty(lambda: KeyframeUNet(**fields))
