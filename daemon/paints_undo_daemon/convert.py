"""Protocol messages and the engine's request dataclasses, in both directions.

`request_from_proto` fills in every default and refuses what is out of range with the field's name; `request_to_proto`
writes every field, so that a job's parameters are the whole truth.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from paints_undo.v1 import jobs_pb2
from paints_undo_engine.errors import InvalidRequestError
from paints_undo_engine.picture import Placement
from paints_undo_engine.request import (
    ExecutionParameters,
    Fit,
    InterpolationParameters,
    KeyframeParameters,
    OrderTemplate,
    PaintingMode,
    Preset,
    ProceduralParameters,
    ProcessRequest,
    TagsParameters,
    TemporalWindow,
)
from paints_undo_engine.stages import Stage

Word = TypeVar("Word", bound=StrEnum)

STAGES = {
    jobs_pb2.STAGE_TAGS: Stage.TAGS,
    jobs_pb2.STAGE_KEYFRAMES: Stage.KEYFRAMES,
    jobs_pb2.STAGE_INTERPOLATION: Stage.INTERPOLATION,
}
FITS = {jobs_pb2.FIT_CONTAIN: Fit.CONTAIN, jobs_pb2.FIT_CROP: Fit.CROP}
WINDOWS = {
    jobs_pb2.TEMPORAL_WINDOW_OFF: TemporalWindow.OFF,
    jobs_pb2.TEMPORAL_WINDOW_PREVIOUS: TemporalWindow.PREVIOUS,
    jobs_pb2.TEMPORAL_WINDOW_FIRST: TemporalWindow.FIRST,
    jobs_pb2.TEMPORAL_WINDOW_ROLL: TemporalWindow.ROLL,
}
PRESETS = {
    jobs_pb2.PRESET_EXACT: Preset.EXACT,
    jobs_pb2.PRESET_BALANCED: Preset.BALANCED,
    jobs_pb2.PRESET_FAST: Preset.FAST,
    jobs_pb2.PRESET_DRAFT: Preset.DRAFT,
}
MODES = {
    jobs_pb2.PAINTING_MODE_AUTO: PaintingMode.AUTO,
    jobs_pb2.PAINTING_MODE_LINE: PaintingMode.LINE,
    jobs_pb2.PAINTING_MODE_FLAT: PaintingMode.FLAT,
    jobs_pb2.PAINTING_MODE_PAINT: PaintingMode.PAINT,
    jobs_pb2.PAINTING_MODE_PIXEL: PaintingMode.PIXEL,
}
ORDERS = {
    jobs_pb2.ORDER_TEMPLATE_AUTO: OrderTemplate.AUTO,
    jobs_pb2.ORDER_TEMPLATE_FACE_FIRST: OrderTemplate.FACE_FIRST,
    jobs_pb2.ORDER_TEMPLATE_BACKGROUND_FIRST: OrderTemplate.BACKGROUND_FIRST,
    jobs_pb2.ORDER_TEMPLATE_INKER: OrderTemplate.INKER,
    jobs_pb2.ORDER_TEMPLATE_PAINTER: OrderTemplate.PAINTER,
    jobs_pb2.ORDER_TEMPLATE_TOP_DOWN: OrderTemplate.TOP_DOWN,
}


def word_from_proto(words: Mapping[Any, Word], number: Any, default: Word, field: str) -> Word:
    """The word that an enum's number stands for; 0 is the default. Raises `InvalidRequestError`."""
    if not number:
        return default
    if number not in words:
        raise InvalidRequestError(field, number, "one of " + ", ".join(str(key) for key in words))
    return words[number]


def word_to_proto(words: Mapping[Any, Word], word: Word) -> Any:
    """The enum's number of a word."""
    return next(number for number, candidate in words.items() if candidate is word)


def request_from_proto(message: jobs_pb2.ProcessParameters) -> ProcessRequest:
    """A validated request. The hashes of supplied keyframes are in `supplied_keyframes`.

    Raises `InvalidRequestError`.
    """
    return ProcessRequest(
        engine=message.engine or "procedural",
        stop_after=word_from_proto(STAGES, message.stop_after, Stage.INTERPOLATION, "stop_after"),
        fit=word_from_proto(FITS, message.fit, Fit.CONTAIN, "fit"),
        reference=message.reference,
        tags=TagsParameters(**_present(message.tags, "text", "general_threshold", "character_threshold", "exclude")),
        keyframes=_keyframes_from_proto(message.keyframes),
        interpolation=InterpolationParameters(
            **_present(message.interpolation, "frames", "prompt", "seed", "steps", "guidance_scale"),
            temporal_window=word_from_proto(
                WINDOWS, message.interpolation.temporal_window, TemporalWindow.OFF, "interpolation.temporal_window"
            ),
        ),
        procedural=ProceduralParameters(
            mode=word_from_proto(MODES, message.procedural.mode, PaintingMode.AUTO, "procedural.mode"),
            order=word_from_proto(ORDERS, message.procedural.order, OrderTemplate.AUTO, "procedural.order"),
            max_side=message.procedural.max_side,
        ),
        execution=ExecutionParameters(
            memory_plan=message.execution.memory_plan or "auto",
            allow_fp8=message.execution.allow_fp8,
            preset=word_from_proto(PRESETS, message.execution.preset, Preset.EXACT, "execution.preset"),
        ),
    )


def _keyframes_from_proto(message: jobs_pb2.KeyframeParameters) -> KeyframeParameters:
    seeds = tuple((item.operation_step, item.seed) for item in message.seeds)
    if len({step for step, _ in seeds}) != len(seeds):
        raise InvalidRequestError("keyframes.seeds", [step for step, _ in seeds], "without repetition")
    own = tuple(item.operation_step for item in message.own)
    if len(set(own)) != len(own):
        raise InvalidRequestError("keyframes.own", list(own), "without repetition")
    return KeyframeParameters(
        operation_steps=tuple(message.operation_steps),
        seeds=seeds,
        own=own,
        width=message.width,
        height=message.height,
        **_present(message, "seed", "steps", "guidance_scale", "negative_prompt"),
    )


def _present(message: Any, *names: str) -> dict[str, Any]:
    """The fields that were given; those without presence count when they are not empty."""
    return {
        name: getattr(message, name)
        for name in names
        if (message.HasField(name) if message.DESCRIPTOR.fields_by_name[name].has_presence else getattr(message, name))
    }


def supplied_keyframes(message: jobs_pb2.ProcessParameters) -> dict[int, str]:
    """The hashes of the keyframes that the client supplies, by operation step."""
    return {item.operation_step: item.picture_hash for item in message.keyframes.own}


def request_to_proto(request: ProcessRequest, supplied: Mapping[int, str] | None = None) -> jobs_pb2.ProcessParameters:
    """A request as a message with every field set. `supplied` maps operation steps to picture hashes."""
    hashes = supplied or {}
    return jobs_pb2.ProcessParameters(
        engine=request.engine,
        stop_after=word_to_proto(STAGES, request.stop_after),
        fit=word_to_proto(FITS, request.fit),
        reference=request.reference,
        tags=jobs_pb2.TagsParameters(
            text=request.tags.text,
            general_threshold=request.tags.general_threshold,
            character_threshold=request.tags.character_threshold,
            exclude=request.tags.exclude,
        ),
        keyframes=_keyframes_to_proto(request, hashes),
        interpolation=jobs_pb2.InterpolationParameters(
            frames=request.interpolation.frames,
            prompt=request.interpolation.prompt,
            seed=request.interpolation.seed,
            steps=request.interpolation.steps,
            guidance_scale=request.interpolation.guidance_scale,
            temporal_window=word_to_proto(WINDOWS, request.interpolation.temporal_window),
        ),
        procedural=jobs_pb2.ProceduralParameters(
            mode=word_to_proto(MODES, request.procedural.mode),
            order=word_to_proto(ORDERS, request.procedural.order),
            max_side=request.procedural.max_side,
        ),
        execution=jobs_pb2.ExecutionParameters(
            memory_plan=request.execution.memory_plan,
            allow_fp8=request.execution.allow_fp8,
            preset=word_to_proto(PRESETS, request.execution.preset),
        ),
    )


def _keyframes_to_proto(request: ProcessRequest, hashes: Mapping[int, str]) -> jobs_pb2.KeyframeParameters:
    keyframes = request.keyframes
    return jobs_pb2.KeyframeParameters(
        operation_steps=request.operation_steps,
        seed=keyframes.seed,
        seeds=[jobs_pb2.KeyframeSeed(operation_step=step, seed=seed) for step, seed in keyframes.seeds],
        own=[jobs_pb2.OwnKeyframe(operation_step=step, picture_hash=hashes.get(step, "")) for step in keyframes.own],
        width=keyframes.width,
        height=keyframes.height,
        steps=keyframes.steps,
        guidance_scale=keyframes.guidance_scale,
        negative_prompt=keyframes.negative_prompt,
    )


def placement_to_proto(placement: Placement) -> jobs_pb2.Placement:
    """A rectangle in the painting's pixels."""
    return jobs_pb2.Placement(x=placement.x, y=placement.y, width=placement.width, height=placement.height)


def placement_from_proto(message: jobs_pb2.Placement) -> Placement:
    """A rectangle in the painting's pixels."""
    return Placement(message.x, message.y, message.width, message.height)
