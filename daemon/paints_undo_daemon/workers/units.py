"""Running one unit of a job in a worker."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from paints_undo.v1 import jobs_pb2
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.convert import number_of_word, request_from_proto
from paints_undo_daemon.workers.context import TaskContext
from paints_undo_daemon.workers.loading import Pictures
from paints_undo_daemon.workers.pipeline import Pipeline
from paints_undo_engine import __version__, png
from paints_undo_engine.descriptions import describe
from paints_undo_engine.events import Event, FrameMade, KeyframeMade, PlanChanged, Progress, Tagged, Warned
from paints_undo_engine.painting import Painting
from paints_undo_engine.process import Inputs, keyframe_operation_step, run_unit
from paints_undo_engine.request import ProcessRequest
from paints_undo_engine.stages import Stage, Unit

_PREVIEW_BYTES = 65536
_PROGRESS_SECONDS = 0.2


def run(context: TaskContext, task: worker_pb2.RunUnit) -> None:
    """Run a unit and emit its reports.

    Raises what the engine raises, `CancelledError`, and `OSError` when a picture cannot be written.
    """
    begun = time.monotonic()
    request, unit = request_from_proto(task.parameters), Unit.parse(task.unit)
    engine, painting = context.engine(request.engine), context.pictures.masked(task.painting, task.masks)
    context.emit(painting_read=worker_pb2.PaintingRead(width=painting.width, height=painting.height))
    for note in painting.notes if unit.stage is Stage.TAGS else ():
        context.emit(warning=note)
    inputs = Inputs(task.tags, _keyframes(context.pictures, painting, task, request, unit))
    _follow(context, run_unit(engine, painting, request, unit, inputs), unit, task)
    context.finish(
        jobs_pb2.UnitRecord(
            unit=task.unit,
            memory_plan="" if unit.stage is Stage.TAGS else engine.memory_plan,
            device=context.device,
            versions=[*versions(request.engine), *engine.record_notes],
            seconds=time.monotonic() - begun,
        )
    )


def _follow(context: TaskContext, events: Iterator[Event], unit: Unit, task: worker_pb2.RunUnit) -> None:
    """Store the pictures of a unit and report its events, each within its step."""
    known = {frame.index for frame in task.keyframes}

    def store(made: KeyframeMade | FrameMade) -> jobs_pb2.Frame:
        return context.pictures.store(made, task.painting)

    def deliver(made: KeyframeMade | FrameMade, frame: jobs_pb2.Frame) -> None:
        context.emit(**{"keyframe" if isinstance(made, KeyframeMade) else "frame": frame})

    pipeline, pace = Pipeline(context.pool, store, deliver), _Pace()
    try:
        for event in events:
            context.check_cancelled()
            if isinstance(event, KeyframeMade | FrameMade):
                if not (isinstance(event, KeyframeMade) and event.index in known):
                    pipeline.put(event)
            elif isinstance(event, Progress) and not pace.is_due(event):
                context.alive()
            else:
                _report(context, event, unit)
        pipeline.flush()
    finally:
        events.close()  # type: ignore[attr-defined]
        pipeline.drop()


class _Pace:
    """Lets progress through so often as people look at it; the last step of a unit always."""

    def __init__(self) -> None:
        self._last = float("-inf")

    def is_due(self, progress: Progress) -> bool:
        """Whether this one is to be told."""
        now = time.monotonic()
        if progress.step < progress.of and progress.preview is None and now - self._last < _PROGRESS_SECONDS:
            return False
        self._last = now
        return True


def _report(context: TaskContext, event: Event, unit: Unit) -> None:
    match event:
        case Progress():
            context.emit(progress=_progress(event, unit))
        case Warned(text):
            context.emit(warning=text)
        case PlanChanged(plan, reason):
            context.emit(plan_changed=jobs_pb2.PlanChanged(memory_plan=plan, reason=reason))
        case Tagged(text):
            context.emit(tags=text)
        case _:
            pass


def _progress(event: Progress, unit: Unit) -> jobs_pb2.Progress:
    stage = number_of_word(unit.stage, jobs_pb2.Stage.DESCRIPTOR)
    message = jobs_pb2.Progress(stage=stage, unit=unit.name, step=event.step, of=event.of)
    if event.seconds_left is not None:
        message.seconds_left = event.seconds_left
    if event.preview is not None:
        preview = png.encode(event.preview.pixels)
        if len(preview) <= _PREVIEW_BYTES:
            message.preview_png = preview
    return message


def _keyframes(
    pictures: Pictures, painting: Painting, task: worker_pb2.RunUnit, request: ProcessRequest, unit: Unit
) -> dict[int, KeyframeMade]:
    """The keyframes that the unit starts from, by chronological index."""
    if unit.stage is Stage.TAGS:
        return {}
    last = len(request.operation_steps) + 1
    is_painting = -1 if request.procedural.branches else last  # a branch has an end of its own
    keyframes = {
        frame.index: pictures.keyframe(frame, is_painting)
        for frame in task.keyframes
        if unit.stage is Stage.INTERPOLATION or 0 < frame.index < last
    }
    if unit.stage is Stage.KEYFRAMES:
        for item in task.supplied:
            index = next(i for i in range(last + 1) if keyframe_operation_step(request, i) == item.operation_step)
            if index not in keyframes:
                picture = pictures.supplied(item.picture, painting)
                keyframes[index] = KeyframeMade(index, float(item.operation_step), picture, "the artist's own")
    return keyframes


def versions(engine: str) -> list[str]:
    """Names and versions of what decides an engine's results."""
    listed = [f"paints-undo {__version__}", f"python {platform.python_version()}"]
    for package in describe(engine).packages:
        try:
            listed.append(f"{package.distribution} {version(package.distribution)}")
        except PackageNotFoundError:
            continue
    return listed
