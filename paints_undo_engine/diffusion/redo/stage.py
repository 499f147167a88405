"""From a half-done canvas to another finished picture: one candidate, by diffusers' own ControlNet pipelines."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from paints_undo_engine.diffusion.keyframes.vae import decode
from paints_undo_engine.diffusion.models import ModelComponents
from paints_undo_engine.diffusion.pixels import to_pixels
from paints_undo_engine.diffusion.redo.control import HOLDS, choose_control, choose_strength, control_picture
from paints_undo_engine.diffusion.redo.networks import NetworkKind, Networks
from paints_undo_engine.diffusion.redo.running import run_in_steps
from paints_undo_engine.diffusion.redo.turns import taking_turns
from paints_undo_engine.diffusion.residency.devices import memory_errors
from paints_undo_engine.diffusion.stages.sampling import SamplingOptions, follow, require_finite
from paints_undo_engine.events import Progress
from paints_undo_engine.painting import Fitted
from paints_undo_engine.request import Control, RedoParameters

Pixels = NDArray[np.uint8]
_TOGETHER = ("unet", "controlnet")
"""They are called one after the other in every step, so they are on the device together."""


@dataclass(frozen=True, eq=False)
class RedoCanvas:
    """A half-done canvas at the working size.

    `state` and `painting` are fitted the same way; `mask` bool [h, w] is where something new may come, None everywhere.
    """

    state: Fitted
    painting: Fitted
    operation_step: int
    mask: NDArray[np.bool_] | None = None


class RedoStage:
    """Makes candidates. While one is made, one of its networks at a time is on the device, and no other model."""

    def __init__(self, models: ModelComponents) -> None:
        self._models = models
        self._networks = Networks(models.folder, models.device, models.dtype)

    def run(
        self, canvas: RedoCanvas, wanted: RedoParameters, avoid: str, tags: str, seed: int
    ) -> Generator[Progress, None, Pixels]:
        """The candidate of a seed, uint8 [h, w, 3] at the working size; `avoid` is the negative prompt.

        Raises `EngineUnavailableError`, `CheckpointError`, `NotFiniteError`, `OutOfMemoryError`.
        """
        state = canvas.state.pixels
        control = choose_control(wanted.control, state, canvas.operation_step)
        kind, images, strength = _task(canvas, control, wanted)
        pipeline = self._networks.pipeline(kind, control)
        if wanted.likeness:
            self._networks.add_likeness(pipeline, wanted.likeness)
        hold, height, width = HOLDS[control], *state.shape[:2]
        whole, steps = _share_of(wanted.steps, strength)
        lines = Image.fromarray(control_picture(control, state))
        arguments: dict[str, Any] = {
            **images,
            "image" if kind is NetworkKind.LINES else "control_image": lines,
            "prompt": wanted.prompt or tags,
            "negative_prompt": avoid,
            "height": height,
            "width": width,
            "num_inference_steps": whole,
            "guidance_scale": wanted.guidance_scale,
            "controlnet_conditioning_scale": hold.scale,
            "control_guidance_end": hold.until,
            "generator": torch.Generator("cpu").manual_seed(seed),
            "output_type": "latent",
        }
        if wanted.likeness:
            arguments["ip_adapter_image"] = Image.fromarray(canvas.painting.pixels)
        call: Callable[..., Tensor] = lambda after: pipeline(**arguments, callback_on_step_end=after).images  # noqa: E731
        with self._on_device(pipeline) as bring:
            sampling = run_in_steps(call, steps, self._models.device)
            middle: Callable[[Tensor], Tensor] = lambda x_bchw: x_bchw[0]  # noqa: E731
            latents = yield from follow(sampling, SamplingOptions(), 1, middle, canvas.state.cut)
            require_finite(latents, "The candidate's latents")
            bring(pipeline.vae)
            signed = self._decode(pipeline.vae, latents)
        yield Progress(steps + 1, steps + 1, 0.0)
        made: Pixels = to_pixels(signed)[0]
        if canvas.mask is not None:
            made = np.where(canvas.mask[:, :, None], made, state)
        return made

    def drop(self) -> None:
        """Forget the networks."""
        self._networks.drop()

    @torch.inference_mode()
    def _decode(self, vae: AutoencoderKL, latents: Tensor) -> Tensor:
        """Pixels [1, 3, 8h, 8w], about [-1, 1]; in float32 where the VAE overflows in fewer bits."""
        signed = decode(vae, latents)
        if not bool(torch.isfinite(signed).all()):
            module: nn.Module = vae
            module.float()
            signed = decode(vae, latents)
            module.to(self._models.dtype)
        return require_finite(signed, "The candidate's pixels")

    @contextmanager
    def _on_device(self, pipeline: Any) -> Iterator[Callable[[nn.Module], None]]:
        """The device for the pipeline's networks alone; see `taking_turns`."""
        models = self._models
        models.residency.clear()
        parts = pipeline.components
        alone = [(part,) for name, part in parts.items() if isinstance(part, nn.Module) and name not in _TOGETHER]
        together = tuple(parts[name] for name in _TOGETHER)
        plan = models.residency.plan
        try:
            with (
                memory_errors(plan.name, models.device),
                taking_turns(models.device, plan, [*alone, together]) as bring,
            ):
                yield bring
        finally:
            self._let_go(pipeline)

    def _let_go(self, pipeline: Any) -> None:
        """Keep for the next candidate what needs no memory of its own: on the CPU files are mapped."""
        if self._models.device.type != "cpu":
            self._networks.drop()
        elif "image_encoder" in pipeline.components and pipeline.image_encoder is not None:
            pipeline.unload_ip_adapter()


def _share_of(steps: int, strength: float) -> tuple[int, int]:
    """The steps of the whole schedule, so that at least one of them runs, and how many run."""
    whole = max(steps, math.ceil(1 / strength))
    return whole, max(1, min(int(whole * strength), whole))


def _task(canvas: RedoCanvas, control: Control, wanted: RedoParameters) -> tuple[NetworkKind, dict[str, Any], float]:
    """The kind of pipeline for a canvas, the pictures that it starts from, and the share of the schedule that runs."""
    state = Image.fromarray(canvas.state.pixels)
    strength = choose_strength(wanted.strength, canvas.operation_step)
    if canvas.mask is not None:
        mask = Image.fromarray(canvas.mask.astype(np.uint8) * 255)
        images = {"image": state, "mask_image": mask, "strength": strength}
        return NetworkKind.MASKED, images, strength
    if control is Control.SOFTEDGE:
        return NetworkKind.COLOURS, {"image": state, "strength": strength}, strength
    return NetworkKind.LINES, {}, 1.0
