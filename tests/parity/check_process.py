"""Parity of whole stages and processes, through the code that users run and with a request's own defaults.

Only what a golden file has otherwise than the published application's default is written into a request: the rest has
to come from the request itself.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from paints_undo_engine import process
from paints_undo_engine.contract import Interval, KeyframeTask, StateMade
from paints_undo_engine.diffusion.engine import DiffusionEngine
from paints_undo_engine.diffusion.interpolation.conditions import nearest_bucket
from paints_undo_engine.diffusion.interpolation.guidance import FRAME_STRIDE
from paints_undo_engine.diffusion.interpolation.placing import layout
from paints_undo_engine.diffusion.models import ModelComponents
from paints_undo_engine.diffusion.residency.devices import Precision
from paints_undo_engine.diffusion.sizes import Sizes
from paints_undo_engine.diffusion.solvers import SampledStep
from paints_undo_engine.diffusion.stages.interpolation import InterpolationStage
from paints_undo_engine.diffusion.stages.keyframes import KeyframeStage
from paints_undo_engine.diffusion.stages.sampling import SamplingOptions
from paints_undo_engine.events import FrameMade, KeyframeMade
from paints_undo_engine.painting import Painting, fit_to, from_raw
from paints_undo_engine.picture import Picture
from paints_undo_engine.request import (
    Fit,
    InterpolationParameters,
    KeyframeParameters,
    ProcessRequest,
    TagsParameters,
)
from paints_undo_engine.stages import Stage
from parity.compare import Compare
from parity.golden import Golden
from parity.registry import handles

PUBLISHED_KEYFRAMES = {
    "seed": 12345,
    "steps": 50,
    "guidance_scale": 3.0,
    "operation_steps": (400, 600, 800, 900, 950, 999),
    "negative_prompt": "lowres, bad anatomy, bad hands, cropped, worst quality",
}
PUBLISHED_INTERVALS = {
    "seed": 123,
    "steps": 50,
    "guidance_scale": 7.5,
    "prompt": "1girl, masterpiece, best quality",
    "frames": 16,
}


def otherwise(wanted: dict[str, Any], published: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in wanted.items() if value != published[name]}


def models_of(golden: Golden, precision: Precision = Precision.FP32) -> ModelComponents:
    return ModelComponents(golden.repo, "cpu", precision=precision)


def painting_of(pixels: NDArray[np.uint8]) -> Painting:
    return from_raw(pixels.tobytes(), pixels.shape[1], pixels.shape[0], 3)


def pixels_of(picture: Picture | None) -> NDArray[np.uint8]:
    assert picture is not None
    return picture.pixels


def compare_known(compare: Compare, golden: Golden, values: dict[str, Tensor], tolerance: float) -> None:
    for name, value in values.items():
        if name in golden.outputs:
            compare.output(name, value.float(), tolerance)


class Last:
    """Keeps the latents of the last step."""

    def __init__(self) -> None:
        self.latents = torch.empty(0)

    def __call__(self, step: SampledStep) -> None:
        self.latents = step.x


@handles("e2e_single", what="gradio_app.process")
def check_keyframes(golden: Golden, compare: Compare) -> None:
    meta = golden.meta
    mixed = meta["dtypes"]["latents"] != "torch.float32"
    precision, tolerance = (Precision.FP16, 0.3) if mixed else (Precision.FP32, 2e-4)
    size = (meta["image_height"], meta["image_width"])
    steps = tuple(golden.tensor("operation_steps").tolist())
    wanted = {
        "seed": meta["seed"],
        "steps": meta["steps"],
        "guidance_scale": meta["cfg"],
        "operation_steps": steps,
        "negative_prompt": meta["n_prompt"],
    }
    request = ProcessRequest(
        engine="diffusion",
        reference=True,
        stop_after=Stage.KEYFRAMES,
        tags=TagsParameters(text=meta["prompt"]),
        keyframes=KeyframeParameters(**otherwise(wanted, PUBLISHED_KEYFRAMES)),
    )
    painting = painting_of(golden.image("image"))
    models = models_of(golden, precision)
    if golden.has("noise"):
        drawn = models.published_noise(meta["seed"])(golden.tensor("noise").shape)
        compare.relative("noise of seed", drawn, golden.tensor("noise").float(), 0)

    crop_request = ProcessRequest(engine="diffusion", reference=True, fit=Fit.CROP, keyframes=request.keyframes)
    tasks = tuple(KeyframeTask(number, step, meta["seed"]) for number, step in enumerate(steps))
    stage, last = KeyframeStage(models), Last()
    cropped = fit_to(painting.rgb8(), size[1], size[0], Fit.CROP).pixels
    conditions = stage.conditions(crop_request, meta["prompt"], tasks, cropped)
    made = [
        event
        for event in stage.run(painting, crop_request, meta["prompt"], tasks, size, SamplingOptions(on_step=last))
        if isinstance(event, KeyframeMade)
    ]
    known = {
        "concat_conds": conditions.painting,
        "conds": conditions.positive,
        "unconds": conditions.negative,
        "latents": last.latents,
        "decoded_first": stage.decode(last.latents[:1]),
    }
    compare_known(compare, golden, known, tolerance)

    engine = DiffusionEngine(models, Sizes(keyframes=size))
    keyframes = {e.index: e for e in process.run(engine, painting, request) if isinstance(e, KeyframeMade)}
    compare.equal(
        "operation steps",
        [keyframes[len(steps) - k].operation_step for k in range(len(steps))],
        list(map(float, steps)),
    )
    blank = np.full_like(cropped, pixels_of(keyframes[0].picture)[0, 0])
    by_stage = [pixels_of(keyframe.picture) for keyframe in made]
    by_process = [pixels_of(keyframes[len(steps) - k].picture) for k in range(len(steps))]
    for pictures in (by_stage, by_process):
        stacked = np.stack([cropped, *pictures, blank])
        compare.levels("pixels", stacked, 16 if mixed else 1, 1.5 if mixed else None)


@handles("e2e_video", what="process_video")
def check_intervals(golden: Golden, compare: Compare) -> None:
    meta = golden.meta
    buckets = tuple((height, width) for height, width in meta["buckets"])
    keyframes = [golden.image(f"keyframe_{number}") for number in range(len(meta["calls"]) + 1)]
    height, width = keyframes[0].shape[:2]
    height, width = nearest_bucket(height, width, buckets)
    crops = [np.asarray(fit_to(pixels, width, height, Fit.CROP).pixels, np.uint8) for pixels in keyframes]
    models = models_of(golden)
    frames = meta["calls"][0]["video_shape"][2]
    wanted = {
        "seed": meta["calls"][0]["seed"],
        "steps": meta["steps"],
        "guidance_scale": meta["cfg"],
        "prompt": meta["prompt"],
        "frames": frames,
    }
    request = ProcessRequest(
        engine="diffusion",
        reference=True,
        fit=Fit.CROP,
        tags=TagsParameters(text=""),
        keyframes=KeyframeParameters(operation_steps=tuple(range(100, 100 * len(crops), 100))),
        interpolation=InterpolationParameters(**otherwise(wanted, PUBLISHED_INTERVALS)),
    )
    stage = InterpolationStage(models, buckets)
    clips = [_check_interval(golden, compare, stage, request, crops, call) for call in meta["calls"]]
    _check_frames(golden, compare, np.concatenate(clips[::-1]))

    painting = painting_of(crops[0])
    own = {
        step: Picture(crop, painting.placement) for step, crop in zip(request.operation_steps, crops[1:], strict=True)
    }
    engine = DiffusionEngine(models, Sizes((height, width), buckets))
    events = process.run(engine, painting, _with_own(request), own)
    made = {event.index: event for event in events if isinstance(event, FrameMade)}
    compare.equal("frames", sorted(made), list(range((len(crops)) * (frames - 1) + 1)))
    published = range(frames - 1, len(crops) * (frames - 1))
    _check_frames(golden, compare, np.stack([pixels_of(made[index].picture) for index in published]))


def _with_own(request: ProcessRequest) -> ProcessRequest:
    steps = request.operation_steps
    return ProcessRequest(
        engine="diffusion",
        reference=True,
        tags=request.tags,
        keyframes=KeyframeParameters(operation_steps=steps, own=steps),
        interpolation=request.interpolation,
    )


def _check_interval(
    golden: Golden,
    compare: Compare,
    stage: InterpolationStage,
    request: ProcessRequest,
    crops: list[NDArray[np.uint8]],
    call: dict[str, Any],
) -> NDArray[np.uint8]:
    """One interval by the stage; gives its frames, chronological, without its earlier keyframe."""
    number, frames = call["interval"], call["video_shape"][2]
    painting = painting_of(crops[0])
    later, earlier = (
        KeyframeMade(0, float(1000 * place), Picture(crops[number + place], painting.placement)) for place in (0, 1)
    )
    interval = Interval(0, earlier, later, frames, request.interpolation.seed + number)
    compare.equal(f"{number}.seed", interval.seed, call["seed"])
    compare.equal(f"{number}.fs", FRAME_STRIDE, call["fs"])
    last = Last()
    size = (crops[0].shape[0], crops[0].shape[1])
    events = list(stage.run(painting, request, interval, size, SamplingOptions(on_step=last)))
    states = [event for event in events if isinstance(event, StateMade)]
    place = layout(painting, size, Fit.CROP, (size,))
    first, end = (stage.end(painting, place, keyframe) for keyframe in (later, earlier))
    guides = stage.conditions(request, frames, place, first, end)
    if golden.has(f"{number}.noises"):
        stored = golden.tensor(f"{number}.noises")
        draw = _draws(call["seed"], len(stored), stored.shape[1:])
        compare.relative(f"{number}.noises of seed", torch.stack(list(draw)), stored, 0)
    video = _result(stage.decode(request, last.latents, first, end))
    values = {
        f"{number}.positive_text_cond": guides.text,
        f"{number}.negative_text_cond": guides.negative_text,
        f"{number}.positive_image_cond": guides.image,
        f"{number}.negative_image_cond": guides.negative_image,
        f"{number}.latents": last.latents,
        f"{number}.video_frames_0_14_15": video[[0, 14, 15]].transpose(0, 1)[None, :, :, ::2, ::2],
    }
    compare_known(compare, golden, values, 2e-4)
    for name, crop in ((f"{number}.crop_1", crops[number]), (f"{number}.crop_2", crops[number + 1])):
        if name in golden.outputs:
            compare.levels(name, crop, 1)
    if f"{number}.concat_cond" in golden.outputs:
        _check_concat(golden, compare, f"{number}.concat_cond", guides.concat)
    return np.stack([pixels_of(state.picture) for state in states])


def _draws(seed: int, count: int, shape: torch.Size) -> Iterable[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return (torch.randn(shape, generator=generator) for _ in range(count))


def _result(generator: Generator[Any, None, Tensor]) -> Tensor:
    while True:
        try:
            next(generator)
        except StopIteration as end:
            value: Tensor = end.value
            return value


def _check_frames(golden: Golden, compare: Compare, pixels: NDArray[np.uint8]) -> None:
    compare.levels("frame_first_uint8", pixels[0], 1)
    compare.levels("frame_last_uint8", pixels[-1], 1)
    compare.levels("frames_uint8_sub2", pixels[:, ::2, ::2], 1)


def _check_concat(golden: Golden, compare: Compare, name: str, got: Tensor) -> None:
    expected = golden.expected(name)
    ends = [0, expected.shape[2] - 1]
    compare.relative(f"{name} (ends)", got[:, :, ends], expected[:, :, ends], 2e-4)
    compare.equal(f"{name} (between)", bool((got[:, :, 1:-1] == 0).all()), True)
