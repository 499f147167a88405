"""What a new job takes over from an earlier one: its tags, and the keyframes and intervals whose parameters agree."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import replace

from paints_undo.v1 import jobs_pb2
from paints_undo_daemon.convert import request_from_proto, supplied_keyframes
from paints_undo_daemon.store import history, sums
from paints_undo_daemon.store.messages import pack
from paints_undo_daemon.store.rows import JobRow
from paints_undo_engine.process import interval_seed, keyframe_operation_step
from paints_undo_engine.request import ProcessRequest
from paints_undo_engine.stages import Stage, Unit


def take_over(connection: sqlite3.Connection, base: JobRow, new: JobRow) -> list[jobs_pb2.Event]:
    """Copy what still holds from job `base` into job `new`, which nothing has run of yet.

    Raises `DecodeError` and `DataLossError` when the base's record is damaged, and, before it has changed anything,
    `InvalidRequestError` when this release takes its parameters no more.
    """
    base_parameters = base.process_parameters()
    new_parameters = new.process_parameters()
    earlier, request = request_from_proto(base_parameters), request_from_proto(new_parameters)
    if earlier.engine != request.engine:
        return []
    job = new.number
    events: list[jobs_pb2.Event] = history.store_painting_size(
        connection, job, base.painting_width, base.painting_height
    )
    tags = request.tags.text
    if tags is None and earlier.tags == request.tags and base.tags is not None:
        tags = base.tags
    if tags is not None:
        events += history.store_tags(connection, job, tags)
        events += _finish(connection, job, "tags")
    kept_from = _kept_from(earlier, request)
    if tags != base.tags or request.stop_after is Stage.TAGS or kept_from is None:
        return events
    same = _agreeing_steps(
        (earlier, supplied_keyframes(base_parameters)), (request, supplied_keyframes(new_parameters))
    )
    by_step = {frame.operation_step: frame for frame in history.pictures(connection, base.number, keyframes=True)}
    count = len(request.operation_steps) + 2
    taken: dict[int, int] = {}
    for index in range(count):
        step = keyframe_operation_step(request, index)
        ends = index in (0, count - 1)
        if step not in by_step or step < kept_from or not (ends or int(step) in same):
            continue
        frame = jobs_pb2.Frame()
        frame.CopyFrom(by_step[step])
        frame.index = index
        events += _copy(connection, job, frame, keyframe=True)
        taken[index] = by_step[step].index
    if len(taken) == count:
        events += _finish(connection, job, "keyframes")
    return events + _take_intervals(connection, (base.number, earlier), (job, request), taken)


def _take_intervals(
    connection: sqlite3.Connection,
    base: tuple[int, ProcessRequest],
    new: tuple[int, ProcessRequest],
    taken: Mapping[int, int],
) -> list[jobs_pb2.Event]:
    """Copy the intervals between keyframes that were taken over, as far as the base has finished them.

    `base` and `new` are a job's number and its request, `taken` maps the index of a keyframe to the one that it had.
    """
    (base_job, earlier), (job, request) = base, new
    wanted = replace(request.interpolation, seed=earlier.interpolation.seed)
    same = earlier.interpolation == wanted and earlier.keyframe_seed == request.keyframe_seed
    if request.stop_after is not Stage.INTERPOLATION or not same:
        return []
    left, events, copied = set(history.units_left(connection, base_job)), [], 0
    made: dict[int, list[jobs_pb2.Frame]] = {}
    for frame in history.pictures(connection, base_job, keyframes=False):
        made.setdefault(frame.interval, []).append(frame)
    for index in range(len(request.operation_steps) + 1):
        before = taken.get(index, -1)
        if before < 0 or taken.get(index + 1) != before + 1:
            continue
        if interval_seed(earlier, before) != interval_seed(request, index):
            continue
        unit = Unit(Stage.INTERPOLATION, before).name
        if unit in left or before not in made:
            continue
        for frame in made[before]:
            frame.index += (index - before) * (request.interpolation.frames - 1)
            frame.interval = index
            events += _copy(connection, job, frame, keyframe=False)
        copied += len(made[before])
        record = jobs_pb2.UnitRecord()
        record.CopyFrom(history.record(connection, base_job, unit))
        record.unit = Unit(Stage.INTERPOLATION, index).name
        events += history.finish_unit(connection, job, record)
    sums.change(connection, "jobs", job, frames_stored=copied)
    return events


def _kept_from(earlier: ProcessRequest, request: ProcessRequest) -> int | None:
    """The least operation step from which on keyframes of `earlier` hold in `request`; None where none do.

    A branch off the earlier process has its states until it leaves it, pixel for pixel.
    """
    before, after = earlier.procedural.branches, request.procedural.branches
    if not _same_process(earlier, request):
        return None
    if before == after:
        return 0
    return after[-1].operation_step if after[:-1] == before else None


def _same_process(earlier: ProcessRequest, request: ProcessRequest) -> bool:
    """Whether all but branches and the seeds and steps of keyframes agrees, as far as keyframes depend on it."""
    return (
        earlier.fit is request.fit
        and earlier.reference == request.reference
        and replace(earlier.procedural, branches=()) == replace(request.procedural, branches=())
        and earlier.redo == request.redo
        and earlier.variant == request.variant
        and earlier.execution.preset is request.execution.preset
        and earlier.execution.allow_fp8 == request.execution.allow_fp8
        and all(
            getattr(earlier.keyframes, name) == getattr(request.keyframes, name)
            for name in ("width", "height", "steps", "guidance_scale", "negative_prompt")
        )
    )


def _agreeing_steps(
    earlier: tuple[ProcessRequest, dict[int, str]], new: tuple[ProcessRequest, dict[int, str]]
) -> set[int]:
    def sources(request: ProcessRequest, supplied: dict[int, str]) -> dict[int, object]:
        seeds = dict(request.keyframes.seeds)
        return {step: supplied.get(step, seeds.get(step, request.keyframe_seed)) for step in request.operation_steps}

    before, after = sources(*earlier), sources(*new)
    return {step for step in after if before.get(step) == after[step]}


def _copy(connection: sqlite3.Connection, job: int, frame: jobs_pb2.Frame, *, keyframe: bool) -> list[jobs_pb2.Event]:
    row = (job, int(keyframe), frame.index, frame.picture_hash, pack(frame))
    connection.execute("INSERT INTO frames VALUES (?, ?, ?, ?, ?)", row)
    if keyframe:
        told = jobs_pb2.KeyframeStored(keyframe=frame)
        return history.append(connection, job, f"keyframe-{frame.index}", keyframe_stored=told)
    return history.append(connection, job, f"frame-{frame.index}", frame_stored=jobs_pb2.FrameStored(frame=frame))


def _finish(connection: sqlite3.Connection, job: int, unit: str) -> list[jobs_pb2.Event]:
    return history.finish_unit(connection, job, jobs_pb2.UnitRecord(unit=unit))
