"""The keyframe stage: from the painting and its tags to pictures of the canvas at operation steps."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

from paints_undo_engine.contract import KeyframeTask
from paints_undo_engine.diffusion.keyframes.sampler import Conditions, Guidance, dpmpp_2m, draw_noise, sample, unipc
from paints_undo_engine.diffusion.keyframes.schedule import published_schedule
from paints_undo_engine.diffusion.keyframes.unet import KeyframeUNet
from paints_undo_engine.diffusion.keyframes.vae import decode, encode
from paints_undo_engine.diffusion.models import Models
from paints_undo_engine.diffusion.pixels import to_pixels, to_pixels_truncated, to_signed
from paints_undo_engine.diffusion.presets import PRESETS
from paints_undo_engine.events import KeyframeMade, Progress, Warned
from paints_undo_engine.painting import Painting, fit_to
from paints_undo_engine.request import ProcessRequest

MODEL = "single_frame"


class KeyframeStage:
    """Makes keyframes with the single-frame model."""

    def __init__(self, models: Models) -> None:
        self._models = models

    @torch.inference_mode()
    def run(
        self,
        painting: Painting,
        request: ProcessRequest,
        tags: str,
        tasks: tuple[KeyframeTask, ...],
        size: tuple[int, int],
    ) -> Iterator[Progress | Warned | KeyframeMade]:
        """The keyframes, all sampled in one batch (in chunks, where the plan says so), decoded one by one.

        `size` is the working size (height, width). Wishes with the same seed share their noise, as published.
        """
        yield from self._warnings(tags, request.keyframes.negative_prompt)
        height, width = size
        fitted = fit_to(painting.rgb8(), width, height, request.fit)
        latents = yield from self._sample(request, tags, tasks, to_signed(fitted.pixels[None]))
        steps = _steps(request)
        of = steps + len(tasks)
        convert = to_pixels_truncated if request.reference else to_pixels
        with self._models.use(f"{MODEL}/vae", AutoencoderKL) as vae:
            for number, task in enumerate(tasks):
                pixels = convert(decode(vae, latents[number : number + 1]))
                yield KeyframeMade(task.index, float(task.operation_step), fitted.cut(pixels[0]))
                yield Progress(steps + number + 1, of)

    def _warnings(self, tags: str, negative_prompt: str) -> Iterator[Warned]:
        for what, text in (("The tags are", tags), ("The negative prompt is", negative_prompt)):
            dropped = self._models.tokenize(MODEL, text).dropped
            if dropped:
                yield Warned(f"{what} too long for the model: the last {dropped} tokens were left out.")

    def _conditions(
        self, request: ProcessRequest, tags: str, tasks: tuple[KeyframeTask, ...], signed: torch.Tensor
    ) -> Conditions:
        models = self._models
        texts = [models.text_context(MODEL, text) for text in (tags, request.keyframes.negative_prompt)]
        with models.use(f"{MODEL}/vae", AutoencoderKL) as vae:
            latents = encode(vae, signed.to(models.device)).to(models.dtype)
        steps = torch.tensor([task.operation_step for task in tasks], device=models.device)
        return Conditions(texts[0], texts[1], latents, steps)

    def _sample(
        self, request: ProcessRequest, tags: str, tasks: tuple[KeyframeTask, ...], signed: torch.Tensor
    ) -> Generator[Progress, None, torch.Tensor]:
        conditions = self._conditions(request, tags, tasks, signed)
        noise = _noise(tasks, tuple(conditions.painting.shape))
        plan, of = self._models.residency.plan, _steps(request) + len(tasks)
        guidance = Guidance(
            scale=request.keyframes.guidance_scale,
            batched=plan.batched_guidance,
            chunk=plan.keyframes_at_once,
            half_timesteps=request.reference,
        )
        started = time.monotonic()
        with self._models.use(f"{MODEL}/unet", KeyframeUNet) as unet:
            sampling = sample(
                unet,
                conditions,
                noise,
                steps=_steps(request),
                guidance=guidance,
                schedule=published_schedule(),
                solver=unipc if PRESETS[request.execution.preset].second_order else dpmpp_2m,
            )
            x = noise
            for step in sampling:
                x = step.x
                done = step.index + 1
                left = (time.monotonic() - started) / done * (of - done)
                yield Progress(done, of, left)
        return x


def _steps(request: ProcessRequest) -> int:
    return PRESETS[request.execution.preset].steps(request.keyframes.steps)


def _noise(tasks: tuple[KeyframeTask, ...], shape: tuple[int, ...]) -> torch.Tensor:
    """[B, 4, h, w]: for each task the noise of its seed."""
    drawn = {seed: draw_noise(shape, seed) for seed in {task.seed for task in tasks}}
    return torch.cat([drawn[task.seed] for task in tasks])
