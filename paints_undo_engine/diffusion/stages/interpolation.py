"""The interpolation stage: one interval between two keyframes, from pictures to pictures."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Generator, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from paints_undo_engine.contract import Interval, StateMade
from paints_undo_engine.diffusion.interpolation.conditions import (
    BUCKETS,
    KeyframeLatents,
    Size,
    concat_condition,
    encode_image,
    encode_keyframe,
    interval_references,
    project_images,
)
from paints_undo_engine.diffusion.interpolation.guidance import IntervalConditions, guided_velocity
from paints_undo_engine.diffusion.interpolation.image_encoder import ImageEncoder
from paints_undo_engine.diffusion.interpolation.image_projection import ImageProjection
from paints_undo_engine.diffusion.interpolation.placing import IntervalLayout, layout
from paints_undo_engine.diffusion.interpolation.sampler import sample_ddim, sample_sde_dpmpp_2m
from paints_undo_engine.diffusion.interpolation.unet3d import UNet3D
from paints_undo_engine.diffusion.interpolation.vae_stream import decode_streamed
from paints_undo_engine.diffusion.interpolation.video_vae import SCALE_FACTOR, VideoVAE
from paints_undo_engine.diffusion.models import ModelComponents
from paints_undo_engine.diffusion.noise import own_noise
from paints_undo_engine.diffusion.pixels import to_pixels, to_pixels_truncated, to_signed
from paints_undo_engine.diffusion.presets import PRESETS
from paints_undo_engine.diffusion.stages.sampling import AS_REQUESTED, SamplingOptions, follow, require_finite
from paints_undo_engine.events import KeyframeMade, Progress, Warned
from paints_undo_engine.painting import Painting
from paints_undo_engine.request import ProcessRequest

MODEL = "multi_frame"
UNWANTED_PROMPT = ""
"""The text of the guidance's unwanted side, as published."""
_KEYFRAMES_KEPT = 3
"""Neighbouring intervals share a keyframe; intervals of two jobs may alternate."""


@dataclass(frozen=True, eq=False)
class IntervalEnd:
    """A keyframe's latents and image tokens [1, n, e]."""

    latents: KeyframeLatents
    tokens: Tensor


class InterpolationStage:
    """Joins keyframes. Keeps what several intervals share: contexts and the last keyframes' latents and tokens."""

    def __init__(self, models: ModelComponents, buckets: tuple[Size, ...] = BUCKETS) -> None:
        self._models = models
        self._buckets = buckets
        self._ends: OrderedDict[tuple[str, Size], IntervalEnd] = OrderedDict()

    @torch.inference_mode()
    def run(
        self,
        painting: Painting,
        request: ProcessRequest,
        interval: Interval,
        keyframe_size: Size,
        options: SamplingOptions = AS_REQUESTED,
    ) -> Iterator[Progress | Warned | StateMade]:
        """The interval's pictures, chronological, from the one after its earlier keyframe to its later keyframe.

        The model runs the other way, from the finished to the blank, as it was trained. `keyframe_size` is the keyframe
        model's working size (height, width). Raises `NotFiniteError` when a picture would hold what is not a number.
        """
        place = layout(painting, keyframe_size, request.fit, self._buckets)
        dropped = self._models.tokenize(MODEL, request.interpolation.prompt).dropped
        if dropped and not options.long_prompts:
            yield Warned(f"The interpolation prompt is too long: its last {dropped} tokens were left out.")
        first, last = (self.end(painting, place, keyframe) for keyframe in (interval.later, interval.earlier))
        conditions = self.conditions(request, interval.frames, place, first, last, long_prompts=options.long_prompts)
        latents = yield from self.sample(request, interval, place, conditions, options)
        signed = yield from self.decode(request, latents, first, last)
        pixels = (to_pixels_truncated if request.reference else to_pixels)(signed)
        count = interval.frames - 1
        start, end = interval.earlier.operation_step, interval.later.operation_step
        for number in range(1, interval.frames):
            position = number / count
            picture = place.to_frame(pixels[count - number])
            yield StateMade(position, start + (end - start) * position, picture)

    def clear(self) -> None:
        """Forget what intervals share."""
        self._ends.clear()

    def end(self, painting: Painting, place: IntervalLayout, keyframe: KeyframeMade) -> IntervalEnd:
        """One of an interval's ends as the model sees it; encoded once."""
        pixels = place.to_model(keyframe.picture or painting.picture())
        key = (hashlib.sha256(pixels.tobytes()).hexdigest(), pixels.shape[:2])
        if key not in self._ends:
            while len(self._ends) >= _KEYFRAMES_KEPT:
                self._ends.popitem(last=False)
            self._ends[key] = self._encode(to_signed(pixels[None]))
        self._ends.move_to_end(key)
        return self._ends[key]

    def conditions(
        self,
        request: ProcessRequest,
        frames: int,
        place: IntervalLayout,
        first: IntervalEnd,
        last: IntervalEnd,
        *,
        long_prompts: bool = False,
    ) -> IntervalConditions:
        """What guides the model between two ends, `first` being the later in the process."""
        models = self._models
        texts = (request.interpolation.prompt, UNWANTED_PROMPT)
        text, negative_text = models.text_contexts(MODEL, texts, long=long_prompts)
        grey = self._grey(place.height, place.width)
        with models.use(f"{MODEL}/image_projection", ImageProjection) as projection:
            image = project_images(projection, first.tokens, last.tokens, frames)
            negative_image = project_images(projection, grey, grey, frames)
        concat = concat_condition(first.latents, last.latents, frames)
        return IntervalConditions(text, image, negative_text, negative_image, concat)

    def sample(
        self,
        request: ProcessRequest,
        interval: Interval,
        place: IntervalLayout,
        conditions: IntervalConditions,
        options: SamplingOptions = AS_REQUESTED,
    ) -> Generator[Progress, None, Tensor]:
        """Latents [1, c, t, h, w] of the interval's frames, the later keyframe's first."""
        parameters = request.interpolation
        shortcuts = PRESETS[request.execution.preset]
        steps = shortcuts.steps(parameters.steps)
        device, shape = self._models.device, conditions.concat.shape
        draw = (self._models.published_noise if request.reference else own_noise)(interval.seed)

        def noise() -> Tensor:
            return draw(shape).to(device)

        x = noise()
        if options.noise is not None:
            x = options.noise.to(device, torch.float32)
        with self._models.use(f"{MODEL}/unet", UNet3D) as unet:
            unet.save_memory(self._models.residency.plan.streamed)
            velocity = guided_velocity(
                unet,
                conditions,
                parameters.guidance_scale,
                batched=self._models.residency.plan.batched_guidance,
                window=parameters.temporal_window,
                steps=steps,
                shortcuts=shortcuts,
            )
            solve = sample_sde_dpmpp_2m if shortcuts.second_order else sample_ddim
            latents = yield from follow(
                solve(velocity, x, noise, steps),
                options,
                1,
                lambda x_bcthw: x_bcthw[0, :, x_bcthw.shape[2] // 2],
                place.to_frame,
            )
        return require_finite(latents, "The interval's latents")

    def decode(
        self, request: ProcessRequest, latents: Tensor, first: IntervalEnd, last: IntervalEnd
    ) -> Generator[Progress, None, Tensor]:
        """Pixels [t, 3, 8h, 8w], about [-1, 1], of latents [1, c, t, h, w]."""
        frames, steps = latents.shape[2], PRESETS[request.execution.preset].steps(request.interpolation.steps)
        z = (latents / SCALE_FACTOR).to(self._models.dtype).transpose(1, 2).flatten(0, 1)
        references = interval_references(first.latents, last.latents, self._models.device)
        with self._models.use(f"{MODEL}/vae", VideoVAE) as vae:
            plan = self._models.residency.plan
            chunk = plan.decode_frames or frames
            decoding = decode_streamed(vae, z, references, frames, chunk=chunk, on_cpu=plan.streamed)
            try:
                while True:
                    try:
                        next(decoding)
                    except StopIteration as end:
                        signed: Tensor = end.value
                        break
                    yield Progress(steps, steps + 1)
            finally:
                decoding.close()
        require_finite(signed, "The interval's pixels")
        yield Progress(steps + 1, steps + 1, 0.0)
        return signed

    def _encode(self, signed: Tensor) -> IntervalEnd:
        models = self._models
        signed = signed.to(models.device, models.dtype)
        with models.use(f"{MODEL}/vae", VideoVAE) as vae:
            latents = encode_keyframe(vae, signed)
        if models.residency.plan.streamed:
            latents = latents.on_cpu()
        with models.use(f"{MODEL}/image_encoder", ImageEncoder) as encoder:
            tokens = encode_image(encoder, signed)
        return IntervalEnd(latents, tokens)

    def _grey(self, height: int, width: int) -> Tensor:
        """The image tokens of the unwanted side: those of a mid-grey picture."""
        key = ("grey", (height, width))
        if key not in self._ends:
            zeros = torch.zeros(1, 3, height, width, device=self._models.device, dtype=self._models.dtype)
            with self._models.use(f"{MODEL}/image_encoder", ImageEncoder) as encoder:
                self._ends[key] = IntervalEnd(KeyframeLatents(zeros, ()), encode_image(encoder, zeros))
        self._ends.move_to_end(key)
        return self._ends[key].tokens
