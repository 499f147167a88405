"""What a worker tells of a unit, held against the unit that it was given.

A worker that has become somebody else's could end units that it has not run, or give a job frames that it has not.
"""

from __future__ import annotations

from paints_undo.v1 import jobs_pb2
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.store.claims import ClaimedUnit
from paints_undo_daemon.store.pictures import is_hash
from paints_undo_daemon.workers.framing import FramingError
from paints_undo_engine.stages import Stage, Unit


def check_answer(plan: ClaimedUnit, report: worker_pb2.Report) -> None:
    """Raise `FramingError` for tags, pictures and an end that are not those of this unit."""
    unit = Unit.parse(plan.unit)
    match report.WhichOneof("kind"):
        case "tags":
            belongs = unit.stage is Stage.TAGS
        case "keyframe":
            keyframes = len(plan.parameters.keyframes.operation_steps) + 2
            belongs = unit.stage is Stage.KEYFRAMES and _is_stored(report.keyframe, keyframes)
        case "frame":
            belongs = unit.is_interval and report.frame.interval == unit.interval and _is_in(plan, unit, report.frame)
        case "done":
            belongs = report.done.unit == plan.unit
        case _:
            belongs = True
    if not belongs:
        raise FramingError(f"The worker told something that is not of its unit {plan.unit}.")


def _is_in(plan: ClaimedUnit, unit: Unit, frame: jobs_pb2.Frame) -> bool:
    """Whether a frame is one of an interval; the last interval has the painting as well, the first the blank canvas."""
    length = plan.parameters.interpolation.frames - 1
    return unit.interval * length <= frame.index and _is_stored(frame, (unit.interval + 1) * length + 1)


def _is_stored(frame: jobs_pb2.Frame, count: int) -> bool:
    return 0 <= frame.index < count and is_hash(frame.picture_hash)
