"""The Paints-Undo models as one object: for scripts and notebooks, and what the diffusion engine is a thin layer over.

    from paints_undo_engine.diffusion.pipeline import PaintsUndoPipeline

    pipeline = PaintsUndoPipeline.from_pretrained("models", device="cuda")
    tags = pipeline.tags("painting.png")
    states = pipeline.keyframes("painting.png", tags, operation_steps=(400, 800), seed=7)
    frames = pipeline.interpolate(states.pictures[1], states.pictures[0])

Pictures are NumPy arrays uint8 [h, w, 3 or 4], Pillow images, or paths. docs/python.md, "The models themselves".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from paints_undo_engine import checkpoints
from paints_undo_engine.checkpoints.catalogue import find
from paints_undo_engine.contract import Interval, KeyframeTask, State
from paints_undo_engine.diffusion.interpolation.conditions import BUCKETS, Size
from paints_undo_engine.diffusion.models import Models
from paints_undo_engine.diffusion.residency.devices import Precision, memory_errors
from paints_undo_engine.diffusion.residency.needs import Demand
from paints_undo_engine.diffusion.sizes import (
    Sizes,
    as_published,
    keyframe_size,
    published_keyframe_size,
    trained_buckets,
)
from paints_undo_engine.diffusion.solvers import SampledStep
from paints_undo_engine.diffusion.stages.interpolation import InterpolationStage
from paints_undo_engine.diffusion.stages.keyframes import KeyframeStage
from paints_undo_engine.diffusion.stages.sampling import AS_REQUESTED, SamplingOptions
from paints_undo_engine.errors import EngineUnavailableError
from paints_undo_engine.events import KeyframeMade, PlanChanged, Progress, Warned
from paints_undo_engine.painting import Painting, decode, from_raw, resize
from paints_undo_engine.picture import Picture
from paints_undo_engine.request import (
    ExecutionParameters,
    InterpolationParameters,
    KeyframeParameters,
    ProcessRequest,
    TagsParameters,
    TemporalWindow,
)
from paints_undo_engine.stages import Stage
from paints_undo_engine.tagger import Tagger

WINDOW = 16
"""Frames of an interval, as the model was trained for."""

Pixels = NDArray[np.uint8]
OnStep = Callable[[SampledStep], None]


@dataclass(frozen=True, eq=False)
class Keyframes:
    """`pictures` uint8 [h, w, 3], one for each of `operation_steps`, with their `latents` float32 [b, 4, h/8, w/8]."""

    operation_steps: tuple[int, ...]
    pictures: tuple[Pixels, ...]
    latents: Tensor


@dataclass(frozen=True, eq=False)
class Frames:
    """`pictures` uint8 [t, h, w, 3], chronological, both ends included, and `latents` float32 [1, 4, t, h/8, w/8].

    The latents are in the model's own order, from the later picture to the earlier one.
    """

    pictures: Pixels
    latents: Tensor


class PaintsUndoPipeline:
    """Tags, keyframes and intervals. Nothing is loaded before it is used; `close` gives the device back."""

    def __init__(
        self, models: Models, sizes: Sizes | None = None, execution: ExecutionParameters | None = None
    ) -> None:
        """`sizes` are what the models were trained for; None: as the checkpoints say. `execution` is for the calls that
        take no request."""
        self.models = models
        self._given_sizes = sizes
        self._execution = execution or ExecutionParameters(allow_slow=True)
        self._taggers: dict[bool, Tagger] = {}
        self._keyframes = KeyframeStage(models)
        self._interpolation: InterpolationStage | None = None

    @classmethod
    def from_pretrained(
        cls,
        source: str | Path | Mapping[str, str | Path] | None = None,
        *,
        device: str = "auto",
        dtype: torch.dtype | None = None,
        plan: str = "auto",
        download: bool = False,
    ) -> Self:
        """The pipeline on the models in `source`.

        `source` is a folder with a folder for each model, a mapping from a model (or its repository) to its folder, or
        None for where downloads are kept and the hub's cache. `download` fetches what is missing there. `dtype` is
        float16, bfloat16, float32 or None for the device's; `plan` a memory plan.
        Raises `EngineUnavailableError`; what is missing is said when it is first needed.
        """
        precision = Precision.AUTO if dtype is None else _precision(dtype)
        execution = ExecutionParameters(memory_plan=plan, allow_fp8=plan.endswith("fp8"), allow_slow=True)
        return cls(Models(_locator(source, download), device, precision=precision), execution=execution)

    def tags(
        self,
        image: Any,
        *,
        general_threshold: float = 0.35,
        character_threshold: float = 0.85,
        exclude: str = "",
        published: bool = False,
    ) -> str:
        """What WD14 sees in a picture, as a comma-separated prompt. Raises `CheckpointError`."""
        if published not in self._taggers:
            folder = self.models.folder("wd14_tagger")
            accelerated = self.models.device.type != "cpu"
            self._taggers[published] = Tagger.of(folder, accelerated=accelerated, published=published)
        pixels = as_painting(image).pixels8()
        return self._taggers[published](pixels, general_threshold, character_threshold, exclude)

    def keyframes(
        self,
        image: Any,
        tags: str,
        *,
        operation_steps: Sequence[int] = (400, 600, 800, 900, 950, 999),
        initial: Any = None,
        strength: float = 1.0,
        noise: Tensor | None = None,
        on_step: OnStep | None = None,
        long_prompts: bool = False,
        reference: bool = False,
        **parameters: Any,
    ) -> Keyframes:
        """The canvas at `operation_steps` (0..999, ascending) of the painting `image`.

        `initial` (latents, or a picture) is where sampling starts, with the last `strength` (0 < strength <= 1) of the
        schedule; `noise` [1 or b, 4, h, w] replaces the seed's; `on_step` sees the latents after every step.
        `parameters` are those of `KeyframeParameters`: seed, steps, guidance_scale, negative_prompt, width, height.
        Raises `InvalidRequestError`, `OutOfMemoryError`, `NotFiniteError`, `CheckpointError`.
        """
        wanted = KeyframeParameters(operation_steps=tuple(operation_steps), **parameters)
        request = self._request(reference=reference, stop_after=Stage.KEYFRAMES, keyframes=wanted)
        painting = as_painting(image)
        start = initial if initial is None or isinstance(initial, Tensor) else self.encode(initial, request=request)
        last = _Last(on_step)
        options = SamplingOptions(noise, start, strength, last, long_prompts)
        tasks = tuple(KeyframeTask(number, step, wanted.seed) for number, step in enumerate(wanted.operation_steps))
        events = self.run_keyframes(painting, request, tags, tasks, options)
        made = {event.index: event for event in events if isinstance(event, KeyframeMade)}
        return Keyframes(wanted.operation_steps, tuple(_pixels(made[task.index].picture) for task in tasks), last.x)

    def interpolate(
        self,
        earlier: Any,
        later: Any,
        *,
        noise: Tensor | None = None,
        on_step: OnStep | None = None,
        long_prompts: bool = False,
        reference: bool = False,
        **parameters: Any,
    ) -> Frames:
        """The pictures between two states of a canvas, at one of the sizes that the model was trained for.

        `noise` [1, 4, t, h, w] replaces the first draw. `parameters` are those of `InterpolationParameters`: frames,
        prompt, seed, steps, guidance_scale, temporal_window. Raises as `keyframes`.
        """
        request = self._request(reference=reference, interpolation=InterpolationParameters(**parameters))
        ends = [as_painting(image) for image in (earlier, later)]
        placed = [
            KeyframeMade(number, 1000.0 * (1 - number), Picture(end.rgb8(), ends[1].placement))
            for number, end in enumerate(ends)
        ]
        frames, seed = request.interpolation.frames, request.interpolation.seed
        interval = Interval(0, placed[0], placed[1], frames, seed)
        last = _Last(on_step)
        options = SamplingOptions(noise=noise, on_step=last, long_prompts=long_prompts)
        states = [e for e in self.run_interval(ends[1], request, interval, options) if isinstance(e, State)]
        shown = [state.picture.pixels for state in states]
        first = Painting(ends[0].rgb8()).picture()
        return Frames(np.stack([_resized(first, shown[0]), *shown]), last.x)

    def interpolate_chained(
        self, earlier: Any, later: Any, *, frames: int, seed: int = 123, **parameters: Any
    ) -> Pixels:
        """More than 16 pictures between two states, uint8 [frames, h, w, 3], by windows of 16 that share their ends.

        A first window gives the states in between, and each pair of neighbours among them a window of its own, with the
        next seed. The model was trained for one window; how chains of them look has not been judged. `parameters` as
        for `interpolate`. Raises `ValueError` for more frames than two levels of windows have (226).
        """
        if not WINDOW < frames <= (WINDOW - 1) ** 2 + 1:
            raise ValueError(f"{frames} frames; chained windows give {WINDOW + 1} to {(WINDOW - 1) ** 2 + 1}.")
        coarse = self.interpolate(earlier, later, seed=seed, **parameters).pictures
        windows = -(-(frames - 1) // (WINDOW - 1))
        bounds = [round(number * (WINDOW - 1) / windows) for number in range(windows + 1)]
        chain = [coarse[:1]]
        for number, (start, end) in enumerate(pairwise(bounds), start=1):
            window = self.interpolate(coarse[start], coarse[end], seed=seed + number, **parameters)
            chain.append(window.pictures[1:])
        whole = np.concatenate(chain)
        places = np.linspace(0, len(whole) - 1, frames).round().astype(int)
        return np.asarray(whole[places], np.uint8)

    def encode(self, image: Any, *, request: ProcessRequest | None = None) -> Tensor:
        """The keyframe model's latents [1, 4, h/8, w/8] of a picture at the size that keyframes of it have."""
        asked = as_published(request or self._request())
        painting = as_painting(image)
        list(self.models.prepare(asked, self._demand(painting, asked)))
        with self._device():
            return self._keyframes.encode(painting, asked, self._keyframe_size(painting, asked))

    def load_lora(self, weights: str | Path, *, scale: float = 1.0) -> None:
        """Add a LoRA to the keyframe model, by diffusers' own loader, and merge it into the weights.

        `weights` is a ``.safetensors`` file. Raises `EngineUnavailableError` where the package peft is missing, and
        `CheckpointError` when the file does not fit.
        """
        self.models.add_lora(Path(weights), scale)

    def run_keyframes(
        self,
        painting: Painting,
        request: ProcessRequest,
        tags: str,
        tasks: tuple[KeyframeTask, ...],
        options: SamplingOptions = AS_REQUESTED,
    ) -> Iterator[Progress | Warned | PlanChanged | KeyframeMade]:
        """The keyframe stage as a generator of events; closing it cancels within a step."""
        request = as_published(request)
        yield from self.models.prepare(request, self._demand(painting, request))
        yield from map(Warned, untrained(request))
        with self._device():
            size = self._keyframe_size(painting, request)
            yield from self._keyframes.run(painting, request, tags, tasks, size, options)

    def run_interval(
        self,
        painting: Painting,
        request: ProcessRequest,
        interval: Interval,
        options: SamplingOptions = AS_REQUESTED,
    ) -> Iterator[Progress | Warned | PlanChanged | State]:
        """One interval as a generator of events; closing it cancels within a step."""
        request = as_published(request)
        yield from self.models.prepare(request, self._demand(painting, request))
        with self._device():
            size = self._keyframe_size(painting, request)
            yield from self._interpolation_stage().run(painting, request, interval, size, options)

    def close(self) -> None:
        """Give back the device and forget the weights."""
        self._taggers.clear()
        self._forget()
        self.models.close()

    def _request(self, **parts: Any) -> ProcessRequest:
        return ProcessRequest(engine="diffusion", tags=TagsParameters(text=""), execution=self._execution, **parts)

    def _interpolation_stage(self) -> InterpolationStage:
        if self._interpolation is None:
            self._interpolation = InterpolationStage(self.models, self._buckets())
        return self._interpolation

    def _keyframe_size(self, painting: Painting, request: ProcessRequest) -> Size:
        if self._given_sizes is not None:
            return keyframe_size(painting, request, self._given_sizes.keyframes)
        try:
            published = published_keyframe_size(self.models.folder("single_frame"))
        except EngineUnavailableError:
            published = Sizes().keyframes  # intervals need no keyframe model
        return keyframe_size(painting, request, published)

    def _buckets(self) -> tuple[Size, ...]:
        if self._given_sizes is not None:
            return self._given_sizes.buckets
        return trained_buckets(self.models.folder("multi_frame"))

    def _demand(self, painting: Painting, request: ProcessRequest) -> Demand:
        try:
            buckets = self._buckets()
        except EngineUnavailableError:
            buckets = BUCKETS  # keyframes need no multi-frame model
        return self.models.demand(request, self._keyframe_size(painting, request), max(buckets, key=prod))

    def _forget(self) -> None:
        if self._interpolation is not None:
            self._interpolation.clear()

    @contextmanager
    def _device(self) -> Iterator[None]:
        """Names the plan when memory runs out; a unit that ends early leaves nothing on a lean plan's device."""
        residency = self.models.residency
        with memory_errors(residency.plan.name, residency.device):
            try:
                yield
            except BaseException:
                self._forget()
                if not residency.plan.keeps_all:
                    residency.clear()
                raise


def untrained(request: ProcessRequest) -> Iterator[str]:
    """What a request asks of the models that they were not trained for, in sentences."""
    interpolation = request.interpolation
    if request.stop_after is not Stage.INTERPOLATION:
        return
    if interpolation.frames != WINDOW:
        yield (
            f"Intervals of {interpolation.frames} frames: the model was trained for {WINDOW}, and how others look has "
            "not been judged."
        )
    if interpolation.temporal_window is not TemporalWindow.OFF:
        yield "A temporal window: the published application runs without, and how it looks has not been judged."


class _Last:
    """Keeps the latents of the last step, and tells the caller of each."""

    def __init__(self, on_step: OnStep | None) -> None:
        self.x = torch.empty(0)
        self._on_step = on_step

    def __call__(self, step: SampledStep) -> None:
        self.x = step.x
        if self._on_step is not None:
            self._on_step(step)


def as_painting(image: Any) -> Painting:
    """A picture as a painting: a path or a file's bytes, a Pillow image, or an array uint8 [h, w], [h, w, 3 or 4].

    Raises `PaintingError` for a file that is none, `ValueError` for an array of another kind.
    """
    if isinstance(image, Painting):
        return image
    if isinstance(image, str | Path):
        return decode(Path(image))
    if isinstance(image, bytes):
        return decode(image)
    pixels = np.asarray(image.convert("RGBA" if "A" in image.getbands() else "RGB") if _is_pillow(image) else image)
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[:, :, None], 3, axis=2)
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in (3, 4):
        raise ValueError(f"A picture is uint8 [h, w], [h, w, 3] or [h, w, 4], not {pixels.dtype} {list(pixels.shape)}.")
    height, width, channels = pixels.shape
    return from_raw(np.ascontiguousarray(pixels).tobytes(), width, height, channels)


def _is_pillow(image: Any) -> bool:
    from PIL import Image

    return isinstance(image, Image.Image)


def _pixels(picture: Picture | None) -> Pixels:
    assert picture is not None
    return picture.pixels


def _resized(picture: Picture, like: Pixels) -> Pixels:
    return np.asarray(resize(picture.pixels, like.shape[1], like.shape[0]), np.uint8)


def _precision(dtype: torch.dtype) -> Precision:
    known = {torch.float16: Precision.FP16, torch.bfloat16: Precision.BF16, torch.float32: Precision.FP32}
    if dtype not in known:
        raise ValueError(f"The models compute in float16, bfloat16 or float32, not in {dtype}.")
    return known[dtype]


def _locator(source: str | Path | Mapping[str, str | Path] | None, download: bool) -> Callable[[str], Path]:
    """Where each model's folder is, asked by the model's short name."""
    if isinstance(source, Mapping):
        given = {find(name).id: Path(folder) for name, folder in source.items()}
        return lambda model: _given_folder(given, model)
    folder = None if source is None else Path(source)

    def locate(model: str) -> Path:
        if download:
            for _ in checkpoints.download(model, folder):
                pass
        return checkpoints.locate(model, folder)

    return locate


def _given_folder(given: Mapping[str, Path], model: str) -> Path:
    name = find(model).id
    if name not in given:
        raise EngineUnavailableError(f"No folder was named for the model {name}.")
    return given[name]
