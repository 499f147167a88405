"""The Paints-Undo models as one object: for scripts and notebooks, and what the diffusion engine is a thin layer over.

    from paints_undo_engine.diffusion.pipeline import PaintsUndoPipeline

    pipeline = PaintsUndoPipeline.from_pretrained("models", device="auto")
    tags = pipeline.tags("painting.png")
    states = pipeline.keyframes("painting.png", tags, operation_steps=(400, 800), seed=7)
    frames = pipeline.interpolate(states.pictures[1], states.pictures[0])

Pictures are NumPy arrays uint8 [h, w, 3 or 4], Pillow images, or paths. docs/python.md, "The models themselves".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from paints_undo_engine.contract import Interval, KeyframeTask, StateMade
from paints_undo_engine.diffusion.locating import locator
from paints_undo_engine.diffusion.models import ModelComponents
from paints_undo_engine.diffusion.pictures import Pixels, as_painting, resized
from paints_undo_engine.diffusion.redo.branches import HalfDone
from paints_undo_engine.diffusion.residency.devices import Precision
from paints_undo_engine.diffusion.running import StageRunner
from paints_undo_engine.diffusion.sizes import Sizes
from paints_undo_engine.diffusion.solvers import SampledStep
from paints_undo_engine.diffusion.stages.sampling import SamplingOptions
from paints_undo_engine.events import KeyframeMade
from paints_undo_engine.painting import Painting
from paints_undo_engine.picture import Picture
from paints_undo_engine.request import (
    Branch,
    ExecutionParameters,
    InterpolationParameters,
    KeyframeParameters,
    ProceduralParameters,
    ProcessRequest,
    RedoParameters,
    TagsParameters,
)
from paints_undo_engine.stages import Stage
from paints_undo_engine.tagger import Tagger

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
        self, models: ModelComponents, sizes: Sizes | None = None, execution: ExecutionParameters | None = None
    ) -> None:
        """`sizes` are what the models were trained for; None: as the checkpoints say. `execution` is for the calls that
        take no request."""
        self.models = models
        self.runner = StageRunner(models, sizes)
        self._execution = execution or ExecutionParameters(allow_slow=True)
        self._taggers: dict[bool, Tagger] = {}

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
        return cls(ModelComponents(locator(source, download), device, precision=precision), execution=execution)

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
        events = self.runner.keyframes(painting, request, tags, tasks, options)
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
        prompt, seed, steps, guidance_scale, temporal_window, chained (the latents are then the last window's).
        Raises as `keyframes`.
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
        states = [e for e in self.runner.interval(ends[1], request, interval, options) if isinstance(e, StateMade)]
        shown = [state.picture.pixels for state in states]
        first = Painting(ends[0].rgb8()).picture()
        return Frames(np.stack([resized(first, shown[0]), *shown]), last.x)

    def redo(
        self,
        image: Any,
        canvas: Any,
        tags: str,
        *,
        operation_step: int = 500,
        candidate: int = 1,
        mask: NDArray[np.bool_] | None = None,
        seed: int = 12345,
        width: int = 0,
        height: int = 0,
        **parameters: Any,
    ) -> Pixels:
        """Another end for a half-done `canvas` of the painting `image`: uint8 [H, W, 3 or 4], of the painting's size.

        `operation_step` says how far the canvas is, `candidate` (1 to 8) which end is wanted; `mask`, bool [H, W], is
        where something new may come; `width` and `height` are the working size, 0: by the painting's aspect.
        `parameters` are those of `RedoParameters`: control, prompt, likeness, strength, steps, guidance_scale. Raises
        as `keyframes`, and `ValueError` for a mask of another size than the painting.
        """
        wanted = RedoParameters(**parameters)
        branch = (Branch(operation_step, candidate),)
        request = self._request(
            stop_after=Stage.KEYFRAMES,
            keyframes=KeyframeParameters(seed=seed, width=width, height=height),
            procedural=ProceduralParameters(branches=branch),
            redo=wanted,
        )
        half_done = HalfDone(operation_step, candidate, mask)
        events = self.runner.redo(as_painting(image), request, tags, as_painting(canvas), half_done)
        while True:
            try:
                next(events)
            except StopIteration as end:
                made: Painting = end.value
                return made.pixels8()

    def encode(self, image: Any, *, request: ProcessRequest | None = None) -> Tensor:
        """The keyframe model's latents [1, 4, h/8, w/8] of a picture at the size that keyframes of it have."""
        return self.runner.encode(as_painting(image), request or self._request())

    def load_lora(self, weights: str | Path, *, scale: float = 1.0) -> None:
        """Add a LoRA to the keyframe model, by diffusers' own loader, and merge it into the weights.

        `weights` is a ``.safetensors`` file. Raises `EngineUnavailableError` where the package peft is missing, and
        `CheckpointError` when the file does not fit.
        """
        self.models.add_lora(Path(weights), scale)

    def close(self) -> None:
        """Give back the device and forget the weights."""
        self._taggers.clear()
        self.runner.clear()
        self.models.close()

    def _request(self, **parts: Any) -> ProcessRequest:
        return ProcessRequest(engine="diffusion", tags=TagsParameters(text=""), execution=self._execution, **parts)


class _Last:
    """Keeps the latents of the last step, and tells the caller of each."""

    def __init__(self, on_step: OnStep | None) -> None:
        self.x = torch.empty(0)
        self._on_step = on_step

    def __call__(self, step: SampledStep) -> None:
        self.x = step.x
        if self._on_step is not None:
            self._on_step(step)


def _pixels(picture: Picture | None) -> Pixels:
    assert picture is not None
    return picture.pixels


def _precision(dtype: torch.dtype) -> Precision:
    known = {torch.float16: Precision.FP16, torch.bfloat16: Precision.BF16, torch.float32: Precision.FP32}
    if dtype not in known:
        raise ValueError(f"The models compute in float16, bfloat16 or float32, not in {dtype}.")
    return known[dtype]
