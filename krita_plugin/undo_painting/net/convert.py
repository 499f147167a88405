"""Between the protocol's messages and the plugin's plain data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..core.connection import EngineInfo, Server
from ..core.export import Export
from ..core.installed import ServedModel
from ..core.jobs import Accepted, Event, Progress, StoredFrame
from ..core.mapping import Placement
from ..core.parameters import STAGES, Parameters
from ..core.purposes import Purpose
from ..core.schema import Field, ValueKind, packed
from .pictures import Blending, Pixels, SplitLayer

_STAGE_NAMES = {number + 1: name for number, name in enumerate(STAGES)}


def process_parameters(parameters: Parameters, engine: str) -> Any:
    """`ProcessParameters` for an engine. What was not set stays absent, so that the daemon fills in its default; so
    does what this daemon does not know."""
    from paints_undo.v1 import jobs_pb2

    message = jobs_pb2.ProcessParameters(engine=engine)
    for name, value in parameters.values:
        _set(message, name, value)
    frames = message.keyframes
    steps = parameters.steps_for(engine)
    for step, seed in parameters.keyframe_seeds:
        if step in steps:
            frames.seeds.add(operation_step=step, seed=seed)
    for step, digest in parameters.own_keyframes:
        if step in steps:
            frames.own.add(operation_step=step, picture_hash=digest)
    for step, candidate, mask in parameters.branches:
        message.procedural.branches.add(operation_step=step, candidate=candidate, mask_hash=mask)
    return message


def _set(message: Any, name: str, value: Any) -> None:
    """Set a field by its dotted name, such as `procedural.order`; a choice's word becomes the enum's value."""
    *path, last = name.split(".")
    for part in path:
        if part not in message.DESCRIPTOR.fields_by_name:
            return
        message = getattr(message, part)
    described = message.DESCRIPTOR.fields_by_name.get(last)
    if described is None:
        return
    if isinstance(value, tuple):
        getattr(message, last).extend(value)
    elif described.enum_type is not None:
        prefix = described.enum_type.values_by_number[0].name.removesuffix("UNSPECIFIED")
        setattr(message, last, described.enum_type.values_by_name[prefix + _enum_word(value)].number)
    else:
        setattr(message, last, value)


def _enum_word(value: str) -> str:
    return value.upper().replace("-", "_").replace(" ", "_")


def parameter_field(message: Any) -> Field:
    """One parameter as the daemon declares it."""
    from paints_undo.v1 import server_pb2

    word = server_pb2.ParameterKind.Name(message.kind).removeprefix("PARAMETER_KIND_").lower()
    kind = ValueKind(word) if word in {each.value for each in ValueKind} else ValueKind.TEXT
    made = Field(
        name=message.name,
        kind=kind,
        smallest=message.minimum if message.HasField("minimum") else None,
        largest=message.maximum if message.HasField("maximum") else None,
        choices=tuple(message.choices),
        longest=message.max_length or message.max_items,
        zero_allowed=bool(message.zero_means),
        group=message.group,
        help=message.help,
        advanced=message.advanced,
    )
    return replace(made, default=_default(made, message.default_value))


def _default(made: Field, text: str) -> Any:
    """A default from its text; None where there is none."""
    if made.kind is ValueKind.BOOLEAN:
        return text.lower() == "true"
    if made.kind is ValueKind.INTEGERS:
        return tuple(int(part) for part in text.replace(",", " ").split() if part.isdigit())
    if made.kind in (ValueKind.INTEGER, ValueKind.NUMBER):
        try:
            return float(text) if made.kind is ValueKind.NUMBER else int(float(text))
        except ValueError:
            return None
    return text


def picture(frame: Any) -> StoredFrame:
    """A keyframe or frame."""
    where = frame.placement
    return StoredFrame(
        index=frame.index,
        operation_step=frame.operation_step,
        hash=frame.picture_hash,
        width=frame.width,
        height=frame.height,
        placement=Placement(where.x, where.y, where.width, where.height),
        label=frame.label,
    )


def event(message: Any) -> Event:
    """One numbered event."""
    kind = message.WhichOneof("kind") or "unknown"
    body: Any = getattr(message, kind, None)
    text, code, shown = "", "", None
    if kind == "tags_stored":
        text = body.tags
    elif kind == "keyframe_stored":
        shown = picture(body.keyframe)
    elif kind == "frame_stored":
        shown = picture(body.frame)
    elif kind == "plan_changed":
        text = f"{body.memory_plan}: {body.reason}" if body.reason else body.memory_plan
    elif kind == "warning":
        text = body.message
    elif kind == "failed":
        text, code = body.failure.message, body.failure.code
    return Event(message.sequence, kind, text, shown, code)


def progress(message: Any) -> Progress:
    """Unnumbered progress."""
    return Progress(
        stage=_STAGE_NAMES.get(message.stage, ""),
        step=message.step,
        of=message.of,
        unit=message.unit,
        seconds_left=message.seconds_left if message.HasField("seconds_left") else None,
        queue_position=message.queue_position,
        preview=message.preview_png,
    )


def accepted(message: Any) -> Accepted:
    """What `CreateJob` and `GetJob` say beyond the events."""
    return Accepted(
        job_id=message.job_id,
        engine=message.parameters.engine,
        painting_hash=message.painting_hash,
        painting_width=message.painting_width,
        painting_height=message.painting_height,
        frame_count=message.frame_count,
        units=message.unit_count,
        tags=message.tags,
    )


def server(info: Any) -> Server:
    """What a daemon is and can do."""
    from paints_undo.v1 import server_pb2

    engines = tuple(
        EngineInfo(
            name=engine.name,
            ready=engine.state == server_pb2.ENGINE_STATE_READY,
            message=engine.message,
            has_layers=engine.has_layers,
            can_redo=engine.can_redo,
            candidates=tuple(engine.candidates),
            joins_keyframes=engine.joins_keyframes,
            has_variants=engine.has_variants,
            installed=engine.state != server_pb2.ENGINE_STATE_NOT_INSTALLED,
            models=engine.state not in (server_pb2.ENGINE_STATE_NOT_INSTALLED, server_pb2.ENGINE_STATE_NO_MODELS),
        )
        for engine in info.engines
    )
    known = packed()
    for engine in info.engines:
        fields = [parameter_field(each) for each in engine.parameters]
        known = known.updated(fields, engine.name, tuple(engine.default_operation_steps))
    return Server(
        schema=known,
        version=info.version,
        protocol_version=info.protocol_version,
        client=info.client,
        engines=engines,
        devices=tuple(device.name or device.device_id for device in info.devices),
        recommended=info.recommended_engine or "procedural",
        reason=info.recommendation_reason,
        max_side=info.limits.max_picture_side,
        free_disk=info.free_disk_bytes,
        purposes=tuple(made for made in map(purpose, info.export_presets) if made.export.known),
    )


def purpose(preset: Any) -> Purpose:
    """An export by name."""
    values = {}
    for described, value in preset.options.ListFields():
        enum = described.enum_type
        values[described.name] = enum.values_by_number[value].name if enum is not None else value
    return Purpose(preset.name, preset.summary, Export(values))


def layer(header: Any, pixels: Pixels) -> SplitLayer:
    """One layer of the layer split."""
    word = header.DESCRIPTOR.fields_by_name["blending"].enum_type.values_by_number[header.blending].name
    return SplitLayer(
        index=header.index,
        count=header.count,
        name=header.name,
        visible=header.visible,
        opacity=header.opacity,
        pixels=pixels,
        group=tuple(header.group),
        blending=Blending.__members__.get(word.removeprefix("BLENDING_"), Blending.NORMAL),
        clipped=header.clipped,
    )


def model(message: Any) -> ServedModel:
    """A model of the diffusion engine."""
    from paints_undo.v1 import models_pb2

    ready = message.state == models_pb2.MODEL_STATE_READY
    sizes = message.size_bytes, message.total_bytes
    return ServedModel(message.model_id, message.description, ready, *sizes, message.message)
