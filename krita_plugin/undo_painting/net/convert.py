"""Between the protocol's messages and the plugin's plain data."""

from __future__ import annotations

from typing import Any

from ..core.connection import EngineInfo, Server
from ..core.installed import Model
from ..core.jobs import Event, Job, Picture, Progress, State
from ..core.mapping import Placement
from ..core.parameters import STAGES, Parameters

_STAGE_NAMES = {number + 1: name for number, name in enumerate(STAGES)}


def _enum(kind: Any, prefix: str, word: str) -> Any:
    return kind.Value(f"{prefix}_{word.replace('-', '_').upper()}")


def process_parameters(parameters: Parameters, engine: str) -> Any:
    """`ProcessParameters` for an engine; what is None stays absent, so that the daemon fills in its default."""
    from paints_undo.v1 import jobs_pb2

    message = jobs_pb2.ProcessParameters(engine=engine)
    message.stop_after = _enum(jobs_pb2.Stage, "STAGE", parameters.stop_after)
    if parameters.tags is not None:
        message.tags.text = parameters.tags
    frames = message.keyframes
    frames.operation_steps.extend(parameters.operation_steps)
    steps = parameters.steps_for(engine)
    for step, seed in parameters.keyframe_seeds:
        if step in steps:
            frames.seeds.add(operation_step=step, seed=seed)
    for step, digest in parameters.own_keyframes:
        if step in steps:
            frames.own.add(operation_step=step, picture_hash=digest)
    _fill(frames, seed=parameters.seed, steps=parameters.sampling_steps, guidance_scale=parameters.guidance)
    _fill(frames, negative_prompt=parameters.negative_prompt)
    _fill(
        message.interpolation,
        frames=parameters.frames,
        prompt=parameters.interpolation_prompt,
        seed=parameters.interpolation_seed,
        steps=parameters.interpolation_steps,
        guidance_scale=parameters.interpolation_guidance,
    )
    message.interpolation.temporal_window = _enum(
        jobs_pb2.TemporalWindow, "TEMPORAL_WINDOW", parameters.temporal_window
    )
    message.procedural.method = _enum(jobs_pb2.Method, "METHOD", parameters.method)
    message.procedural.corrections = _enum(jobs_pb2.Corrections, "CORRECTIONS", parameters.corrections)
    message.procedural.flip = parameters.flip
    message.execution.preset = _enum(jobs_pb2.Preset, "PRESET", parameters.speed)
    message.execution.allow_fp8 = parameters.allow_fp8
    return message


def _fill(message: Any, **values: Any) -> None:
    for name, value in values.items():
        if value is not None:
            setattr(message, name, value)


def picture(frame: Any) -> Picture:
    """A keyframe or frame."""
    where = frame.placement
    return Picture(
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
    )


def fill_job(job: Job, message: Any) -> None:
    """What `CreateJob` and `GetJob` say beyond the events: id, sizes, counts, tags. The state comes from the events."""
    job.job_id = message.job_id
    job.frame_count = message.frame_count
    job.units = message.unit_count
    job.painting_width, job.painting_height = message.painting_width, message.painting_height
    job.painting_hash = message.painting_hash
    job.engine = message.parameters.engine or job.engine
    job.tags = message.tags or job.tags
    if job.state in (State.PREPARING, State.UPLOADING):
        job.state = State.QUEUED


def server(info: Any) -> Server:
    """What a daemon is and can do."""
    from paints_undo.v1 import server_pb2

    engines = tuple(
        EngineInfo(
            name=engine.name,
            ready=engine.state == server_pb2.ENGINE_STATE_READY,
            message=engine.message,
            default_steps=tuple(engine.default_operation_steps),
            has_layers=engine.has_layers,
            installed=engine.state != server_pb2.ENGINE_STATE_NOT_INSTALLED,
            models=engine.state not in (server_pb2.ENGINE_STATE_NOT_INSTALLED, server_pb2.ENGINE_STATE_NO_MODELS),
        )
        for engine in info.engines
    )
    return Server(
        version=info.version,
        protocol_version=info.protocol_version,
        client=info.client,
        engines=engines,
        devices=tuple(device.name or device.device_id for device in info.devices),
        recommended=info.recommended_engine or "procedural",
        reason=info.recommendation_reason,
        max_side=info.limits.max_picture_side,
        max_pixels=info.limits.max_picture_pixels,
        free_disk=info.free_disk_bytes,
    )


def model(message: Any) -> Model:
    """A model of the diffusion engine."""
    from paints_undo.v1 import models_pb2

    ready = message.state == models_pb2.MODEL_STATE_READY
    sizes = message.size_bytes, message.total_bytes
    return Model(message.model_id, message.description, ready, *sizes, message.message)
