"""What a new job takes over from an earlier one: its tags, and the keyframes whose parameters agree."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from paints_undo.v1 import jobs_pb2
from paints_undo_daemon.convert import request_from_proto, supplied_keyframes
from paints_undo_daemon.store import history
from paints_undo_daemon.store.messages import pack
from paints_undo_daemon.store.rows import JobRow
from paints_undo_engine.process import keyframe_operation_step
from paints_undo_engine.request import ProcessRequest
from paints_undo_engine.stages import Stage


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
    events: list[jobs_pb2.Event] = []
    job = new.number
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
    taken = 0
    for index in range(count):
        step = keyframe_operation_step(request, index)
        ends = index in (0, count - 1)
        if step not in by_step or step < kept_from or not (ends or int(step) in same):
            continue
        frame = jobs_pb2.Frame()
        frame.CopyFrom(by_step[step])
        frame.index = index
        events += _copy_keyframe(connection, job, frame)
        taken += 1
    if taken == count:
        events += _finish(connection, job, "keyframes")
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


def _copy_keyframe(connection: sqlite3.Connection, job: int, frame: jobs_pb2.Frame) -> list[jobs_pb2.Event]:
    events = history.append(
        connection, job, f"keyframe-{frame.index}", keyframe_stored=jobs_pb2.KeyframeStored(keyframe=frame)
    )
    connection.execute("INSERT INTO frames VALUES (?, 1, ?, ?, ?)", (job, frame.index, frame.picture_hash, pack(frame)))
    return events


def _finish(connection: sqlite3.Connection, job: int, unit: str) -> list[jobs_pb2.Event]:
    return history.finish_unit(connection, job, jobs_pb2.UnitRecord(unit=unit))
