"""The keyframe stage: from the painting and its tags to pictures of the canvas at operation steps."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from numpy.typing import NDArray
from torch import Tensor

from paints_undo_engine.contract import KeyframeTask
from paints_undo_engine.diffusion.keyframes.sampler import Guidance, KeyframeConditions, dpmpp_2m, sample, unipc
from paints_undo_engine.diffusion.keyframes.schedule import published_schedule
from paints_undo_engine.diffusion.keyframes.unet import KeyframeUNet
from paints_undo_engine.diffusion.keyframes.vae import decode, encode
from paints_undo_engine.diffusion.models import ModelComponents
from paints_undo_engine.diffusion.noise import own_noise
from paints_undo_engine.diffusion.pixels import to_pixels, to_pixels_truncated, to_signed
from paints_undo_engine.diffusion.presets import PRESETS
from paints_undo_engine.diffusion.stages.sampling import AS_REQUESTED, SamplingOptions, follow, require_finite
from paints_undo_engine.events import KeyframeMade, Progress, Warned
from paints_undo_engine.painting import Fitted, Painting, fit_to
from paints_undo_engine.request import ProcessRequest

MODEL = "single_frame"


class KeyframeStage:
    """Makes keyframes with the single-frame model."""

    def __init__(self, models: ModelComponents) -> None:
        self._models = models

    @torch.inference_mode()
    def run(
        self,
        painting: Painting,
        request: ProcessRequest,
        tags: str,
        tasks: tuple[KeyframeTask, ...],
        size: tuple[int, int],
        options: SamplingOptions = AS_REQUESTED,
    ) -> Iterator[Progress | Warned | KeyframeMade]:
        """The keyframes, all sampled in one batch (in chunks, where the plan says so), decoded one by one.

        `size` is the working size (height, width). Tasks with the same seed share their noise, as published.
        Raises `NotFiniteError` when a keyframe would hold what is not a number.
        """
        if not options.long_prompts:
            yield from self._warnings(tags, request.keyframes.negative_prompt)
        height, width = size
        fitted = fit_to(painting.rgb8(), width, height, request.fit)
        conditions = self.conditions(request, tags, tasks, fitted.pixels, long_prompts=options.long_prompts)
        latents = yield from self.sample(request, tasks, conditions, fitted, options)
        steps = _steps(request)
        convert = to_pixels_truncated if request.reference else to_pixels
        for number, task in enumerate(tasks):
            pixels = convert(self.decode(latents[number : number + 1]))
            yield KeyframeMade(task.index, float(task.operation_step), fitted.cut(pixels[0]))
            yield Progress(steps + number + 1, steps + len(tasks))

    def conditions(
        self,
        request: ProcessRequest,
        tags: str,
        tasks: tuple[KeyframeTask, ...],
        pixels: NDArray[np.uint8],
        *,
        long_prompts: bool = False,
    ) -> KeyframeConditions:
        """What guides the model, for the painting's `pixels` at the working size."""
        models = self._models
        prompts = (tags, request.keyframes.negative_prompt)
        positive, negative = models.text_contexts(MODEL, prompts, long=long_prompts)
        steps = torch.tensor([task.operation_step for task in tasks], device=models.device)
        return KeyframeConditions(positive, negative, self._encode(pixels), steps)

    @torch.inference_mode()
    def encode(self, painting: Painting, request: ProcessRequest, size: tuple[int, int]) -> Tensor:
        """Latents [1, 4, h, w] of a painting at the working size (height, width)."""
        return self._encode(fit_to(painting.rgb8(), size[1], size[0], request.fit).pixels)

    def _encode(self, pixels: NDArray[np.uint8]) -> Tensor:
        with self._models.use(f"{MODEL}/vae", AutoencoderKL) as vae:
            latents = encode(vae, to_signed(pixels[None]).to(self._models.device)).to(self._models.dtype)
        return require_finite(latents, "The painting's latents")

    def sample(
        self,
        request: ProcessRequest,
        tasks: tuple[KeyframeTask, ...],
        conditions: KeyframeConditions,
        fitted: Fitted,
        options: SamplingOptions = AS_REQUESTED,
    ) -> Generator[Progress, None, Tensor]:
        """Latents [b, 4, h, w] of the keyframes."""
        plan, parameters = self._models.residency.plan, request.keyframes
        guidance = Guidance(
            scale=parameters.guidance_scale,
            batched=plan.batched_guidance,
            chunk=plan.keyframes_at_once,
            half_timesteps=request.reference and self._models.dtype == torch.float16,
        )
        noise = options.noise
        if noise is None:
            noise = self._noise(request, tasks, tuple(conditions.painting.shape))
        with self._models.use(f"{MODEL}/unet", KeyframeUNet) as unet:
            sampling = sample(
                unet,
                conditions,
                noise,
                steps=_steps(request),
                guidance=guidance,
                schedule=published_schedule(),
                solver=unipc if PRESETS[request.execution.preset].second_order else dpmpp_2m,
                strength=options.strength,
                initial_bchw=options.initial,
            )
            latents = yield from follow(
                sampling, options, len(tasks), lambda x_bchw: x_bchw[len(x_bchw) // 2], fitted.cut
            )
        return require_finite(latents, "The keyframes' latents")

    def decode(self, latents: Tensor) -> Tensor:
        """Pixels [b, 3, 8h, 8w] of latents [b, 4, h, w], about [-1, 1]; in float32 where a narrower VAE overflows."""
        with self._models.use(f"{MODEL}/vae", AutoencoderKL) as vae:
            signed = decode(vae, latents)
        if bool(torch.isfinite(signed).all()) or not self._models.widen_keyframe_vae():
            return require_finite(signed, "A keyframe's pixels")
        return self.decode(latents)

    def _noise(self, request: ProcessRequest, tasks: tuple[KeyframeTask, ...], shape: tuple[int, ...]) -> Tensor:
        """[b, 4, h, w]: for each task the noise of its seed."""
        source = self._models.published_noise if request.reference else own_noise
        drawn = {seed: source(seed)(shape) for seed in {task.seed for task in tasks}}
        return torch.cat([drawn[task.seed] for task in tasks])

    def _warnings(self, tags: str, negative_prompt: str) -> Iterator[Warned]:
        for what, text in (("The tags are", tags), ("The negative prompt is", negative_prompt)):
            dropped = self._models.tokenize(MODEL, text).dropped
            if dropped:
                yield Warned(f"{what} too long for the model: the last {dropped} tokens were left out.")


def _steps(request: ProcessRequest) -> int:
    return PRESETS[request.execution.preset].steps(request.keyframes.steps)
