"""The interpolation stage: one interval between two keyframes, from pictures to pictures."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor

from paints_undo_engine.contract import Interval, State
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
from paints_undo_engine.diffusion.interpolation.guidance import Conditions, guided_velocity
from paints_undo_engine.diffusion.interpolation.image_encoder import ImageEncoder
from paints_undo_engine.diffusion.interpolation.image_projection import ImageProjection
from paints_undo_engine.diffusion.interpolation.placing import Layout, layout
from paints_undo_engine.diffusion.interpolation.sampler import SampledStep, sample_ddim, sample_sde_dpmpp_2m
from paints_undo_engine.diffusion.interpolation.unet3d import UNet3D
from paints_undo_engine.diffusion.interpolation.vae_stream import decode_streamed
from paints_undo_engine.diffusion.interpolation.video_vae import SCALE_FACTOR, VideoVAE
from paints_undo_engine.diffusion.models import Models
from paints_undo_engine.diffusion.pixels import Pixels, to_pixels, to_pixels_truncated, to_signed
from paints_undo_engine.diffusion.presets import PRESETS
from paints_undo_engine.events import KeyframeMade, Progress, Warned
from paints_undo_engine.painting import Painting
from paints_undo_engine.request import ProcessRequest

Y = TypeVar("Y")
R = TypeVar("R")

MODEL = "multi_frame"
_KEYFRAMES_KEPT = 3
"""Neighbouring intervals share a keyframe; intervals of two jobs may alternate."""


@dataclass(frozen=True, eq=False)
class _End:
    """A keyframe's latents and image tokens."""

    latents: KeyframeLatents
    tokens: Tensor


class InterpolationStage:
    """Joins keyframes. Keeps what several intervals share: contexts and the last keyframes' latents and tokens."""

    def __init__(self, models: Models, buckets: tuple[Size, ...] = BUCKETS) -> None:
        self._models = models
        self._buckets = buckets
        self._ends: OrderedDict[tuple[str, Size], _End] = OrderedDict()

    @torch.inference_mode()
    def run(
        self, painting: Painting, request: ProcessRequest, interval: Interval, keyframe_size: Size
    ) -> Iterator[Progress | Warned | State]:
        """The interval's pictures, chronological, from the one after its earlier keyframe to its later keyframe.

        The model runs the other way, from the finished to the blank, as it was trained. `keyframe_size` is the keyframe
        model's working size (height, width).
        """
        place = layout(painting, keyframe_size, request.fit, self._buckets)
        dropped = self._models.tokenize(MODEL, request.interpolation.prompt).dropped
        if dropped:
            yield Warned(f"The interpolation prompt is too long: its last {dropped} tokens were left out.")
        first, last = (self._end(painting, place, keyframe) for keyframe in (interval.later, interval.earlier))
        latents = yield from self._sample(request, interval, place, first, last)
        pixels = yield from self._decode(request, latents, first, last)
        count = interval.frames - 1
        start, end = interval.earlier.operation_step, interval.later.operation_step
        for number in range(1, interval.frames):
            position = number / count
            picture = place.to_frame(pixels[count - number])
            yield State(position, start + (end - start) * position, picture)

    def clear(self) -> None:
        """Forget what intervals share."""
        self._ends.clear()

    def _end(self, painting: Painting, place: Layout, keyframe: KeyframeMade) -> _End:
        pixels = place.to_model(keyframe.picture or painting.picture())
        key = (hashlib.sha256(pixels.tobytes()).hexdigest(), pixels.shape[:2])
        if key not in self._ends:
            while len(self._ends) >= _KEYFRAMES_KEPT:
                self._ends.popitem(last=False)
            self._ends[key] = self._encode(to_signed(pixels[None]))
        self._ends.move_to_end(key)
        return self._ends[key]

    def _encode(self, signed: Tensor) -> _End:
        models = self._models
        signed = signed.to(models.device, models.dtype)
        with models.use(f"{MODEL}/vae", VideoVAE) as vae:
            latents = encode_keyframe(vae, signed)
        with models.use(f"{MODEL}/image_encoder", ImageEncoder) as encoder:
            tokens = encode_image(encoder, signed)
        return _End(latents, tokens)

    def _conditions(self, request: ProcessRequest, frames: int, place: Layout, first: _End, last: _End) -> Conditions:
        models = self._models
        text, negative_text = (models.text_context(MODEL, text) for text in (request.interpolation.prompt, ""))
        grey = self._grey(place.height, place.width)
        with models.use(f"{MODEL}/image_projection", ImageProjection) as projection:
            image = project_images(projection, first.tokens, last.tokens, frames)
            negative_image = project_images(projection, grey, grey, frames)
        concat = concat_condition(first.latents, last.latents, frames)
        return Conditions(text, image, negative_text, negative_image, concat)

    def _grey(self, height: int, width: int) -> Tensor:
        """The image tokens of the unwanted side: those of a mid-grey picture."""
        key = ("grey", (height, width))
        if key not in self._ends:
            zeros = torch.zeros(1, 3, height, width, device=self._models.device, dtype=self._models.dtype)
            with self._models.use(f"{MODEL}/image_encoder", ImageEncoder) as encoder:
                self._ends[key] = _End(KeyframeLatents(zeros, ()), encode_image(encoder, zeros))
        self._ends.move_to_end(key)
        return self._ends[key].tokens

    def _sample(
        self, request: ProcessRequest, interval: Interval, place: Layout, first: _End, last: _End
    ) -> Generator[Progress, None, Tensor]:
        parameters = request.interpolation
        shortcuts = PRESETS[request.execution.preset]
        steps = shortcuts.steps(parameters.steps)
        guides = self._conditions(request, interval.frames, place, first, last)
        generator = torch.Generator().manual_seed(interval.seed)

        def noise() -> Tensor:
            return torch.randn(guides.concat.shape, generator=generator).to(self._models.device)

        started = time.monotonic()
        with self._models.use(f"{MODEL}/unet", UNet3D) as unet:
            velocity = guided_velocity(
                unet,
                guides,
                parameters.guidance_scale,
                batched=self._models.residency.plan.batched_guidance,
                window=parameters.temporal_window,
                steps=steps,
                shortcuts=shortcuts,
            )
            sample = sample_sde_dpmpp_2m if shortcuts.second_order else sample_ddim
            sampling = sample(velocity, noise(), noise, steps)

            def progress(done: SampledStep) -> Progress:
                left = (time.monotonic() - started) / done.step * (done.of - done.step + 1)
                return Progress(done.step, done.of + 1, left)

            return (yield from _each(sampling, progress))

    def _decode(
        self, request: ProcessRequest, latents: Tensor, first: _End, last: _End
    ) -> Generator[Progress, None, Pixels]:
        frames, steps = latents.shape[2], PRESETS[request.execution.preset].steps(request.interpolation.steps)
        z = (latents / SCALE_FACTOR).to(self._models.dtype).transpose(1, 2).flatten(0, 1)
        references = interval_references(first.latents, last.latents)
        with self._models.use(f"{MODEL}/vae", VideoVAE) as vae:
            plan = self._models.residency.plan
            chunk = plan.decode_frames or frames
            decoding = decode_streamed(vae, z, references, frames, chunk=chunk, on_cpu=plan.streamed)
            decoded = yield from _each(decoding, lambda _: Progress(steps, steps + 1))
        yield Progress(steps + 1, steps + 1, 0.0)
        return to_pixels_truncated(decoded) if request.reference else to_pixels(decoded)


def _each(work: Generator[Y, None, R], progress: Callable[[Y], Progress]) -> Generator[Progress, None, R]:
    """Run `work` to its end, one progress for each of its steps, and give its result. Closing this closes `work`."""
    try:
        while True:
            try:
                step = next(work)
            except StopIteration as end:
                result: R = end.value
                return result
            yield progress(step)
    finally:
        work.close()
